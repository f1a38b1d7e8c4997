/* state.h - everything the engine remembers. Internal to src/engine.
 *
 * The front (order.c, front.c) takes events one after the other, gives them ids and deals
 * them to shards. A shard (shard.c) owns its actors: person state, open days, evidence.
 * Rounds (rounds.c) happen when event time has passed a full hour; in one of them each
 * local date is settled (settle.c), at the first hour by which it has ended everywhere.
 * Shards share nothing while they run; what needs the whole population (peers, teams, the
 * reviewable set) happens between the parallel steps, from small summaries. */
#ifndef GOODHART_ENGINE_STATE_H
#define GOODHART_ENGINE_STATE_H

#include "base/archive.h"
#include "base/cells.h"
#include "base/intern.h"
#include "detect/registry.h"
#include "engine/inspect.h"
#include "engine/model.h"
#include "engine/options.h"
#include "engine/provenance.h"
#include "engine/raise.h"
#include "engine/scopes.h"
#include "engine/settled.h"
#include "engine/tables.h"
#include "engine/tape.h"
#include "goodhart/engine.h"
#include "stat/rank.h"
#include "stat/reserve.h"
#include "stat/select.h"

enum {
    /* What is collected of each person: for both sets, and once without taking off what the
     * team has in common, for teams that do something together. */
    GH_TEAMWISE = GH_SETS,
    GH_EVIDENCES,
    GH_BOOKS = 8,
    GH_OPEN_DAYS = 4,
    GH_COHORTS = 64,
    GH_BINS = 4, /* of activity: <8, 8-24, 25-69, >=70 calls a day */
    GH_SEGMENT_RECORDS = 4096,
    GH_DECAYS = 32,
    GH_GATE_UNITS = 64,
    GH_ROLE_SLOTS = 256, /* a power of two, well above GH_COHORTS */
};

/* Dollars of a call and work units of an artifact: a larger number counts as this, so that
 * sums stay finite whatever a source tells. */
#define GH_AMOUNT_MAX 1e9

struct gh_cost {
    double usd;    /* NAN unknown */
    double output; /* list price of the output tokens; NAN unknown */
};

/* A taken event on its way to a shard. */
struct gh_record {
    uint64_t position, sequence;  /* in the log; among applied events */
    const struct gh_event *event; /* lent while the segment runs */
    uint32_t actor, team, agent, caller, model;
    uint32_t role, manager; /* profile */
    uint32_t experiment;    /* that covers this call; 0 none */
    uint32_t owner;         /* other actor whose agent triggered it; 0 none */
    uint32_t zone;          /* profile: its number; 0 none or unknown */
    uint64_t session;       /* hash of it; 0 absent */
    struct gh_cost cost;
};

/* Evidence of one structural detector about one actor. */
struct gh_evidence {
    struct gh_reserve set[GH_EVIDENCES];
    struct gh_past past[]; /* gh_parts() of them */
};

struct gh_actor {
    uint32_t id, team, role, manager;
    uint32_t zone;                      /* as gh_record.zone */
    uint8_t account, workdays, flagged; /* flagged: bit per set, this epoch */
    uint8_t candidate;                  /* bit per set: stands in the shard's list */
    struct gh_hours hours;
    int64_t offset_from_ms, offset_until_ms, offset_ms; /* zone offset that holds now */
    int32_t first_date, last_date; /* of judged calls; INT32_MAX: none yet */
    uint32_t active_days;
    struct {
        int32_t date;
        uint32_t index;
    } open[GH_OPEN_DAYS]; /* by date % 4; index + 1 into the book, 0 none */
    double usual_tokens, usual_usd, usual_weight;
    int32_t gate_date; /* the window has been let decay up to this date */
    double gate_units, gate_usd, gate_days, past_units, past_usd, past_days;
    double sup_log_e[GH_SETS], frozen_log_e[GH_SETS];
    uint32_t model;      /* id of the usual one; 0 none yet */
    uint16_t model_days; /* days that speak for it, less those that do not */
    bool apart;          /* what is kept apart of this name: see provenance.h */
    float team_log_e;    /* evidence without the team's shock, as of the last active day */
    float score_sup[GH_DETECTORS_MAX]; /* largest scores of days, this epoch */
    float fast_sup[GH_DETECTORS_MAX];  /* largest scores of the fast paths, this epoch */
    uint32_t watched;                  /* bit per detector: evidence is growing */
    bool audited;                      /* drawn for this epoch; see tuning.h */
};

