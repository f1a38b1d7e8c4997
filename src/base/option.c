/* option.c - the fallbacks of an option group, and its options by name. */
#include "goodhart/option.h"

#include <assert.h>
#include <string.h>

static void text_put(const struct gh_option *option, void *config, const char *text)
{
    assert(strlen(text) < GH_OPTION_TEXT_SIZE);
    memcpy((unsigned char *)config + option->offset, text, strlen(text) + 1);
}

void gh_option_put(const struct gh_option *option, void *config, double number)
{
    unsigned char *const field = (unsigned char *)config + option->offset;

    switch (option->type) {
    case GH_OPTION_DOUBLE:
        memcpy(field, &number, sizeof(double));
        break;
    case GH_OPTION_U32: {
        const uint32_t value = (uint32_t)number;

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_BOOL: {
        const bool value = number != 0;

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_SWITCH: {
        const struct gh_switch value = {(uint32_t)number};

        memcpy(field, &value, sizeof(value));
        break;
    }
    case GH_OPTION_TEXT:
        assert(option->type != GH_OPTION_TEXT);
        break;
    }
}

void gh_options_default(const struct gh_option_group *group, void *config)
{
    memset(config, 0, group->size);
    for (size_t i = 0; i < group->count; i++) {
        const struct gh_option *option = &group->options[i];

        if (option->type == GH_OPTION_TEXT)
            text_put(option, config, option->fallback_text);
        else
            gh_option_put(option, config, option->fallback);
    }
}

const struct gh_option *gh_option_find(const struct gh_option_group *group, const char *name)
{
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(group->options[i].name, name) == 0)
            return &group->options[i];
    }
    return NULL;
}
