/* cmd_explain.c - `goodhart explain`: why there is a finding, or why there is none. */
#include "app/command.h"
#include "app/explain/answer.h"
#include "app/explain/source.h"
#include "app/suggest.h"
#include "edge/alert_members.h"
#include "store/ledger.h"
#include "store/store_options.h"

#include <stdlib.h>
#include <string.h>

struct explanation {
    const struct gh_arguments *arguments;
    struct gh_explained x;
    struct gh_explain_source source;
    const char *finding; /* id; NULL: by actor and detector */
    char actor[GH_STRING_BYTES_MAX + 1], nearest[GH_SUGGEST_WORD_MAX + 1];
    bool known, apart_known; /* the actor, by name */
    bool found;              /* the finding's actor and detector */
};

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static bool detector_find(const char *name, uint32_t *detector)
{
    for (*detector = 0; *detector < gh_detector_count; (*detector)++)
        if (strcmp(gh_detectors[*detector]->name, name) == 0)
            return true;
    return false;
}

/* --- whose finding it is --- */

static void meant(struct explanation *e, struct gh_text actor, const char *detector)
{
    snprintf(e->actor, sizeof e->actor, "%.*s", (int)actor.size, actor.at);
    e->x.wish.actor = text_of(e->actor);
    e->found = detector_find(detector, &e->x.wish.detector);
}

static void change_look(void *context, const struct gh_finding *change)
{
    struct explanation *e = context;

    if (!e->found && strcmp(change->id, e->finding) == 0)
        meant(e, change->actor, change->detector);
}

static void nothing(void *context, struct gh_engine *engine)
{
    (void)context;
    (void)engine;
}

static enum gh_status files_look(struct explanation *e, struct gh_error *error)
{
    const struct gh_hooks hooks = {.context = e, .on_change = change_look};

    for (size_t i = 0; i < e->source.path_count; i++)
        if (strcmp(e->source.path[i], "-") == 0)
            return gh_error_set(error, GH_EUSAGE,
                                "-: is read once; name --actor and --detector");
    return gh_explain_source_read(&e->source, &hooks, nothing, error);
}

static bool alert_look(void *context, const struct gh_ledger_alert *alert)
{
    struct explanation *e = context;
    json_t *root = json_loadb(alert->body.at, alert->body.size, 0, NULL);
    const json_t *part = json_object_get(root, "data");

    meant(e, text_of(gh_member_text(part, "actor")), gh_member_text(part, "detector"));
    e->source.position = alert->position > 0 ? alert->position - 1 : 0;
    json_decref(root);
    return false;
}

static enum gh_status folder_look(struct explanation *e, struct gh_error *error)
{
    struct gh_ledger *ledger = NULL;
    enum gh_status status = gh_ledger_open_reader(&ledger, e->source.folder, NULL, error);

    if (status == GH_OK)
        status = gh_ledger_alerts_of(ledger, text_of(e->finding), alert_look, e, error);
    gh_ledger_close(ledger);
    return status;
}

static enum gh_status finding_look(struct explanation *e, struct gh_error *error)
{
    const enum gh_status status =
        e->source.path_count > 0 ? files_look(e, error) : folder_look(e, error);

    if (status == GH_OK && !e->found)
        return gh_error_set(error, GH_EUSAGE, "%s: no such finding", e->finding);
    return status;
}

/* --- the log --- */

static enum gh_status events_take(void *context, const struct gh_event *event,
                                  const char *const *owner, size_t count,
                                  struct gh_error *error)
{
    (void)owner;
    (void)error;
    gh_explain_events(&((struct explanation *)context)->x, event, count);
    return GH_OK;
}

static void change_take(void *context, const struct gh_finding *change)
{
    gh_explain_finding(&((struct explanation *)context)->x, change);
}