struct gh_book {
    int32_t date;
    bool used;
    struct gh_segments days; /* gh_day, then the detectors' day states */
};

struct gh_shard {
    struct gh_engine *engine;
    uint32_t index;
    struct gh_heap heap;
    struct gh_segments actors; /* stride of layout.actor_size, by id / shards */
    struct gh_book book[GH_BOOKS];
    struct gh_segments spare; /* days of a book that is closed, for the next one */
    /* of the date being settled, per day: gh_judged[detectors], gh_judged_classes[levels],
     * gh_who */
    struct gh_array judged, by_class, who;
    struct gh_cells cells[GH_DETECTORS_MAX];
    struct gh_cells sessions; /* gh_session_facts, then the detectors' session states */
    struct gh_cells day_samples;
    struct gh_cells episodes;  /* growing evidence, by actor and detector */
    struct gh_cells schedules; /* by actor, or by team with its own salt */
    struct gh_cells quotas;    /* gh_quota, in the same way */
    struct gh_cells refs;      /* work units counted for an artifact, by actor and ref */
    struct gh_intern samples;
    struct gh_array inbox;               /* gh_inbox_entry: records of the segment */
    struct gh_array raised;              /* gh_raised */
    struct gh_array candidates[GH_SETS]; /* uint32_t local indices */
};

/* Peers: people of one role. Cohort 0 is everybody. */
struct gh_cohort {
    uint32_t role; /* name id; 0 unknown role */
    uint64_t people;
    struct gh_share_prior share[GH_DETECTORS_MAX];
    struct gh_level_prior level[GH_DETECTORS_MAX][GH_PARTS];
    double units, usd, tokens, active_days; /* decayed sums: the output rate, a usual day */
    int64_t day_units, day_usd;             /* of the date being settled, in thousandths */
    int64_t day_tokens, day_active;
    /* GH_LEVEL: squares of what days of one class of work stray, in millionths */
    int64_t square_sum[GH_DETECTORS_MAX][GH_PARTS], square_count[GH_DETECTORS_MAX][GH_PARTS];
    double units_per_usd, units_per_day, usd_per_day, tokens_per_day;
    /* Own memory; what stands before them is plain. */
    struct gh_rank *residual; /* frozen: [detector][bin] */
    struct gh_rank *learning; /* the same, of the running epoch */
    struct gh_rank *value;    /* running epoch: daily shares, [detector] */
};

struct gh_layout {
    uint32_t structural, levels;         /* number of structural detectors, of GH_LEVEL */
    uint32_t evidence[GH_DETECTORS_MAX]; /* detector -> slot among the structural */
    uint32_t shared;                     /* number of detectors with shocks */
    uint32_t shock[GH_DETECTORS_MAX];    /* detector -> slot among those */
    size_t hot_size;                     /* of an actor: what each event needs */
    size_t actor_size, day_size;         /* strides */
    size_t actor_state[GH_DETECTORS_MAX], day_state[GH_DETECTORS_MAX]; /* offsets */
    size_t evidence_at[GH_DETECTORS_MAX];
    size_t session_size, session_state[GH_DETECTORS_MAX];
};

struct gh_held {
    struct gh_event event;
    struct gh_hashes hashes;
    uint64_t position;
};

struct gh_team_entry {
    struct gh_judged *judged;
    uint32_t group; /* team and detector */
    uint32_t detector;
    double residual;
};

struct gh_engine {
    struct gh_order_options order;
    struct gh_evidence_options evidence;
    struct gh_review_options review;
    struct gh_case_options cases;
    struct gh_incident_options incident;
    struct gh_limits_options limits;
    union gh_config config[GH_DETECTORS_MAX]; /* each begins with gh_detector_head */
    uint32_t enabled;                         /* bit per detector */
    struct gh_scopes scopes;                  /* where other values hold */
    const struct gh_model *model;
    struct gh_prices prices;
    struct gh_zones zones;
    struct gh_executor executor;
    const struct gh_watch *watch; /* NULL: none */
    struct gh_layout layout;
    struct gh_stepper on_call[GH_DETECTORS_MAX], on_output[GH_DETECTORS_MAX];
    uint32_t calls_to, outputs_to; /* how many of each */
    struct gh_heap heap; /* failed: memory was refused, here or in a shard; all work stops */

    /* order */
    bool started;
    int64_t newest_ms, closed_hour;
    uint64_t position, sequence;
    struct gh_id_set ids;
    struct gh_array held; /* gh_held */
    struct gh_arena held_texts;
    struct gh_array released; /* gh_released */
    uint32_t released_next;

