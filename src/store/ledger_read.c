/* ledger_read.c - reading the ledger; see ledger.h. */
#include "store/ledger_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum gh_status alerts_visit(struct gh_ledger *ledger, size_t statement,
                                   gh_ledger_on_alert *visit, void *context,
                                   struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    struct gh_ledger_alert alert;
    enum gh_status status = GH_OK;
    bool more = true;

    while (status == GH_OK && more) {
        status = gh_database_step(database, statement, "alerts: cannot be read", &more, error);
        if (status != GH_OK || !more)
            continue;
        if (gh_alert_row(database->statement[statement], &alert))
            more = visit(context, &alert);
        else
            status = gh_error_set(error, GH_EFORMAT,
                                  "%s: alert %" PRIu64 ": the checksum does not fit",
                                  database->name, alert.sequence);
    }
    gh_database_reset(database, statement);
    return status;
}

enum gh_status gh_ledger_alerts(struct gh_ledger *ledger, const struct gh_ledger_page *page,
                                gh_ledger_on_alert *visit, void *context,
                                struct gh_error *error)
{
    sqlite3_stmt *statement;
    const enum gh_status status = gh_ledger_ready(ledger, error);

    if (status != GH_OK)
        return status;
    statement = ledger->database.statement[GH_LEDGER_ALERTS];
    gh_bind_number(statement, 1, page->sequence > INT64_MAX ? INT64_MAX : page->sequence);
    gh_bind_number(statement, 2, page->limit);
    return alerts_visit(ledger, GH_LEDGER_ALERTS, visit, context, error);
}

enum gh_status gh_ledger_alerts_of(struct gh_ledger *ledger, struct gh_text finding,
                                   gh_ledger_on_alert *visit, void *context,
                                   struct gh_error *error)
{
    const enum gh_status status = gh_ledger_ready(ledger, error);

    if (status != GH_OK)
        return status;
    gh_bind_text(ledger->database.statement[GH_LEDGER_ALERTS_OF], 1, finding);
    return alerts_visit(ledger, GH_LEDGER_ALERTS_OF, visit, context, error);
}

/* Copies the texts of `found` to the ledger's memory: the statement must not stay open. */
static bool finding_keep(struct gh_ledger *ledger, const struct gh_ledger_finding *found)
{
    struct gh_ledger_finding *kept = &ledger->found;
    size_t size = 1;
    char *to;

    *kept = *found;
#define TEXT_SIZE(name) size += found->name.size;
#define TEXT_KEEP(name)                                  \
    memcpy(to, found->name.at, found->name.size);        \
    kept->name = (struct gh_text){to, found->name.size}; \
    to += found->name.size;
#define NUMBER_SKIP(type, name)
    GH_FINDING_FIELDS(NUMBER_SKIP, TEXT_SIZE)
    free(ledger->text);
    ledger->text = to = malloc(size);
    if (!to)
        return false;
    GH_FINDING_FIELDS(NUMBER_SKIP, TEXT_KEEP)
    return true;
}

enum gh_status gh_ledger_finding(struct gh_ledger *ledger, struct gh_text id,
                                 const struct gh_ledger_finding **finding,
                                 struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    struct gh_ledger_finding found;
    enum gh_status status = gh_ledger_ready(ledger, error);
    bool row;

    *finding = NULL;
    if (status != GH_OK)
        return status;
    gh_bind_text(database->statement[GH_LEDGER_FINDING], 1, id);
    status =
        gh_database_step(database, GH_LEDGER_FINDING, "finding: cannot be read", &row, error);
    if (status == GH_OK && row) {
        if (!gh_finding_row(database->statement[GH_LEDGER_FINDING], &found))
            status =
                gh_error_set(error, GH_EFORMAT, "%s: finding %.*s: the checksum does not fit",
                             database->name, (int)id.size, id.at);
        else if (!finding_keep(ledger, &found))
            status = gh_error_set(error, GH_EMEMORY, "ledger: out of memory");
        else
            *finding = &ledger->found;
    }
    gh_database_reset(database, GH_LEDGER_FINDING);
    return status;
}

enum gh_status gh_ledger_open_findings(struct gh_ledger *ledger,
                                       const struct gh_ledger_open_page *page,
                                       gh_ledger_on_finding *visit, void *context,
                                       struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    sqlite3_stmt *statement;
    enum gh_status status = gh_ledger_ready(ledger, error);
    bool more = true;

    if (status != GH_OK)
        return status;
    statement = database->statement[GH_LEDGER_OPEN];
    gh_bind_text(statement, 1, page->id);
    gh_bind_number(statement, 2, page->limit);
    while (status == GH_OK && more) {
        struct gh_ledger_finding found;
        status = gh_database_step(database, GH_LEDGER_OPEN, "findings: cannot be read", &more,
                                  error);
        if (status != GH_OK || !more)
            continue;
        if (gh_finding_row(statement, &found))
            more = visit(context, &found);
        else
            status =
                gh_error_set(error, GH_EFORMAT,
                             "%s: an open finding: the checksum does not fit", database->name);
    }
    gh_database_reset(database, GH_LEDGER_OPEN);
    return status;
}

enum gh_status gh_ledger_counts(struct gh_ledger *ledger, struct gh_ledger_counts *counts,
                                struct gh_error *error)
{
    struct gh_database *database = &ledger->database;
    sqlite3_stmt *statement;
    struct gh_ledger_state state = {0};
    bool row;
    enum gh_status status = gh_ledger_ready(ledger, error);

    if (status == GH_OK)
        status = gh_ledger_state_read(database, &state, error);
    if (status != GH_OK)
        return status;
    statement = database->statement[GH_LEDGER_COUNTS];
    status =
        gh_database_step(database, GH_LEDGER_COUNTS, "counts: cannot be read", &row, error);
    *counts = (struct gh_ledger_counts){.alerts = gh_column_number(statement, 0),
                                        .oldest = gh_column_number(statement, 1),
                                        .newest = state.newest,
                                        .findings = gh_column_number(statement, 2),
                                        .open = gh_column_number(statement, 3),
                                        .applied = state.applied,
                                        .written = ledger->written,
                                        .compared = ledger->compared,
                                        .unknown = ledger->unknown,
                                        .checkpoints_failed = ledger->checkpoints_failed};
    gh_database_reset(database, GH_LEDGER_COUNTS);
    return status;
}
