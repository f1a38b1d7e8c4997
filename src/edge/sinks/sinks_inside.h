/* sinks_inside.h - what sinks.c and sinks_open.c share; nobody else includes it. */
#ifndef GOODHART_EDGE_SINKS_SINKS_INSIDE_H
#define GOODHART_EDGE_SINKS_SINKS_INSIDE_H

#include "edge/sinks/post.h"
#include "store/delivered.h"

#include <pthread.h>

/* What is under way for one sink. */
struct gh_lane {
    struct gh_sink sink;
    struct gh_parcel parcel;
    struct gh_post *post; /* NULL: nothing is */
    int64_t retry_ms;     /* after a failure: not before */
    uint64_t seen;        /* newest alert when it was last planned */
    bool told;            /* that it fails */
};

/* Sinks as they are to be from now on. */
struct gh_lanes {
    struct gh_lane lane[GH_SINKS_MAX];
    size_t count;
};

struct gh_sinks {
    struct gh_sinks_options options;
    char *source;
    CURLM *multi;
    struct gh_ledger *ledger;
    struct gh_delivered *delivered;
    struct gh_lanes *now;
    uint64_t lot;
    bool store_told; /* that sinks.db takes nothing */
    pthread_t thread;
    bool started;

    /* --- shared: under the lock --- */
    pthread_mutex_t lock;
    uint64_t newest;
    bool ending;
    struct gh_lanes *next; /* NULL: they stay as they are */
    struct gh_sinks_counts counts;
};

/* --- sinks.c --- */
void *gh_sinks_serve(void *sinks); /* the thread */
void gh_lane_clear(struct gh_sinks *sinks, struct gh_lane *lane);
void gh_lane_say(const struct gh_lane *lane, const char *what);

/* --- sinks_open.c --- */
/* Where it goes on; `newest`: of the ledger. */
GH_MUST_USE enum gh_status gh_lane_find(struct gh_sinks *sinks, struct gh_lane *lane,
                                        uint64_t newest, struct gh_error *error);
void gh_lanes_free(struct gh_lanes *lanes); /* none of them has a message; NULL is legal */

#endif
