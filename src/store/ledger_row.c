/* ledger_row.c - the ledger's tables, and its rows to structs and back. */
#include "store/ledger_inside.h"

#include <string.h>

static const char schema[] =
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 0), applied INTEGER NOT NULL,"
    " newest INTEGER NOT NULL, pruned INTEGER NOT NULL, checksum BLOB NOT NULL) STRICT;"
    "CREATE TABLE alert (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " finding TEXT NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, actor TEXT NOT NULL, team TEXT NOT NULL,"
    " detector TEXT NOT NULL, severity TEXT NOT NULL, body TEXT NOT NULL,"
    " checksum BLOB NOT NULL) STRICT;"
    "CREATE INDEX alert_finding ON alert (finding, revision);"
    "CREATE TABLE finding (id TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL,"
    " opened INTEGER NOT NULL, actor TEXT NOT NULL, team TEXT NOT NULL,"
    " detector TEXT NOT NULL, track TEXT NOT NULL, severity TEXT NOT NULL,"
    " open INTEGER NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL, checksum BLOB NOT NULL) STRICT;"
    "CREATE INDEX finding_actor ON finding (actor, from_ms)";

#define NUMBER_NAME(type, name) #name ", "
#define TEXT_NAME(name) #name ", "
#define ALERT_COLUMNS GH_ALERT_FIELDS(NUMBER_NAME, TEXT_NAME) "checksum"
#define FINDING_COLUMNS GH_FINDING_FIELDS(NUMBER_NAME, TEXT_NAME) "checksum"
#define STATE_COLUMNS GH_STATE_FIELDS(NUMBER_NAME, TEXT_NAME) "checksum"

static const char *const statements[GH_LEDGER_STATEMENTS] = {
    [GH_LEDGER_STATE] = "SELECT " STATE_COLUMNS " FROM state",
    [GH_LEDGER_STATE_SET] = "INSERT OR REPLACE INTO state (" STATE_COLUMNS ", id)"
                            " VALUES (?1, ?2, ?3, ?4, 0)",
    [GH_LEDGER_ALERT] = "SELECT " ALERT_COLUMNS " FROM alert WHERE sequence = ?1",
    [GH_LEDGER_ALERT_ID] = "SELECT sequence FROM alert WHERE id = ?1",
    [GH_LEDGER_ALERT_SET] = "INSERT INTO alert (" ALERT_COLUMNS ") VALUES"
                            " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [GH_LEDGER_ALERTS] = "SELECT " ALERT_COLUMNS " FROM alert WHERE sequence >= ?1"
                         " ORDER BY sequence LIMIT ?2",
    [GH_LEDGER_ALERTS_OF] = "SELECT " ALERT_COLUMNS " FROM alert WHERE finding = ?1"
                            " ORDER BY revision, sequence",
    [GH_LEDGER_FINDING] = "SELECT " FINDING_COLUMNS " FROM finding WHERE id = ?1",
    [GH_LEDGER_FINDING_SET] = "INSERT OR REPLACE INTO finding (" FINDING_COLUMNS ") VALUES"
                              " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [GH_LEDGER_FINDINGS] = "SELECT " FINDING_COLUMNS " FROM finding ORDER BY id",
    [GH_LEDGER_OPEN] = "SELECT " FINDING_COLUMNS " FROM finding WHERE id > ?1 AND open"
                       " ORDER BY id LIMIT ?2",
    [GH_LEDGER_COUNTS] = "SELECT (SELECT count(*) FROM alert),"
                         " (SELECT coalesce(min(sequence), 0) FROM alert),"
                         " (SELECT count(*) FROM finding),"
                         " (SELECT count(*) FROM finding WHERE open)",
    [GH_LEDGER_KEPT] =
        "SELECT sequence FROM alert WHERE time_ms >= ?1 ORDER BY sequence LIMIT 1",
    [GH_LEDGER_PRUNE] = "DELETE FROM alert WHERE sequence < ?1",
};

const struct gh_database_kind gh_ledger_kind = {.mark = 0x67686c64, /* ghld */
                                                .format = 1,
                                                .schema = schema,
                                                .statement = statements,
                                                .statement_count = GH_LEDGER_STATEMENTS};

#define NUMBER_BIND(type, name)                            \
    gh_bind_number(statement, ++index, (uint64_t)r->name); \
    gh_checksum_number(&sum, (uint64_t)r->name);
#define TEXT_BIND(name)                        \
    gh_bind_text(statement, ++index, r->name); \
    gh_checksum_text(&sum, r->name);
#define NUMBER_READ(type, name)                           \
    r->name = (type)gh_column_number(statement, index++); \
    gh_checksum_number(&sum, (uint64_t)r->name);
#define TEXT_READ(name)                           \
    r->name = gh_column_text(statement, index++); \
    gh_checksum_text(&sum, r->name);

/* bind and row functions of one table */
#define ROW_FUNCTIONS(table, row, FIELDS)                                   \
    void gh_##table##_bind(sqlite3_stmt *statement, const row *r,           \
                           unsigned char checksum[GH_CHECKSUM_BYTES])       \
    {                                                                       \
        struct gh_checksum sum;                                             \
        int index = 0;                                                      \
        gh_checksum_begin(&sum);                                            \
        FIELDS(NUMBER_BIND, TEXT_BIND)                                      \
        gh_checksum_end(&sum, checksum);                                    \
        gh_bind_blob(statement, ++index, checksum, GH_CHECKSUM_BYTES);      \
    }                                                                       \
    bool gh_##table##_row(sqlite3_stmt *statement, row *r)                  \
    {                                                                       \
        unsigned char wanted[GH_CHECKSUM_BYTES], stored[GH_CHECKSUM_BYTES]; \
        struct gh_checksum sum;                                             \
        int index = 0;                                                      \
        gh_checksum_begin(&sum);                                            \
        FIELDS(NUMBER_READ, TEXT_READ)                                      \
        gh_checksum_end(&sum, wanted);                                      \
        return gh_column_bytes(statement, index, stored, sizeof(stored)) && \
               !memcmp(wanted, stored, sizeof(wanted));                     \
    }

ROW_FUNCTIONS(alert, struct gh_ledger_alert, GH_ALERT_FIELDS)
ROW_FUNCTIONS(finding, struct gh_ledger_finding, GH_FINDING_FIELDS)
ROW_FUNCTIONS(state, struct gh_ledger_state, GH_STATE_FIELDS)