    /* front */
    struct gh_intern actors, teams, names;
    struct gh_array actor_team;     /* uint32_t by actor id */
    struct gh_array agent_owner[2]; /* uint32_t by name id, see front.c; of what is apart */
    uint32_t teams_apart;           /* among `teams` */
    struct gh_intern zone_names;
    struct gh_array zone; /* const struct gh_zone *, by number - 1; NULL: nobody knows it */
    struct gh_cells experiments, price_spans;
    struct gh_price *price;  /* sorted copy of prices.row */
    struct gh_array records; /* gh_record of the segment */
    uint32_t dealt;          /* of them, to shards */
    struct gh_tape tape;     /* for those who follow */

    /* shards and peers */
    struct gh_shard *shard;
    uint32_t shards;
    struct gh_cohort cohort[GH_COHORTS];
    uint32_t cohorts;
    uint8_t role_slot[GH_ROLE_SLOTS]; /* cohorts by role; 0 empty */

    /* epochs */
    int32_t first_date, settled_date; /* settled_date: all up to it; first_date - 2 at start */
    int32_t epoch, epoch_start;       /* 0 is the burn-in */
    int32_t enrol_date;               /* who was seen before it is judged in this epoch */
    uint32_t enrolled;                /* how many */
    uint32_t above_edge, below_edge;  /* of the date being settled */
    double weight[GH_DETECTORS_MAX], log_weight[GH_DETECTORS_MAX]; /* structural; sum 1 */
    struct gh_lesson lesson[GH_DETECTORS_MAX];
    struct gh_array cleared; /* gh_cleared */
    double person_epochs;    /* enrolled, over all epochs so far */
    struct gh_reserve_logs reserve_logs;
    double public_context[GH_PARTS];                     /* as in gh_step */
    struct gh_decay decay[GH_DECAYS];                    /* by days */
    double gate_mean[GH_GATE_UNITS];                     /* see gate.c */
    struct gh_past_scores past[2][GH_DETECTORS_MAX];     /* what thresholds are made of */
    struct gh_thresholds threshold[2][GH_DETECTORS_MAX]; /* [1]: of what is kept apart */
    struct gh_tuning tuning[GH_DETECTORS_MAX];
    /* scratch of a settlement: gh_rank; gh_team_entry twice; uint32_t; gh_alarm; double */
    struct gh_array shocks, team_entries, sorted_entries, team_offsets, alarms, scratch;
    struct gh_array picks; /* gh_candidate */
    struct gh_model_group model_group[GH_MODEL_GROUPS];
    struct gh_array team_state; /* gh_team, by id */
    struct gh_array members;    /* gh_member: of teams in which many have evidence */

    /* findings */
    struct gh_segments files;   /* gh_case_file */
    struct gh_cells file_of;    /* actor and detector -> index + 1 */
    struct gh_cells file_by_id; /* hash of the id -> index + 1 */
    struct gh_array open_files; /* uint32_t */
    struct gh_array changes;    /* gh_finding */
    uint32_t changes_next;

    struct gh_counters counters;
};

