/* sinks.h - alerts told where people already look: Alertmanager, Slack and alike, a webhook, a
 * digest by mail (options `sinks`).
 *
 * What there is to tell is read from the ledger, and only from there: a sink is a position in
 * it that moves once the other side has taken all up to it (store/delivered.h). So each is told
 * at least once, in the order of the ledger, whatever ends in between. What the other side
 * refuses for good is set aside and counted; anything else is tried again, with pauses that
 * grow.
 *
 * One thread serves all of them and waits for none: a sink has one message under way at most.
 * It reads the ledger by a connection of its own, which never writes. */
#ifndef GOODHART_EDGE_SINKS_SINKS_H
#define GOODHART_EDGE_SINKS_SINKS_H

#include "edge/edge_options.h"
#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most: Alertmanagers, one of each other sort, and routes (sink_routes.h). */
enum { GH_ALERTMANAGERS_MAX = 5, GH_SINKS_MAX = GH_ALERTMANAGERS_MAX + 3 + 56 };
enum { GH_SINK_NAME_SIZE = 288, GH_SINK_TROUBLE_SIZE = 160 };

/* Of one sink. Each alert up to `position` is in one of told, collapsed, filtered, refused,
 * unknown and unreadable, those before the service started apart. */
struct gh_sink_counts {
    char name[GH_SINK_NAME_SIZE];       /* "slack", "slack ROUTE", "alertmanager http://…" */
    uint64_t messages;                  /* that the other side took */
    uint64_t told;                      /* alerts in them */
    uint64_t collapsed;                 /* left out: the same finding has a newer revision */
    uint64_t filtered;                  /* left out by severity, track or team */
    uint64_t refused;                   /* alerts set aside: refused for good */
    uint64_t unknown;                   /* no longer in the ledger when their turn came */
    uint64_t unreadable;                /* in the ledger, but no alert */
    uint64_t retried;                   /* tries that failed and are made again */
    uint64_t waiting;                   /* alerts after `position` */
    uint64_t position;                  /* sequence; all up to it has been dealt with */
    char trouble[GH_SINK_TROUBLE_SIZE]; /* the last failure while it lasts, "": none */
};
struct gh_sinks_counts {
    size_t count;
    struct gh_sink_counts sink[GH_SINKS_MAX];
};

struct gh_sinks;

/* Whether any sink is configured. */
bool gh_sinks_wanted(const struct gh_sinks_options *options);
/* Reads the files that the options name, opens sinks.db and the ledger of `folder`
 * (store.folder, open in this process) and starts the thread. "" is an error: without a ledger
 * nothing would be there to be told again. A sink that is new begins after the newest alert.
 * `source` as in alerts.source. GH_ECONFIG names the option. The caller owns *sinks. */
GH_MUST_USE enum gh_status gh_sinks_new(struct gh_sinks **sinks,
                                        const struct gh_sinks_options *options,
                                        const char *folder, const char *source,
                                        struct gh_error *error);
/* Reads the files that the options name again: all that they say holds once what is under way
 * has been answered, or all stays as it was. A sink that was there before, by its name, goes on
 * where it is, and is tried at once. */
GH_MUST_USE enum gh_status gh_sinks_reload(struct gh_sinks *sinks, struct gh_error *error);
/* Alerts up to this sequence are in the ledger. Never waits for a sink. */
void gh_sinks_tell(struct gh_sinks *sinks, uint64_t newest);
void gh_sinks_counts(struct gh_sinks *sinks, struct gh_sinks_counts *counts);
/* Begins nothing new, gives what is under way two seconds, ends the thread. NULL is legal. */
void gh_sinks_free(struct gh_sinks *sinks);

/* Sends a message that says that it is a test to each sink, or to those whose name begins with
 * `name` ("": all), and tells what happened to it: `trouble` is "" when it was taken. One after
 * the other, waiting. GH_EUSAGE: there is no such sink. */
struct gh_sinks_test {
    const char *source, *name;
    void *context;
    void (*told)(void *context, const char *sink, const char *trouble);
};
GH_MUST_USE enum gh_status gh_sinks_test(const struct gh_sinks_options *options,
                                         const struct gh_sinks_test *test,
                                         struct gh_error *error);

#endif
