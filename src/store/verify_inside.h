/* verify_inside.h - the parts of verification; for verify*.c alone. */
#ifndef GOODHART_STORE_VERIFY_INSIDE_H
#define GOODHART_STORE_VERIFY_INSIDE_H

#include "store/database.h"
#include "store/verify.h"

struct gh_verifier {
    const char *folder;
    gh_verify_on_fault *on_fault;
    void *context;
    struct gh_verified *verified;
    bool log_end_known; /* verified->next is where the log ends */
    bool starved;       /* there was no memory to look at something */
};

/* `row` "" stands for the file as a whole. */
void gh_verify_tell(struct gh_verifier *verifier, const char *file, const char *row,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Tells what an opening or reading has said of the file. */
void gh_verify_tell_error(struct gh_verifier *verifier, const char *file,
                          const struct gh_error *error);

/* A database as a whole: its WAL, before it is opened, and SQLite's own check, after. */
void gh_verify_wal(struct gh_verifier *verifier, const char *file);
void gh_verify_integrity(struct gh_verifier *verifier, struct gh_database *database);

GH_MUST_USE enum gh_status gh_verify_log(struct gh_verifier *verifier, struct gh_error *error);
GH_MUST_USE enum gh_status gh_verify_ledger(struct gh_verifier *verifier,
                                            struct gh_error *error);
GH_MUST_USE enum gh_status gh_verify_changes(struct gh_verifier *verifier,
                                             struct gh_error *error);

#endif
