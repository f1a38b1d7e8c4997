/* keeper.h - what a service keeps, and how it goes on after a stop of whatever kind.
 *
 * The order is always the same: events go into the log, and only then to the engine; what
 * the engine says goes into the ledger, and only then to subscribers. The engine is a pure
 * function of the log, so a start is: the newest snapshot, and the log from there on. What
 * it says meanwhile has been said before, or nearly: the ledger compares each alert, byte
 * for byte, and takes only those that it lacks.
 *
 * Settings change in the same order: the record goes into the log, and holds from the next
 * event on; settings.db then has it as well (store/changes.h).
 *
 * One thread uses a keeper. */
#ifndef GOODHART_APP_KEEPER_H
#define GOODHART_APP_KEEPER_H

#include "app/basis.h"
#include "app/outbox.h"
#include "app/pipeline.h"
#include "store/changes.h"
#include "store/ledger.h"
#include "store/log.h"

struct gh_keeper;

struct gh_keeper_counters {
    struct gh_log_counters log;
    uint64_t position; /* of the next event */
    uint64_t snapshots, snapshots_failed;
    double snapshot_pause_s;    /* longest that one has held up the service */
    uint64_t snapshot_position; /* of the newest one */
    int64_t snapshot_ms;        /* when it was begun, since 1970; opening, if there was none */
    uint64_t recovered;         /* events that were replayed at the start */
};

/* Opens log and ledger in the folder of `config` (store.folder, not empty) and locks them.
 * `config` is lent while the keeper lives. The caller owns *keeper. */
GH_MUST_USE enum gh_status gh_keeper_open(struct gh_keeper **keeper,
                                          const struct gh_config *config,
                                          struct gh_error *error);
/* Writes a last snapshot of the pipeline (NULL: none) and closes. NULL is legal. */
void gh_keeper_close(struct gh_keeper *keeper, struct gh_pipeline *pipeline);

/* Makes a pipeline that stands where the log ends, under the settings that hold there; NULL:
 * the log is new, and gh_keeper_record comes first. While it works, the hooks of a recovery are
 * called: on_batch must return GH_OK and do nothing, on_change must add to `outbox`. The
 * settings of each event's day hold for it. GH_EDIVERGED: the history derived now is not the
 * one in the ledger, or a change of settings not the recorded one. The caller owns *pipeline.
 */
GH_MUST_USE enum gh_status gh_keeper_recover(struct gh_keeper *keeper,
                                             const struct gh_hooks *hooks,
                                             struct gh_outbox *outbox,
                                             struct gh_pipeline **pipeline,
                                             struct gh_error *error);

/* What goes into the log together. */
struct gh_keeping {
    const struct gh_event *event;
    const char *const *owner; /* name of the key that handed each in; NULL: none */
    size_t count;
    const struct gh_mark *mark; /* how far durable producers are with it */
    size_t mark_count;
    struct gh_text losses; /* lines of what they no longer had */
    uint32_t loss_count;
};
/* Appends, durable when it returns GH_OK; as gh_log_append. */
GH_MUST_USE enum gh_status gh_keeper_append(struct gh_keeper *keeper,
                                            const struct gh_keeping *keeping,
                                            struct gh_error *error);
/* Writes the outbox into the ledger, durable when it returns GH_OK; as gh_ledger_commit. */
GH_MUST_USE enum gh_status gh_keeper_commit(struct gh_keeper *keeper,
                                            const struct gh_outbox *outbox,
                                            struct gh_error *error);
/* What holds where the log ends, as gh_keeper_recover found it: the configuration that was kept
 * for it (NULL: the log is new), and the newest record that tells who changed what (JSON, see
 * app/live.h; NULL: there is none). Lent while the keeper lives; the record until the next. */
const struct gh_config *gh_keeper_past(const struct gh_keeper *keeper);
const char *gh_keeper_newest_record(const struct gh_keeper *keeper);
/* The number that the next record bears. */
uint64_t gh_keeper_record_number(const struct gh_keeper *keeper);
/* Keeps the basis of `config` in its file; *other: it is not the one that holds. */
GH_MUST_USE enum gh_status gh_keeper_basis(struct gh_keeper *keeper,
                                           const struct gh_config *config,
                                           char basis[GH_BASIS_SIZE], bool *other,
                                           struct gh_error *error);
/* From here on `basis` holds: so says the log, and settings.db tells it as well, now or, where
 * the disk takes nothing, with the next gh_keeper_tick; until then another record is GH_EIO.
 * `body` is the record without its basis. On failure nothing has changed. Only between two
 * batches. */
struct gh_keeper_record {
    const char *basis, *body;
    int64_t time_ms; /* wall clock */
};
GH_MUST_USE enum gh_status gh_keeper_record(struct gh_keeper *keeper,
                                            const struct gh_keeper_record *record,
                                            uint64_t *position, struct gh_error *error);

/* What is due by the clock: a snapshot, by a child process so that the service goes on at
 * once; retention. Only while nothing waits in the pipeline and the outbox is empty. */
void gh_keeper_tick(struct gh_keeper *keeper, struct gh_pipeline *pipeline);

struct gh_kept_changes *gh_keeper_changes(struct gh_keeper *keeper);
struct gh_ledger *gh_keeper_ledger(struct gh_keeper *keeper);
struct gh_log *gh_keeper_log(struct gh_keeper *keeper);
/* Its threads, which do nothing between two calls of a keeper. */
struct gh_executor gh_keeper_executor(struct gh_keeper *keeper);
struct gh_keeper_counters gh_keeper_counters(const struct gh_keeper *keeper);

#endif
