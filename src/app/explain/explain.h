/* explain.h - what `goodhart explain` gathers about one person and one detector while a log is
 * read, and what it makes of it.
 *
 *     struct gh_explained x = {.wish = …};
 *     struct gh_watch watch = gh_explain_watch(&x);     into the hooks of a pipeline
 *     …                                                 the log
 *     gh_explain_end(&x, engine);                       the epoch that still runs
 *     gh_explain_print(&x, out); or gh_explain_json(&x);
 *     gh_explain_free(&x);
 *
 * Nothing is computed a second time: numbers come from engine/inspect.h, what they would be
 * from engine/suppose.h. */
#ifndef GOODHART_APP_EXPLAIN_EXPLAIN_H
#define GOODHART_APP_EXPLAIN_EXPLAIN_H

#include "engine/inspect.h"
#include "goodhart/error.h"

#include <stdio.h>

/* By which something comes to be told. */
#define GH_WAY_LIST(X)                                                            \
    X(review, GH_WAY_REVIEW)     /* evidence of days, against everybody else's */ \
    X(case, GH_WAY_CASE)         /* the same while output lags behind */          \
    X(incident, GH_WAY_INCIDENT) /* score of a day past a threshold */
enum gh_way { GH_WAY_LIST(GH_ENUM_VALUE) GH_WAY_COUNT };
const char *gh_way_name(enum gh_way way);

struct gh_explain_wish {
    struct gh_text actor;
    uint32_t detector;
    const char *finding; /* id; NULL: whatever there is of actor and detector */
    bool apart;          /* what is kept apart of this name */
    int32_t on;          /* this date alone; INT32_MIN: every one */
};

/* One settled date of the person. */
struct gh_explain_row {
    struct gh_seen_day day; /* without a day: date, epoch and day_gone alone */
    bool seen;              /* there was a day */
    bool chosen[GH_SETS + 1];
    struct gh_seen_choice choice[GH_SETS + 1]; /* last: of the team */
};

/* Something of the detector that was raised about the person. */
struct gh_explain_raise {
    char finding[GH_FINDING_ID_SIZE]; /* "": there is none */
    enum gh_track track;
    enum gh_heard heard;
    bool fast, teamwise, drawn; /* drawn: told because of the lot */
    uint32_t epoch;
    int64_t time_ms, from_ms, until_ms; /* of the change; of the episode */
    uint32_t calls, days;
    double score, threshold; /* log scale; threshold of incidents, NAN otherwise */
    double tokens, cost_usd, excess_usd;
};

/* What an epoch would have come to, see change.c. */
struct gh_explain_change {
    uint32_t epoch;
    bool known; /* a structural detector's, and factor 1 gives the recorded evidence */
    /* Most false alarms a day, as gh_seen_threshold.alarms, with which no score of the epoch
     * passes: of days, of calls. NAN: none does, or all do. */
    double alarms[2];
    struct gh_explain_way {
        bool passed;              /* with the excess as it was */
        bool others;              /* even without this detector's: other evidence is enough */
        double factor;            /* largest part of the excess under which it does not pass */
        int32_t date;             /* on which it first passed */
        uint32_t excess_days;     /* up to then: days whose bets grew */
        double log_e, log_needed; /* where it was nearest: what counted, what it took */
        double usd;               /* largest excess with which it passed */
        double most_log_e;        /* largest evidence with which it passed */
        bool unpriced;            /* some of it has no price, which counts as enough */
        double alpha;             /* reviewable sets: with less of it, it had not passed */
        double value, base, allowed, value_under; /* means over the excess days */
    } way[GH_WAY_COUNT];
};

/* Keys that the person's calls told, of those that detectors look at. */
enum { GH_EXPLAIN_KEYS = GH_KEY_COUNT };

