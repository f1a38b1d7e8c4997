/* keeper_recover.c - from what is kept to a pipeline that stands where the log ends. */
#include "app/history.h"
#include "app/keeper_inside.h"
#include "edge/operate/note.h"

#include <string.h>

struct recovery {
    struct gh_keeper *keeper;
    struct gh_history *history;
};

/* What a run led to is compared with the ledger. */
static enum gh_status run_commit(void *context, struct gh_error *error)
{
    const struct recovery *r = context;
    struct gh_outbox *outbox = r->history->outbox;
    enum gh_status status = GH_OK;

    r->keeper->position = r->history->position;
    if (outbox->count > 0)
        status = gh_keeper_commit(r->keeper, outbox, error);
    gh_outbox_clear(outbox);
    return status;
}

/* Feeds what stands behind the snapshot. */
static enum gh_status log_replay(struct gh_keeper *k, struct gh_history *h,
                                 struct gh_error *error)
{
    struct recovery recovery = {k, h};
    const struct gh_history_wish wish = {gh_log_next(k->log), run_commit, &recovery};
    struct gh_log_cursor *cursor = NULL;

    if (h->position == wish.end)
        return GH_OK;
    enum gh_status status = gh_log_cursor_open(&cursor, h->folder, NULL, h->position, error);
    gh_note(GH_NOTE_recovery, "events from %llu to %llu are replayed",
            (unsigned long long)h->position, (unsigned long long)wish.end);
    if (status == GH_OK)
        status = gh_history_read(h, cursor, &wish, error);
    if (status == GH_OK && h->position < wish.end)
        status = gh_error_set(error, GH_EFORMAT, "log: ends at %llu, not at %llu",
                              (unsigned long long)h->position, (unsigned long long)wish.end);
    gh_log_cursor_close(cursor);
    return status;
}

static enum gh_status recovery_run(struct gh_keeper *k, struct gh_history *h,
                                   struct gh_error *error)
{
    enum gh_status status = gh_history_start(h, gh_log_next(k->log), error);

    if (status == GH_OK && !h->pipeline && gh_log_first(k->log) > 0)
        return gh_error_set(error, GH_EFORMAT,
                            "log: begins at %llu, and no snapshot tells what was before",
                            (unsigned long long)gh_log_first(k->log));
    k->position = k->kept = h->position;
    k->sequence = h->outbox->sequence;
    if (status == GH_OK)
        status = gh_keeper_settings_open(k, h->position, error);
    if (status == GH_OK)
        status = log_replay(k, h, error);
    k->recovered = h->events;
    return status;
}

enum gh_status gh_keeper_recover(struct gh_keeper *keeper, const struct gh_hooks *hooks,
                                 struct gh_outbox *outbox, struct gh_pipeline **pipeline,
                                 struct gh_error *error)
{
    struct gh_history history = {.folder = gh_log_folder(keeper->log),
                                 .config = keeper->config,
                                 .hooks = hooks,
                                 .outbox = outbox,
                                 .on_settings = gh_keeper_settings_again,
                                 .settings_context = keeper};
    enum gh_status status = recovery_run(keeper, &history, error);

    if (status == GH_OK) {
        *pipeline = history.pipeline;
        keeper->past = history.past; /* the pipeline's, until another one holds */
        memcpy(keeper->basis, history.basis, sizeof keeper->basis);
        history.pipeline = NULL;
        history.past = NULL;
    }
    gh_history_end(&history);
    if (status == GH_EDIVERGED)
        gh_error_wrap(error, "the log makes other alerts with this program than were recorded: "
                             "run the one that recorded them once, and end it in order");
    return status;
}
