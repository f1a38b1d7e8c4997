/* verify.c - see verify.h: the whole folder, the ledger, the snapshots. */
#include "store/verify.h"

#include "store/ledger_inside.h"
#include "store/snapshot_inside.h"
#include "store/verify_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void gh_verify_tell(struct gh_verifier *verifier, const char *file, const char *row,
                    const char *format, ...)
{
    char text[512];
    const struct gh_verify_fault fault = {file, row, text};
    va_list arguments;

    if (verifier->starved) /* what is read then is not what is there */
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    verifier->verified->faults++;
    verifier->on_fault(verifier->context, &fault);
}

/* Errors open with the name of the file, which is told apart here. */
void gh_verify_tell_error(struct gh_verifier *verifier, const char *file,
                          const struct gh_error *error)
{
    const size_t size = strlen(file);
    const char *text = error->text;

    if (!strncmp(text, file, size) && text[size] == ':' && text[size + 1] == ' ')
        text += size + 2;
    gh_verify_tell(verifier, file, "", "%s", text);
}

void gh_verify_integrity(struct gh_verifier *verifier, struct gh_database *database)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, "PRAGMA integrity_check(20)", -1,
                                  &statement, NULL);

    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW && strcmp(gh_column_text(statement, 0).at, "ok") != 0)
            gh_verify_tell(verifier, database->name, "", "%s", gh_column_text(statement, 0).at);
    }
    verifier->starved |= code == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM;
    if (code != SQLITE_DONE)
        gh_verify_tell(verifier, database->name, "", "integrity check: %s",
                       sqlite3_errmsg(database->handle));
    sqlite3_finalize(statement);
}

/* Alerts have sequences without gaps, from behind the pruned ones to the newest. */
static enum gh_status alerts_verify(struct gh_verifier *verifier, struct gh_database *database,
                                    const struct gh_ledger_state *state, struct gh_error *error)
{
    sqlite3_stmt *statement = database->statement[GH_LEDGER_ALERTS];
    uint64_t next = state->pruned + 1;
    enum gh_status status = GH_OK;
    bool more = true;

    gh_bind_number(statement, 1, 0);
    gh_bind_number(statement, 2, INT64_MAX);
    while (status == GH_OK && more) {
        struct gh_ledger_alert alert;
        char row[48];
        status = gh_database_step(database, GH_LEDGER_ALERTS, "alerts: cannot be read", &more,
                                  error);
        if (status != GH_OK || !more)
            continue;
        const bool fits = gh_alert_row(statement, &alert);
        snprintf(row, sizeof(row), "alert %" PRIu64, alert.sequence);
        if (!fits)
            gh_verify_tell(verifier, database->name, row, "the checksum does not fit the row");
        if (alert.sequence != next)
            gh_verify_tell(verifier, database->name, row, "follows where %" PRIu64 " should be",
                           next);
        next = alert.sequence + 1;
        verifier->verified->alerts++;
    }
    gh_database_reset(database, GH_LEDGER_ALERTS);
    if (status == GH_OK && next != state->newest + 1)
        gh_verify_tell(verifier, database->name, "",
                       "alerts end before %" PRIu64 ", the newest is %" PRIu64, next,
                       state->newest);
    return status;
}

static enum gh_status findings_verify(struct gh_verifier *verifier,
                                      struct gh_database *database, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    bool more = true;

    while (status == GH_OK && more) {
        struct gh_ledger_finding finding;
        char row[96];
        status = gh_database_step(database, GH_LEDGER_FINDINGS, "findings: cannot be read",
                                  &more, error);
        if (status != GH_OK || !more)
            continue;
        const bool fits = gh_finding_row(database->statement[GH_LEDGER_FINDINGS], &finding);
        snprintf(row, sizeof(row), "finding %.*s",
                 (int)(finding.id.size < 64 ? finding.id.size : 64), finding.id.at);
        if (!fits)
            gh_verify_tell(verifier, database->name, row, "the checksum does not fit the row");
        verifier->verified->findings++;
    }
    gh_database_reset(database, GH_LEDGER_FINDINGS);
    return status;
}

enum gh_status gh_verify_ledger(struct gh_verifier *verifier, struct gh_error *error)
{
    struct gh_database database = {0};
    struct gh_ledger_state state = {0};
    struct gh_error problem = {0};
    char *path = gh_path_join(verifier->folder, GH_LEDGER_FILE);
    enum gh_status status = GH_OK;

    if (!path)
        return gh_error_set(error, GH_EMEMORY, "ledger: out of memory");
    if (access(path, F_OK) == 0) {
        gh_verify_wal(verifier, GH_LEDGER_FILE);
        status = gh_database_open(&database, path, GH_DATABASE_READ, &gh_ledger_kind, &problem);
        if (status == GH_OK) {
            gh_verify_integrity(verifier, &database);
            status = gh_ledger_state_read(&database, &state, &problem);
        }
        if (status == GH_OK)
            status = alerts_verify(verifier, &database, &state, &problem);
        if (status == GH_OK)
            status = findings_verify(verifier, &database, &problem);
        verifier->starved |= status == GH_EMEMORY;
        if (status != GH_OK)
            gh_verify_tell_error(verifier, GH_LEDGER_FILE, &problem);
        else if (verifier->log_end_known && state.applied > verifier->verified->next)
            gh_verify_tell(verifier, GH_LEDGER_FILE, "",
                           "tells of the log up to position %" PRIu64 ", which ends at %" PRIu64
                           ": the end of the log is lost",
                           state.applied, verifier->verified->next);
        gh_database_close(&database);
    }
    free(path);
    return GH_OK;
}

static enum gh_status snapshots_verify(struct gh_verifier *verifier, struct gh_error *error)
{
    struct gh_positions snapshots;
    enum gh_status status =
        gh_folder_list(verifier->folder, &gh_snapshot_files, &snapshots, error);

    for (size_t i = 0; status == GH_OK && i < snapshots.count; i++) {
        const uint64_t position = snapshots.position[i];
        struct gh_snapshot_head head;
        char name[GH_FILE_NAME_SIZE];
        const char *problem;

        gh_file_name(&gh_snapshot_files, position, name);
        status = gh_snapshot_check(verifier->folder, position, &head, NULL, &problem);
        if (status != GH_OK)
            gh_error_set(error, status, "%s: out of memory", name);
        else if (problem)
            gh_verify_tell(verifier, name, "", "%s", problem);
        else if (verifier->log_end_known && position > verifier->verified->next)
            gh_verify_tell(verifier, name, "",
                           "stands behind the log, which ends at %" PRIu64
                           ": the end of the log is lost",
                           verifier->verified->next);
        verifier->verified->snapshots++;
    }
    free(snapshots.position);
    return status;
}

enum gh_status gh_store_verify(const char *folder, gh_verify_on_fault *fault, void *context,
                               struct gh_verified *verified, struct gh_error *error)
{
    struct gh_verifier verifier = {
        .folder = folder, .on_fault = fault, .context = context, .verified = verified};
    enum gh_status status;

    *verified = (struct gh_verified){0};
    status = gh_verify_log(&verifier, error);
    if (status == GH_OK)
        status = gh_verify_ledger(&verifier, error);
    if (status == GH_OK)
        status = snapshots_verify(&verifier, error);
    if (status == GH_OK)
        status = gh_verify_changes(&verifier, error);
    if (status == GH_OK && verifier.starved)
        status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    return status;
}
