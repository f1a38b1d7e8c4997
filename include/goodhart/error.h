/* error.h - one list of failures; what to tell a person; what to tell a machine. */
#ifndef GOODHART_ERROR_H
#define GOODHART_ERROR_H

#include <stddef.h>

// clang-format off
/*    code         exit  text for a person */
#define GH_STATUS_LIST(X)                          \
    X(GH_OK, 0, "ok")                              \
    X(GH_EMEMORY, 1, "out of memory")              \
    X(GH_EUSAGE, 2, "wrong usage")                 \
    X(GH_ECONFIG, 2, "configuration is not valid") \
    X(GH_EFORMAT, 1, "input is malformed")         \
    X(GH_ELIMIT, 1, "a configured limit is reached") \
    X(GH_EIO, 1, "input or output failed")         \
    X(GH_EFULL, 1, "no space left")                \
    X(GH_EDIVERGED, 1, "history is not the recorded one")
// clang-format on

#define GH_STATUS_ENUM(code, exit_code, text) code,
enum gh_status { GH_STATUS_LIST(GH_STATUS_ENUM) GH_STATUS_COUNT };

/* The caller owns it and sets it to {0} first. Untouched on success; the first failure
 * wins, later ones are dropped; each caller on the way up may put its own words in front
 * with gh_error_wrap. Grammar of a text: "where: what: legal values". */
struct gh_error {
    enum gh_status status;
    char text[512];
};

#define GH_MUST_USE __attribute__((warn_unused_result))

/* Sets `e` unless it already holds a failure. Returns `s`, so that a caller can write
 * `return gh_error_set(e, GH_EIO, ...)`. `e` may be NULL. Part of the shell: it formats
 * with the C library, so the pure core never calls it. */
enum gh_status gh_error_set(struct gh_error *e, enum gh_status s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gh_error_wrap(struct gh_error *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const char *gh_status_text(enum gh_status s);
int gh_status_exit(enum gh_status s);

#endif
