/* config_effect.c - when a change of an option takes effect. */
#include "app/config_inside.h"

#include <string.h>

/* Of the shell's options, those that a service takes up while it runs. */
static const char *const at_once[][2] = {{"alerts", "source"},
                                         {"service", "model"},
                                         {"service", "prices"},
                                         {"log", "level"},
                                         {"log", "format"}};

/* Of the engine's, those that everything that was learned depends on. */
static const char *const new_log[][2] = {{"evidence", "epoch"}, {"evidence", "burn_in"}};

static bool listed(const char *const (*names)[2], size_t count, struct gh_option_place place)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i][0], gh_config_group_at(place.group)->name) &&
            !strcmp(names[i][1], gh_option_at(place)->name))
            return true;
    return false;
}

enum gh_effect gh_config_effect(struct gh_option_place place)
{
    const bool engine = place.group < gh_engine_group_count();

    if (engine ? gh_option_live(place.group, place.option)
               : listed(at_once, sizeof(at_once) / sizeof(at_once[0]), place))
        return GH_EFFECT_AT_ONCE;
    return listed(new_log, sizeof(new_log) / sizeof(new_log[0]), place) ? GH_EFFECT_NEW_LOG
                                                                        : GH_EFFECT_NEXT_START;
}
