/* follow.h - one engine takes events in, several judge: for trying settings on the past.
 *
 * What does not depend on how people are judged is done once, by the engine that leads: the
 * order of events, doubles, names, prices, experiments. Those who follow it have people, days,
 * detectors, rounds and findings of their own. Each of them says what an engine by itself says
 * that is offered the same events under the same settings.
 *
 *     gh_engine_lead(&front, &setup);
 *     gh_engine_follow(&engine[i], front, &other_setup);        each i
 *     gh_engine_offer(front, event, count, answer);             and for each offer,
 *     gh_engine_catch_up(engine[i]); gh_engine_change(…);       each i, on any thread
 *     gh_engine_finish(front); gh_engine_catch_up(engine[i]);   in the end
 *
 * While one catches up nothing may be offered to its front; several may catch up at once. */
#ifndef GOODHART_ENGINE_FOLLOW_H
#define GOODHART_ENGINE_FOLLOW_H

#include "goodhart/engine.h"

/* An engine that judges nobody: gh_engine_offer, gh_engine_finish, gh_engine_released,
 * gh_engine_knows and the counters of what was offered are all that it is for. Of the setup's
 * options only those count that gh_engine_fits looks at. GH_EMEMORY. */
GH_MUST_USE enum gh_status gh_engine_lead(struct gh_engine **front,
                                          const struct gh_setup *setup);
/* Whether an engine of this setup can follow: options of order and limits are the same,
 * review.require_authenticated is, and the prices are those in memory that the front has. */
bool gh_engine_fits(const struct gh_engine *front, const struct gh_setup *setup);
/* The front must not have been offered anything yet, and outlives it. zones of the setup are
 * not asked: the front's are. It is neither offered events nor saved. GH_ECONFIG: it does not
 * fit, or as gh_engine_new; GH_EMEMORY. */
GH_MUST_USE enum gh_status gh_engine_follow(struct gh_engine **engine,
                                            const struct gh_engine *front,
                                            const struct gh_setup *setup);
/* Takes what the front has taken since it was offered something last: once for each time.
 * GH_EMEMORY: here or at the front; neither is usable any longer. */
GH_MUST_USE enum gh_status gh_engine_catch_up(struct gh_engine *engine);

#endif
