/* ladder.c - see ladder.h. */
#include "app/tune/ladder.h"

#include "app/number.h"
#include "detect/registry.h"
#include "engine/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that every detector has: no ladder of its own ones. */
static const char *const common[] = {"enabled", "false_alarms", "fewest_usd"};

/* Two digits are enough to find the place, and can be remembered. */
static double rounded(double value, const struct gh_option *option)
{
    char text[32];

    if (option->type == GH_OPTION_U32)
        return round(value);
    snprintf(text, sizeof text, "%.1e", value);
    return strtod(text, NULL);
}

static void rung_add(struct gh_ladder *l, const struct gh_option *option, double value)
{
    const double at = rounded(value, option);
    bool there = at == l->now || l->rungs == GH_RUNGS_MAX;

    for (size_t i = 0; i < l->rungs; i++)
        there |= l->rung[i] == at;
    if (!there && at >= option->min && at <= option->max)
        l->rung[l->rungs++] = at;
}

static double value_of(const struct gh_config *config, const char *group,
                       const struct gh_option *option)
{
    const char *field = (const char *)gh_config_group(config, group) + option->offset;

    return option->type == GH_OPTION_U32 ? *(const uint32_t *)(const void *)field
                                         : *(const double *)(const void *)field;
}

static const struct gh_option *option_of(const char *group, const char *name)
{
    for (size_t i = 0; i < gh_config_group_count(); i++)
        if (strcmp(gh_config_group_at(i)->name, group) == 0)
            return gh_option_find(gh_config_group_at(i), name);
    return NULL;
}

static bool ladder_start(struct gh_ladder *l, const struct gh_config *now, const char *group,
                         const struct gh_option *option)
{
    if (option == NULL || (option->type != GH_OPTION_DOUBLE && option->type != GH_OPTION_U32))
        return false;
    *l = (struct gh_ladder){.now = value_of(now, group, option)};
    snprintf(l->name, sizeof l->name, "%s.%s", group, option->name);
    return true;
}

/* By factors of the value in force, nearest first. */
static void factors_add(struct gh_ladder *l, const struct gh_option *option,
                        const double *factor, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (l->now > 0.0)
            rung_add(l, option, l->now * factor[i]);
}

/* False alarms a day that a detector may raise. */
static double rate_of(const struct gh_config *now, const char *detector)
{
    const struct gh_option *option = option_of(detector, "false_alarms");
    const struct gh_incident_options *incident = gh_config_group(now, "incident");
    const double own = value_of(now, detector, option);

    return own > 0.0 ? own : incident->false_alarms;
}

static bool rate_ladder(struct gh_ladder *l, const struct gh_config *now, const char *detector)
{
    static const double factor[] = {0.5,  2,  0.25, 4,   0.1,   10,
                                    0.03, 30, 0.01, 100, 0.001, 0.0001};
    const struct gh_option *option = option_of(detector, "false_alarms");

    if (!ladder_start(l, now, detector, option))
        return false;
    l->detector = detector;
    l->rate = true;
    l->now = rate_of(now, detector);
    /* 0 would mean another option. */
    struct gh_option bounded = *option;
    bounded.min = fmax(option->min, 0.001);
    factors_add(l, &bounded, factor, sizeof factor / sizeof *factor);
    return l->rungs > 0;
}

/* Dollars, from none on. */
static bool dollar_ladder(struct gh_ladder *l, const struct gh_config *now, const char *group)
{
    static const double usd[] = {0, 0.3, 1, 2, 5, 10, 30, 100, 300, 1000};
    const struct gh_option *option = option_of(group, "fewest_usd");

    if (!ladder_start(l, now, group, option))
        return false;
    for (size_t i = 0; i < sizeof usd / sizeof *usd; i++)
        rung_add(l, option, usd[i]);
    return true;
}

static bool guard_ladder(struct gh_ladder *l, const struct gh_config *now, uint32_t kind,
                         bool loosen)
{
    static const double less[] = {0.5, 0.2, 0.1}, more[] = {2, 5, 10};
    const bool review = kind == GH_LADDER_REVIEW_ALPHA || kind == GH_LADDER_REVIEW_FLOOR;
    const bool alpha = kind == GH_LADDER_REVIEW_ALPHA || kind == GH_LADDER_CASE_ALPHA;
    const char *group = review ? "review" : "case";
    const struct gh_option *option = option_of(group, alpha ? "alpha" : "floor");

    if (!ladder_start(l, now, group, option))
        return false;
    if (alpha || loosen)
        factors_add(l, option, less, 3);
    if (!alpha || loosen)
        factors_add(l, option, more, 3);
    return l->rungs > 0;
}

/* The default first: whoever moved it may not have meant to. */
static bool own_ladder(struct gh_ladder *l, const struct gh_config *now, uint32_t d,
                       uint32_t number)
{
    static const double factor[] = {0.5, 2, 0.25, 4};
    const struct gh_option_group *group = gh_engine_group_at(GH_GROUP_DETECTORS + d);
    uint32_t seen = 0;

    for (size_t i = 0; i < group->count; i++) {
        const struct gh_option *option = &group->options[i];
        bool is_common = false;
        for (size_t k = 0; k < sizeof common / sizeof *common; k++)
            is_common |= strcmp(option->name, common[k]) == 0;
        if (is_common || !ladder_start(l, now, group->name, option) || seen++ != number)
            continue;
        l->detector = group->name;
        rung_add(l, option, option->fallback);
        factors_add(l, option, factor, sizeof factor / sizeof *factor);
        return l->rungs > 0;
    }
    return false;
}

size_t gh_ladders(const struct gh_ladder_wish *wish, uint32_t kind,
                  struct gh_ladder ladder[GH_LADDERS_MAX])
{
    size_t count = 0;

    if (kind == GH_LADDER_REVIEW)
        return dollar_ladder(&ladder[0], wish->now, "review");
    if (kind > GH_LADDER_REVIEW && kind < GH_LADDER_OWN)
        return guard_ladder(&ladder[0], wish->now, kind, wish->loosen);
    for (uint32_t d = 0; d < gh_detector_count && count < GH_LADDERS_MAX; d++) {
        const char *name = gh_detectors[d]->name;
        struct gh_ladder *l = &ladder[count];
        if (wish->wanted != NULL && !wish->wanted(wish->context, name))
            continue;
        if (kind == GH_LADDER_RATE)
            count += rate_ladder(l, wish->now, name);
        else if (kind == GH_LADDER_FEWEST && dollar_ladder(l, wish->now, name)) {
            l->detector = name;
            l->per_day = rate_of(wish->now, name);
            count++;
        } else if (kind >= GH_LADDER_OWN)
            count += own_ladder(l, wish->now, d, kind - GH_LADDER_OWN);
    }
    return count;
}

void gh_ladder_assignment(const struct gh_ladder *ladder, double value,
                          char text[GH_LADDER_ASSIGNMENT_SIZE])
{
    char number[GH_NUMBER_SIZE];

    gh_number_print(value, number);
    snprintf(text, GH_LADDER_ASSIGNMENT_SIZE, "%s=%s", ladder->name, number);
}
