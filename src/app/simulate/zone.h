/* zone.h - the five time zones of the simulated company.
 *
 * Their rules are written down here, not looked up, so that a plan gives the same bytes on
 * every machine whatever its zone data. Valid from 2007, when the United States took their
 * present rule. */
#ifndef GOODHART_APP_SIMULATE_ZONE_H
#define GOODHART_APP_SIMULATE_ZONE_H

#include <stdint.h>

enum { GH_SIM_ZONES = 5 };

const char *gh_sim_zone_name(uint32_t zone);
/* Share of teams that live there; the shares sum up to 1. */
double gh_sim_zone_share(uint32_t zone);
/* Local minus UTC at `time_ms`, in milliseconds. */
int64_t gh_sim_zone_offset_ms(uint32_t zone, int64_t time_ms);

#endif
