/* option_explain.c - an option as a page for people. */
#include "app/option_pages.h"

#include <string.h>

static void effect_show(FILE *out, const char *group, const char *name, enum gh_effect effect)
{
    switch (effect) {
    case GH_EFFECT_AT_ONCE:
        fprintf(out, "  changes     at once: goodhart set %s.%s=VALUE --reason TEXT\n", group,
                name);
        break;
    case GH_EFFECT_NEXT_START:
        fputs("  changes     hold from the next start: put it into the configuration file\n",
              out);
        break;
    case GH_EFFECT_NEW_LOG:
        fputs("  changes     hold for a log that is begun anew: what was learned rests on it\n",
              out);
        break;
    }
}

static void layers_show(FILE *out, const struct gh_config *config, struct gh_option_place place)
{
    struct gh_option_origin origin, said;
    char value[GH_CONFIG_PRINT_SIZE];
    const char *label = "instead of";

    gh_config_origin(config, place, &origin);
    fprintf(out, "  from        %s\n", origin.text);
    for (int layer = (int)origin.layer - 1; layer >= GH_LAYER_DEFAULT; layer--) {
        if (!gh_config_said(config, place, (enum gh_layer)layer, &said, value))
            continue;
        fprintf(out, "  %-10s  %s, %s\n", label, value, said.text);
        label = "";
    }
}

static void teams_show(FILE *out, const struct gh_config *config, struct gh_option_place place)
{
    const char *label = "but";

    fprintf(out, "  for teams   %s\n",
            gh_option_for_teams(place)
                ? "a team or a role may have a value of its own (overrides:)"
                : "the same: it holds for everybody");
    for (size_t i = 0; i < gh_config_override_count(config); i++) {
        const struct gh_config_override *o = gh_config_override_at(config, i);
        char scope[GH_SCOPE_TEXT_SIZE], value[GH_CONFIG_PRINT_SIZE], until[GH_UNTIL_TEXT_SIZE];
        const bool ends = o->until_ms != INT64_MAX;

        if (o->place.group != place.group || o->place.option != place.option)
            continue;
        gh_scope_print(o, scope);
        gh_override_value_print(o, value);
        fprintf(out, "  %-10s  %s for %s%s%s, %s: %s\n", label, value, scope,
                ends ? " until " : "", ends ? gh_until_print(o->until_ms, until) : "",
                o->origin.text, o->reason);
        label = "";
    }
}

void gh_option_explain(FILE *out, const struct gh_config *config, struct gh_option_place place)
{
    const struct gh_option_group *group = gh_config_group_at(place.group);
    const struct gh_option *option = &group->options[place.option];
    const bool text = option->type == GH_OPTION_TEXT;
    const char *detector = gh_option_detector(place);
    char value[GH_CONFIG_PRINT_SIZE], range[GH_PROBLEM_SIZE];

    gh_config_print(config, group, option, value, sizeof(value));
    fprintf(out, "%s.%s = %s%s%s\n", group->name, option->name, value,
            text || !strcmp(option->unit, "1") ? "" : " ",
            text || !strcmp(option->unit, "1") ? "" : option->unit);
    layers_show(out, config, place);
    fprintf(out, "  meaning     %s\n  legal       %s\n  default     %s\n", option->help,
            gh_option_range(option, range), gh_option_fallback(option, value));
    fprintf(out, "  belongs to  %s%s\n", detector[0] ? "the detector " : "",
            detector[0] ? detector : group->summary);
    effect_show(out, group->name, option->name, gh_config_effect(place));
    teams_show(out, config, place);
}
