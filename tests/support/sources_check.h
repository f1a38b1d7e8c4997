/* sources_check.h - whether a map file or a people file that may be anything is taken and can
 * be used, or is refused by name: for mutants and fuzzers. NULL: all is well; else what is
 * wrong. */
#ifndef GOODHART_TESTS_SUPPORT_SOURCES_CHECK_H
#define GOODHART_TESTS_SUPPORT_SOURCES_CHECK_H

#include "edge/fields/people.h"

#include "support/told_kit.h"

#include <sys/mman.h>
#include <unistd.h>

static inline const char *
sources_refusal_trouble(enum gh_status status, const struct gh_error *error, const char *path)
{
    if (status != GH_ECONFIG || error->status != GH_ECONFIG)
        return "refused for another reason than what stands in it";
    return strncmp(error->text, path, strlen(path)) == 0 ? NULL : "refused without its name";
}

/* Whatever a source tells, what is made of it is an event of the contract. */
static inline const char *sources_maps_use(const struct gh_maps *maps)
{
    static const struct gh_field fields[] = {
        TEXT("user.email", "a@x"),   TEXT("request_id", "r"),        WHOLE("input_tokens", 7),
        TEXT("output_tokens", "9"),  TEXT("type", "input"),          REAL("cost_usd", 0.5),
        TEXT("query_source", "sub"), TEXT("event.kind", "response"), TEXT("model", "m")};
    static const struct gh_text names[] = {{"api_request", 11},
                                           {"claude_code.token.usage", 23}};
    static struct gh_decoder *decoder;
    struct told_kit kit = {.mapper = gh_mapper_new(maps)};
    char text[GH_MAP_EXPLAIN_SIZE];
    const char *trouble = kit.mapper ? NULL : "no memory";

    kit.decoder = decoder = decoder ? decoder : gh_decoder_new();
    for (unsigned i = 0; !trouble && i < 8; i++) {
        struct gh_told told =
            TOLD((enum gh_told_kind)(i % 4), T("claude-code"), names[i / 4], fields);
        if (gh_map(kit.mapper, &told, &kit.event, &kit.error) == GH_MAPPED_EVENT &&
            !told_kit_legal(&kit))
            trouble = "an event that is none";
        gh_mapper_explain(kit.mapper, text);
    }
    gh_mapper_free(kit.mapper);
    return trouble;
}

static inline const char *sources_map_trouble(const char *path, bool *taken)
{
    struct gh_maps *maps = NULL;
    struct gh_error error = {0};
    const enum gh_status status = gh_maps_load_file(&maps, path, &error);

    *taken = status == GH_OK;
    if (!*taken)
        return sources_refusal_trouble(status, &error, path);
    const char *trouble = sources_maps_use(maps);
    gh_maps_free(maps);
    return trouble;
}

/* What a file says of a person is an event, and the person is found by the own name. */
static inline const char *sources_people_use(const struct gh_people *people)
{
    static struct gh_decoder *decoder;
    struct told_kit kit = {.decoder = decoder = decoder ? decoder : gh_decoder_new()};

    for (uint32_t i = 0; i < gh_people_count(people); i++) {
        if (!gh_people_profile(people, i, 1, &kit.event))
            continue;
        const struct gh_text found = gh_people_find(people, kit.event.actor);
        if (!told_kit_legal(&kit))
            return "a profile that is no event";
        if (found.size != kit.event.actor.size ||
            memcmp(found.at, kit.event.actor.at, found.size) != 0)
            return "a person who is not found by name";
    }
    return NULL;
}

static inline const char *sources_people_trouble(const char *path, bool *taken)
{
    struct gh_people *people = NULL;
    struct gh_error error = {0};
    const enum gh_status status = gh_people_load(&people, path, &error);

    *taken = status == GH_OK;
    if (!*taken)
        return sources_refusal_trouble(status, &error, path);
    const char *trouble = sources_people_use(people);
    gh_people_free(people);
    return trouble;
}

/* The bytes as a file in memory, whose path this is until the next call. */
static inline const char *sources_file(const void *bytes, size_t size)
{
    static char path[32];
    static int file = -1;

    if (file < 0)
        file = memfd_create("sources", 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    const bool good =
        file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size;
    return good ? path : "";
}

#endif
