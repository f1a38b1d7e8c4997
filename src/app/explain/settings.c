/* settings.c - settings under which it would not have been told, as far as that is a direct
 * comparison with what was recorded. */
#include "app/explain/answer.h"

#include <math.h>
#include <string.h>

struct list {
    const struct gh_config *config;
    struct gh_explain_setting *at;
    size_t count;
};

/* Three digits, on the side that is asked for. */
static double rounded(double value, bool up)
{
    const double step = pow(10.0, floor(log10(value)) - 2.0);
    const double digits = up ? floor(value / step) + 1.0 : ceil(value / step) - 1.0;

    return step < 1.0 ? digits / round(1.0 / step) : digits * step;
}

static const struct gh_option *option_find(const char *group, const char *name,
                                           const struct gh_option_group **found)
{
    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *at = gh_config_group_at(g);
        for (size_t i = 0; strcmp(at->name, group) == 0 && i < at->count; i++)
            if (strcmp(at->options[i].name, name) == 0) {
                *found = at;
                return &at->options[i];
            }
    }
    return NULL;
}

static double option_now(const struct list *list, const struct gh_option_group *group,
                         const struct gh_option *option)
{
    const unsigned char *at = gh_config_group(list->config, group->name);
    double number;
    bool flag;

    if (option->type == GH_OPTION_BOOL) {
        memcpy(&flag, at + option->offset, sizeof flag);
        return flag;
    }
    memcpy(&number, at + option->offset, sizeof number);
    return number;
}

/* Nothing where this program has no such option, or no legal value reaches so far. */
static void offer(struct list *list, const char *group, const char *name,
                  const struct gh_explain_setting *offered)
{
    const struct gh_option_group *of;
    const struct gh_option *option = option_find(group, name, &of);

    if (!option || !(offered->value >= option->min && offered->value <= option->max) ||
        list->count >= GH_EXPLAIN_SETTINGS_MAX)
        return;
    struct gh_explain_setting *made = &list->at[list->count++];
    *made = *offered;
    made->now = option_now(list, of, option);
    made->whole = option->type == GH_OPTION_BOOL;
    snprintf(made->name, sizeof made->name, "%s.%s", group, name);
}

static void offer_set(struct list *list, const struct gh_explain_way *way, enum gh_way which)
{
    const char *group = which == GH_WAY_CASE ? "case" : "review";

    offer(list, group, "floor",
          &(struct gh_explain_setting){.value = rounded(exp(way->most_log_e), true),
                                       .sure = true,
                                       .note = "holds for everybody; an incident may remain"});
    offer(list, group, "alpha",
          &(struct gh_explain_setting){
              .value = rounded(way->alpha, false),
              .note = "holds for everybody; a larger value may do; an incident may remain"});
    if (way->unpriced)
        return;
    offer(list, "review", "fewest_usd",
          &(struct gh_explain_setting){.value = rounded(way->usd, true),
                                       .sure = true,
                                       .note = "holds for everybody; an incident may remain"});
}

/* Fewer false alarms that the detector may raise. What verdicts moved stays as it is. */
static void offer_alarms(struct list *list, const struct gh_explained *x,
                         const struct gh_explain_change *change)
{
    const char *detector = gh_detectors[x->wish.detector]->name;
    const bool fast = gh_explain_is_fast(x);
    const struct gh_option_group *group;
    const struct gh_option *own = option_find(detector, "false_alarms", &group);
    double now = own ? option_now(list, group, own) : 0.0;

    if (!own || !(change->alarms[fast] > 0.0))
        return;
    if (!(now > 0.0)) {
        own = option_find("incident", "false_alarms", &group);
        now = option_now(list, group, own);
    }
    if (now * change->alarms[fast] < 0.001 * x->threshold[fast].alarms)
        return;
    offer(list, detector, "false_alarms",
          &(struct gh_explain_setting){
              .value = rounded(now * change->alarms[fast] / x->threshold[fast].alarms, false),
              .note = "holds for incidents of this detector; a larger value may do"});
}

/* Largest excess with which anything was raised. */
static double usd_most(const struct gh_explained *x)
{
    double most = 0.0;

    for (size_t i = 0; i < x->raise_count; i++)
        if (strcmp(x->raise[i].finding, x->finding.id) == 0)
            most = fmax(most, x->raise[i].excess_usd);
    return most;
}

size_t gh_explain_settings(const struct gh_explained *x, const struct gh_config *config,
                           struct gh_explain_setting setting[GH_EXPLAIN_SETTINGS_MAX])
{
    const char *detector = gh_detectors[x->wish.detector]->name;
    const struct gh_explain_change *change = gh_explain_change_of(x);
    const enum gh_way way = gh_explain_way_of(x);
    struct list list = {.config = config, .at = setting};
    const double usd = usd_most(x);

    if (x->finding.revision == 0)
        return 0;
    if (way != GH_WAY_INCIDENT && change && change->known && change->way[way].passed)
        offer_set(&list, &change->way[way], way);
    if (way == GH_WAY_INCIDENT && !gh_explain_is_fast(x) && usd > 0.0)
        offer(&list, "incident", "fewest_usd",
              &(struct gh_explain_setting){.value = rounded(usd, true),
                                           .sure = true,
                                           .note = "holds for incidents of all detectors"});
    if (way == GH_WAY_INCIDENT && change)
        offer_alarms(&list, x, change);
    if (usd > 0.0 && way == GH_WAY_INCIDENT)
        offer(&list, detector, "fewest_usd",
              &(struct gh_explain_setting){.value = rounded(usd, true),
                                           .sure = true,
                                           .note = "holds for incidents of this detector"});
    offer(&list, detector, "enabled",
          &(struct gh_explain_setting){
              .value = 0.0, .sure = true, .note = "all findings of this detector are gone"});
    return list.count;
}
