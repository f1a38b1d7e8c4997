/* tables.h - rows of the engine's tables: ids seen, experiments declared, prices found,
 * samples, verdicts, teams, who takes calls. Internal to src/engine. */
#ifndef GOODHART_ENGINE_TABLES_H
#define GOODHART_ENGINE_TABLES_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

struct gh_step;

/* gh_hash of an event's texts that are looked up most; of its id also who owns it. */
struct gh_hashes {
    uint64_t id, actor, agent;
};

/* A detector that takes calls, or outputs, with what holds for each of them. */
struct gh_stepper {
    void (*take)(struct gh_step *step);
    const void *config;
    uint32_t detector, bit;                /* 1 << detector */
    uint32_t actor_at, day_at, session_at; /* offsets of its state */
};

struct gh_id_set {
    uint64_t *slot[2]; /* young, old: open addressing; 0 empty */
    uint32_t slot_count[2], used[2];
    uint32_t limit; /* of one generation */
};

struct gh_experiment_cell {
    int64_t from_ms, until_ms;
    double budget_usd, budget_tokens; /* INFINITY: not given */
    double spent_usd, spent_tokens;
    uint64_t declared; /* 0: the cell is new */
    uint32_t name;
    uint32_t before; /* name of the actor's one that was declared before it; 0 none */
};

struct gh_price_span {
    uint64_t known;        /* 0: the cell is new */
    uint32_t first, count; /* rows of one pattern in sorted order; count 0: no price */
};

/* Largest scores of an epoch, of everybody of whom a day was settled in it. */
struct gh_past_scores {
    uint32_t people[2];       /* how many; [0] of days, [1] of the fast path */
    double low[2];            /* scores up to this are not kept: no threshold is below it */
    struct gh_array above[2]; /* float, ascending: the others */
};

/* A record of the segment on its way to a shard. */
struct gh_inbox_entry {
    uint32_t record, unused;
    uint64_t session; /* gh_session_key; 0 not known yet */
};

/* Events that show what a detector saw of somebody's day. */
enum { GH_DAY_SAMPLES = 5 };
struct gh_day_samples {
    uint32_t count, id[GH_DAY_SAMPLES];
};

/* Verdicts on a detector's reviewable findings. */
struct gh_lesson {
    uint32_t right, wrong;
};

/* Somebody who was found honest: about one detector, and with all the evidence there was. */
struct gh_cleared {
    uint32_t actor, detector, role;
    float share;         /* of the finding's tokens that was above the usual */
    double sup_log_e[2]; /* by set; -INFINITY: told in another row of this person */
};

/* A team in this epoch. */
struct gh_team {
    uint32_t members, hot; /* enrolled; those with evidence */
    double sup_log_e, frozen_log_e;
    bool flagged;
};

/* People with the same usual model and the same one today; pairs that share a group are taken
 * for one. */
enum { GH_MODEL_GROUPS = 32, GH_MODEL_TEAMS = 3 };
struct gh_model_group {
    uint32_t team[GH_MODEL_TEAMS], teams; /* the first few of them */
};

struct gh_schedule_entry { /* newest few of an actor or a team */
    struct {
        int64_t from_ms, until_ms;
        uint32_t type, unused;
    } at[4];
    uint32_t next, count;
};

struct gh_member {
    uint32_t team, actor;
    double log_e;
};

struct gh_decay {
    double keep, memory; /* of the gate's window and of what lies behind it */
};

#endif
