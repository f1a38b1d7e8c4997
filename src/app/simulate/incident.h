/* incident.h - honest oddities acted out. */
#ifndef GOODHART_APP_SIMULATE_INCIDENT_H
#define GOODHART_APP_SIMULATE_INCIDENT_H

#include "app/simulate/session.h"

/* Before the honest work of a day: what bends it (deadline, migration, travel, a broken
 * cache, first weeks). */
void gh_sim_day_bend(struct gh_sim_day *day);
/* After it: what comes on top (experiments, nights on call, jobs, runaways …) and the
 * notices that declare it. */
void gh_sim_day_incidents(struct gh_sim_day *day);
/* What is known of a person when the plan starts, or when they join: profile, leave,
 * quotas. */
void gh_sim_day_introduce(struct gh_sim_day *day);

#endif