struct gh_explained {
    struct gh_explain_wish wish;
    uint32_t actor; /* id; 0: not seen yet */
    bool failed;    /* memory */
    struct gh_explain_row *row;
    size_t row_count, row_room, epoch_first; /* epoch_first: row of the running epoch */
    struct gh_explain_raise *raise;
    size_t raise_count, raise_room;
    struct gh_explain_change *change;
    size_t change_count, change_room;
    struct gh_seen_threshold threshold[2]; /* newest: of days, of calls */
    uint64_t calls, told[GH_EXPLAIN_KEYS]; /* usage events; those with key k */
    uint64_t outputs;
    /* Of the finding, or of what came nearest to one. */
    char team[GH_STRING_BYTES_MAX + 1], explanation[768], question[320];
    struct gh_finding finding; /* newest; revision 0: none. Its texts do not hold. */
};

struct gh_watch gh_explain_watch(struct gh_explained *x);
/* Counts what events tell; a hook of the pipeline. */
void gh_explain_events(struct gh_explained *x, const struct gh_event *event, size_t count);
/* A change of a finding; keeps those that are meant. */
void gh_explain_finding(struct gh_explained *x, const struct gh_finding *finding);
/* The end of the log: closes the epoch that runs. */
void gh_explain_end(struct gh_explained *x, struct gh_engine *engine);
void gh_explain_free(struct gh_explained *x);

/* --- change.c --- */
/* What the running epoch would have been with less excess; the engine is still in it. */
void gh_explain_epoch(struct gh_explained *x, struct gh_engine *engine);

/* --- reason.c --- */
/* Why nothing was found. */
#define GH_REASON_LIST(X)                                                                     \
    X(found, GH_REASON_FOUND, "there is a finding")                                           \
    X(unsettled, GH_REASON_UNSETTLED, "no day of this person has been settled")               \
    X(no_day, GH_REASON_NO_DAY, "there is no call of this person on that date")               \
    X(experiment, GH_REASON_EXPERIMENT, "all calls were inside a declared experiment")        \
    X(unjudged, GH_REASON_UNJUDGED, "no day could be judged")                                 \
    X(usual, GH_REASON_USUAL, "it was looked at, and was not unusual")                        \
    X(below, GH_REASON_BELOW, "something was seen, not enough of it")                         \
    X(small, GH_REASON_SMALL, "it was unusual, and too little money to be told")              \
    X(locked, GH_REASON_LOCKED, "so much evidence is not rare enough among honest people")    \
    X(decided, GH_REASON_DECIDED, "a reviewer has decided about it, so its days are no news") \
    X(told, GH_REASON_TOLD, "a fast incident has told of these days")
#define GH_REASON_VALUE(name, code, text) code,
enum gh_reason { GH_REASON_LIST(GH_REASON_VALUE) GH_REASON_COUNT };
const char *gh_reason_name(enum gh_reason reason);
const char *gh_reason_text(enum gh_reason reason);

/* How far a row was from being told: what it had less what it took, log scale. */
struct gh_explain_gap {
    bool known;
    enum gh_way way;
    bool fast; /* of calls, not of the day */
    int32_t date;
    double had, needed;
};
struct gh_explain_answer {
    enum gh_reason reason;
    enum gh_why why;             /* GH_REASON_UNJUDGED: the most common */
    uint32_t days[GH_WHY_COUNT]; /* by what was made of them */
    uint32_t excess_days, gated; /* bets that grew; of them not in the set case */
    uint64_t calls;              /* judged, on those days */
    double exempt_tokens, exempt_usd;
    struct gh_explain_gap nearest;
};
bool gh_explain_asked(const struct gh_explained *x, int32_t date); /* by wish.on */
struct gh_explain_answer gh_explain_reason(const struct gh_explained *x);
/* Keys of which the detector needs one of each group; what is missing, in words, "" nothing. */
void gh_explain_missing(const struct gh_explained *x, char *text, size_t size);

/* --- tell.c --- */
/* The change that explains the finding, or NULL. */
const struct gh_explain_change *gh_explain_change_of(const struct gh_explained *x);
/* Way of the finding's track as it is now. */
enum gh_way gh_explain_way_of(const struct gh_explained *x);
bool gh_explain_is_fast(const struct gh_explained *x); /* found by calls, not by days */

#endif
