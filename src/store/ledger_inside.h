/* ledger_inside.h - the ledger's rows and statements: for ledger.c, ledger_row.c,
 * ledger_read.c and verification; nobody else includes it. */
#ifndef GOODHART_STORE_LEDGER_INSIDE_H
#define GOODHART_STORE_LEDGER_INSIDE_H

#include "store/checksum.h"
#include "store/database.h"
#include "store/ledger.h"

#define GH_LEDGER_FILE "ledger.db"

/* Columns in the order of the tables: numbers and texts. The checksum over them follows. */
#define GH_ALERT_FIELDS(N, T) \
    N(uint64_t, sequence)     \
    T(id)                     \
    T(finding)                \
    N(uint32_t, revision)     \
    N(uint64_t, position)     \
    N(int64_t, time_ms)       \
    T(actor)                  \
    T(team)                   \
    T(detector)               \
    T(severity)               \
    T(body)
#define GH_FINDING_FIELDS(N, T) \
    T(id)                       \
    N(uint32_t, revision)       \
    N(uint64_t, opened)         \
    T(actor)                    \
    T(team)                     \
    T(detector)                 \
    T(track)                    \
    T(severity)                 \
    N(bool, open)               \
    N(int64_t, from_ms)         \
    N(int64_t, until_ms)        \
    T(body)
/* applied: see gh_ledger_counts; newest: sequence; pruned: newest sequence that is gone */
#define GH_STATE_FIELDS(N, T) \
    N(uint64_t, applied)      \
    N(uint64_t, newest)       \
    N(uint64_t, pruned)

struct gh_ledger_state {
    uint64_t applied, newest, pruned;
};

enum gh_ledger_statement {
    GH_LEDGER_STATE,
    GH_LEDGER_STATE_SET,
    GH_LEDGER_ALERT,     /* ?1: by sequence */
    GH_LEDGER_ALERT_ID,  /* ?1: sequence of the alert with this id */
    GH_LEDGER_ALERT_SET, /* a new one */
    GH_LEDGER_ALERTS,    /* ?1: from this sequence on, ?2: at most */
    GH_LEDGER_ALERTS_OF, /* ?1: of this finding */
    GH_LEDGER_FINDING,   /* ?1: by id */
    GH_LEDGER_FINDING_SET,
    GH_LEDGER_FINDINGS, /* all */
    GH_LEDGER_OPEN,     /* ?1: open ones whose ids come after this, ?2: at most */
    GH_LEDGER_COUNTS,   /* alerts, oldest sequence, findings, open ones */
    GH_LEDGER_KEPT,     /* ?1: first sequence that is not older than a time */
    GH_LEDGER_PRUNE,    /* ?1: removes what is before this sequence */
    GH_LEDGER_STATEMENTS
};
extern const struct gh_database_kind gh_ledger_kind;

struct gh_ledger {
    struct gh_database database;
    char *vfs;
    struct gh_ledger_state state; /* a writer's: what is recorded */
    uint64_t written, compared, unknown, checkpoints_failed;
    struct gh_ledger_finding found; /* handed out last; its texts stand in `text` */
    char *text;
};

/* Bind all columns with their checksum, from ?1 on. */
void gh_alert_bind(sqlite3_stmt *statement, const struct gh_ledger_alert *alert,
                   unsigned char checksum[GH_CHECKSUM_BYTES]);
void gh_finding_bind(sqlite3_stmt *statement, const struct gh_ledger_finding *finding,
                     unsigned char checksum[GH_CHECKSUM_BYTES]);
void gh_state_bind(sqlite3_stmt *statement, const struct gh_ledger_state *state,
                   unsigned char checksum[GH_CHECKSUM_BYTES]);
/* Read all columns; false: the checksum does not fit them. Texts are the statement's. */
bool gh_alert_row(sqlite3_stmt *statement, struct gh_ledger_alert *alert);
bool gh_finding_row(sqlite3_stmt *statement, struct gh_ledger_finding *finding);
bool gh_state_row(sqlite3_stmt *statement, struct gh_ledger_state *state);

/* What is recorded; all 0 in a new ledger. */
GH_MUST_USE enum gh_status gh_ledger_state_read(struct gh_database *database,
                                                struct gh_ledger_state *state,
                                                struct gh_error *error);
/* Makes the connection anew when the last write failed. */
GH_MUST_USE enum gh_status gh_ledger_ready(struct gh_ledger *ledger, struct gh_error *error);

#endif
