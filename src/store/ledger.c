/* ledger.c - see ledger.h: opening, writing, pruning. */
#include "store/ledger_inside.h"

#include "store/folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LEDGER_CHECKPOINT_PAGES = 256 };

enum gh_status gh_ledger_state_read(struct gh_database *database, struct gh_ledger_state *state,
                                    struct gh_error *error)
{
    bool row;
    enum gh_status status =
        gh_database_step(database, GH_LEDGER_STATE, "state: cannot be read", &row, error);

    *state = (struct gh_ledger_state){0};
    if (status == GH_OK && row && !gh_state_row(database->statement[GH_LEDGER_STATE], state))
        status = gh_error_set(error, GH_EFORMAT, "%s: state: the checksum does not fit",
                              database->name);
    gh_database_reset(database, GH_LEDGER_STATE);
    return status;
}

static enum gh_status ledger_open(struct gh_ledger **ledger, const char *folder,
                                  const char *vfs, enum gh_database_use use,
                                  struct gh_error *error)
{
    struct gh_ledger *made = calloc(1, sizeof(*made));
    char *path = gh_path_join(folder, GH_LEDGER_FILE);
    enum gh_status status = GH_EMEMORY;

    if (!made || !path || (vfs && !(made->vfs = strdup(vfs)))) {
        gh_error_set(error, status, "ledger: out of memory");
    } else {
        made->database.vfs = made->vfs;
        status = gh_database_open(&made->database, path, use, &gh_ledger_kind, error);
    }
    if (status == GH_OK)
        status = gh_ledger_state_read(&made->database, &made->state, error);
    if (status == GH_OK && use == GH_DATABASE_WRITE)
        status = gh_folder_sync(folder, error);
    if (status == GH_OK)
        *ledger = made;
    else
        gh_ledger_close(made);
    free(path);
    return status;
}

enum gh_status gh_ledger_open(struct gh_ledger **ledger, const char *folder, const char *vfs,
                              struct gh_error *error)
{
    return ledger_open(ledger, folder, vfs, GH_DATABASE_WRITE, error);
}

enum gh_status gh_ledger_open_reader(struct gh_ledger **ledger, const char *folder,
                                     const char *vfs, struct gh_error *error)
{
    return ledger_open(ledger, folder, vfs, GH_DATABASE_READ, error);
}

void gh_ledger_close(struct gh_ledger *ledger)
{
    if (!ledger)
        return;
    gh_database_close(&ledger->database);
    free(ledger->vfs);
    free(ledger->text);
    free(ledger);
}

enum gh_status gh_ledger_ready(struct gh_ledger *ledger, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (!ledger->database.broken)
        return GH_OK;
    status = gh_database_recover(&ledger->database, error);
    if (status == GH_OK)
        status = gh_ledger_state_read(&ledger->database, &ledger->state, error);
    return status;
}

static bool text_same(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && (a.size == 0 || !memcmp(a.at, b.at, a.size));
}

static enum gh_status alert_diverged(const struct gh_ledger_alert *alert, struct gh_text other,
                                     struct gh_error *error)
{
    return gh_error_set(error, GH_EDIVERGED,
                        "ledger: alert %" PRIu64 " is recorded as %.*s and is now %.*s with "
                        "another content: the log, the configuration or the model is not that "
                        "of the record",
                        alert->sequence, (int)other.size, other.at, (int)alert->id.size,
                        alert->id.at ? alert->id.at : "");
}

/* An alert that the ledger has had already. */
static enum gh_status alert_compare(struct gh_ledger *ledger,
                                    const struct gh_ledger_alert *alert, struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    sqlite3_stmt *statement = database->statement[GH_LEDGER_ALERT];
    struct gh_ledger_alert recorded;
    bool row;
    enum gh_status status;

    gh_bind_number(statement, 1, alert->sequence);
    status = gh_database_step(database, GH_LEDGER_ALERT, "alert: cannot be read", &row, error);
    if (status == GH_OK && (!row || !gh_alert_row(statement, &recorded)))
        status =
            gh_error_set(error, GH_EFORMAT, "%s: alert %" PRIu64 ": %s", database->name,
                         alert->sequence, row ? "the checksum does not fit" : "is missing");
    else if (status == GH_OK &&
             (!text_same(recorded.id, alert->id) || !text_same(recorded.body, alert->body)))
        status = alert_diverged(alert, recorded.id, error);
    gh_database_reset(database, GH_LEDGER_ALERT);
    return status;
}