/* What every detector has, as it is for everybody; for one person see scopes.h. */
static inline const struct gh_detector_head *gh_head(const struct gh_engine *e, uint32_t d)
{
    return (const void *)&e->config[d];
}
/* Whether what is self-reported is kept apart; whether this event is. */
static inline bool gh_keeps_apart(const struct gh_engine *e)
{
    return e->review.require_authenticated.value == GH_SWITCH_ON;
}
static inline bool gh_kept_apart(const struct gh_engine *e, const struct gh_event *event)
{
    return event->owner == 0 && gh_keeps_apart(e);
}
/* --- layout --- */
static inline struct gh_shard *gh_shard_of(struct gh_engine *e, uint32_t actor)
{
    return &e->shard[actor % e->shards];
}
static inline struct gh_actor *gh_actor_at(const struct gh_shard *s, uint32_t local)
{
    return gh_segments_at(&s->actors, local);
}
/* The actor with this id; it must exist in the shard. */
static inline struct gh_actor *gh_actor_of(struct gh_engine *e, uint32_t actor)
{
    return gh_actor_at(gh_shard_of(e, actor), actor / e->shards);
}
/* The days of a date; NULL: none. */
static inline struct gh_book *gh_book_of(struct gh_shard *s, int32_t date)
{
    struct gh_book *book = &s->book[(uint32_t)date % GH_BOOKS];

    return book->used && book->date == date ? book : NULL;
}
static inline void *gh_actor_state(const struct gh_engine *e, struct gh_actor *a, uint32_t d)
{
    return (unsigned char *)a + e->layout.actor_state[d];
}
static inline struct gh_evidence *gh_actor_evidence(const struct gh_engine *e,
                                                    struct gh_actor *a, uint32_t d)
{
    return (struct gh_evidence *)((unsigned char *)a + e->layout.evidence_at[d]);
}
static inline void *gh_day_state(const struct gh_engine *e, struct gh_day *day, uint32_t d)
{
    return (unsigned char *)day + e->layout.day_state[d];
}
static inline bool gh_structural(uint32_t d)
{
    return gh_detectors[d]->lane == GH_STRUCTURAL;
}
/* Whether the day is observed for its outputs, however few calls it has. */
static inline bool gh_judges_outputs(uint32_t d, const struct gh_day *day)
{
    return gh_detectors[d]->output != NULL && day->outputs > 0;
}
/* Whether peers and team-mates move the observation on the same date. */
static inline bool gh_shared(uint32_t d)
{
    return gh_structural(d) || gh_detectors[d]->conclude != NULL;
}
/* Classes of work that a structural detector keeps apart. */
static inline uint32_t gh_parts(uint32_t d)
{
    return gh_detectors[d]->measure == GH_LEVEL ? GH_PARTS : 1;
}
static inline uint64_t gh_file_key(uint32_t actor, uint32_t detector)
{
    return ((uint64_t)actor << 8 | detector) + 1;
}
/* Key of gh_day_samples. */
static inline uint64_t gh_samples_key(const struct gh_day *day, uint32_t d)
{
    return gh_hash_pair(gh_file_key(day->actor, d), (uint64_t)(int64_t)day->date);
}

/* --- engine.c, settings.c --- */
void gh_run_shards(struct gh_engine *e, void (*work)(void *engine, uint32_t shard));
/* Takes the settings as they are; what is made of them follows by gh_settings_follow. */
enum gh_status gh_settings_take(struct gh_engine *e, const struct gh_settings *settings);
void gh_settings_follow(struct gh_engine *e);
/* It was not kept apart until now. */
void gh_keeping_apart_begin(struct gh_engine *e);

/* --- dedupe.c --- */
void gh_ids_limit(struct gh_id_set *ids, uint32_t limit); /* before and in between */
/* Takes in `hash`; false: it was there. heap->failed when memory is out. */
bool gh_ids_add(struct gh_heap *heap, struct gh_id_set *ids, uint64_t hash);
bool gh_ids_known(const struct gh_id_set *ids, uint64_t hash);
void gh_ids_prefetch(const struct gh_id_set *ids, uint64_t hash);
void gh_ids_free(struct gh_heap *heap, struct gh_id_set *ids);

/* --- order.c --- */
struct gh_hashes gh_event_hashes(const struct gh_event *event);
void gh_order_offer(struct gh_engine *e, const struct gh_event *event,
                    const struct gh_hashes *hashes, struct gh_answer *answer);
void gh_order_finish(struct gh_engine *e);

/* --- front.c, prices.c, experiments.c --- */
/* Gives an accepted event its ids and deals it. Refusal, when a limit is reached. */
enum gh_refusal gh_front_take(struct gh_engine *e, const struct gh_event *event,
                              const struct gh_hashes *hashes, uint64_t position);
void gh_front_deal(struct gh_engine *e, const struct gh_record *r, uint32_t index);
double gh_event_tokens(const struct gh_event *event);
void gh_zones_find(struct gh_engine *e); /* looks up the zones that have a name by now */
/* Cost of a call: as told, or by the price table that held; NAN when neither is known. */
struct gh_cost gh_price_cost(struct gh_engine *e, const struct gh_event *event, uint32_t model);
enum gh_status gh_price_init(struct gh_engine *e);
bool gh_experiment_declare(struct gh_engine *e, const struct gh_event *event, uint32_t actor,
                           uint32_t team);
/* The experiment that covers this call (its name id), or 0; books the spend on it. */
uint32_t gh_experiment_cover(struct gh_engine *e, const struct gh_record *r);

