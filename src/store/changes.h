/* changes.h - what was set while the service ran: who, when, why, and from which log position
 * on it holds.
 *
 * One SQLite database, "settings.db", in the folder of the log. The log has the same records at
 * their positions, where they take effect; here they are found without reading it, and stay
 * when its segments go. What is missing is filled in from the log: a record that is there
 * already is the same, or the history is another one.
 *
 * One thread uses one; others open their own for reading. */
#ifndef GOODHART_STORE_CHANGES_H
#define GOODHART_STORE_CHANGES_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <stdbool.h>

/* Texts are lent. */
struct gh_kept_change {
    uint64_t number;      /* from 1; below 2^63 */
    uint64_t position;    /* of its record in the log */
    int64_t time_ms;      /* wall clock */
    struct gh_text basis; /* hash of what holds from there on */
    struct gh_text body;  /* JSON, as the log has it */
};

struct gh_kept_changes;

/* In the folder of the log, which this process holds. `vfs` as in struct gh_log_setup. The
 * caller owns *changes. */
GH_MUST_USE enum gh_status gh_kept_changes_open(struct gh_kept_changes **changes,
                                                const char *folder, const char *vfs,
                                                struct gh_error *error);
/* For reading, beside a writer. GH_EIO: there is none, or it cannot be opened. */
GH_MUST_USE enum gh_status gh_kept_changes_open_reader(struct gh_kept_changes **changes,
                                                       const char *folder,
                                                       struct gh_error *error);
void gh_kept_changes_close(struct gh_kept_changes *changes); /* NULL is legal */

/* Durable when it returns GH_OK. GH_EDIVERGED: the number is there with another position or
 * body, or the position with another number. After a failure the next call makes the
 * connection anew. */
GH_MUST_USE enum gh_status gh_kept_changes_add(struct gh_kept_changes *changes,
                                               const struct gh_kept_change *change,
                                               struct gh_error *error);

/* Those from `number` on, ascending, at most `limit`; where `newest` is set, those up to
 * `number`, descending. A row is lent for the call; the visitor returns false to stop. A row
 * whose checksum does not fit is not handed out: GH_EFORMAT. */
typedef bool gh_kept_on_change(void *context, const struct gh_kept_change *change);
struct gh_kept_page {
    uint64_t number;
    uint32_t limit;
    bool newest;
};
GH_MUST_USE enum gh_status gh_kept_changes_read(struct gh_kept_changes *changes,
                                                const struct gh_kept_page *page,
                                                gh_kept_on_change *visit, void *context,
                                                struct gh_error *error);

#endif
