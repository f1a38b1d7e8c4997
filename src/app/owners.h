/* owners.h - what came with each key, counted by the name of its owner. The names are those of
 * a key file, so their number is bounded by it. */
#ifndef GOODHART_APP_OWNERS_H
#define GOODHART_APP_OWNERS_H

#include "app/pipeline.h"
#include "edge/json.h"

struct gh_owners;
/* `new_actors`: see gh_owners_bring. NULL: out of memory. */
GH_MUST_USE struct gh_owners *gh_owners_new(uint32_t new_actors);
void gh_owners_free(struct gh_owners *owners); /* NULL is legal */

/* `owner` NULL is nobody, and not counted. */
void gh_owners_events(struct gh_owners *owners, const char *owner, uint64_t events);
void gh_owners_refused(struct gh_owners *owners, const char *owner, enum gh_refusal reason);

/* Whether the owner may bring up one more actor: so many different ones, and no more. One who
 * was let through before is again. False, too, when memory is out. */
bool gh_owners_bring(struct gh_owners *owners, const char *owner, struct gh_text actor);

/* {"NAME": {"events": N, "refused": N, "not_allowed": N, "new_actors": N}, ...} in
 * the order of the names. */
void gh_owners_write(const struct gh_owners *owners, struct gh_json *json);

#endif
