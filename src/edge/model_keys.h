/* model_keys.h - every number of a model file, once: reader, writer, model card and the
 * tables of models/README.md are made from this list. */
#ifndef GOODHART_EDGE_MODEL_KEYS_H
#define GOODHART_EDGE_MODEL_KEYS_H

#include "engine/model.h"

/* Rows of a section: one for each behaviour, track or class of calls; or the section is one
 * number of the whole model. */
enum gh_model_rows { GH_ROWS_ONE, GH_ROWS_BEHAVIOUR, GH_ROWS_TRACK, GH_ROWS_CLASS };

// clang-format off
/* X(section = member of gh_model, rows, key, member of a row, count of numbers, least, most,
 *   value before anything is fitted, meaning). A key "" is the row itself. */
#define GH_MODEL_KEYS(X)                                                                                      \
    X(units_per_usd, ONE, "", , 1, 1e-9, 1e6, 0.5, "work units that a dollar brings, before the own history shows it") \
    X(share, BEHAVIOUR, "mean", [0].mean, 1, 0, 1, 0.01, "mean of people's shares")                           \
    X(share, BEHAVIOUR, "clip", [0].clip, 1, 0, 1, 0.05, "99 % of days lie below; more is not learned")       \
    X(share, BEHAVIOUR, "cap", [0].cap, 1, 0, 1, 0.5, "most that a person's own mean may be")                 \
    X(level, BEHAVIOUR, "center", [0].center, 1, -100, 100, 10, "mean of people's levels (logarithm)")        \
    X(level, BEHAVIOUR, "sd", [0].sd, 1, 1e-6, 100, 0.5, "spread of a person's days around the own mean")     \
    X(level, BEHAVIOUR, "cap", [0].cap, 1, -100, 100, 100, "most that a person's own mean may be, in any class of work") \
    X(eta, BEHAVIOUR, "", [0], 1, 0.01, 1, 1, "tempering: the power that a day's bets are raised to")         \
    X(score, BEHAVIOUR, "low", [0].low, 1, 0, 1000, 9, "least threshold of the daily score")                  \
    X(score, BEHAVIOUR, "high", [0].high, 1, 0, 1000, 11, "largest threshold")                                \
    X(score, BEHAVIOUR, "people", [0].people, 1, 1, 1e12, 4000, "people for each false alarm a day")          \
    X(score, BEHAVIOUR, "index", [0].index, 1, 1e-6, 100, 0.17, "tail: P(score > s) falls as exp(-index s)")  \
    X(fast, BEHAVIOUR, "low", [0].low, 1, 0, 1000, 10, "least threshold of the fast path")                    \
    X(fast, BEHAVIOUR, "high", [0].high, 1, 0, 1000, 20, "largest threshold")                                 \
    X(fast, BEHAVIOUR, "people", [0].people, 1, 1, 1e12, 4000, "people for each false alarm a day")           \
    X(fast, BEHAVIOUR, "index", [0].index, 1, 1e-6, 100, 0.5, "tail: P(score > s) falls as exp(-index s)")    \
    X(tail, TRACK, "p_start", [0].p_u, 1, 0, 1, 1, "share of honest person-epochs whose evidence lies in the tail") \
    X(tail, TRACK, "index", [0].g, 1, 1e-6, 100, 1, "lower bound of the Hill index of the tail")              \
    X(tail, TRACK, "people", [0].n, 1, 100, 1e12, 100, "person-epochs behind it")                             \
    X(tail, TRACK, "knots", [0].knot, GH_TAIL_KNOTS, -1000, 1000, 0, "log evidence at equal ranks up to the start of the tail") \
    X(reference, CLASS, "calls", [0].calls, 1, 0, 1e15, 0, "calls behind it")                                 \
    X(reference, CLASS, "context", [0].context, GH_REFERENCE_QUANTILES, 0, 100, 0, "log context per call: quantiles 0.5, 0.9, 0.99") \
    X(reference, CLASS, "output", [0].output, GH_REFERENCE_QUANTILES, 0, 100, 0, "the same of log output per call")
// clang-format on

struct gh_model_key {
    const char *section, *name, *help;
    enum gh_model_rows rows;
    size_t offset, stride; /* in gh_model, of the first row's number; between rows */
    size_t count;          /* of numbers in a row */
    bool whole;            /* a uint64_t */
    double min, max, fallback;
};
size_t gh_model_key_count(void);
const struct gh_model_key *gh_model_key_at(size_t index);

/* Rows of a kind, and their names. `_used`: whether this program reads the row: the
 * behaviours of its detectors, by what they measure; the tracks review and case. */
size_t gh_model_row_count(enum gh_model_rows rows);
const char *gh_model_row_name(enum gh_model_rows rows, size_t row);
bool gh_model_row_used(const struct gh_model_key *key, size_t row);

double gh_model_get(const struct gh_model *model, const struct gh_model_key *key, size_t row,
                    size_t index);
void gh_model_set(struct gh_model *model, const struct gh_model_key *key, size_t row,
                  size_t index, double value);
/* Every number as it is before anything is fitted: wide priors, and e-values taken at their
 * word (P(E >= x) = 1/x). */
void gh_model_neutral(struct gh_model *model);
/* What rules between numbers `row` of `section` breaks, or NULL. */
const char *gh_model_trouble(const struct gh_model *model, const char *section, size_t row);

#endif
