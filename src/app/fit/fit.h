/* fit.h - what a fit reads, gathers and makes. */
#ifndef GOODHART_APP_FIT_H
#define GOODHART_APP_FIT_H

#include "app/command.h"
#include "app/progress.h"
#include "app/simulate/simulate.h"
#include "base/intern.h"
#include "edge/model_file.h"
#include "engine/inspect.h"
#include "stat/reserve.h"

#include <pthread.h>

/* Tempering is chosen from 0.30, 0.35 … 1.00: the largest whose honest tail index is at
 * least the target, by its lower bound. */
enum { GH_FIT_ETAS = 15 };
double gh_fit_eta(size_t index);
#define GH_FIT_ETA_TARGET 0.8

/* --- what is read --- */

/* One company: a log, or a simulated one when path is NULL. */
struct gh_fit_source {
    const char *path;
    struct gh_sim_plan plan;
    uint64_t size; /* of the file, 0 unknown */
    /* ids of people whom a reviewer found gaming, from each pass for those after it */
    uint32_t *gaming;
    size_t gaming_count;
};

struct gh_fit_labels {
    struct gh_heap heap;
    struct gh_intern gamers;
};
/* Adds the gamers of a file as `goodhart simulate` writes it. */
GH_MUST_USE enum gh_status gh_fit_labels_read(struct gh_fit_labels *labels, const char *path,
                                              struct gh_error *error);
void gh_fit_labels_free(struct gh_fit_labels *labels);

/* --- what is gathered from one company in one pass --- */

struct gh_fit_own { /* a person's days as one structural detector saw them */
    double sum, square;
    double stray; /* squares of what days of a class stray from its own mean */
    uint32_t days, stray_days;
    float part[GH_PARTS], part_weight[GH_PARTS]; /* GH_LEVEL: sums by class of work */
};
struct gh_fit_person {
    uint32_t role; /* id in the company's roles; 0 none */
    uint32_t days; /* judged, with activity */
    bool human, left_out;
    double units, usd;
    struct gh_fit_own own[GH_DETECTORS_MAX];
};
struct gh_fit_epoch {             /* a person in an epoch */
    uint32_t person, enrolled_of; /* id; people enrolled in the epoch */
    bool enrolled;
    double sup[GH_SETS], log_e[GH_SETS];
    float sup_by[GH_DETECTORS_MAX], log_e_by[GH_DETECTORS_MAX]; /* set review */
    float score[GH_DETECTORS_MAX], fast[GH_DETECTORS_MAX];
    float tempered[GH_DETECTORS_MAX][GH_FIT_ETAS]; /* sup, had it been tempered so */
};
struct gh_fit_value {
    uint32_t person;
    float value;
};
struct gh_fit_company {
    struct gh_heap heap;
    struct gh_intern roles;
    struct gh_array people;                    /* gh_fit_person, by id */
    struct gh_array epochs;                    /* gh_fit_epoch */
    struct gh_array value[GH_DETECTORS_MAX];   /* gh_fit_value: daily shares */
    struct gh_array p_value[GH_DETECTORS_MAX]; /* gh_fit_value: of daily levels */
    struct gh_array bets;                      /* of the running epoch, see gather.c */
    struct gh_array sup;                       /* float[GH_DETECTORS_MAX] by person, running */
    bool temper;                               /* bets are wanted */
    const struct gh_fit_labels *labels;
    struct gh_fit_source *source;
    uint64_t events, hash, person_days, labelled;
    uint64_t epochs_counted; /* epochs that were long enough */
    uint32_t epoch_days;
};
void gh_fit_company_init(struct gh_fit_company *company, struct gh_fit_source *source,
                         const struct gh_fit_labels *labels);
void gh_fit_company_free(struct gh_fit_company *company);
struct gh_watch gh_fit_watch(struct gh_fit_company *company);
/* After the last event: takes the running epoch in, when most of it is settled. */
void gh_fit_company_end(struct gh_fit_company *company, struct gh_engine *engine);

/* --- all companies in one pass --- */

struct gh_fit {
    struct gh_config *config; /* of the command; service.shards is 1 */
    const struct gh_model *model;
    struct gh_fit_source *source;
    struct gh_fit_company *company;
    size_t count;
    const struct gh_fit_labels *labels;
    double false_alarms; /* incident.false_alarms */
    double alpha[GH_SETS];
    bool temper; /* this pass gathers what tempering is chosen from */
    /* shared by the threads */
    pthread_mutex_t lock;
    struct gh_error *error;
    struct gh_progress progress;
    uint64_t done, events; /* done: thousandths of a source */
};
/* Runs every source; on success fit->company[0..count) are filled, and the caller frees
 * them with gh_fit_companies_free. */
