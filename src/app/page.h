/* page.h - what our pages have in common: one file, no script, nothing that is loaded, light
 * and dark as the reader has it, readable on a phone. Plots: app/plot.h.
 *
 * Classes: `tiles` of `tile`, `grid3` of figures, `wide` around a table, `key` with `d` (data),
 * `b` (bound), `f` (fit). */
#ifndef GOODHART_APP_PAGE_H
#define GOODHART_APP_PAGE_H

#include <stdio.h>

/* Up to where the text of the page begins. The title is `what` and `name`, which may be any. */
void gh_page_open(FILE *out, const char *what, const char *name);
void gh_page_close(FILE *out);
/* `figure` in large, `text` below. Both are ours, not strangers'. */
void gh_page_tile(FILE *out, const char *figure, const char *text);

#endif
