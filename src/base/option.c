/* option.c - the fallbacks of an option group, and its options by name. */
#include "goodhart/option.h"

#include <assert.h>
#include <string.h>

static void option_default(const struct gh_option *option, unsigned char *field)
{
    switch (option->type) {
    case GH_OPTION_DOUBLE:
        memcpy(field, &option->fallback, sizeof(double));
        break;
    case GH_OPTION_U32: {
        const uint32_t value = (uint32_t)option->fallback;

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_BOOL: {
        const bool value = option->fallback != 0;

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_SWITCH: {
        const struct gh_switch value = {(uint32_t)option->fallback};

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_TEXT:
        assert(strlen(option->fallback_text) < GH_OPTION_TEXT_SIZE);
        memcpy(field, option->fallback_text, strlen(option->fallback_text) + 1);
        break;
    }
}

void gh_options_default(const struct gh_option_group *group, void *config)
{
    memset(config, 0, group->size);
    for (size_t i = 0; i < group->count; i++)
        option_default(&group->options[i], (unsigned char *)config + group->options[i].offset);
}

const struct gh_option *gh_option_find(const struct gh_option_group *group, const char *name)
{
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(group->options[i].name, name) == 0)
            return &group->options[i];
    }
    return NULL;
}
