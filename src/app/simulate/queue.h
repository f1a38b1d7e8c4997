/* queue.h - records wait here for their day, then come out in order of time. */
#ifndef GOODHART_APP_SIMULATE_QUEUE_H
#define GOODHART_APP_SIMULATE_QUEUE_H

#include "app/simulate/record.h"
#include "goodhart/error.h"

struct gh_sim_queue {
    struct gh_sim_records *bucket; /* one per day (UTC) */
    uint32_t days;
    int64_t start_ms;
    uint32_t open; /* the day being taken */
    uint64_t *order, *scratch;
    size_t order_capacity, taken;
};
GH_MUST_USE bool gh_sim_queue_init(struct gh_sim_queue *queue, int64_t start_ms, uint32_t days);
void gh_sim_queue_fini(struct gh_sim_queue *queue);
/* Copies. A record outside the span is dropped. False: out of memory. */
GH_MUST_USE bool gh_sim_queue_push(struct gh_sim_queue *queue,
                                   const struct gh_sim_record *record);
/* Sorts a day by (time, order of pushing) and opens it; frees the one open before. */
GH_MUST_USE bool gh_sim_queue_open(struct gh_sim_queue *queue, uint32_t day);
/* Next of the open day, NULL: no more. */
const struct gh_sim_record *gh_sim_queue_take(struct gh_sim_queue *queue);

#endif
