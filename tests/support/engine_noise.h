/* engine_noise.h - seeded noise of legal events: every number drawn from the ends of its
 * range, every name from a few, at the pace of a small company. */
#ifndef GH_ENGINE_NOISE_H
#define GH_ENGINE_NOISE_H

#include "support/engine_kit.h"

enum { NOISE_PEOPLE = 48, NOISE_NAMES = 128 };

struct noise {
    uint64_t random; /* the seed, not 0 */
    int64_t now, until;
    uint32_t count, hops;
    char id[24], name[NOISE_NAMES][16];
};

static inline uint32_t noise_draw(struct noise *n, uint32_t below)
{
    n->random ^= n->random >> 12;
    n->random ^= n->random << 25;
    n->random ^= n->random >> 27;
    return (uint32_t)((n->random * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below);
}

static inline struct gh_text noise_name(struct noise *n, uint32_t below)
{
    const uint32_t i = noise_draw(n, below);

    snprintf(n->name[i], sizeof n->name[i], "n%u", i);
    return (struct gh_text){n->name[i], (uint32_t)strlen(n->name[i])};
}

static inline double noise_amount(struct noise *n)
{
    static const double of[] = {0.0, 5e-324, 1e-300, 0.01, 1.0, 40.0, 1e9, 1e300, 1.7e308};

    return of[noise_draw(n, 3) ? 3 + noise_draw(n, 3) : noise_draw(n, 9)];
}

static inline int64_t noise_tokens(struct noise *n)
{
    static const int64_t of[] = {0, 1, 1000, 5000, 40000, GH_COUNT_MAX};

    return of[noise_draw(n, 8) ? 2 + noise_draw(n, 3) : noise_draw(n, 6)];
}

static inline int64_t noise_moment(struct noise *n)
{
    static const int64_t of[] = {0, 1, GH_TIME_MS_MAX};

    return noise_draw(n, 2) ? n->now + (int64_t)noise_draw(n, 5) * KIT_DAY
                            : of[noise_draw(n, 3)];
}

#define NOISE_PUT(event, key, field, value) \
    ((event)->present |= UINT64_C(1) << GH_KEY_##key, (event)->field = (value))

static inline void noise_usage(struct noise *n, struct gh_event *event)
{
    event->kind = GH_USAGE;
    if (noise_draw(n, 2)) {
        NOISE_PUT(event, agent, agent, noise_name(n, 6));
        if (noise_draw(n, 2))
            NOISE_PUT(event, caller, caller, noise_name(n, 6));
    }
    if (noise_draw(n, 4) == 0)
        NOISE_PUT(event, model, model, noise_name(n, NOISE_NAMES));
    if (noise_draw(n, 2))
        NOISE_PUT(event, cost_usd, cost_usd, noise_amount(n));
    if (noise_draw(n, 4))
        NOISE_PUT(event, input_tokens, input_tokens, noise_tokens(n));
    if (noise_draw(n, 4) == 0)
        NOISE_PUT(event, cache_read_tokens, cache_read_tokens, noise_tokens(n));
    if (noise_draw(n, 4))
        NOISE_PUT(event, output_tokens, output_tokens, noise_tokens(n));
    if (noise_draw(n, 3) == 0)
        NOISE_PUT(event, prompt_hash, prompt_hash, noise_draw(n, 2) ? 0 : UINT64_MAX);
    if (noise_draw(n, 3) == 0)
        NOISE_PUT(event, tool_calls, tool_calls, noise_tokens(n));
    if (noise_draw(n, 30) == 0)
        NOISE_PUT(event, experiment, experiment, noise_name(n, 5));
}

static inline void noise_fact(struct noise *n, struct gh_event *event)
{
    switch (noise_draw(n, 5)) {
    case 0:
    case 1:
        event->kind = GH_OUTPUT;
        if (noise_draw(n, 2))
            NOISE_PUT(event, ref, ref, noise_name(n, 40));
        NOISE_PUT(event, state, state, (enum gh_state)noise_draw(n, 4));
        if (noise_draw(n, 2))
            NOISE_PUT(event, units, units, noise_amount(n));
        break;
    case 2:
        event->kind = GH_PROFILE;
        NOISE_PUT(event, role, role, noise_name(n, 100));
        NOISE_PUT(event, team, team, noise_name(n, 5));
        NOISE_PUT(event, account, account, noise_draw(n, 9) ? GH_HUMAN : GH_SERVICE);
        NOISE_PUT(
            event, timezone, timezone,
            ((struct gh_text){kit_zone_name[noise_draw(n, 4)], 11})); /* mostly cut: unknown */
        NOISE_PUT(
            event, hours, hours,
            ((struct gh_hours){(uint16_t)noise_draw(n, 1441), (uint16_t)noise_draw(n, 1441)}));
        break;
    case 3:
        event->kind = GH_SCHEDULE;
        NOISE_PUT(event, type, schedule, (enum gh_schedule)noise_draw(n, 4));
        NOISE_PUT(event, from, from_ms, noise_moment(n));
        NOISE_PUT(event, until, until_ms, noise_moment(n));
        break;
    case 4:
        event->kind = GH_EXPERIMENT;
        NOISE_PUT(event, experiment, experiment, noise_name(n, 5));
        NOISE_PUT(event, from, from_ms, noise_moment(n));
        NOISE_PUT(event, until, until_ms, noise_moment(n));
        if (noise_draw(n, 2))
            NOISE_PUT(event, budget_usd, budget_usd, noise_amount(n));
        if (noise_draw(n, 2))
            NOISE_PUT(event, budget_tokens, budget_tokens, noise_tokens(n));
        break;
    }
}

/* Two agents that say the same to each other all the time: there is something to find. */
static inline void noise_hop(struct noise *n, struct gh_event *event)
{
    static const struct gh_text agent[] = {{"ping", 4}, {"pong", 4}};
    const uint32_t at = n->hops++ % 2;

    event->kind = GH_USAGE;
    event->actor = (struct gh_text){"alone", 5};
    NOISE_PUT(event, agent, agent, agent[at]);
    NOISE_PUT(event, caller, caller, agent[1 - at]);
    NOISE_PUT(event, input_tokens, input_tokens, 5000);
    NOISE_PUT(event, output_tokens, output_tokens, 50);
    NOISE_PUT(event, cost_usd, cost_usd, 1.0);
    NOISE_PUT(event, prompt_hash, prompt_hash, 7);
}

/* The next event, false after `until`. A verdict is about one of the kit's changes. Its
 * texts hold until the next call. */
static inline bool noise_next(struct noise *n, const struct kit *kit, struct gh_event *event)
{
    *event = (struct gh_event){.ts_ms = n->now, .present = UINT64_C(1) << GH_KEY_actor};
    snprintf(n->id, sizeof n->id, "%u", n->count++);
    event->id = (struct gh_text){n->id, (uint32_t)strlen(n->id)};
    event->actor = noise_name(n, NOISE_PEOPLE);
    event->owner = n->count % 3; /* nobody's, or of one of two keys */
    if (noise_draw(n, 3) == 0)
        noise_hop(n, event);
    else if (noise_draw(n, 9) == 0)
        noise_fact(n, event);
    else
        noise_usage(n, event);
    if (noise_draw(n, 400) == 0 && kit->changes > 0) {
        const struct gh_finding *f = &kit->change[noise_draw(n, kit->changes)];
        event->kind = GH_VERDICT;
        event->finding = (struct gh_text){f->id, GH_FINDING_ID_SIZE - 1};
        event->verdict = (enum gh_verdict)noise_draw(n, 5);
    }
    n->now += (int64_t)noise_draw(n, 2 * (uint32_t)(KIT_DAY / NOISE_PEOPLE / 7));
    return n->now < n->until;
}

#endif
