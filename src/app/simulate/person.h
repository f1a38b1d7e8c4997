/* person.h - who is in the company: traits of a person that hold for the whole span, the
 * honest oddities ahead, and what the simulator remembers from day to day. */
#ifndef GOODHART_APP_SIMULATE_PERSON_H
#define GOODHART_APP_SIMULATE_PERSON_H

#include "app/simulate/random.h"
#include "app/simulate/simulate.h"

enum gh_sim_role_index {
    GH_SIM_ENGINEER,
    GH_SIM_RESEARCHER,
    GH_SIM_DATA,
    GH_SIM_SUPPORT,
    GH_SIM_PRODUCT,
    GH_SIM_OPS,
    GH_SIM_SERVICE,
    GH_SIM_ROLES
};
/* What a person does in one go. */
enum gh_sim_class { GH_SIM_AGENT, GH_SIM_CHAT, GH_SIM_COMPLETION, GH_SIM_CLASSES };

struct gh_sim_role {
    const char *name;
    double share;                       /* of teams; shares sum up to 1 */
    double sessions[GH_SIM_CLASSES];    /* per ordinary workday of the mean person */
    double context_shift, output_shift; /* added to the means of log tokens */
    double outputs;                     /* per session of 40 requests */
    double by_hand;                     /* outputs per workday without any session */
    double artifact[GH_ARTIFACT_COUNT]; /* shares, by enum gh_artifact */
    double start_min;                   /* mean start of work, minutes of the local day */
    double template_share;              /* prompts that follow a company-wide template */
};
const struct gh_sim_role *gh_sim_role(uint32_t role);

/* Honest things that look odd; bit i of gh_sim_label.bursts is the i-th name. The last
 * three are traits for life, in no burst's place. */
#define GH_SIM_BURST_LIST(X)                               \
    X(on_call, GH_SIM_ON_CALL)                             \
    X(on_call_undeclared, GH_SIM_ON_CALL_UNDECLARED)       \
    X(deadline, GH_SIM_DEADLINE)                           \
    X(deadline_declared, GH_SIM_DEADLINE_DECLARED)         \
    X(migration, GH_SIM_MIGRATION)                         \
    X(experiment_declared, GH_SIM_EXPERIMENT_DECLARED)     \
    X(experiment_undeclared, GH_SIM_EXPERIMENT_UNDECLARED) \
    X(self_play, GH_SIM_SELF_PLAY)                         \
    X(runaway, GH_SIM_RUNAWAY)                             \
    X(retry_storm, GH_SIM_RETRY_STORM)                     \
    X(cache_breakage, GH_SIM_CACHE_BREAKAGE)               \
    X(travel, GH_SIM_TRAVEL)                               \
    X(automation_old, GH_SIM_AUTOMATION_OLD)               \
    X(automation_new, GH_SIM_AUTOMATION_NEW)               \
    X(new_hire, GH_SIM_NEW_HIRE)                           \
    X(role_change, GH_SIM_ROLE_CHANGE)                     \
    X(roll_out, GH_SIM_ROLL_OUT)                           \
    X(night_shift, GH_SIM_NIGHT_SHIFT)                     \
    X(refactor, GH_SIM_REFACTOR)                           \
    X(power_user, GH_SIM_POWER_USER)                       \
    X(catch_up, GH_SIM_CATCH_UP)                           \
    X(owl, GH_SIM_OWL)                                     \
    X(other_zone, GH_SIM_OTHER_ZONE)                       \
    X(zone_unknown, GH_SIM_ZONE_UNKNOWN)
#define GH_SIM_BURST_ENUM(name, value) value,
enum gh_sim_burst_kind { GH_SIM_BURST_LIST(GH_SIM_BURST_ENUM) GH_SIM_BURST_KINDS };

/* Days count from the first day of the plan, on the person's own calendar. */
struct gh_sim_burst {
    uint8_t kind;
    int32_t from, until; /* until: first day after */
    float factor; /* volume; travel, night shift: hours; jobs: calls per day; roll-out: of
                     outputs; role change: which role, 0..1 */
};
enum { GH_SIM_BURSTS_MAX = 8 };

struct gh_sim_gaming {
    bool on, ring;
    enum gh_sim_form form;
    enum gh_behaviour behaviour;
    uint32_t together; /* how many, this one among them; 0: alone */
    int32_t from;      /* first day */
    double strength;
    float ramp_days;         /* until the strength is reached */
    float low_novelty;       /* share of near-duplicates in loops and repetition */
    uint8_t period;          /* of the quota that is chased */
    double target;           /* of it, in tokens */
    uint64_t question;       /* that is asked again and again */
    double tokens, cost_usd; /* gamed so far */
    int64_t began_ms;        /* of the first gamed call; 0 none yet */
};

struct gh_sim_person {
    char name[12];      /* "a17" */
    char team_name[16]; /* "team-1" */
    uint32_t actor, team;
    uint8_t role, zone, workdays; /* workdays: bit 0 Monday */
    bool has_profile, has_zone, is_service, parent_style, tells_origin;
    uint8_t model[GH_SIM_CLASSES];
    bool long_window;
    int32_t start_min, length_min;
    float rate, length_factor; /* of sessions: how many, how long agent sessions are */
    float weekend, evening, night, near_dup, productive;
    float tools_in_a_row; /* mean of calls between two words of the person */
    uint32_t traits;      /* bits as those of labels */
    int32_t joined, leave_from, leave_until;
    bool leave_declared;
    uint8_t burst_count;
    struct gh_sim_burst burst[GH_SIM_BURSTS_MAX];
    struct gh_sim_gaming gaming;

    double mood;                   /* the AR(1) part of the log of today's volume */
    double usual_sum, outputs_sum; /* honest ones so far, over usual_days workdays */
    double period_tokens;          /* since the period of the chased quota began */
    uint32_t usual_days, sessions, traces, refs, events;
};

void gh_sim_person_init(struct gh_sim_person *person, const struct gh_sim_plan *plan,
                        uint32_t actor);
/* Honest tokens of an ordinary workday, learned from those so far. */
double gh_sim_person_usual(const struct gh_sim_person *person);
bool gh_sim_person_away(const struct gh_sim_person *person, int32_t day);
/* Appends the honest oddities of a person, see GH_SIM_BURST_LIST. */
void gh_sim_person_bursts(struct gh_sim_person *person, const struct gh_sim_plan *plan);
const struct gh_sim_burst *gh_sim_person_burst(const struct gh_sim_person *person,
                                               enum gh_sim_burst_kind kind, int32_t day);

/* Purposes of random streams. */
enum gh_sim_stream {
    GH_SIM_STREAM_TEAM = 1,
    GH_SIM_STREAM_PERSON,
    GH_SIM_STREAM_BURSTS,
    GH_SIM_STREAM_TEAM_BURSTS,
    GH_SIM_STREAM_COMPANY,
    GH_SIM_STREAM_GAMER,
    GH_SIM_STREAM_DAY,
    GH_SIM_STREAM_GAMED_DAY,
    GH_SIM_STREAM_FORM,
    GH_SIM_STREAM_ROTTEN,
    GH_SIM_STREAM_PAIR,
};

#endif
