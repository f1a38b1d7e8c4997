/* service_inside.h - what the files of the service share. */
#ifndef GOODHART_APP_SERVICE_INSIDE_H
#define GOODHART_APP_SERVICE_INSIDE_H

#include "app/service.h"

/* Between two looks at the key file. */
enum { GH_SERVICE_KEYS_MS = 1000 };

/* --- service.c: the loop and the clock --- */
void gh_service_clock(struct gh_service *service);
/* The signals that came; true: one of them ends what is going on. */
bool gh_service_signalled(struct gh_service *service);

/* --- service_keep.c: between pipeline, keeper and subscribers --- */
struct gh_hooks gh_service_hooks(struct gh_service *service);
/* Events, and how far their producers are with them, before the engine sees them. Waits
 * while the disk takes nothing. */
enum gh_status gh_service_keep(struct gh_service *service, const struct gh_keeping *events,
                               struct gh_error *error);
/* What the engine has said is kept, then published. */
enum gh_status gh_service_publish(struct gh_service *service, struct gh_error *error);

/* --- service_metrics.c: what is counted, for whoever watches --- */
enum gh_status gh_service_metrics_new(struct gh_service *service, struct gh_error *error);
/* An alert is published; the disk has something, since `start_ns` (gh_clock_ns); so many events
 * were taken in one turn, and are done with. */
void gh_service_metrics_alert(struct gh_service *service, const struct gh_finding *finding);
void gh_service_metrics_commit(struct gh_service *service, uint64_t start_ns);
void gh_service_metrics_batch(struct gh_service *service, uint64_t taken, uint64_t start_ns);
/* Events that were ever taken from sockets. */
uint64_t gh_service_taken(const struct gh_service *service);
void gh_service_metrics_publish(struct gh_service *service, const struct gh_tally *tally);

/* --- service_durable.c: batches of durable producers --- */
enum gh_status gh_service_batches_new(struct gh_service *service, struct gh_error *error);
void gh_service_batches_free(struct gh_service *service);
/* Takes batches for one group at most, so that none waits for the commit of a later one;
 * *frames counts them. Their events point into the service until gh_pipeline_flush, which must
 * come before this is called again. */
enum gh_status gh_service_batches(struct gh_service *service, size_t *frames,
                                  struct gh_error *error);

/* --- service_sinks.c: sinks of alerts --- */
/* After the ledger is open and whole. No sink is wanted: nothing. */
enum gh_status gh_service_sinks_open(struct gh_service *service, const struct gh_config *config,
                                     struct gh_error *error);
/* Reads their files again, says so on stderr. */
enum gh_status gh_service_sinks_reload(struct gh_service *service, struct gh_error *error);
/* Adds the key "sinks" with the counters of each, where there are any. */
struct gh_json;
void gh_service_sinks_write(const struct gh_service *service, struct gh_json *json);

#endif
