/* history_read.c - the log feeds an engine of the past. */
#include "app/history.h"

#include "app/log_ahead.h"
#include "edge/edge_options.h"
#include "edge/threads.h"

static enum gh_status runs_drain(struct gh_log_ahead *ahead, struct gh_history *h,
                                 const struct gh_history_wish *wish, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    while (status == GH_OK) {
        struct gh_log_ahead_run *next = NULL;
        status = gh_log_ahead_next(ahead, &next, error);
        if (status != GH_OK || !next)
            break;
        status = gh_history_run(h, &next->run, &next->decoded, error);
        if (status == GH_OK)
            status = wish->after(wish->context, error);
    }
    return status;
}

enum gh_status gh_history_read(struct gh_history *h, struct gh_log_cursor *cursor,
                               const struct gh_history_wish *wish, struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(h->config, "service");
    const struct gh_log_ahead_wish ahead_wish = {.cursor = cursor,
                                                 .position = h->position,
                                                 .end = wish->end,
                                                 .threads =
                                                     gh_threads_allowed(service->threads) - 1};
    struct gh_log_ahead *ahead = NULL;
    enum gh_status status = gh_log_ahead_new(&ahead, &ahead_wish, error);

    if (status == GH_OK)
        status = runs_drain(ahead, h, wish, error);
    gh_log_ahead_free(ahead);
    return status;
}
