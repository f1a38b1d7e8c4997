/* whatif.h - the past again, under several settings at once: what would have been found.
 *
 * Files or the log of a service are read and decoded once. Each case has an engine of its own
 * that is offered the same events in the same order, so what is found in it is, byte for byte,
 * what `goodhart replay` finds under its configuration, whatever the number of threads and
 * whoever else is tried beside it.
 *
 * Cases that take events in alike (equal options of the groups order and limits, equal
 * review.require_authenticated, prices, epochs as they like) share that work too: see
 * gh_engine_follow. All others have it done for them alone.
 *
 * What is found before `from_ms` only teaches, as does what happened then; reading ends as soon
 * as nothing that comes could be dated before `until_ms`.
 *
 * Memory: each case takes what one replay takes (gh_counters.memory_bytes; about 10 kB per
 * person). Where that is more than the machine has left, the run ends with GH_EMEMORY and says
 * how much there was for how many cases; fewer at once are the way out. */
#ifndef GOODHART_APP_WHATIF_H
#define GOODHART_APP_WHATIF_H

#include "app/config.h"

struct gh_watch;

/* Of the stretch: from the first event, in the order of the log, at or after `from_ms` to the
 * first at or after `until_ms`. */
struct gh_whatif_totals {
    uint64_t events; /* applied */
    uint64_t actors; /* known by its end, in the stretch or before */
    double tokens, cost_usd;
    double seconds; /* of the whole run, all cases together */
};

struct gh_whatif_case {
    const struct gh_config *config; /* settled; lent for the run */
    const struct gh_watch *watch;   /* or NULL; called on any thread, never twice at once */
    void *context;
    /* A change of a finding, dated within the stretch, oldest first. Called on the thread that
     * called gh_whatif_run; what it lends holds for the call. NULL: nobody asks. */
    void (*on_change)(void *context, const struct gh_finding *change);
    struct gh_whatif_totals totals; /* out */
};

struct gh_whatif_plan {
    /* Files of events as `goodhart replay` takes them; or a folder as store.folder, all of
     * whose log is read. Either, not both. */
    const char *const *path;
    size_t path_count;
    const char *folder;
    int64_t from_ms, until_ms; /* INT64_MIN and INT64_MAX: all */
    struct gh_whatif_case *cases;
    size_t case_count; /* 1..GH_WHATIF_CASES_MAX */
    /* Of a folder: what the service had been told holds for case 0, record by record, as the
     * log has it; its `config` gives shards and threads alone. */
    bool as_configured;
    /* Now and then; `total` in bytes (files) or positions of the log (folder), 0: unknown. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *progress_context;
    uint32_t threads; /* that work at most; 0: as many as there are cores */
};
enum { GH_WHATIF_CASES_MAX = 256 };

/* Where the beginning of a log was pruned, each case goes on from the oldest snapshot, under
 * its own settings; what was before has taught under those of its day.
 *
 * GH_EIO: a file or the log cannot be read. GH_EFORMAT: the log is damaged, its beginning was
 * pruned and there is no snapshot, or there is no event in the stretch. GH_ECONFIG: prices or a
 * model of a case cannot be used; as_configured or from a snapshot: as gh_engine_load.
 * GH_EMEMORY. Changes handed out before a failure mean nothing. */
GH_MUST_USE enum gh_status gh_whatif_run(const struct gh_whatif_plan *plan,
                                         struct gh_error *error);

#endif
