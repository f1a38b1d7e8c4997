/* log_prune.c - removing the oldest segments; see log.h. */
#include "store/log_inside.h"

static enum gh_status segment_newest_ms(const struct gh_log *log, uint64_t first,
                                        int64_t *newest_ms, struct gh_error *error)
{
    struct gh_database segment = {.vfs = log->setup.vfs};
    enum gh_status status =
        gh_segment_open(&segment, log->setup.folder, first, GH_DATABASE_READ, error);
    bool row;

    if (status == GH_OK)
        status =
            gh_database_step(&segment, GH_SEGMENT_NEWEST, "runs: cannot be read", &row, error);
    if (status == GH_OK)
        *newest_ms = (int64_t)gh_column_number(segment.statement[GH_SEGMENT_NEWEST], 0);
    gh_database_close(&segment);
    return status;
}

/* Whether the rule wants a segment of this age away. */
static enum gh_status segment_is_old(const struct gh_log *log, int64_t before_ms,
                                     uint64_t first, bool *old, struct gh_error *error)
{
    int64_t newest_ms = INT64_MAX;
    enum gh_status status = GH_OK;

    if (before_ms > 0)
        status = segment_newest_ms(log, first, &newest_ms, error);
    *old = status == GH_OK && before_ms > 0 && newest_ms < before_ms;
    return status;
}

static void segments_forget(struct gh_positions *segments, uint64_t first)
{
    size_t kept = 0;

    for (size_t i = 0; i < segments->count; i++)
        if (segments->position[i] != first)
            segments->position[kept++] = segments->position[i];
    segments->count = kept;
}

enum gh_status gh_log_prune(struct gh_log *log, const struct gh_log_prune *rule,
                            struct gh_log_pruned *pruned, struct gh_error *error)
{
    struct gh_positions *segments = &log->segments;
    uint64_t left = gh_log_counters(log).bytes;
    enum gh_status status = GH_OK;
    size_t gone = 0; /* of those listed */

    *pruned = (struct gh_log_pruned){.first = gh_log_first(log)};
    while (segments->count - gone > 1) {
        const uint64_t first = segments->position[gone], next = segments->position[gone + 1];
        const uint64_t bytes = gh_segment_bytes(log->setup.folder, first);
        bool goes = next <= rule->needed && rule->keep_bytes && left > rule->keep_bytes;

        if (next <= rule->needed && !goes)
            status = segment_is_old(log, rule->before_ms, first, &goes, error);
        if (status == GH_OK && goes && !rule->pretend)
            status = gh_segment_remove(log->setup.folder, first, error);
        if (status != GH_OK || !goes)
            break;
        if (rule->pretend) {
            gone++;
        } else {
            segments_forget(segments, first);
            segments_forget(&log->unsealed, first);
        }
        left -= bytes;
        pruned->segments++;
        pruned->events += next - first;
        pruned->bytes += bytes;
        pruned->first = next;
    }
    if (status == GH_OK && pruned->segments && !rule->pretend)
        status = gh_folder_sync(log->setup.folder, error);
    return status;
}
