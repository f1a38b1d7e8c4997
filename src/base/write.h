/* write.h - plain English numbers into a fixed buffer, without locale and without stdio.
 *
 * A writer never overruns: what does not fit is cut at a character boundary and `cut` is
 * set. The text is always NUL-terminated. */
#ifndef GOODHART_BASE_WRITE_H
#define GOODHART_BASE_WRITE_H

#include "goodhart/event.h"

struct gh_writer {
    char *at;
    size_t size, used; /* capacity with the NUL; bytes written without it */
    bool cut;
};

struct gh_writer gh_writer_on(char *at, size_t size);
void gh_write(struct gh_writer *w, const char *text);
/* Control characters are replaced by '?'. */
void gh_write_text(struct gh_writer *w, struct gh_text text);
/* 1234567 -> "1,234,567". Rounds half away from zero. Not finite: "unknown". */
void gh_write_count(struct gh_writer *w, double value);
/* 8412000 -> "8.4 million", 12345 -> "12,345", 2.1e9 -> "2.1 billion". */
void gh_write_short(struct gh_writer *w, double value);
/* Fixed decimals, 0..6: (3.14159, 2) -> "3.14". */
void gh_write_fixed(struct gh_writer *w, double value, unsigned decimals);
/* 0.873 -> "87 %"; below 1 %: one decimal, "0.4 %". */
void gh_write_percent(struct gh_writer *w, double share);
/* 12.5 -> "$12.50", 12345.6 -> "$12,346"; not finite: "an unknown amount". */
void gh_write_money(struct gh_writer *w, double usd);
/* 5400000 -> "1.5 hours", 45 minutes, 3 days, 20 seconds: one unit, singular and plural. */
void gh_write_duration(struct gh_writer *w, double ms);
/* Days since 1970-01-01 -> "12 March 2026". */
void gh_write_date(struct gh_writer *w, int64_t days);

#endif
