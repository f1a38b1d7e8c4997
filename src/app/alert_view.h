/* alert_view.h - alerts as people read them, one by one and summed up. */
#ifndef GOODHART_APP_ALERT_VIEW_H
#define GOODHART_APP_ALERT_VIEW_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <stdio.h>

/* What a view shows of an alert. Texts are lent by the body it was read from. */
struct gh_alert_view {
    const char *id, *time, *change;
    const char *finding, *detector, *actor, *team, *severity, *track;
    const char *explanation, *question;
    double tokens, cost_usd, excess_tokens, excess_cost_usd; /* NAN: not known */
    bool reviewable;
};

/* Reads a body; the caller ends it with gh_alert_view_free. False: it is no alert. */
struct gh_alert_body;
bool gh_alert_view_read(struct gh_alert_body **body, struct gh_alert_view *view,
                        struct gh_text json);
void gh_alert_view_free(struct gh_alert_body *body); /* NULL is legal */

/* Some lines: when, how severe, who, what was seen, what it cost, what to ask. */
void gh_alert_view_print(const struct gh_alert_view *view, FILE *out, bool coloured);

/* The newest state of every finding that was seen. */
struct gh_alert_sum;
GH_MUST_USE struct gh_alert_sum *gh_alert_sum_new(void);
void gh_alert_sum_free(struct gh_alert_sum *sum); /* NULL is legal */
void gh_alert_sum_add(struct gh_alert_sum *sum, const struct gh_alert_view *view);
/* A table by track and detector, and how many of `actors` (0: not known) are concerned by
 * findings that reach a manager. */
void gh_alert_sum_print(const struct gh_alert_sum *sum, uint64_t actors, FILE *out);

#endif
