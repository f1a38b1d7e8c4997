/* config_said.c - which layer says what of which option, and where. */
#include "app/config_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gh_config_grow(void **rows, size_t *room, size_t count, size_t size)
{
    const size_t wanted = *room ? 2 * *room : 8;
    void *larger;

    if (count < *room)
        return true;
    larger = realloc(*rows, wanted * size);
    if (!larger)
        return false;
    *rows = larger;
    *room = wanted;
    return true;
}

/* Of the layers in [lowest, highest], the highest that says something; NULL: none does. */
static struct gh_layer_value *said_find(const struct gh_config *config,
                                        struct gh_option_place place, enum gh_layer lowest,
                                        enum gh_layer highest)
{
    struct gh_layer_value *found = NULL;

    for (size_t i = 0; i < config->said_count; i++) {
        struct gh_layer_value *said = &config->said[i];

        if (said->place.group == place.group && said->place.option == place.option &&
            said->origin.layer >= lowest && said->origin.layer <= highest &&
            (!found || said->origin.layer > found->origin.layer))
            found = said;
    }
    return found;
}

bool gh_said_take(struct gh_config *config, struct gh_option_place place,
                  const union gh_value *value, const struct gh_option_origin *origin)
{
    const struct gh_option *option = gh_option_at(place);
    struct gh_layer_value *said = said_find(config, place, origin->layer, origin->layer);
    void *rows = config->said;

    if (!said) {
        if (!gh_config_grow(&rows, &config->said_room, config->said_count,
                            sizeof(*config->said)))
            return false;
        config->said = rows;
        said = &config->said[config->said_count++];
    }
    *said = (struct gh_layer_value){.place = place, .origin = *origin};
    memcpy(&said->value, value, gh_value_size(option));
    if (said_find(config, place, GH_LAYER_FILE, GH_LAYER_COMMAND) == said)
        memcpy(config->value[place.group] + option->offset, value, gh_value_size(option));
    return true;
}

bool gh_config_said(const struct gh_config *config, struct gh_option_place place,
                    enum gh_layer layer, struct gh_option_origin *origin,
                    char value[GH_CONFIG_PRINT_SIZE])
{
    const struct gh_option *option = gh_option_at(place);
    const struct gh_layer_value *said = said_find(config, place, layer, layer);
    union gh_value fallback;

    if (layer == GH_LAYER_DEFAULT) {
        gh_value_default(option, &fallback);
        *origin = (struct gh_option_origin){GH_LAYER_DEFAULT, "default"};
        gh_value_print(option, &fallback, value, GH_CONFIG_PRINT_SIZE);
        return true;
    }
    if (!said)
        return false;
    *origin = said->origin;
    gh_value_print(option, &said->value, value, GH_CONFIG_PRINT_SIZE);
    return true;
}

void gh_config_origin(const struct gh_config *config, struct gh_option_place place,
                      struct gh_option_origin *origin)
{
    const struct gh_layer_value *said =
        said_find(config, place, GH_LAYER_FILE, GH_LAYER_COMMAND);

    *origin = said ? said->origin : (struct gh_option_origin){GH_LAYER_DEFAULT, "default"};
}
