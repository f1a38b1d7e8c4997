/* detector.h - the contract every detector keeps.
 *
 * A detector is a const table row. It sees the calls of one actor at a time, keeps flat
 * state (no pointers: a snapshot is a copy of bytes), and says what it saw of a local day
 * in one of two currencies:
 *
 *   structural  an observation (a share, or a level on the log scale). The engine holds it
 *               against the person's own past, the peers and the team, bets, and fuses the
 *               bets of all structural detectors into the tracks review and case.
 *   context     a score on the log scale, of which the engine knows how rare it is among
 *               honest people. It raises incidents, never an accusation.
 *
 * Either kind may raise an incident at once from step() (the fast path). Evidence of days
 * that is not enough for a review raises incidents, too. */
#ifndef GOODHART_DETECT_DETECTOR_H
#define GOODHART_DETECT_DETECTOR_H

#include "base/cells.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/intern.h"
#include "goodhart/finding.h"
#include "goodhart/option.h"

enum gh_lane { GH_STRUCTURAL, GH_CONTEXT };
enum gh_measure {
    GH_SHARE, /* 0..1 of the day's tokens; bounded bets */
    GH_LEVEL, /* mean of a logarithm; normal-score bets on conformal p-values */
    GH_SCORE, /* context: log scale, 0 and more */
};

/* What every detector's list of options begins with; the engine reads it without knowing which
 * detector it is. */
// clang-format off
#define GH_DETECTOR_OPTIONS(X, T, S)                                                               \
    X(S, bool, enabled, true, 0, 1, "1", "off: it looks at nothing and says nothing; what it has found is closed when it has been quiet") \
    X(S, double, false_alarms, 0, 0, 1000, "per day", "false alarms that it may raise; 0: as incident.false_alarms says") \
    X(S, double, fewest_usd, 0, 0, 1e6, "USD", "excess below this raises no incident of it, by day or at once; unpriced excess does")
// clang-format on

