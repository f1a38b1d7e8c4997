/* groups.c - the list of option groups, engine first, then one per detector. */
#include "detect/registry.h"
#include "engine/options.h"
#include "goodhart/engine.h"

#include <stddef.h>

#define ROWS(name, LIST, S) \
    static const struct gh_option name[] = {LIST(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, S)};
ROWS(order_rows, GH_ORDER_OPTIONS, struct gh_order_options)
ROWS(evidence_rows, GH_EVIDENCE_OPTIONS, struct gh_evidence_options)
ROWS(review_rows, GH_REVIEW_OPTIONS, struct gh_review_options)
ROWS(case_rows, GH_CASE_OPTIONS, struct gh_case_options)
ROWS(incident_rows, GH_INCIDENT_OPTIONS, struct gh_incident_options)
ROWS(limits_rows, GH_LIMITS_OPTIONS, struct gh_limits_options)

#define GROUP(name, summary, rows, S)                                    \
    {                                                                    \
        name, summary, rows, sizeof(rows) / sizeof((rows)[0]), sizeof(S) \
    }

static const struct gh_option_group own_groups[] = {
    [GH_GROUP_ORDER] =
        GROUP("order", "time, lateness and doubles", order_rows, struct gh_order_options),
    [GH_GROUP_EVIDENCE] = GROUP("evidence", "how days become evidence", evidence_rows,
                                struct gh_evidence_options),
    [GH_GROUP_REVIEW] = GROUP("review", "structural patterns that a manager looks at",
                              review_rows, struct gh_review_options),
    [GH_GROUP_CASE] = GROUP("case", "the same while output does not keep pace", case_rows,
                            struct gh_case_options),
    [GH_GROUP_INCIDENT] = GROUP("incident", "unusual or broken, never a person's fault",
                                incident_rows, struct gh_incident_options),
    [GH_GROUP_LIMITS] =
        GROUP("limits", "bounds of memory", limits_rows, struct gh_limits_options),
};

/* The option of this group whose field stands there. */
#define IS(S, field) (offset == offsetof(struct S, field))

bool gh_option_live(size_t group, size_t option)
{
    const size_t offset = gh_engine_group_at(group)->options[option].offset;

    return !(group == GH_GROUP_EVIDENCE &&
             (IS(gh_evidence_options, epoch) || IS(gh_evidence_options, burn_in)));
}

bool gh_option_scopable(size_t group, size_t option)
{
    const struct gh_option *o = &gh_engine_group_at(group)->options[option];
    const size_t offset = o->offset;

    if (group >= GH_GROUP_DETECTORS)
        return option != GH_OPTION_FALSE_ALARMS && o->type != GH_OPTION_TEXT;
    if (group == GH_GROUP_REVIEW)
        return IS(gh_review_options, fewest_usd);
    return group == GH_GROUP_INCIDENT &&
           (IS(gh_incident_options, warning_usd) || IS(gh_incident_options, critical_usd) ||
            IS(gh_incident_options, fewest_usd));
}

size_t gh_engine_group_count(void)
{
    return GH_GROUP_DETECTORS + gh_detector_count;
}

const struct gh_option_group *gh_engine_group_at(size_t index)
{
    return index < GH_GROUP_DETECTORS ? &own_groups[index]
                                      : &gh_detectors[index - GH_GROUP_DETECTORS]->options;
}
