/* makers.h - who made what hooks were told of, so that it outlives the program.
 *
 * One SQLite database, "hooks.db", in the folder of the log. The newest GH_MAKERS_KEPT are
 * kept. One thread at a time uses one. */
#ifndef GOODHART_STORE_MAKERS_H
#define GOODHART_STORE_MAKERS_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <stddef.h>

struct gh_makers;
enum { GH_MAKERS_KEPT = 65536 };
struct gh_maker {
    struct gh_text ref, account;
    int64_t ts_ms; /* of the artifact, >= 0 */
};

/* In the folder of the log, which this process holds. The caller owns *makers. */
GH_MUST_USE enum gh_status gh_makers_open(struct gh_makers **makers, const char *folder,
                                          struct gh_error *error);
void gh_makers_close(struct gh_makers *makers); /* NULL is legal */

/* All of them or none, durable when it returns GH_OK; of the same ref the last one holds. After
 * a failure the next call makes the connection anew. */
GH_MUST_USE enum gh_status gh_makers_keep(struct gh_makers *makers,
                                          const struct gh_maker *maker, size_t count,
                                          struct gh_error *error);
/* The newest first; a row is lent for the call. */
typedef void gh_makers_on_maker(void *context, const struct gh_maker *maker);
GH_MUST_USE enum gh_status gh_makers_each(struct gh_makers *makers, gh_makers_on_maker *visit,
                                          void *context, struct gh_error *error);

#endif
