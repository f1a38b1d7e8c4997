/* verify_changes.c - changes of settings: each row by itself, their order, and that the log
 * reaches as far. */
#include "store/changes_inside.h"
#include "store/folder.h"
#include "store/verify_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void change_verify(struct gh_verifier *verifier, const struct gh_database *database,
                          const struct gh_kept_change *change, uint64_t *next)
{
    char row[48];

    snprintf(row, sizeof row, "change %" PRIu64, change->number);
    if (change->position < *next)
        gh_verify_tell(verifier, database->name, row,
                       "position %" PRIu64 " comes behind that of the change before it",
                       change->position);
    if (verifier->log_end_known && change->position >= verifier->verified->next)
        gh_verify_tell(verifier, database->name, row,
                       "position %" PRIu64 " is behind the log, which ends at %" PRIu64
                       ": the end of the log is lost",
                       change->position, verifier->verified->next);
    *next = change->position + 1;
    verifier->verified->changes++;
}

static enum gh_status changes_verify(struct gh_verifier *verifier, struct gh_database *database,
                                     struct gh_error *error)
{
    sqlite3_stmt *statement = database->statement[GH_CHANGES_UP];
    enum gh_status status = GH_OK;
    uint64_t next = 0;
    bool more = true;

    gh_bind_number(statement, 1, 0);
    gh_bind_number(statement, 2, INT64_MAX);
    while (status == GH_OK && more) {
        struct gh_kept_change change;
        status =
            gh_database_step(database, GH_CHANGES_UP, "changes: cannot be read", &more, error);
        if (status != GH_OK || !more)
            continue;
        if (!gh_change_row(statement, &change))
            gh_verify_tell(verifier, database->name, "",
                           "the checksum does not fit the row of change %" PRIu64,
                           change.number);
        change_verify(verifier, database, &change, &next);
    }
    gh_database_reset(database, GH_CHANGES_UP);
    return status;
}

enum gh_status gh_verify_changes(struct gh_verifier *verifier, struct gh_error *error)
{
    struct gh_database database = {0};
    struct gh_error problem = {0};
    char *path = gh_path_join(verifier->folder, GH_CHANGES_FILE);
    enum gh_status status = GH_OK;

    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", GH_CHANGES_FILE);
    if (access(path, F_OK) == 0) {
        gh_verify_wal(verifier, GH_CHANGES_FILE);
        status =
            gh_database_open(&database, path, GH_DATABASE_READ, &gh_changes_kind, &problem);
        if (status == GH_OK) {
            gh_verify_integrity(verifier, &database);
            status = changes_verify(verifier, &database, &problem);
        }
        verifier->starved |= status == GH_EMEMORY;
        if (status != GH_OK)
            gh_verify_tell_error(verifier, GH_CHANGES_FILE, &problem);
        gh_database_close(&database);
    }
    free(path);
    return GH_OK;
}
