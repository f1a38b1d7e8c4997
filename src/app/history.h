/* history.h - the log read again: an engine as it was at some moment, fed under the settings
 * that held on each day. What recovery and a second derivation have in common.
 *
 * A record of settings (GH_RUN_SETTINGS) is the hash of a basis, 32 hex digits, and, but in old
 * logs, '\n' and a JSON object that tells who changed what and why (app/live.h).
 *
 *     struct gh_history h = {.folder = …, .config = …, .hooks = …, .outbox = …};
 *     gh_history_start(&h, limit, error);       from a snapshot, or from nothing
 *     gh_history_read(&h, cursor, wish, error); the log from h.position on
 *     gh_history_end(&h);                       unless the pipeline is taken out before */
#ifndef GOODHART_APP_HISTORY_H
#define GOODHART_APP_HISTORY_H

#include "app/basis.h"
#include "app/outbox.h"
#include "app/pipeline.h"
#include "store/log.h"

/* Events of one commit at most: whole batches of durable producers, of which the largest one
 * finds room while as many wait. */
enum { GH_HISTORY_BATCH = 8192 };

struct gh_history {
    const char *folder;
    const struct gh_config *config; /* the one of today, whose shards and threads hold always */
    const struct gh_hooks *hooks;   /* on_change must add to the outbox */
    struct gh_outbox *outbox;
    /* A record of settings, before it holds; NULL: nobody asks. */
    enum gh_status (*on_settings)(void *context, const struct gh_run *run,
                                  struct gh_error *error);
    void *settings_context;

    char basis[GH_BASIS_SIZE];    /* the one that holds; "": none yet */
    struct gh_config *past;       /* what it says; the pipeline's */
    struct gh_pipeline *pipeline; /* NULL: nothing was read yet */
    uint64_t position;            /* of the next event */
    uint64_t snapshot;            /* position of the one that it began with */
    uint64_t events;              /* read since */
};

/* Takes the newest snapshot at most at position `limit` that this program can use; what it
 * cannot use is told on standard error, and only costs time. Without one, position is 0. */
GH_MUST_USE enum gh_status gh_history_start(struct gh_history *history, uint64_t limit,
                                            struct gh_error *error);
/* Feeds what the cursor, which stands at h.position, gives from there to `end`, or to where the
 * log ends before. Reading and decoding run ahead on other threads, as service.threads says:
 * until it returns, the cursor is theirs. */
struct gh_history_wish {
    uint64_t end;
    enum gh_status (*after)(void *context, struct gh_error *error); /* after each run */
    void *context;
};
GH_MUST_USE enum gh_status gh_history_read(struct gh_history *history,
                                           struct gh_log_cursor *cursor,
                                           const struct gh_history_wish *wish,
                                           struct gh_error *error);
/* Feeds one run, of which `decoded` holds the events where it has some. */
GH_MUST_USE enum gh_status gh_history_run(struct gh_history *history, const struct gh_run *run,
                                          struct gh_decoded *decoded, struct gh_error *error);
/* From here on another basis holds. */
GH_MUST_USE enum gh_status gh_history_basis(struct gh_history *history, const char *basis,
                                            struct gh_error *error);
void gh_history_end(struct gh_history *history);

#endif
