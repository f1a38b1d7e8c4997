/* units.c - hooks.units: what a company credits for a piece of work. */
#include "edge/event_value.h"
#include "edge/hooks/hooks_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The artifact of this name; GH_ARTIFACT_COUNT: none. */
static uint32_t artifact_of(const char *at, size_t size)
{
    const struct gh_value_names *names = gh_value_names(GH_TYPE_ARTIFACT);
    uint32_t i = names->first;

    while (i < names->count &&
           !(names->name[i].size == size && memcmp(names->name[i].at, at, size) == 0))
        i++;
    return i < names->count ? i : GH_ARTIFACT_COUNT;
}

/* Digits and a point; strtod alone would read more. */
static bool number_read(const char *at, size_t size, double *number)
{
    char *end = NULL;

    if (size == 0 || strspn(at, "0123456789.") < size)
        return false;
    *number = strtod(at, &end);
    return end == at + size && isfinite(*number);
}

enum gh_status gh_hook_units(const char *text, double units[GH_ARTIFACT_COUNT],
                             struct gh_error *error)
{
    for (int i = 0; i < GH_ARTIFACT_COUNT; i++)
        units[i] = -1;
    while (*text) {
        const size_t size = strcspn(text, ", "), name = strcspn(text, "=, ");
        const uint32_t artifact = artifact_of(text, name);
        const size_t after = name + (text[name] == '=');
        if (artifact == GH_ARTIFACT_COUNT || after > size ||
            !number_read(text + after, size - after, &units[artifact]))
            return gh_error_set(error, GH_ECONFIG,
                                "hooks.units: %.*s: NAME=NUMBER with commas between; names are "
                                "commit, pull_request, review, ticket, document, deploy, "
                                "design, other",
                                (int)size, text);
        text += size + strspn(text + size, ", ");
    }
    return GH_OK;
}
