/* honest.h - what a person honestly does on a day. */
#ifndef GOODHART_APP_SIMULATE_HONEST_H
#define GOODHART_APP_SIMULATE_HONEST_H

#include "app/simulate/session.h"

/* Sessions of the day and what came of them. Advances the person's state by one day, so
 * days must come in order, days of leave included. */
void gh_sim_day_honest(struct gh_sim_day *day);

/* Extra sessions that look like the person's own until they hold `tokens`, within local
 * minutes. Nothing comes of them. */
struct gh_sim_fill {
    double tokens, from_min, until_min;
    bool gamed, unattended;
    uint16_t experiment;
};
void gh_sim_day_fill(struct gh_sim_day *day, const struct gh_sim_fill *fill);

/* An artifact of the person's role at `ts_ms`, later accepted, rejected, reverted. */
void gh_sim_day_output(struct gh_sim_day *day, int64_t ts_ms, const struct gh_sim_done *from);

/* One large pull request, accepted a while later. */
void gh_sim_day_pull_request(struct gh_sim_day *day, int64_t ts_ms);

#endif
