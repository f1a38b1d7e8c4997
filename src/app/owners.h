/* owners.h - what came with each key, counted by the name of its owner. The names are those of
 * a key file, so their number is bounded by it. */
#ifndef GOODHART_APP_OWNERS_H
#define GOODHART_APP_OWNERS_H

#include "app/pipeline.h"
#include "edge/json.h"

struct gh_owners;
GH_MUST_USE struct gh_owners *gh_owners_new(void); /* NULL: out of memory */
void gh_owners_free(struct gh_owners *owners);     /* NULL is legal */

/* `owner` NULL is nobody, and not counted. */
void gh_owners_events(struct gh_owners *owners, const char *owner, uint64_t events);
void gh_owners_refused(struct gh_owners *owners, const char *owner, enum gh_refusal reason);

/* {"NAME": {"events": N, "refused": N, "not_allowed": N}, ...} in the order of the names. */
void gh_owners_write(const struct gh_owners *owners, struct gh_json *json);

#endif
