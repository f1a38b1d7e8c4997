/* source.h - a log read for those who only look: files as `goodhart replay` takes them, or the
 * log of a service under the settings that held on each day. */
#ifndef GOODHART_APP_EXPLAIN_SOURCE_H
#define GOODHART_APP_EXPLAIN_SOURCE_H

#include "app/pipeline.h"

struct gh_explain_source {
    const struct gh_config *config; /* settled */
    const char *const *path;        /* files; or, with count 0, */
    size_t path_count;
    const char *folder; /* the folder of a service */
    uint64_t position;  /* folder whose first events are gone: begin before this one */
};

/* Reads all of it. `done` is called with the engine before it is gone. Hooks are called on this
 * thread; findings need not be taken. GH_EIO, GH_EFORMAT: it cannot be read. */
GH_MUST_USE enum gh_status
gh_explain_source_read(const struct gh_explain_source *source, const struct gh_hooks *hooks,
                       void (*done)(void *context, struct gh_engine *engine),
                       struct gh_error *error);

#endif
