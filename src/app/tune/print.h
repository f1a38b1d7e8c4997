/* print.h - what a run of `goodhart tune` says: tables, lines for machines, a page. */
#ifndef GOODHART_APP_TUNE_PRINT_H
#define GOODHART_APP_TUNE_PRINT_H

#include "app/outfile.h"
#include "app/tune/axis.h"
#include "app/tune/run.h"

/* What was tried, and in which order it is shown. */
struct gh_tune_view {
    const struct gh_tune_run *run;
    const struct gh_tune_axis *axis; /* of a sweep; else NULL */
    size_t best;                     /* the case that costs least; 0: what is in force */
};
/* Picks the best: ties and what cannot be told stay with what is in force. */
struct gh_tune_view gh_tune_view_of(const struct gh_tune_run *run,
                                    const struct gh_tune_axis *axis);
/* Cases in the order in which they are shown: of a sweep by value, else as tried. The caller
 * frees it (g_free). */
size_t *gh_tune_view_order(const struct gh_tune_view *view);
/* What the numbers cannot carry, one sentence each; NULL: no more. Into `text`. */
enum { GH_TUNE_NOTE_SIZE = 320 };
bool gh_tune_view_note(const struct gh_tune_view *view, size_t index,
                       char text[GH_TUNE_NOTE_SIZE]);
/* "2026-02-02 to 2026-03-30: 56 days, 80 people, $12,346 spent" */
enum { GH_TUNE_PAST_SIZE = 160 };
void gh_tune_view_past(const struct gh_tune_view *view, char text[GH_TUNE_PAST_SIZE]);
/* "62 % (40-80)", "$1,200 (300-2,000)"; "unknown" where there is none. */
enum { GH_TUNE_INTERVAL_SIZE = 64 };
void gh_tune_share_print(const struct gh_interval *share, char text[GH_TUNE_INTERVAL_SIZE]);
void gh_tune_usd_print(const struct gh_interval *usd, char text[GH_TUNE_INTERVAL_SIZE]);
/* Names of detectors that have findings, sorted, and how many moved in each way there. */
struct gh_tune_row {
    const char *detector;
    uint64_t before, after, by_move[GH_TUNE_MOVE_COUNT];
};
/* Of a case; returns how many rows are in `row`, at most GH_BEHAVIOUR_COUNT. */
size_t gh_tune_rows(const struct gh_tune_tried *tried,
                    struct gh_tune_row row[GH_BEHAVIOUR_COUNT]);

/* The table, and for a case that is compared alone what has changed. At most 100 columns. */
void gh_tune_table_print(const struct gh_tune_view *view, FILE *out);
/* One object for each case and one for each finding that is not the same. */
void gh_tune_lines_write(const struct gh_tune_view *view, struct gh_outfile *out);
/* A page of its own: no script, nothing loaded. */
void gh_tune_page_write(const struct gh_tune_view *view, FILE *out);

#endif