struct gh_detector_head {
    GH_DETECTOR_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
/* Indices of these in any detector's gh_option_group. */
enum { GH_OPTION_ENABLED, GH_OPTION_FALSE_ALARMS, GH_OPTION_FEWEST_USD, GH_DETECTOR_HEAD };

/* One usage event, interned and priced. Calls inside a declared experiment's budget never
 * reach a detector. */
struct gh_call {
    int64_t ts_ms;
    uint64_t position;                    /* in the log */
    uint64_t present;                     /* as gh_event.present */
    uint32_t actor, agent, caller, model; /* ids; 0 absent */
    uint64_t session;                     /* hash of session; 0 absent */
    uint64_t prompt_hash, response_hash;  /* only where `present` says so */
    double context_tokens, output_tokens, tokens, user_tokens, tool_calls;
    double cost_usd;   /* NAN: unknown */
    double output_usd; /* list price of the output tokens, whatever the cost; NAN: unknown */
    enum gh_origin origin;
    enum gh_call_status status;
    /* Told of this call, or of one before it in its session: a person's words (without a
     * session: of this call), and that the answer asked for a tool. */
    bool typed, tools;
    bool foreign; /* made by somebody else's agent in answer to one of this actor's: it tells
                     of a conversation but its tokens are not this actor's */
    struct gh_local local;
    struct gh_text id;
};

/* Who set a call off, as far as the source tells: a source that is silent is no person. */
enum gh_cause { GH_BY_PERSON, GH_BY_JOB, GH_BY_UNKNOWN };
static inline enum gh_cause gh_cause_of(const struct gh_call *call)
{
    if (call->origin == GH_SCHEDULED || call->origin == GH_CI || call->origin == GH_API ||
        call->caller != 0)
        return GH_BY_JOB;
    return call->origin == GH_INTERACTIVE || call->typed ? GH_BY_PERSON : GH_BY_UNKNOWN;
}

/* What is known of a session from its calls so far; calls without one are one session of their
 * agent. */
struct gh_session_facts {
    uint8_t typed, tools, unused[6];
};
/* Takes the call in and fills its `typed` and `tools`. NULL: only the call itself tells. */
static inline void gh_session_note(struct gh_session_facts *facts, struct gh_call *call)
{
    call->typed = call->user_tokens > 0.0;
    call->tools = call->tool_calls > 0.0;
    if (facts == NULL)
        return;
    facts->tools |= call->tools;
    call->tools = facts->tools;
    if (call->session == 0)
        return;
    facts->typed |= call->typed;
    call->typed = facts->typed;
}

/* Sessions are those of one actor; calls without one belong to their agent's. Never 0. */
static inline uint64_t gh_session_key(uint32_t actor, uint64_t session, uint32_t agent)
{
    return gh_hash_pair(actor, session != 0 ? session : gh_hash_pair(agent, 1));
}

/* The usage target that somebody is measured by: the newest of their own, else of their
 * team, whose members are each measured by it. tokens and cost_usd both 0: none. */
struct gh_quota {
    double tokens, cost_usd;
    enum gh_period period;
    uint32_t unused;
};

/* What the engine itself keeps of an actor's local day; for reading. */
struct gh_day {
    uint32_t actor;                          /* id */
    int32_t date;                            /* local, days since 1970-01-01 */
    uint32_t calls;                          /* judged: not exempt, not foreign */
    uint32_t hours;                          /* bit h: a judged call in local hour h */
    double tokens, context_tokens, cost_usd; /* of judged calls */
    double unpriced_tokens;                  /* part of `tokens` whose cost is unknown */
    double exempt_tokens, exempt_cost_usd;   /* inside experiments */
    double units;                            /* work units accepted, less reverted */
    uint32_t outputs;                        /* output events */
    uint32_t schedule; /* bits 1 << enum gh_schedule that hold on this date, as told so far */
    int64_t first_ms, last_ms; /* of judged calls */
    uint64_t first_event;      /* hash of the id of the first judged call */
    uint32_t experiment;       /* id of the last experiment that covered a call; 0 none */
    uint32_t told, vouched; /* events that detectors were shown; those that came with a key */
    uint32_t model, votes;  /* id of what most calls went to, by majority vote; 0 unknown */
    double missing;         /* calls that never arrived, as far as their source tells */
    struct gh_quota quota;  /* that held when the day began */
};

/* What is known of an actor when a day is judged; for reading. */
struct gh_person {
    uint32_t days;       /* active days before this one */
    double usual_tokens; /* mean tokens of an active day, clipped; NAN: no history */
    double usual_cost_usd;
    struct gh_hours hours; /* declared; from == until: none */
    bool zone_known;
    bool has_outputs; /* ever produced an output event, or its peers do */
    /* Of active days; 0: not known yet. */
    double peer_units_per_usd, peer_usd_per_day, peer_tokens_per_day;
    double gate_units, gate_usd; /* decayed over the output window, days before this one */
    double past_units, past_usd; /* own history behind the window */
    /* Sums over everybody of gh_observation.edge on the date that is being settled; there
     * when an episode is told. */
    uint32_t above_edge, below_edge;
    const double *public_context; /* as in gh_step */
};

/* An episode as far as it is known. Facts stand in the order of the detector's rows. */
struct gh_episode {
    double log_e;
    int64_t from_ms, until_ms;
    double tokens, cost_usd, excess_tokens, excess_cost_usd;
    double value[GH_FACTS_MAX], expected[GH_FACTS_MAX]; /* expected NAN: nothing to compare */
    uint64_t first_event;                               /* hash of the first event's id */
    uint32_t calls, days;
    uint32_t told, vouched; /* events of those days, as in gh_day; set by the engine */
    double missing;         /* likewise */
    uint32_t sample_count, sample[GH_SAMPLES_MAX]; /* ids in the sample store */
    uint32_t party[2];   /* ids of agents, where the episode is about two; 0 none */
    uint32_t experiment; /* id of the last declared one that covers part of it; 0 none */
    bool cost_unknown;   /* some calls had no price */
    bool above_public;   /* expected is what public traces have at most, not the own past */
};

/* An output event, and what it changed in the units credited so far. */
struct gh_output {
    int64_t ts_ms;
    uint64_t present; /* as gh_event.present */
    uint64_t ref;     /* hash of actor and ref; 0 absent */
    uint64_t session; /* hash of session; 0 absent */
    enum gh_artifact artifact;
    enum gh_state state;
    double units;                      /* that the artifact stands for */
    double change;                     /* of the units credited; < 0: taken back */
    double lines_added, lines_removed; /* only where `present` says so */
    struct gh_local local;
    struct gh_text id;
};

struct gh_step {
    const void *config;
    const struct gh_call *call;     /* NULL in output() */
    const struct gh_output *output; /* NULL in step() */
    const struct gh_day *day;       /* with this call already counted */
    void *day_state, *actor_state;  /* zeroed when new */
    /* Of the call's or output's session, by gh_session_key: zeroed when new or idle for
     * half a day. NULL when too many are watched and for outputs of
     * no such session. */
    void *session_state;
    uint64_t session_key;   /* for cells; 0 with an output of no session */
    struct gh_cells *cells; /* NULL without cell_size */
    struct gh_heap *heap;
    struct gh_intern *samples; /* store of sample ids, bounded */
    bool watched;              /* evidence is growing: worth keeping samples */
    double usual_tokens;       /* of an active day of this person; NAN: no history */
    double common_tokens;      /* of an active day of anybody; 0: not known yet */
    /* By class of work (detect/level.h), log tokens of context that one public call in a
     * hundred exceeds; INFINITY: unknown. No company can move it. NULL: all unknown. */
    const double *public_context;
    /* Fast-path score (log scale) that holds the false alarms per day: learned from the
     * largest scores of everybody, within the model's bounds. */
    double threshold;
    /* out */
    double score; /* fast-path score now; at most 0: nothing to learn from */
    bool sample;  /* keep this event as a sample of the day */
    bool raise;   /* an incident, or an update of one: *episode is filled (stretch.h) */
    struct gh_episode *episode; /* filled as a whole with `raise`, else untouched */
};

enum gh_observability { GH_NOT_OBSERVABLE, GH_TOO_LITTLE, GH_OBSERVED };
enum { GH_PARTS = 6 };
/* A level by class of work, each held against its own past; weights sum to 1, and the level
 * is the sum of weight x part. A class without calls has weight 0. */
struct gh_by_class {
    double part[GH_PARTS], weight[GH_PARTS];
    double noise[GH_PARTS]; /* variance of each part for want of calls; 0 unknown */
};
struct gh_observation {
    enum gh_observability state;
    double value;                 /* share, level or score; finite when observed */
    struct gh_by_class *by_class; /* GH_LEVEL: zeroed memory of the caller's; else NULL */
    double stake; /* GH_LEVEL: 0..1, how much of the day is the person's own doing */
    /* GH_LEVEL: what the level is about, where that is only a part of the day's tokens; a
     * part of this is above the usual. 0: the whole day. */
    double measured_tokens, measured_usd;
    double expected;     /* context detectors: what the score was held against, for facts */
    double excess_share; /* context detectors: part of the day's tokens above the usual */
    int edge;            /* 1: the day ended just above a target, -1: just below, else 0 */
};

struct gh_observe {
    const void *config;
    const struct gh_day *day;
    const struct gh_person *person;
    const void *day_state;
    void *actor_state; /* may learn, once the observation has been made */
};

struct gh_fact_row {
    const char *name, *unit;
};

/* What explain() may say: names, not ids. */
struct gh_telling {
    const struct gh_episode *episode;
    enum gh_track track;
    struct gh_text actor, party[2];
    bool output_known; /* the source reports outputs for this person */
    bool fast;         /* raised by step() or output(), else by the settlement of days */
    bool teamwise;     /* much of the team shows the same in these days */
};

struct gh_detector {
    const char *name; /* of GH_BEHAVIOUR_LIST; a config key, and stored in findings */
    enum gh_behaviour behaviour;
    uint32_t version;      /* bump when the meaning of the state bytes changes */
    const char *summary;   /* one line */
    const char *reference; /* where the formula comes from */
    enum gh_lane lane;
    enum gh_measure measure;
    /* What it says rests on what is not there (silence, output, how the day is divided): a day
     * of which too much never arrived is not observable to it. */
    bool whole_day;
    double add; /* GH_SHARE: allowance on the own mean; see engine/baseline.h */
    struct gh_option_group options;
    /* Bytes of state, multiples of 8; 0 none. */
    size_t actor_size, day_size, session_size, cell_size;
    int64_t cell_idle_ms;
    /* Fast paths whose score is a likelihood ratio keep these bounds of their threshold, from
     * Ville's inequality; 0: the bounds are fitted to honest people (models/). */
    double fast_low, fast_high;
    const struct gh_fact_row *fact;
    uint32_t fact_count;
    void (*step)(struct gh_step *step);
    void (*output)(struct gh_step *step); /* an output event; NULL: not of interest */
    /* The day is over everywhere. Called once per active day, in order of dates; a detector
     * with output() hears of days without calls, too, if they have output events. */
    void (*observe)(const struct gh_observe *in, struct gh_observation *out);
    /* Context detectors whose days move with those of others; NULL: not of interest. The
     * value of observe() is then a residual, log scale and of either sign; `shift` is the
     * median of the peers' on this date and, on top, that of the other team members, 0 where
     * there are too few; conclude() makes the score of it. */
    void (*conclude)(const struct gh_observe *in, double shift, struct gh_observation *out);
    /* Adds what the day contributes to an episode's facts: episode->value/expected.
     * `expected` is what the baseline allowed in the unit of the observation. */
    void (*tell)(const struct gh_observe *in, const struct gh_observation *seen,
                 double expected, struct gh_episode *episode);
    /* Writes explanation and question: plain English for a manager, with the figures. */
    void (*explain)(const struct gh_telling *telling, char *explanation,
                    size_t explanation_size, char *question, size_t question_size);
};

extern const struct gh_detector *const gh_detectors[]; /* in order of the registry */
extern const uint32_t gh_detector_count;

#endif
