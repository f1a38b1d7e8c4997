/* delivered.h - how far each sink of alerts is, and what it was refused for good.
 *
 * One SQLite database, "sinks.db", beside the ledger: that one says what there is to tell, this
 * one what has been told to whom. A position moves only once the other side has taken all up
 * to it, or has refused it for good; so after any end nothing is left out, and the last things
 * may be told twice.
 *
 * One thread uses one; others open their own for reading. */
#ifndef GOODHART_STORE_DELIVERED_H
#define GOODHART_STORE_DELIVERED_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <stdbool.h>

struct gh_delivered;

/* Alerts that a sink will never take: set aside, so that they do not hold up the rest. Their
 * bodies are in the ledger. The newest 10,000 records are kept. */
enum { GH_SET_ASIDE_MAX = 10000 };
struct gh_set_aside {
    struct gh_text sink;
    uint64_t first, last;  /* sequences; last: where its position is then */
    uint32_t code;         /* status of HTTP or SMTP */
    int64_t time_ms;       /* wall clock */
    struct gh_text reason; /* how the other side put it, or "" */
};

/* In the folder of the log, which this process holds. The caller owns *delivered. */
GH_MUST_USE enum gh_status gh_delivered_open(struct gh_delivered **delivered,
                                             const char *folder, struct gh_error *error);
/* For reading, beside a writer. GH_EIO: there is none, or it cannot be opened. */
GH_MUST_USE enum gh_status gh_delivered_open_reader(struct gh_delivered **delivered,
                                                    const char *folder, struct gh_error *error);
void gh_delivered_close(struct gh_delivered *delivered); /* NULL is legal */

/* *known false: nothing is recorded of this sink, and *position is untouched. */
GH_MUST_USE enum gh_status gh_delivered_find(struct gh_delivered *delivered,
                                             struct gh_text sink, uint64_t *position,
                                             bool *known, struct gh_error *error);
/* Durable when it returns GH_OK. After a failure the next call makes the connection anew. */
GH_MUST_USE enum gh_status gh_delivered_set(struct gh_delivered *delivered, struct gh_text sink,
                                            uint64_t position, struct gh_error *error);
/* The record and the position `aside->last`, both or neither. */
GH_MUST_USE enum gh_status gh_delivered_refuse(struct gh_delivered *delivered,
                                               const struct gh_set_aside *aside,
                                               struct gh_error *error);

/* What was set aside, oldest first; a row is lent for the call. */
typedef void gh_delivered_on_aside(void *context, const struct gh_set_aside *aside);
GH_MUST_USE enum gh_status gh_delivered_aside(struct gh_delivered *delivered,
                                              gh_delivered_on_aside *visit, void *context,
                                              struct gh_error *error);

#endif
