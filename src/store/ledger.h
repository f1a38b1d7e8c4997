/* ledger.h - what the engine has said: alerts and findings, and up to which log position.
 *
 * One SQLite database, "ledger.db", in the folder of the log (WAL, synchronous=FULL). The
 * engine is a pure function of the log, so after a crash it says again what it had said;
 * the ledger compares and never takes another version of an alert that it holds.
 *
 * One thread uses a ledger; others open their own for reading. */
#ifndef GOODHART_STORE_LEDGER_H
#define GOODHART_STORE_LEDGER_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <stdbool.h>

/* One published change. Texts are lent; none may be NULL, all but `id` may be empty. */
struct gh_ledger_alert {
    uint64_t sequence; /* from 1, without gaps; below 2^63 */
    struct gh_text id; /* unique */
    struct gh_text finding;
    uint32_t revision;
    uint64_t position; /* of the event in the log at which it arose */
    int64_t time_ms;   /* event time */
    struct gh_text actor, team, detector, severity; /* as the topics have them */
    struct gh_text body;                            /* JSON */
};

/* A finding as its newest revision has it. */
struct gh_ledger_finding {
    struct gh_text id;
    uint32_t revision;
    uint64_t opened; /* sequence of its first alert */
    struct gh_text actor, team, detector, track, severity;
    bool open;
    int64_t from_ms, until_ms;
    struct gh_text body; /* JSON */
};

/* An alert with the finding that it is about; finding.opened is set by the ledger. */
struct gh_ledger_change {
    struct gh_ledger_alert alert;
    struct gh_ledger_finding finding;
};

struct gh_ledger_counts {
    uint64_t alerts;             /* there now */
    uint64_t oldest, newest;     /* sequences; newest 0: there never was one */
    uint64_t findings, open;     /* open: of these, not closed */
    uint64_t applied;            /* log positions below it have had their effect */
    uint64_t written, compared;  /* alerts since it was opened: new, and there already */
    uint64_t unknown;            /* offered again, but pruned: nothing to compare with */
    uint64_t checkpoints_failed; /* the WAL grows meanwhile; tried again each time */
};

struct gh_ledger;

/* For writing; the folder is there and its log is open in this process, which keeps others
 * out. `vfs` as in struct gh_log_setup. The caller owns *ledger. */
GH_MUST_USE enum gh_status gh_ledger_open(struct gh_ledger **ledger, const char *folder,
                                          const char *vfs, struct gh_error *error);
/* For reading, beside a writer. GH_EIO: there is none, or it cannot be opened. */
GH_MUST_USE enum gh_status gh_ledger_open_reader(struct gh_ledger **ledger, const char *folder,
                                                 const char *vfs, struct gh_error *error);
void gh_ledger_close(struct gh_ledger *ledger); /* NULL is legal */

/* Writes all changes and the position (first one not applied) in one transaction, durable
 * when it returns GH_OK. `count` may be 0. The position never goes back.
 *
 * A sequence that is there already is compared: the same id and body are nothing new.
 * GH_EDIVERGED: id or body differ, an id stands under another sequence, or a sequence is
 * left out; the history derived now is not the recorded one. On any failure nothing was
 * written. After GH_EFULL and GH_EIO the next call makes the connection anew. */
GH_MUST_USE enum gh_status gh_ledger_commit(struct gh_ledger *ledger,
                                            const struct gh_ledger_change *change, size_t count,
                                            uint64_t position, struct gh_error *error);

/* Readers lend each row for the length of the call. A visitor returns false to stop. A row
 * whose checksum does not fit is not handed out: GH_EFORMAT. */
typedef bool gh_ledger_on_alert(void *context, const struct gh_ledger_alert *alert);
/* Alerts from `sequence` on, ascending, at most `limit`. */
struct gh_ledger_page {
    uint64_t sequence;
    uint32_t limit;
};
GH_MUST_USE enum gh_status gh_ledger_alerts(struct gh_ledger *ledger,
                                            const struct gh_ledger_page *page,
                                            gh_ledger_on_alert *visit, void *context,
                                            struct gh_error *error);
/* The alerts of one finding, ascending by revision. */
GH_MUST_USE enum gh_status gh_ledger_alerts_of(struct gh_ledger *ledger, struct gh_text finding,
                                               gh_ledger_on_alert *visit, void *context,
                                               struct gh_error *error);
/* The finding, lent until the next call on this ledger; *finding = NULL: there is none. */
GH_MUST_USE enum gh_status gh_ledger_finding(struct gh_ledger *ledger, struct gh_text id,
                                             const struct gh_ledger_finding **finding,
                                             struct gh_error *error);
/* Findings that are open, ascending by id, at most `limit`; those after `id` ("": from the
 * first on), so that many are read in pages. Looks at closed ones on the way. */
typedef bool gh_ledger_on_finding(void *context, const struct gh_ledger_finding *finding);
struct gh_ledger_open_page {
    struct gh_text id;
    uint32_t limit;
};
GH_MUST_USE enum gh_status gh_ledger_open_findings(struct gh_ledger *ledger,
                                                   const struct gh_ledger_open_page *page,
                                                   gh_ledger_on_finding *visit, void *context,
                                                   struct gh_error *error);
GH_MUST_USE enum gh_status gh_ledger_counts(struct gh_ledger *ledger,
                                            struct gh_ledger_counts *counts,
                                            struct gh_error *error);

/* Removes alerts up to the first one that is not older than `before_ms`; findings stay. */
GH_MUST_USE enum gh_status gh_ledger_prune(struct gh_ledger *ledger, int64_t before_ms,
                                           uint64_t *removed, struct gh_error *error);

/* NULL, or why this SQLite had better be replaced: for the service to say once. */
const char *gh_sqlite_warning(void);

#endif
