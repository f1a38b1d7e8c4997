/* service.h - the running service: one thread that owns the sockets and feeds the engine.
 *
 *     opened -> serving -> draining -> stopped
 *
 * Where store.folder is set, opening ends where the last run did, whatever ended it, and an
 * event that has been taken is never lost (app/keeper.h). A disk that is full or fails stops
 * intake until it takes writes again; heartbeats go on.
 *
 * A signal, or quiet where --exit-after-idle asks for it, leads from serving to draining:
 * what has been handed to us is still taken, judged and published. A second signal cuts
 * the draining short.
 *
 * Settings change while it runs (app/service_settings.h): control.bind is asked, SIGHUP and
 * /-/reload read the configuration file again.
 *
 * With identity.keys the key file is looked at once a second, and at SIGHUP read again: what
 * it takes away is gone for open connections, too.
 *
 * A supervisor that listens (notify.asked) hears how far it is (edge/operate/notify.h).
 *
 * Over HTTP an event is taken when its request is answered 200 (edge/http/). /-/ready says what
 * of the above the service is in. */
#ifndef GOODHART_APP_SERVICE_H
#define GOODHART_APP_SERVICE_H

#include "app/keeper.h"
#include "app/outfile.h"
#include "app/owners.h"
#include "edge/dead_letter.h"
#include "edge/durable_server.h"
#include "edge/intake.h"
#include "edge/operate/metrics.h"
#include "edge/operate/notify.h"
#include "edge/publish.h"
#include "edge/replay_server.h"
#include "edge/sinks/sinks.h"

struct gh_service {
    const struct gh_intake_options *intake_options;
    const struct gh_durable_options *durable_options;
    const struct gh_alerts_options *alerts_options;
    const struct gh_service_options *service_options;
    struct gh_config_parts parts; /* what the configuration is read from again; lent */
    int64_t exit_after_idle_ms;   /* 0: never */
    struct gh_notify notify;      /* gh_notify_open; {0}: nobody listens */
    struct gh_outfile alerts;     /* every body is written here too, where it is open */
    int signals;                  /* gh_signals_open */

    void *context;
    struct gh_guard guard;
    struct gh_owners *owners;
    struct gh_intake *intake;
    struct gh_publisher *publisher;
    struct gh_dead_letters *letters;
    struct gh_durable_server *durable;    /* NULL: nothing is kept, or it is not wanted */
    struct gh_service_batches *batches;   /* of it */
    struct gh_replay_server *replay;      /* NULL: likewise */
    struct gh_keeper *keeper;             /* NULL: nothing is kept */
    struct gh_service_http *http;         /* app/service_http.h */
    struct gh_service_settings *settings; /* app/service_settings.h */
    struct gh_sinks *sinks;               /* NULL: none is wanted */
    struct gh_pipeline *pipeline;
    struct gh_outbox outbox;
    struct gh_metrics *metrics; /* published at each heartbeat */
    uint64_t handed;            /* events that came by HTTP */
    bool sources_bad;           /* maps or people could not be read again */
    bool stalled;               /* it waits for the disk */
    bool recovering;            /* what was before is told again, to nobody */
    bool clean;                 /* ended in order: all that the engine has said is kept */
    uint64_t stalls;            /* times that a write had to wait for the disk */
    struct gh_place place[GH_INTAKE_SOURCES];
    uint64_t bodies_failed;
    int64_t started_ms, frame_ms; /* frame_ms: when the last one came; -1: none yet */
    int64_t beat_ms, summary_ms;  /* when the next one is due */
    int64_t keys_ms;              /* when the key file is to be looked at next */
    bool reload;                  /* a signal asked for it */
    bool ending;                  /* nothing new is taken over HTTP */
};

/* Opens everything and says on stderr where it listens. The fields of the first part are
 * the caller's and set before; gh_service_close ends the rest, opened or not. */
GH_MUST_USE enum gh_status gh_service_open(struct gh_service *service,
                                           const struct gh_config *config,
                                           struct gh_error *error);
void gh_service_close(struct gh_service *service);

/* Serves until it is to end, drains, and publishes the last alerts. */
GH_MUST_USE enum gh_status gh_service_run(struct gh_service *service, struct gh_error *error);

/* The counters as one line of JSON without '\n': those of a replay, and the service's own.
 * After gh_service_run, events = applied + duplicates + late + refused. The caller frees it
 * (free). NULL: out of memory. */
char *gh_service_summary(const struct gh_service *service);

#endif
