/* cmd_review.c - `goodhart review`: findings that were kept. */
#include "app/command.h"
#include "app/history.h"
#include "edge/json.h"
#include "store/ledger.h"
#include "store/store_options.h"

#include <stdlib.h>
#include <string.h>

/* What the ledger has of one finding. */
struct kept {
    uint64_t sequence, position;
    char *body;
};
struct rederivation {
    const char *finding;
    struct kept *kept;
    size_t count, capacity;
    bool failed; /* memory */
    struct gh_history history;
    struct gh_outbox outbox;
    uint64_t same, other;
};

static bool kept_add(void *context, const struct gh_ledger_alert *alert)
{
    struct rederivation *r = context;

    if (r->count == r->capacity) {
        const size_t wanted = r->capacity ? 2 * r->capacity : 16;
        struct kept *grown = realloc(r->kept, wanted * sizeof *grown);
        r->failed |= !grown;
        if (!grown)
            return false;
        r->kept = grown;
        r->capacity = wanted;
    }
    char *body = strndup(alert->body.at, alert->body.size);
    r->failed |= !body;
    if (body)
        r->kept[r->count++] = (struct kept){alert->sequence, alert->position, body};
    return body != NULL;
}

static enum gh_status kept_read(struct rederivation *r, const char *folder,
                                struct gh_error *error)
{
    const struct gh_text id = {r->finding, (uint32_t)strlen(r->finding)};
    struct gh_ledger *ledger = NULL;
    enum gh_status status = gh_ledger_open_reader(&ledger, folder, NULL, error);

    if (status == GH_OK)
        status = gh_ledger_alerts_of(ledger, id, kept_add, r, error);
    gh_ledger_close(ledger);
    if (status == GH_OK && r->failed)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", r->finding);
    if (status == GH_OK && r->count == 0)
        return gh_error_set(error, GH_EUSAGE,
                            "%s: no such finding in %s, or its alerts are no longer kept",
                            r->finding, folder);
    return status;
}

static void rederived(void *context, const struct gh_finding *change)
{
    gh_outbox_add(&((struct rederivation *)context)->outbox, change);
}

static void bodies_compare(struct rederivation *r)
{
    for (size_t i = 0; i < r->outbox.count; i++) {
        const struct gh_outgoing *out = &r->outbox.at[i];
        if (strcmp(out->finding.id, r->finding) != 0)
            continue;
        bool same = false;
        for (size_t k = 0; k < r->count && !same; k++)
            same =
                r->kept[k].sequence == out->sequence && strcmp(r->kept[k].body, out->body) == 0;
        r->same += same;
        r->other += !same;
        if (!same)
            fprintf(stderr, "goodhart review: alert %llu is another one now: %s\n",
                    (unsigned long long)out->sequence, out->body);
    }
    gh_outbox_clear(&r->outbox);
}

/* From the first event of the log, where it is still there: a snapshot is no proof. */
static enum gh_status log_open(struct rederivation *r, struct gh_log_cursor **cursor,
                               struct gh_error *error)
{
    struct gh_history *h = &r->history;
    struct gh_error pruned = {0};

    if (gh_log_cursor_open(cursor, h->folder, NULL, 0, &pruned) == GH_OK)
        return GH_OK;
    const enum gh_status status = gh_history_start(h, r->kept[0].position - 1, error);
    if (status != GH_OK)
        return status;
    if (!h->pipeline)
        return gh_error_set(error, GH_EFORMAT,
                            "%s, and no snapshot is left from before the finding", pruned.text);
    return gh_log_cursor_open(cursor, h->folder, NULL, h->position, error);
}

static enum gh_status run_compare(void *context, struct gh_error *error)
{
    (void)error;
    bodies_compare(context);
    return GH_OK;
}

static enum gh_status log_read(struct rederivation *r, struct gh_error *error)
{
    const struct gh_history_wish wish = {r->kept[r->count - 1].position, run_compare, r};
    struct gh_log_cursor *cursor = NULL;
    enum gh_status status = log_open(r, &cursor, error);

    if (status == GH_OK)
        status = gh_history_read(&r->history, cursor, &wish, error);
    if (status == GH_OK && r->history.position < wish.end)
        status = gh_error_set(error, GH_EFORMAT, "log: ends at %llu, before the finding",
                              (unsigned long long)r->history.position);
    gh_log_cursor_close(cursor);
    return status;
}

static void rederivation_print(const struct rederivation *r)
{
    struct gh_json json = {0};
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {{"alerts", r->count},
               {"same", r->same},
               {"other", r->other},
               {"from", r->history.snapshot},
               {"events", r->history.events}};

    gh_json_open(&json, '{');
    gh_json_key(&json, "finding");
    gh_json_string(&json, r->finding);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        gh_json_key(&json, row[i].name);
        gh_json_count(&json, row[i].value);
    }
    gh_json_close(&json, '}');
    char *line = gh_json_take(&json);
    if (line)
        puts(line);
    free(line);
}

static enum gh_status rederive(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_store_options *store = gh_config_group(a->config, "store");
    struct rederivation r = {.finding = a->positional[1]};
    const struct gh_hooks hooks = {.context = &r, .on_change = rederived};

    if (!store->folder.text[0])
        return gh_error_set(error, GH_EUSAGE, "store.folder: name the folder of the service");
    r.history = (struct gh_history){.folder = store->folder.text,
                                    .config = a->config,
                                    .hooks = &hooks,
                                    .outbox = &r.outbox};
    enum gh_status status = kept_read(&r, store->folder.text, error);
    if (status == GH_OK)
        status = log_read(&r, error);
    if (status == GH_OK) {
        rederivation_print(&r);
        if (r.same != r.count || r.other > 0)
            status =
                gh_error_set(error, GH_EDIVERGED,
                             "%s: what is derived now is not what was recorded", r.finding);
    }
    gh_history_end(&r.history);
    gh_outbox_free(&r.outbox);
    for (size_t i = 0; i < r.count; i++)
        free(r.kept[i].body);
    free(r.kept);
    return status;
}

static enum gh_status review_run(const struct gh_arguments *a, struct gh_error *error)
{
    if (strcmp(a->positional[0], "rederive") == 0)
        return rederive(a, error);
    return gh_error_set(error, GH_EUSAGE, "review: %s: must be rederive", a->positional[0]);
}

const struct gh_command gh_command_review = {
    .name = "review",
    .positional = "rederive FINDING",
    .positional_min = 2,
    .positional_max = 2,
    .summary = "derives a finding again from the log and compares",
    .details =
        "Reads the log in store.folder from its first event, under the settings that held on\n"
        "each day, and compares every alert about the finding, byte for byte, with the one\n"
        "that was published. Works beside a running service. Fails when one differs.\n"
        "\n"
        "Example:\n"
        "  goodhart review rederive 4f0c… --set store.folder=/var/lib/goodhart",
    .run = review_run,
};