/* --- shard.c, people.c --- */
void gh_segment_run(struct gh_engine *e); /* all records so far; empties them */
void gh_shard_fact(struct gh_shard *s, const struct gh_record *r); /* all kinds but usage */
void gh_shard_output(struct gh_shard *s, struct gh_actor *a, struct gh_day *day,
                     const struct gh_record *r, const struct gh_output *output);
struct gh_actor *gh_shard_actor(struct gh_shard *s, uint32_t actor);
struct gh_local gh_actor_local(struct gh_engine *e, struct gh_actor *a, int64_t time_ms);
struct gh_day *gh_shard_day(struct gh_shard *s, struct gh_actor *a, int32_t date);
void gh_book_close(struct gh_shard *s, struct gh_book *book);
struct gh_quota gh_quota_of(struct gh_shard *s, const struct gh_actor *a);
uint32_t gh_model_pair(const struct gh_engine *e, struct gh_actor *a, const struct gh_day *day);
uint32_t gh_schedule_bits(struct gh_shard *s, const struct gh_actor *a, int32_t date);

/* --- rounds.c --- */
void gh_rounds_advance(struct gh_engine *e);

/* --- settle.c, alarms.c --- */
void gh_settle(struct gh_engine *e, int32_t date);
void gh_alarms_raise(struct gh_engine *e); /* of the days that are being settled */

/* --- evidence.c --- */
void gh_person_fill(struct gh_engine *e, struct gh_shard *s, struct gh_actor *a,
                    struct gh_day *day, struct gh_person *p);
/* Fills base, allowed and residual of a structural observation. */
void gh_judge(struct gh_engine *e, struct gh_actor *a, const struct gh_day *day, uint32_t d,
              struct gh_judged *j);
/* Bets on the day and learns from it. */
void gh_bet_day(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                struct gh_judged *judged);
/* One detector's observation of one person's day, as far as bets need it. */
struct gh_wager {
    uint32_t d, cohort, calls;
    const struct gh_judged *judged;
};
/* The bets when `shock` of it is nobody's own doing; false: nothing to bet on. */
bool gh_wager_bets(struct gh_engine *e, const struct gh_wager *wager, double shock, double *p,
                   double log_l[GH_BETS]);
/* What one detector holds a person's day against: own past, and the peers' priors. */
struct gh_standing {
    uint32_t d;
    int32_t date;
    struct gh_evidence *own;
    const struct gh_share_prior *share;
    const struct gh_level_prior *level; /* gh_parts() of them */
};
/* Fills base, allowed, residual and spread; the own past takes the day in, once it is bet on. */
void gh_judge_own(struct gh_engine *e, const struct gh_standing *standing, struct gh_judged *j);
void gh_learn_own(struct gh_engine *e, const struct gh_standing *standing,
                  const struct gh_judged *j);
struct gh_reserve_plan gh_reserve_plan_of(const struct gh_engine *e, uint32_t d);
/* Of all detectors that look at the person: what another has bet counts as lost. */
double gh_actor_log_e(struct gh_engine *e, struct gh_actor *a, uint32_t set, uint32_t day_end);
/* Own mean, drawn to the peers' `center` that weighs as much as `shrink` days. */
double gh_own_mean(const struct gh_past *past, double center, double shrink);
double gh_detector_log_e(struct gh_engine *e, struct gh_actor *a, uint32_t d, uint32_t set,
                         uint32_t day_end);
uint32_t gh_activity_bin(uint32_t calls);

/* --- gate.c --- */
void gh_gate_init(struct gh_engine *e);
void gh_gate_advance(struct gh_engine *e, struct gh_actor *a, int32_t date);
void gh_gate_add(struct gh_actor *a, const struct gh_day *day);
bool gh_gate_open(struct gh_engine *e, const struct gh_actor *a);
bool gh_outputs_known(const struct gh_engine *e, const struct gh_actor *a);

/* --- cohort.c --- */
uint32_t gh_cohort_of(struct gh_engine *e, uint32_t role); /* index; adds; 0 when full */
uint32_t gh_cohort_find(const struct gh_engine *e, uint32_t role);
enum gh_status gh_cohorts_init(struct gh_engine *e);
void gh_cohorts_free(struct gh_engine *e);
void gh_cohorts_refit(struct gh_engine *e);  /* priors and calibration from the history */
void gh_cohorts_forget(struct gh_engine *e); /* starts learning anew */
/* Days of own history that weigh as much as the peers', for levels. */
double gh_level_shrink(const struct gh_engine *e, const struct gh_level_prior *peers);
/* Conformal p-value of a residual among peers of like activity; NAN: too few to tell. */
double gh_cohort_p(struct gh_engine *e, uint32_t cohort, uint32_t d, uint32_t bin,
                   double residual);