/* That the id is new, and the sequence the next one. */
static enum gh_status alert_is_next(struct gh_ledger *ledger,
                                    const struct gh_ledger_alert *alert,
                                    const struct gh_ledger_state *state, struct gh_error *error)
{
    sqlite3_stmt *statement = ledger->database.statement[GH_LEDGER_ALERT_ID];
    bool row;
    enum gh_status status;

    if (state->newest && alert->sequence != state->newest + 1)
        return gh_error_set(error, GH_EDIVERGED,
                            "ledger: alert %" PRIu64 " comes behind %" PRIu64
                            ": those between are missing",
                            alert->sequence, state->newest);
    gh_bind_text(statement, 1, alert->id);
    status = gh_database_step(&ledger->database, GH_LEDGER_ALERT_ID, "alert: cannot be read",
                              &row, error);
    if (status == GH_OK && row)
        status = gh_error_set(
            error, GH_EDIVERGED,
            "ledger: alert %" PRIu64 ": its id %.*s is that of alert %" PRIu64, alert->sequence,
            (int)alert->id.size, alert->id.at, gh_column_number(statement, 0));
    gh_database_reset(&ledger->database, GH_LEDGER_ALERT_ID);
    return status;
}

/* The sequence that opened the finding: that of this alert when there is none yet. */
static enum gh_status finding_opened(struct gh_ledger *ledger,
                                     const struct gh_ledger_change *change, uint64_t *opened,
                                     struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    sqlite3_stmt *statement = database->statement[GH_LEDGER_FINDING];
    struct gh_ledger_finding recorded;
    bool row;
    enum gh_status status;

    *opened = change->alert.sequence;
    gh_bind_text(statement, 1, change->finding.id);
    status =
        gh_database_step(database, GH_LEDGER_FINDING, "finding: cannot be read", &row, error);
    if (status == GH_OK && row) {
        if (!gh_finding_row(statement, &recorded))
            status = gh_error_set(error, GH_EFORMAT,
                                  "%s: finding %.*s: the checksum does not fit", database->name,
                                  (int)change->finding.id.size, change->finding.id.at);
        else if (recorded.revision >= change->finding.revision)
            status = gh_error_set(error, GH_EDIVERGED,
                                  "ledger: finding %.*s: revision %u comes behind %u",
                                  (int)change->finding.id.size, change->finding.id.at,
                                  change->finding.revision, recorded.revision);
        else
            *opened = recorded.opened;
    }
    gh_database_reset(database, GH_LEDGER_FINDING);
    return status;
}

static enum gh_status change_write(struct gh_ledger *ledger,
                                   const struct gh_ledger_change *change,
                                   const struct gh_ledger_state *state, struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    unsigned char checksum[GH_CHECKSUM_BYTES];
    struct gh_ledger_finding finding = change->finding;
    enum gh_status status = alert_is_next(ledger, &change->alert, state, error);

    if (status == GH_OK)
        status = finding_opened(ledger, change, &finding.opened, error);
    if (status != GH_OK)
        return status;
    gh_alert_bind(database->statement[GH_LEDGER_ALERT_SET], &change->alert, checksum);
    status = gh_database_do(database, GH_LEDGER_ALERT_SET, "alert: cannot be written", error);
    if (status != GH_OK)
        return status;
    gh_finding_bind(database->statement[GH_LEDGER_FINDING_SET], &finding, checksum);
    return gh_database_do(database, GH_LEDGER_FINDING_SET, "finding: cannot be written", error);
}

static enum gh_status state_write(struct gh_ledger *ledger, const struct gh_ledger_state *state,
                                  struct gh_error *error)
{
    unsigned char checksum[GH_CHECKSUM_BYTES];

    gh_state_bind(ledger->database.statement[GH_LEDGER_STATE_SET], state, checksum);
    return gh_database_do(&ledger->database, GH_LEDGER_STATE_SET, "state: cannot be written",
                          error);
}

/* Counts of one commit, taken over when it is durable. */
struct tally {
    uint64_t written, compared, unknown;
};

