/* whatif_source.h - where the events of a what-if come from: files, or the log of a folder. */
#ifndef GOODHART_APP_WHATIF_SOURCE_H
#define GOODHART_APP_WHATIF_SOURCE_H

#include "app/basis.h"
#include "app/whatif.h"

struct gh_whatif_source;

/* Either events, or a basis that holds from here on. */
struct gh_whatif_block {
    struct gh_event *event; /* lent until the next block */
    size_t count;
    char basis[GH_BASIS_SIZE]; /* "": events */
    uint64_t done, total;      /* as gh_whatif_plan.progress has it */
};

/* Reads and decodes ahead on `threads` threads; what the plan lends must stay. The caller owns
 * *source. Statuses as gh_whatif_run. */
GH_MUST_USE enum gh_status gh_whatif_source_new(struct gh_whatif_source **source,
                                                const struct gh_whatif_plan *plan,
                                                uint32_t threads, struct gh_error *error);
/* Position of the first event: 0, or that of the oldest snapshot, from which each case must go
 * on, where the beginning of the log was pruned. */
uint64_t gh_whatif_source_start(const struct gh_whatif_source *source);
void gh_whatif_source_free(struct gh_whatif_source *source); /* NULL is legal */
/* *more false: the end, and *block is as it was. */
GH_MUST_USE enum gh_status gh_whatif_source_next(struct gh_whatif_source *source,
                                                 struct gh_whatif_block *block, bool *more,
                                                 struct gh_error *error);

#endif
