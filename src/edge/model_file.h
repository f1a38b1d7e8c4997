/* model_file.h - a model as a file, format 2 (models/README.md): what made it, and the
 * numbers of model_keys.h, one row on a line. Equal models give equal bytes. */
#ifndef GOODHART_EDGE_MODEL_FILE_H
#define GOODHART_EDGE_MODEL_FILE_H

#include "edge/model_keys.h"
#include "goodhart/error.h"

enum { GH_MODEL_FORMAT = 2, GH_MODEL_COMMAND_SIZE = 1024 };

/* What a model was fitted on. */
// clang-format off
#define GH_MODEL_ORIGIN_COUNTS(X)                                                          \
    X(companies, "logs or simulated companies, each run on an engine of its own")          \
    X(people, "people with at least one judged day")                                       \
    X(left_out, "of them left out, because they were found to be gaming")                  \
    X(person_days, "days that were judged")                                                \
    X(person_epochs, "epochs of evidence of people who took part")                         \
    X(events, "events read")                                                               \
    X(calls, "calls of public traces, for the section reference")
// clang-format on
struct gh_model_origin {
    char command[GH_MODEL_COMMAND_SIZE]; /* that makes the same file again */
    char inputs[33];                     /* hash of the events, 32 hex digits */
#define GH_MODEL_ORIGIN_FIELD(name, help) uint64_t name;
    GH_MODEL_ORIGIN_COUNTS(GH_MODEL_ORIGIN_FIELD)
};

/* Rounds every number to the six digits that a file holds. */
void gh_model_round(struct gh_model *model);
/* The file, without the last '\n'. Numbers have been rounded. The caller frees it (free);
 * NULL: out of memory. */
char *gh_model_text(const struct gh_model *model, const struct gh_model_origin *origin);

/* The same read back, strictly: an unknown key, a number that is missing in a row or out of
 * its range, or another format or engine, refuses the whole. Rows that are absent keep the
 * neutral values. `path` is for messages. `origin` may be NULL. */
GH_MUST_USE enum gh_status gh_model_parse(struct gh_model *model,
                                          struct gh_model_origin *origin, const char *path,
                                          struct gh_text text, struct gh_error *error);

#endif