static enum gh_status change_take(struct gh_ledger *ledger,
                                  const struct gh_ledger_change *change,
                                  struct gh_ledger_state *state, struct tally *tally,
                                  struct gh_error *error)
{
    const uint64_t sequence = change->alert.sequence;
    enum gh_status status;

    if (sequence < 1 || sequence > INT64_MAX)
        return gh_error_set(error, GH_EFORMAT,
                            "ledger: alert %" PRIu64 ": sequences begin at 1", sequence);
    if (sequence <= state->pruned) {
        tally->unknown++;
        return GH_OK;
    }
    if (sequence <= state->newest) {
        tally->compared++;
        return alert_compare(ledger, &change->alert, error);
    }
    status = change_write(ledger, change, state, error);
    if (status == GH_OK) {
        if (!state->newest)
            state->pruned = sequence - 1;
        state->newest = sequence;
        tally->written++;
    }
    return status;
}

static void wal_write_back(struct gh_ledger *ledger)
{
    if (ledger->database.wal_pages >= LEDGER_CHECKPOINT_PAGES &&
        !gh_database_checkpoint(&ledger->database, false))
        ledger->checkpoints_failed++;
}

enum gh_status gh_ledger_commit(struct gh_ledger *ledger, const struct gh_ledger_change *change,
                                size_t count, uint64_t position, struct gh_error *error)
{
    struct gh_ledger_state state;
    struct tally tally = {0};
    enum gh_status status = gh_ledger_ready(ledger, error);

    if (status == GH_OK)
        status = gh_database_begin(&ledger->database, error);
    if (status != GH_OK)
        return status;
    state = ledger->state;
    for (size_t i = 0; status == GH_OK && i < count; i++)
        status = change_take(ledger, &change[i], &state, &tally, error);
    if (position > state.applied)
        state.applied = position;
    if (status == GH_OK)
        status = state_write(ledger, &state, error);
    status = gh_database_end(&ledger->database, status, error);
    if (status != GH_OK)
        return status;
    ledger->state = state;
    ledger->written += tally.written;
    ledger->compared += tally.compared;
    ledger->unknown += tally.unknown;
    wal_write_back(ledger);
    return GH_OK;
}

/* First sequence that stays. */
static enum gh_status prune_until(struct gh_ledger *ledger, int64_t before_ms, uint64_t *kept,
                                  struct gh_error *error)
{
    sqlite3_stmt *statement = ledger->database.statement[GH_LEDGER_KEPT];
    bool row;
    enum gh_status status;

    gh_bind_number(statement, 1, (uint64_t)before_ms);
    status = gh_database_step(&ledger->database, GH_LEDGER_KEPT, "alerts: cannot be read", &row,
                              error);
    *kept = status == GH_OK && row ? gh_column_number(statement, 0) : ledger->state.newest + 1;
    gh_database_reset(&ledger->database, GH_LEDGER_KEPT);
    return status;
}

enum gh_status gh_ledger_prune(struct gh_ledger *ledger, int64_t before_ms, uint64_t *removed,
                               struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    struct gh_ledger_state state;
    uint64_t kept = 0, gone = 0;
    enum gh_status status = gh_ledger_ready(ledger, error);

    *removed = 0;
    if (status == GH_OK)
        status = prune_until(ledger, before_ms, &kept, error);
    if (status != GH_OK || kept <= ledger->state.pruned + 1)
        return status;
    status = gh_database_begin(database, error);
    if (status != GH_OK)
        return status;
    state = ledger->state;
    state.pruned = kept - 1;
    gh_bind_number(database->statement[GH_LEDGER_PRUNE], 1, kept);
    status = gh_database_do(database, GH_LEDGER_PRUNE, "alerts: cannot be removed", error);
    gone = (uint64_t)sqlite3_changes64(database->handle);
    if (status == GH_OK)
        status = state_write(ledger, &state, error);
    status = gh_database_end(database, status, error);
    if (status == GH_OK) {
        ledger->state = state;
        *removed = gone;
    }
    return status;
}

const char *gh_sqlite_warning(void)
{
    enum { SAFE = 3051003 };

    return sqlite3_libversion_number() >= SAFE
               ? NULL
               : "SQLite before 3.51.3 may damage a database that two connections write or "
                 "checkpoint at once: let no other program write to the store's folder";
}