static void name_suggest(struct explanation *e, struct gh_engine *engine)
{
    struct gh_suggest suggest = {.word = e->actor};
    struct gh_inspected person;

    for (uint32_t id = 1; id <= gh_inspect_count(engine); id++) {
        char name[GH_SUGGEST_WORD_MAX + 1];
        if (!gh_inspect(engine, id, &person) || person.actor.size >= sizeof name)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)person.actor.size, person.actor.at);
        const char *best = suggest.best;
        gh_suggest_offer(&suggest, name);
        if (suggest.best == best)
            continue;
        memcpy(e->nearest, name, sizeof name);
        suggest.best = e->nearest;
    }
}

static void log_done(void *context, struct gh_engine *engine)
{
    struct explanation *e = context;

    e->known = gh_inspect_find(engine, e->x.wish.actor) != 0;
    e->apart_known = gh_inspect_find_apart(engine, e->x.wish.actor) != 0;
    if (!e->known && !e->apart_known)
        name_suggest(e, engine);
    gh_explain_end(&e->x, engine);
}

static enum gh_status log_read(struct explanation *e, struct gh_error *error)
{
    const struct gh_watch watch = gh_explain_watch(&e->x);
    const struct gh_hooks hooks = {
        .context = e, .on_batch = events_take, .on_change = change_take, .watch = &watch};
    const enum gh_status status = gh_explain_source_read(&e->source, &hooks, log_done, error);

    if (status == GH_OK && e->x.failed)
        return gh_error_set(error, GH_EMEMORY, "explain: out of memory");
    return status;
}

/* What is kept apart is another person of the same name: where that is meant, once more. */
static bool apart_is_meant(const struct explanation *e)
{
    if (!e->apart_known || e->x.wish.apart)
        return false;
    if (!e->known)
        return true;
    for (size_t i = 0; e->finding && i < e->x.raise_count; i++)
        if (strcmp(e->x.raise[i].finding, e->finding) == 0)
            return false;
    return e->finding != NULL;
}

static enum gh_status explanation_make(struct explanation *e, struct gh_error *error)
{
    enum gh_status status = log_read(e, error);

    if (status == GH_OK && apart_is_meant(e)) {
        const struct gh_explain_wish wish = e->x.wish;
        gh_explain_free(&e->x);
        e->x = (struct gh_explained){.wish = wish};
        e->x.wish.apart = true;
        status = log_read(e, error);
    }
    if (status == GH_OK && !e->known && !e->apart_known)
        return gh_error_set(error, GH_EUSAGE, "%s: no event of this actor%s%s%s", e->actor,
                            e->nearest[0] ? "; did you mean " : "", e->nearest,
                            e->nearest[0] ? "?" : "");
    return status;
}

/* --- what is asked --- */

static enum gh_status date_read(const char *text, int32_t *date, struct gh_error *error)
{
    char whole[32];
    int64_t time_ms;

    if (strlen(text) != 10 ||
        snprintf(whole, sizeof whole, "%sT00:00:00Z", text) >= (int)sizeof whole ||
        !gh_time_parse(whole, strlen(whole), &time_ms))
        return gh_error_set(error, GH_EUSAGE, "--on: %s: must be a date, as 2026-11-20", text);
    *date = (int32_t)(time_ms / GH_MS_PER_DAY);
    return GH_OK;
}

static enum gh_status detector_read(const char *name, uint32_t *detector,
                                    struct gh_error *error)
{
    struct gh_suggest suggest = {.word = name};

    if (detector_find(name, detector))
        return GH_OK;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        gh_suggest_offer(&suggest, gh_detectors[d]->name);
    return gh_error_set(error, GH_EUSAGE, "--detector: %s: unknown detector%s%s%s", name,
                        suggest.best ? "; did you mean " : "", suggest.best ? suggest.best : "",
                        suggest.best ? "?" : "");
}

static enum gh_status wish_read(struct explanation *e, struct gh_error *error)
{
    const struct gh_arguments *a = e->arguments;
    const char *actor = gh_argument(a, "actor"), *detector = gh_argument(a, "detector"),
               *on = gh_argument(a, "on");
    enum gh_status status = GH_OK;

