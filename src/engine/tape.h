/* tape.h - what an engine that leads keeps for those who follow it; see follow.h. Internal to
 * src/engine. */
#ifndef GOODHART_ENGINE_TAPE_H
#define GOODHART_ENGINE_TAPE_H

#include "base/memory.h"
#include "goodhart/engine.h"

/* What stood when a record was taken. */
struct gh_passage {
    int64_t newest_ms;           /* with this event */
    uint32_t teams, teams_apart; /* before it */
};

struct gh_tape {
    bool leads;                    /* its records wait; it judges nobody */
    const struct gh_engine *front; /* whose records these are; NULL: own ones */
    uint32_t teams;                /* with a front: told of so far */
    struct gh_array passages;      /* gh_passage: of each record */
    struct gh_segments kept;       /* gh_event: of records of what had been held */
};

/* A record has been taken, or, `taken` false, an event refused that had moved time: one without
 * an event stands for it. */
void gh_tape_add(struct gh_engine *e, const struct gh_passage *passage, bool taken);
void gh_tape_begin(struct gh_engine *e); /* what it has is gone */
/* Of an engine that follows: what its front has, and its own. */
struct gh_counters gh_tape_counters(const struct gh_engine *e);
void gh_tape_forget(struct gh_engine *e); /* tables that are its front's */
/* Teams that have been told of so far. */
uint32_t gh_team_count(const struct gh_engine *e);

#endif
