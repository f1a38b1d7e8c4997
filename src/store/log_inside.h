/* log_inside.h - what log.c and log_prune.c share; nobody else includes it. */
#ifndef GOODHART_STORE_LOG_INSIDE_H
#define GOODHART_STORE_LOG_INSIDE_H

#include "store/log_pack.h"
#include "store/log_segment.h"

/* Two databases, so that a new segment is open before the old one is closed. */
struct gh_log {
    struct gh_log_setup setup; /* texts are copies */
    int lock;
    struct gh_database slot[2], *newest;
    struct gh_positions segments; /* the last one is newest's, unless it could not be opened */
    struct gh_positions unsealed; /* older segments that still have a WAL */
    uint64_t opened;              /* first position of newest's segment */
    struct gh_tail tail;
    struct gh_packer packer;
    struct gh_log_counters counters;
};

#endif
