/* progress.h - one line on a terminal while long work goes on.
 *
 * Nothing is drawn when the stream is no terminal, and nothing in the first second. The
 * clock is the caller's, so that a test can turn it. */
#ifndef GOODHART_APP_PROGRESS_H
#define GOODHART_APP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct gh_progress {
    FILE *stream;
    bool terminal, drawn;
    uint64_t total;  /* bytes; 0 unknown */
    bool only_share; /* `total` is not in bytes: the line tells the share of it alone */
    int64_t started_ns, drawn_ns;
};

void gh_progress_start(struct gh_progress *progress, FILE *stream, bool terminal,
                       uint64_t total, int64_t now_ns);
/* `events` where nobody counts them: no pace is told. */
#define GH_PROGRESS_UNCOUNTED UINT64_MAX
/* Draws when the last time was a fifth of a second ago. */
void gh_progress_update(struct gh_progress *progress, uint64_t done, uint64_t events,
                        int64_t now_ns);
/* Takes the line away. */
void gh_progress_stop(struct gh_progress *progress);

/* The line: "[########------------]  40 %  1.2 of 3.0 GB  812,345 events/s  7 seconds left". */
enum { GH_PROGRESS_SIZE = 160 };
void gh_progress_line(char text[GH_PROGRESS_SIZE], uint64_t done, uint64_t total,
                      uint64_t events, double seconds);

#endif
