/* days.c - see days.h. */
#include "eval/days.h"

#include "base/civil.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

enum { RING = 16, NEAR_BITS = 3 };

struct days_person {
    const struct gh_zone *zone; /* NULL: not told, UTC */
    uint64_t prompt[RING], session;
    uint32_t prompts;
};
struct eval_days {
    struct gh_zones zones;
    int64_t start_ms;
    uint32_t people, count;
    struct days_person *person;
    uint32_t *hours; /* bits, [person][day] */
    float *value;
};

const char *eval_feature_name(uint32_t feature)
{
#define DAYS_NAME(name) #name,
    static const char *const names[EVAL_FEATURES] = {EVAL_FEATURE_LIST(DAYS_NAME)};
#undef DAYS_NAME
    return feature < EVAL_FEATURES ? names[feature] : NULL;
}

struct eval_days *eval_days_new(const struct gh_sim_plan *plan, struct gh_zones zones)
{
    struct eval_days *days = calloc(1, sizeof *days);
    if (days == NULL)
        return NULL;
    *days = (struct eval_days){.zones = zones,
                               .start_ms = plan->start_ms,
                               .people = plan->actors,
                               .count = 7 * plan->weeks};
    const size_t cells = (size_t)days->people * days->count;
    days->person = calloc(days->people, sizeof *days->person);
    days->hours = calloc(cells, sizeof *days->hours);
    days->value = calloc(cells * EVAL_FEATURES, sizeof *days->value);
    if (days->person && days->hours && days->value)
        return days;
    eval_days_free(days);
    return NULL;
}

void eval_days_free(struct eval_days *days)
{
    if (days == NULL)
        return;
    free(days->person);
    free(days->hours);
    free(days->value);
    free(days);
}

uint32_t eval_days_count(const struct eval_days *days)
{
    return days->count;
}

static bool days_near(struct days_person *p, uint64_t hash)
{
    const uint32_t known = p->prompts < RING ? p->prompts : RING;
    bool near = false;
    for (uint32_t i = 0; i < known && !near; i++)
        near = __builtin_popcountll(p->prompt[i] ^ hash) <= NEAR_BITS;
    p->prompt[p->prompts++ % RING] = hash;
    return near;
}

static void days_call(struct days_person *p, const struct gh_event *event, float *value)
{
    const float context = (float)event->input_tokens + (float)event->cache_read_tokens +
                          (float)event->cache_write_tokens;
    const uint64_t session = gh_hash(event->session.at, event->session.size);
    value[EVAL_tokens] += context + (float)event->output_tokens;
    value[EVAL_context] += context;
    value[EVAL_output] += (float)event->output_tokens;
    value[EVAL_calls]++;
    value[EVAL_sessions] += session != p->session;
    value[EVAL_agent_calls] += event->caller.size > 0;
    value[EVAL_errors] += event->status == GH_CALL_ERROR;
    if (GH_HAS(event, prompt_hash))
        value[EVAL_near_dup] += days_near(p, event->prompt_hash);
    p->session = session;
}

void eval_days_see(struct eval_days *days, uint32_t person, const struct gh_event *event)
{
    struct days_person *p = &days->person[person];
    if (event->kind == GH_PROFILE && GH_HAS(event, timezone))
        p->zone = days->zones.find(days->zones.context, event->timezone);
    int64_t local = event->ts_ms - days->start_ms;
    local += p->zone ? gh_zone_offset_ms(p->zone, event->ts_ms) : 0;
    const int64_t day = gh_floor_div(local, GH_MS_PER_DAY);
    if (day < 0 || day >= days->count)
        return;
    const size_t cell = (size_t)person * days->count + (size_t)day;
    float *value = &days->value[cell * EVAL_FEATURES];
    if (event->kind == GH_OUTPUT) {
        value[EVAL_outputs] += event->state == GH_ACCEPTED;
        value[EVAL_reverted] += event->state == GH_REVERTED;
    }
    if (event->kind != GH_USAGE)
        return;
    const uint32_t hour = (uint32_t)(gh_floor_mod(local, GH_MS_PER_DAY) / GH_MS_PER_HOUR);
    const float before = value[EVAL_tokens];
    days_call(p, event, value);
    if (hour < 6)
        value[EVAL_night] += value[EVAL_tokens] - before;
    days->hours[cell] |= 1u << hour;
    value[EVAL_hours] = (float)__builtin_popcount(days->hours[cell]);
}

bool eval_days_write(const struct eval_days *days, const char *path)
{
    const size_t values = (size_t)days->people * days->count * EVAL_FEATURES;
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    const bool written = fwrite(days->value, sizeof *days->value, values, file) == values;
    return fclose(file) == 0 && written;
}