/* --- each file moves its own tables; see engine/save.c --- */
void gh_ids_archive(struct gh_heap *heap, struct gh_id_set *ids, struct gh_archive *archive);
void gh_held_archive(struct gh_engine *e, struct gh_archive *archive);
void gh_cohorts_archive(struct gh_engine *e, struct gh_archive *archive);
void gh_scopes_archive(struct gh_engine *e, struct gh_archive *archive);

/* --- inspect.c --- */
/* Tells the watch, if there is one. */
void gh_watch_day(struct gh_engine *e, const struct gh_day *day,
                  const struct gh_judged *judged);
void gh_watch_epoch_end(struct gh_engine *e);
void gh_watch_chosen(struct gh_engine *e, const struct gh_seen_set *seen);
void gh_watch_raised(struct gh_engine *e, const struct gh_seen_raise *seen);
void gh_watch_verdict(struct gh_engine *e, uint32_t actor, enum gh_verdict verdict);
void gh_watch_heard(struct gh_engine *e, const struct gh_event *verdict);

/* --- epoch.c --- */
void gh_epoch_advance(struct gh_engine *e, int32_t date);
bool gh_epoch_judges(const struct gh_engine *e, int32_t date); /* anybody on this date */
bool gh_enrolled(const struct gh_engine *e, const struct gh_actor *a);
/* Thresholds of incidents, from the largest scores of everybody this epoch; and again from
 * the same, under other options. */
void gh_thresholds_set(struct gh_engine *e);
void gh_thresholds_make(struct gh_engine *e);
void gh_past_init(struct gh_engine *e);
void gh_past_free(struct gh_engine *e);
void gh_past_archive(struct gh_engine *e, struct gh_archive *archive);
void gh_evidence_restart(struct gh_engine *e); /* all of it, and the sets, anew */

/* --- fuse.c, team.c --- */
void gh_fuse(struct gh_engine *e, int32_t date);
/* Excess of the episodes behind somebody's evidence, USD; that whose price is unknown in
 * tokens; and what it must come to. */
struct gh_excess {
    double usd, unpriced, least_usd;
};
struct gh_excess gh_person_excess(struct gh_engine *e, uint32_t person);
/* Raises what a selected person's finding is about: the behaviours that alone carry half of
 * the threshold, else the strongest. `set` may be GH_TEAMWISE. */
void gh_person_raise(struct gh_engine *e, uint32_t person, uint32_t set, double log_threshold);
void gh_teams_choose(struct gh_engine *e);
void gh_teams_restart(struct gh_engine *e); /* an epoch begins */

/* --- verdicts.c --- */
/* `share` of the finding's tokens is above the usual. */
void gh_verdict_learn(struct gh_engine *e, uint32_t actor, uint32_t d, enum gh_verdict verdict,
                      double share);
/* Share that two people of the role (0: any) had who were found honest; 0: no two. */
double gh_cleared_share(const struct gh_engine *e, uint32_t d, uint32_t role);
void gh_weights_set(struct gh_engine *e); /* an epoch begins */
/* How rare so much evidence is among honest people: by the model, and by who was cleared. */
double gh_lock_p(const struct gh_engine *e, uint32_t set, double sup_log_e);

/* --- episodes.c --- */
struct gh_episode *gh_episode_find(struct gh_shard *s, uint32_t actor, uint32_t d);
void gh_episode_day(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                    const struct gh_judged *j, uint32_t d);
/* Part of the day's tokens that the baseline does not explain. */
double gh_excess_share(uint32_t d, const struct gh_judged *j);
void gh_episode_drop(struct gh_shard *s, uint32_t actor, uint32_t d);
/* The detector looks at this person no longer. */
void gh_episode_end(struct gh_shard *s, struct gh_actor *a, uint32_t d);

/* --- findings.c, telling.c --- */
/* Opens, updates or escalates the finding of actor and detector. */
void gh_finding_raise(struct gh_engine *e, const struct gh_raise *raise);
void gh_findings_close(struct gh_engine *e, int64_t time_ms);
void gh_finding_verdict(struct gh_engine *e, const struct gh_event *event);
struct gh_case_file *gh_file_find(struct gh_engine *e, uint32_t actor, uint32_t detector);
void gh_finding_names(const struct gh_engine *e, struct gh_case_file *f); /* its texts */

#endif
