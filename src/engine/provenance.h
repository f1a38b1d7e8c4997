/* provenance.h - what came with a key, and what anybody may have said. Internal to src/engine.
 *
 * An event is authenticated when its producer showed a key (gh_event.owner), else it is
 * self-reported. A finding tells which it rests on, and is never critical unless all of it is
 * authenticated.
 *
 * With review.require_authenticated, self-reported events are kept apart: what they say of
 * somebody is held as if it were about another person of the same name, in another team of the
 * same name. That person has detectors, a past and incidents like everybody, but is never
 * enrolled (so has no e-value among those that are selected from) and is no example to peers.
 * Two things follow, both because the two share no state at all:
 *
 *   nobody is framed  a flood of self-reported events beside honest authenticated ones adds
 *                     nothing to any bet: not to days, sessions, units taken back, owners of
 *                     agents, nor to what peers are allowed.
 *   nobody buys out   who sends self-reported events beside their own authenticated ones takes
 *                     nothing away: they dilute no share, count as no output and no
 *                     experiment, declare no leave and no service account, enrol nobody, and a
 *                     self-reported verdict is about findings on what is kept apart alone.
 *
 * All of it is before selection; nothing is filtered after it.
 *
 * Rejected: to leave out days that are not authenticated as a whole (one event a day would be
 * the way out); to weigh evidence by its share (a flood makes it what it likes); to drop what
 * is self-reported (a stuck agent would be seen by nobody).
 *
 * What is not parted: event time, which any producer moves within order.max_future, and bounds
 * of memory. And what is declared with a key (profile, schedule,
 * experiment, quota) does not hold for what came without one.
 *
 * An engine that was saved while nothing was kept apart, and is loaded with the option on,
 * begins evidence anew (gh_evidence_restart): nobody knows how much of it was self-reported. */
#ifndef GOODHART_ENGINE_PROVENANCE_H
#define GOODHART_ENGINE_PROVENANCE_H

#include "base/intern.h"
#include "detect/detector.h"

/* Takes in a name of an actor or a team that is kept apart, as gh_intern_add. It stands there
 * with a mark that no name has. */
uint32_t gh_who_add_apart(struct gh_heap *heap, struct gh_intern *who, struct gh_text name);
uint32_t gh_who_find_apart(const struct gh_intern *who, struct gh_text name); /* 0: none */
bool gh_who_apart(struct gh_text taken_in);
struct gh_text gh_who_name(struct gh_text taken_in); /* as it was told */

/* Of what an episode rests on; without any events: self-reported, 0. */
enum gh_provenance gh_episode_provenance(const struct gh_episode *episode);
double gh_episode_authenticated(const struct gh_episode *episode);

#endif