    e->x.wish.on = INT32_MIN;
    if (!actor != !detector)
        return gh_error_set(error, GH_EUSAGE, "explain: --actor and --detector go together");
    if (!actor && a->positional_count == 0)
        return gh_error_set(error, GH_EUSAGE,
                            "explain: name a finding, or --actor and --detector");
    if (on)
        status = date_read(on, &e->x.wish.on, error);
    if (status != GH_OK || !actor) {
        e->finding = e->x.wish.finding = actor ? NULL : a->positional[0];
        return status;
    }
    if (strlen(actor) == 0 || strlen(actor) >= sizeof e->actor)
        return gh_error_set(error, GH_EUSAGE, "--actor: must be 1 to %d bytes",
                            GH_STRING_BYTES_MAX);
    snprintf(e->actor, sizeof e->actor, "%s", actor);
    e->x.wish.actor = text_of(e->actor);
    return detector_read(detector, &e->x.wish.detector, error);
}

static enum gh_status source_read(struct explanation *e, struct gh_error *error)
{
    const struct gh_arguments *a = e->arguments;
    const struct gh_store_options *store = gh_config_group(a->config, "store");
    const size_t named = e->finding ? 1 : 0;

    gh_config_settle(a->config);
    e->source = (struct gh_explain_source){.config = a->config,
                                           .path = a->positional + named,
                                           .path_count = a->positional_count - named,
                                           .folder = store->folder.text,
                                           .position = UINT64_MAX};
    if (e->source.path_count == 0 && !store->folder.text[0])
        return gh_error_set(error, GH_EUSAGE,
                            "explain: name files of events, or the folder of the service "
                            "(store.folder)");
    return GH_OK;
}

static enum gh_status answer_print(const struct explanation *e, struct gh_error *error)
{
    if (!gh_argument(e->arguments, "json")) {
        gh_explain_print(&e->x, e->arguments->config, stdout);
        return GH_OK;
    }
    char *line = gh_explain_json(&e->x, e->arguments->config);
    if (!line)
        return gh_error_set(error, GH_EMEMORY, "explain: out of memory");
    puts(line);
    free(line);
    return GH_OK;
}

static enum gh_status explain_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct explanation e = {.arguments = a};
    enum gh_status status = wish_read(&e, error);

    if (status == GH_OK)
        status = source_read(&e, error);
    if (status == GH_OK && e.finding)
        status = finding_look(&e, error);
    if (status == GH_OK)
        status = explanation_make(&e, error);
    if (status == GH_OK)
        status = answer_print(&e, error);
    gh_explain_free(&e.x);
    return status;
}

static const struct gh_flag flags[] = {
    {"actor", "NAME", NULL, "whom it is about, where no finding is named", false},
    {"detector", "NAME", NULL, "which detector", false},
    {"on", "DATE", NULL, "this local date alone, as 2026-11-20", false},
    {"json", NULL, NULL, "one JSON object on standard output, with every number", false},
};

const struct gh_command gh_command_explain = {
    .name = "explain",
    .positional = "[FINDING] [FILE…]",
    .positional_max = SIZE_MAX,
    .summary = "says why there is a finding, or why there is none",
    .details =
        "Reads the log in store.folder under the settings that held on each day, or FILE… as\n"
        "replay does, and tells of one finding, or of one person and one detector: what was\n"
        "seen, with what it was compared, how near that was to being told, each day, and the\n"
        "smallest change of what was done, or of a setting, under which it would not have been\n"
        "told. Works beside a running service.\n\n"
        "Examples:\n"
        "  goodhart explain 4f0c… --set store.folder=/var/lib/goodhart\n"
        "  goodhart explain --actor ada --detector agent_loop events.ndjson\n"
        "  goodhart explain --actor ada --detector agent_loop --on 2026-11-20 events.ndjson",
    .flag = flags,
    .flag_count = sizeof flags / sizeof *flags,
    .run = explain_run,
};
