/* whatif_inside.h - what the files of whatif share; nobody else includes it. */
#ifndef GOODHART_APP_WHATIF_INSIDE_H
#define GOODHART_APP_WHATIF_INSIDE_H

#include "app/memory_budget.h"
#include "app/whatif_source.h"
#include "edge/resources.h"

#include <pthread.h>

/* Prices and models that cases have in common are loaded once. */
struct gh_whatif_shelf {
    struct gh_whatif_shelf *next;
    char *prices_path, *model_path; /* one of them */
    struct gh_price_table *prices;
    struct gh_model *model;
};

/* Takes events in for all cases that do it alike. */
struct gh_whatif_front {
    struct gh_engine *engine;
    struct gh_answer *answer; /* GH_DECODED_PIECES of them */
    enum gh_status status;
};

/* A case at work. */
struct gh_whatif_lane {
    struct gh_whatif_case *of;
    const struct gh_config *config; /* that holds */
    struct gh_config *past;         /* the same where the log said so; else NULL */
    struct gh_whatif_front *alone;  /* its own: settings change on the way, or a snapshot */
    struct gh_engine *engine;       /* follows a front; that of `alone` where there is one */
    enum gh_status status;
};

struct gh_whatif {
    const struct gh_whatif_plan *plan;
    struct gh_whatif_source *source;
    struct gh_memory_budget budget;
    struct gh_pool *pool;
    struct gh_zone_cache *zones; /* asked under the lock */
    pthread_mutex_t zones_lock;
    struct gh_whatif_shelf *shelf;
    struct gh_whatif_front *front; /* the first of `fronts`, of as many as there are cases */
    uint32_t fronts;
    struct gh_whatif_lane *lane; /* by case */
    struct gh_event *event;      /* that are being offered */
    size_t count;
    bool begun, over;    /* the stretch */
    uint64_t in_stretch; /* events of it */
};

/* An engine for the lane that follows a front: one that fits, or one more. */
GH_MUST_USE enum gh_status gh_whatif_follow(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                            struct gh_error *error);
/* A front for the lane alone; it judges, too. */
GH_MUST_USE enum gh_status gh_whatif_alone(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                           struct gh_error *error);
/* From here on such a lane has the basis of this hash. */
GH_MUST_USE enum gh_status gh_whatif_basis(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                           const char *basis, struct gh_error *error);
/* Of w->zones, from any thread. */
struct gh_zones gh_whatif_zones(struct gh_whatif *w);
void gh_whatif_lanes_free(struct gh_whatif *w);
void gh_whatif_shelf_free(struct gh_whatif *w);

#endif
