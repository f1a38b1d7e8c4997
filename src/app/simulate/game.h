/* game.h - what gamers add to their honest work, so that the gamed tokens are known
 * exactly: the same plan without gamers has the same honest events. */
#ifndef GOODHART_APP_SIMULATE_GAME_H
#define GOODHART_APP_SIMULATE_GAME_H

#include "app/simulate/session.h"

/* Whether, how and from when this person games (gamer.c). */
void gh_sim_gaming_init(struct gh_sim_person *person, const struct gh_sim_plan *plan);
/* Gaming of a day after its honest records, of `tokens` in all, are made. */
void gh_sim_day_game(struct gh_sim_day *day, double tokens);

#endif