GH_MUST_USE enum gh_status gh_fit_pass(struct gh_fit *fit, struct gh_error *error);
void gh_fit_companies_free(struct gh_fit *fit);

/* --- what is made --- */

/* How a number came about. */
struct gh_fit_note {
    bool fitted;    /* else: the value of the model before */
    uint64_t basis; /* how many it was fitted on */
    double detail;  /* eta: the index at the chosen one; score: people in a company */
};
struct gh_fit_result {
    struct gh_model model;
    struct gh_model_origin origin;
    struct gh_fit_note share[GH_BEHAVIOUR_COUNT], level[GH_BEHAVIOUR_COUNT];
    struct gh_fit_note eta[GH_BEHAVIOUR_COUNT], score[GH_BEHAVIOUR_COUNT];
    struct gh_fit_note fast[GH_BEHAVIOUR_COUNT], tail[GH_TRACK_COUNT], units;
    struct gh_fit_note reference[GH_CALL_CLASS_COUNT];
    double eta_index[GH_BEHAVIOUR_COUNT][GH_FIT_ETAS]; /* tail index at each; NAN: none */
};
/* Priors and output per dollar: from the first pass. GH_EMEMORY or GH_OK. */
GH_MUST_USE enum gh_status gh_fit_priors(const struct gh_fit *fit, struct gh_fit_result *r);
/* Tempering: from the second, whose bets were made under those priors. */
GH_MUST_USE enum gh_status gh_fit_tempering(const struct gh_fit *fit, struct gh_fit_result *r);
/* Tails, bounds of incidents: from the third. */
GH_MUST_USE enum gh_status gh_fit_tails(const struct gh_fit *fit, struct gh_fit_result *r);

/* References from public traces: "FORMAT:FILE" each. */
struct gh_fit_traces;
GH_MUST_USE enum gh_status gh_fit_trace_read(struct gh_fit_traces **traces, const char *trace,
                                             struct gh_error *error);
void gh_fit_references(struct gh_fit_traces *traces, struct gh_fit_result *r);
uint64_t gh_fit_trace_hash(const struct gh_fit_traces *traces);
void gh_fit_traces_free(struct gh_fit_traces *traces);

/* How the numbers of a row came about; sections as in edge/model_keys.h. */
const struct gh_fit_note *gh_fit_note_of(const struct gh_fit_result *r, const char *section,
                                         size_t row);

/* Numbers of honest people: enrolled person-epochs, in order, ascending when `sorted`. The
 * caller frees *value (free). */
struct gh_fit_column {
    double *value;
    size_t count;
};
typedef bool gh_fit_pick(const struct gh_fit_company *company, const struct gh_fit_epoch *row,
                         const void *what, double *value);
GH_MUST_USE bool gh_fit_column(const struct gh_fit *fit, gh_fit_pick *pick, const void *what,
                               struct gh_fit_column *column);
/* sup of log evidence: `what` points to a uint32_t. Of a set; of a detector. */
gh_fit_pick gh_fit_pick_set, gh_fit_pick_detector;

/* Evidence of people of one role, of a set (0, 1) or a detector (GH_SETS + its index). */
enum { GH_FIT_MEASURES = GH_SETS + GH_DETECTORS_MAX, GH_FIT_COHORTS_MAX = 64 };
struct gh_fit_measure {
    double sum, square; /* of e-values, capped where they select by themselves */
    uint64_t over_20;   /* their largest was at least 20 */
};
struct gh_fit_cohort {
    struct gh_text role; /* "" none, and those past GH_FIT_COHORTS_MAX */
    uint64_t epochs;     /* of enrolled people */
    struct gh_fit_measure by[GH_FIT_MEASURES];
};
struct gh_fit_cohorts { /* lent texts: valid while the companies are */
    struct gh_fit_cohort all, cohort[GH_FIT_COHORTS_MAX];
    size_t count; /* by name */
};
void gh_fit_cohorts_gather(const struct gh_fit *fit, struct gh_fit_cohorts *cohorts);
/* Mean of the measure, and the half width of its 95 % interval. */
double gh_fit_mean(const struct gh_fit_cohort *cohort, size_t measure, double *half);
const char *gh_fit_measure_name(size_t measure);
bool gh_fit_measure_used(size_t measure);
/* The part of the report that is about them. */
void gh_fit_report_cohorts(const struct gh_fit_cohorts *cohorts, FILE *out);

/* The model card in Markdown; the report in HTML. Each writes to `out`. */
void gh_fit_card(const struct gh_fit *fit, const struct gh_fit_result *r, FILE *out);
GH_MUST_USE enum gh_status gh_fit_report(const struct gh_fit *fit,
                                         const struct gh_fit_result *r, FILE *out);

#endif
