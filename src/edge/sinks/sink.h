/* sink.h - one sink: what it was told to be (sink_setup.c), what it is to say next
 * (sink_plan.c) and how that is sent (post.c). The thread that serves them is in sinks.c. */
#ifndef GOODHART_EDGE_SINKS_SINK_H
#define GOODHART_EDGE_SINKS_SINK_H

#include "edge/sinks/bodies.h"
#include "edge/sinks/sinks.h"
#include "store/ledger.h"

enum gh_sink_kind { GH_SINK_ALERTMANAGER, GH_SINK_SLACK, GH_SINK_WEBHOOK, GH_SINK_MAIL };

/* Alerts that are looked at in one go, and those that one summary may cover. */
enum { GH_SINK_PAGE = 64, GH_SINK_SUMMARY = 4096 };

struct gh_sink {
    /* --- as it was set up --- */
    enum gh_sink_kind kind;
    const struct gh_sinks_options *options; /* lent */
    const char *source;                     /* lent */
    char *url, *login;                      /* login NULL: none */
    struct gh_secret secret;                /* size 0: none */
    struct gh_manner manner;
    enum gh_severity floor;
    unsigned tracks;   /* a bit for each */
    char *teams;       /* with commas between them; "": all */
    char *to;          /* receivers of mail */
    int64_t window_ms; /* that changes are gathered */
    uint32_t rate;     /* messages a minute; 0: any number */

    /* --- where it is --- */
    struct gh_sink_counts counts; /* position is where the next message begins */
    bool moved;                   /* the position is ahead of the one that is kept */
    uint64_t horizon;             /* what is gathered ends here; 0: nothing is being told */
    int64_t due_ms;               /* when gathering ends; 0: nothing is gathered */
    int64_t wait_ms;              /* not before */
    uint32_t failures;            /* in a row */
    uint64_t careful;             /* up to here one alert a message, for a batch was refused */
    int64_t minute_ms;            /* when the minute of the rate began */
    uint32_t spent;               /* messages in it */
    int64_t refresh_ms;           /* when open findings are told again */
    char cursor[GH_FINDING_ID_SIZE]; /* open findings up to it have been */
};

/* --- sink_setup.c --- */
/* Sinks of the options, up to GH_SINKS_MAX; the caller wipes each. */
GH_MUST_USE enum gh_status gh_sink_setup(struct gh_sink *sink, size_t *count,
                                         const struct gh_sinks_options *options,
                                         struct gh_error *error);
void gh_sink_wipe(struct gh_sink *sink); /* overwrites secrets; {0} is legal */

/* --- sink_plan.c --- */
/* A message on its way. {0} is none. */
struct gh_parcel {
    char *body; /* the text of a mail; the caller's (free) */
    char id[GH_SIGNATURE_SIZE + 16];
    char subject[96];     /* of a mail */
    uint64_t first, last; /* sequences; last: the position once it was taken */
    uint32_t told, collapsed, filtered, unknown, unreadable; /* alerts of first..last */
    bool refresh;                    /* it tells nothing new: no position */
    char cursor[GH_FINDING_ID_SIZE]; /* of a refresh */
};
struct gh_now {
    int64_t ms, wall_ms; /* gh_clock_ms, gh_clock_wall_ms */
    uint64_t newest;     /* of the ledger */
};
/* What is to be sent now; parcel->body NULL: nothing, and sink->wait_ms says when to ask again
 * (INT64_MAX: when there is something new). Moves the position over what is left out. */
GH_MUST_USE enum gh_status gh_sink_plan(struct gh_sink *sink, struct gh_ledger *ledger,
                                        const struct gh_now *now, struct gh_parcel *parcel,
                                        struct gh_error *error);
/* A test message. */
void gh_sink_test_parcel(const struct gh_sink *sink, int64_t wall_ms, struct gh_parcel *parcel);

/* --- sink_pause.c --- */
/* Milliseconds until the next try after `failures` in a row (from 1): doubles from one second
 * up to retry_max, the upper half of it by lot; at least `asked_s` (Retry-After), which counts
 * up to an hour. */
int64_t gh_sink_pause_ms(uint32_t failures, uint32_t retry_max_s, int64_t asked_s,
                         uint64_t lot);

#endif
