/* days.h - what a dashboard shows of a person and a local day: the features that today's
 * rules and outlier detectors work on. One table of float, [person][day][feature]. */
#ifndef EVAL_DAYS_H
#define EVAL_DAYS_H

#include "eval/company.h"

// clang-format off
#define EVAL_FEATURE_LIST(X)                                                               \
    X(tokens) X(context) X(output) X(calls) X(sessions) X(near_dup) X(agent_calls) X(night) \
    X(hours) X(errors) X(outputs) X(reverted)
// clang-format on
#define EVAL_FEATURE_ENUM(name) EVAL_##name,
enum { EVAL_FEATURE_LIST(EVAL_FEATURE_ENUM) EVAL_FEATURES };
const char *eval_feature_name(uint32_t feature); /* NULL: no such */

struct eval_days;
struct eval_days *eval_days_new(const struct gh_sim_plan *plan, struct gh_zones zones);
void eval_days_free(struct eval_days *days);
uint32_t eval_days_count(const struct eval_days *days); /* of one person */
void eval_days_see(struct eval_days *days, uint32_t person, const struct gh_event *event);
/* false: could not be written */
bool eval_days_write(const struct eval_days *days, const char *path);

#endif
