/* stuck.h - what evaluate counts about runaways: who was told of, after how many minutes. */
#ifndef GH_EVAL_STUCK_H
#define GH_EVAL_STUCK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DELAYS_MAX = 4096 };

/* Honest oddities that runaway is meant to tell of, and gamers of it: of all people with
 * them, who was told of, and how long the agent had been stuck by then. */
struct stuck {
    uint32_t people, found;
    float minutes[DELAYS_MAX];
};
enum { STUCK_RUNAWAY, STUCK_STORM, STUCK_GAMED, STUCKS };
static const char *const stuck_name[STUCKS] = {"runaway", "retry_storm", "gamed"};

static inline void stuck_add(struct stuck *stuck, bool found, float minutes)
{
    stuck->people++;
    if (found && stuck->found < DELAYS_MAX)
        stuck->minutes[stuck->found++] = minutes;
}

static inline int float_compare(const void *left, const void *right)
{
    const float a = *(const float *)left, b = *(const float *)right;

    return (a > b) - (a < b);
}

static inline json_t *quantile_json(const float *value, uint32_t count, double q)
{
    static float sorted[DELAYS_MAX];

    memcpy(sorted, value, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, float_compare);
    return count ? json_real((double)sorted[(uint32_t)(q * count)]) : json_null();
}

static inline json_t *stuck_json(const struct stuck *stuck)
{
    uint32_t soon = 0;

    for (uint32_t i = 0; i < stuck->found; i++)
        soon += stuck->minutes[i] <= 10.0f;
    return json_pack("{s:i,s:f,s:f,s:o,s:o}", "people", (int)stuck->people, "recall",
                     (double)stuck->found / stuck->people, "within_10_minutes",
                     (double)soon / stuck->people, "median_minutes",
                     quantile_json(stuck->minutes, stuck->found, 0.5), "95_minutes",
                     quantile_json(stuck->minutes, stuck->found, 0.95));
}

static inline json_t *stucks_json(const struct stuck *stuck)
{
    json_t *out = json_object();

    for (int i = 0; i < STUCKS; i++)
        if (stuck[i].people > 0)
            json_object_set_new(out, stuck_name[i], stuck_json(&stuck[i]));
    return out;
}

#endif
