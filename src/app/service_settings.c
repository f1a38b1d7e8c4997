/* service_settings.c - see service_settings.h: what holds, and changing it. */
#include "app/service_settings.h"

#include "app/history.h"
#include "app/service_inside.h"
#include "edge/clock.h"
#include "edge/json_read.h"
#include "edge/operate/note.h"
#include "engine/options.h"

#include <stdlib.h>
#include <string.h>

/* Something that is being tried. */
struct trial {
    struct gh_config *config; /* that would hold */
    struct gh_resource_hash hash;
    json_t *changes;
    struct gh_pipeline_next *next;
    char basis[GH_BASIS_SIZE];
    bool other; /* than the basis that holds */
    int64_t time_ms;
};

/* Whether identity.keys are those that sockets ask for: others hold from the next start. */
static enum gh_status config_settle(const struct gh_service_settings *t,
                                    struct gh_config *config, struct gh_error *error)
{
    const struct gh_identity_options *then = gh_config_group(t->boot, "identity"),
                                     *now = gh_config_group(config, "identity");
    const struct gh_review_options *review = gh_config_group(config, "review");
    enum gh_status status = GH_OK;

    if (review->require_authenticated.value == GH_SWITCH_AUTO &&
        (then->keys.text[0] != '\0') != (now->keys.text[0] != '\0'))
        status = gh_config_set(config,
                               then->keys.text[0] ? "review.require_authenticated=on"
                                                  : "review.require_authenticated=off",
                               error);
    gh_config_settle(config);
    return status;
}

/* The layer on top of file and command line. `bad` NULL: the first that cannot be is an error;
 * else it is told, and left out. */
static enum gh_status layer_put(struct gh_config *config, struct gh_live *live, bool lenient,
                                struct gh_error *error)
{
    for (size_t i = 0; i < live->count; i++) {
        struct gh_error why = {0};
        const enum gh_status status = gh_config_live(config, &live->at[i], &why);
        if (status == GH_OK)
            continue;
        if (!lenient || status != GH_ECONFIG)
            return gh_error_set(error, status, "%s", why.text);
        gh_note(GH_NOTE_settings, "%s: it no longer holds", why.text);
        (void)gh_live_remove(live, live->at[i].name, live->at[i].scope);
        i--;
    }
    return GH_OK;
}

static enum gh_status config_make(const struct gh_service_settings *t,
                                  const struct gh_config *base, struct gh_live *live,
                                  struct gh_config **config, struct gh_error *error)
{
    enum gh_status status = gh_config_copy(config, base, error);

    if (status == GH_OK)
        status = layer_put(*config, live, t->current == NULL, error);
    if (status == GH_OK)
        status = config_settle(t, *config, error);
    return status;
}

enum gh_status gh_service_settings_new(struct gh_service *s, const struct gh_config *config,
                                       struct gh_error *error)
{
    struct gh_service_settings *t = s->settings = calloc(1, sizeof *t);

    if (!t)
        return gh_error_set(error, GH_EMEMORY, "settings: out of memory");
    t->boot = config;
    return gh_config_copy(&t->base, config, error);
}

void gh_service_settings_free(struct gh_service *s)
{
    struct gh_service_settings *t = s->settings;

    if (!t)
        return;
    gh_config_free(t->base);
    gh_config_free(t->current);
    gh_live_free(&t->live);
    free(t);
    s->settings = NULL;
}

/* --- the record --- */

static json_t *record_make(const struct gh_service *s, const struct gh_settings_wish *wish,
                           const struct trial *trial)
{
    const json_int_t number = s->keeper ? (json_int_t)gh_keeper_record_number(s->keeper) : 0;
    json_t *rows = wish->live->rows ? json_incref(wish->live->rows) : json_array();

    return json_pack("{s:o, s:o, s:s, s:b, s:s, s:s, s:O, s:o}", "number",
                     s->keeper ? json_integer(number) : json_null(), "time",
                     gh_live_time(trial->time_ms), "who", wish->who, "stated", wish->stated,
                     "via", wish->via, "reason", wish->reason, "changes", trial->changes,
                     "live", rows);
}

/* Into the log, where anything is kept. */
static enum gh_status record_keep(struct gh_service *s, json_t *record,
                                  const struct trial *trial, struct gh_error *error)
{
    uint64_t position = 0;

    if (!s->keeper) {
        json_object_set_new(record, "position", json_null());
        return GH_OK;
    }
    char *body = json_dumps(record, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (!body || gh_json_starved()) {
        free(body);
        return gh_error_set(error, GH_EMEMORY, "settings: out of memory");
    }
    const struct gh_keeper_record keep = {trial->basis, body, trial->time_ms};
    const enum gh_status status = gh_keeper_record(s->keeper, &keep, &position, error);
    free(body);
    if (status == GH_OK) {
        json_object_set_new(record, "position", json_integer((json_int_t)position));
        json_object_set_new(record, "basis", json_string(trial->basis));
    }
    return status;
}

/* --- trying --- */

static void trial_free(struct trial *trial)
{
    gh_config_free(trial->config);
    json_decref(trial->changes);
    gh_pipeline_next_free(trial->next);
}

static enum gh_status trial_compare(struct gh_service *s, struct trial *trial,
                                    struct gh_error *error)
{
    const struct gh_service_settings *t = s->settings;
    const struct gh_config *past = s->keeper ? gh_keeper_past(s->keeper) : NULL;
    struct gh_live_side before = {t->current, t->hash},
                        after = {trial->config, .hash = {{0}, {0}}};
    enum gh_status status = gh_basis_files(trial->config, &after.hash, error);

    if (status == GH_OK && !before.config && past) {
        before.config = past;
        status = gh_basis_files(past, &before.hash, error);
    }
    if (status != GH_OK)
        return status;
    trial->hash = after.hash;
    trial->changes = gh_live_changes(&before, &after);
    return trial->changes ? GH_OK : gh_error_set(error, GH_EMEMORY, "settings: out of memory");
}

/* All that can fail, but for the record. */
static enum gh_status trial_make(struct gh_service *s, const struct gh_settings_wish *wish,
                                 struct trial *trial, struct gh_error *error)
{
    const struct gh_service_settings *t = s->settings;
    enum gh_status status =
        config_make(t, wish->base ? wish->base : t->base, wish->live, &trial->config, error);

    trial->time_ms = gh_clock_wall_ms();
    if (status == GH_OK)
        status = trial_compare(s, trial, error);
    if (status == GH_OK && s->pipeline)
        status = gh_pipeline_prepare(s->pipeline, trial->config, &trial->next, error);
    if (status == GH_OK && s->keeper && !wish->check)
        status = gh_keeper_basis(s->keeper, trial->config, trial->basis, &trial->other, error);
    return status;
}

static enum gh_status log_follow(const struct gh_config *config, struct gh_error *error)
{
    const struct gh_log_options *log = gh_config_group(config, "log");

    return gh_note_setup(log->level.text, log->format.text, error);
}

/* From here on it holds. */
static enum gh_status trial_adopt(struct gh_service *s, struct gh_settings_wish *wish,
                                  struct trial *trial, struct gh_error *error)
{
    struct gh_service_settings *t = s->settings;
    enum gh_status status = GH_OK;

    if (s->pipeline) {
        status = gh_pipeline_adopt(s->pipeline, trial->next, error);
        trial->next = NULL;
        t->broken = status != GH_OK; /* it is on record, and a start makes it hold */
        if (t->broken)
            return status;
    }
    const struct gh_alerts_options *alerts = gh_config_group(trial->config, "alerts");
    s->outbox.source = alerts->source.text;
    gh_config_free(t->current);
    t->current = trial->config;
    trial->config = NULL;
    t->hash = trial->hash;
    if (wish->base) {
        gh_config_free(t->base);
        t->base = wish->base;
        wish->base = NULL;
    }
    if (wish->live != &t->live) {
        gh_live_free(&t->live);
        t->live = *wish->live;
        *wish->live = (struct gh_live){0};
    }
    return GH_OK;
}

static void change_note(const struct gh_settings_wish *wish, const json_t *record)
{
    const json_t *changes = json_object_get(record, "changes"),
                 *position = json_object_get(record, "position");
    const char *name = json_string_value(json_object_get(json_array_get(changes, 0), "name"));
    const size_t count = json_array_size(changes);

    gh_note(GH_NOTE_changed, "%s: %s%s%s at position %lld%s", wish->via,
            name ? name : "what holds is as it was", count > 1 ? " and others" : "",
            count > 0 ? " changed" : "", (long long)json_integer_value(position),
            json_is_null(position) ? ": kept until the service ends" : "");
}

static enum gh_status trial_take(struct gh_service *s, struct gh_settings_wish *wish,
                                 struct trial *trial, json_t **answer, struct gh_error *error)
{
    const bool quiet = json_array_size(trial->changes) == 0 && !trial->other &&
                       (wish->live == &s->settings->live);
    json_t *record = NULL;
    enum gh_status status = log_follow(trial->config, error);

    if (status == GH_OK && !quiet) {
        gh_json_begin();
        record = record_make(s, wish, trial);
        status = record ? record_keep(s, record, trial, error)
                        : gh_error_set(error, GH_EMEMORY, "settings: out of memory");
    }
    if (status == GH_OK)
        status = trial_adopt(s, wish, trial, error);
    else if (s->settings->current)
        (void)log_follow(s->settings->current, &(struct gh_error){0});
    if (status == GH_OK && record) {
        change_note(wish, record);
        s->settings->changes++;
        *answer = json_incref(record);
    }
    json_decref(record);
    return status;
}

enum gh_status gh_service_settings_apply(struct gh_service *s, struct gh_settings_wish *wish,
                                         json_t **answer, struct gh_error *error)
{
    struct gh_service_settings *t = s->settings;
    const uint64_t start_ns = gh_clock_ns();
    struct trial trial = {0};
    enum gh_status status = trial_make(s, wish, &trial, error);

    *answer = NULL;
    if (status == GH_OK && wish->check)
        *answer = json_pack("{s:O}", "changes", trial.changes);
    else if (status == GH_OK)
        status = trial_take(s, wish, &trial, answer, error);
    trial_free(&trial);
    gh_config_free(wish->base);
    wish->base = NULL;
    t->pause_s = (double)(gh_clock_ns() - start_ns) / 1e9;
    if (t->pause_s > t->pause_max_s)
        t->pause_max_s = t->pause_s;
    return status;
}

/* --- start and reload --- */

static enum gh_status layer_recall(struct gh_service *s, struct gh_error *error)
{
    const char *record = s->keeper ? gh_keeper_newest_record(s->keeper) : NULL;
    json_error_t trouble;

    if (!record)
        return GH_OK;
    gh_json_begin();
    json_t *body = json_loads(record, 0, &trouble);
    enum gh_status status = gh_json_loaded(&body, "settings.db", &trouble, error);
    if (status == GH_OK)
        status = gh_live_read(&s->settings->live, json_object_get(body, "live"), error);
    json_decref(body);
    return status;
}

enum gh_status gh_service_settings_start(struct gh_service *s, const struct gh_hooks *hooks,
                                         struct gh_error *error)
{
    struct gh_service_settings *t = s->settings;
    struct gh_settings_wish wish = {
        .via = "start", .who = "", .reason = "goodhart " GH_VERSION, .live = &t->live};
    json_t *answer = NULL;
    enum gh_status status = layer_recall(s, error);

    if (status == GH_OK)
        status = gh_service_settings_apply(s, &wish, &answer, error);
    json_decref(answer);
    t->changes = 0;
    t->pause_s = t->pause_max_s = 0;
    if (status == GH_OK && !s->pipeline)
        status = gh_pipeline_new(&s->pipeline, t->current,
                                 s->keeper ? GH_HISTORY_BATCH : GH_BATCH_DEFAULT, hooks, error);
    return status;
}

/* What the file says and only the next start makes hold. */
static void waiting_note(const struct gh_service_settings *t)
{
    char now[GH_CONFIG_PRINT_SIZE], then[GH_CONFIG_PRINT_SIZE];

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);
        for (size_t i = 0; i < group->count; i++) {
            gh_config_print(t->boot, group, &group->options[i], now, sizeof now);
            gh_config_print(t->base, group, &group->options[i], then, sizeof then);
            if (gh_config_effect((struct gh_option_place){g, i}) == GH_EFFECT_NEXT_START &&
                strcmp(now, then) != 0)
                gh_note(GH_NOTE_settings, "%s.%s: %s holds from the next start", group->name,
                        group->options[i].name, then);
        }
    }
}

enum gh_status gh_service_settings_reload(struct gh_service *s, const char *who,
                                          struct gh_error *error)
{
    struct gh_service_settings *t = s->settings;
    struct gh_settings_wish wish = {
        .via = "reload", .who = who, .reason = "", .live = &t->live};
    json_t *answer = NULL;
    enum gh_status status = GH_OK;

    if (!s->parts.path || strcmp(s->parts.path, "-") == 0)
        return GH_OK;
    status = gh_config_load(&wish.base, &s->parts, error);
    if (status == GH_OK)
        status = gh_service_settings_apply(s, &wish, &answer, error);
    json_decref(answer);
    t->file_bad = status != GH_OK;
    if (status == GH_OK)
        waiting_note(t);
    else
        gh_note(GH_NOTE_settings_failed, "%s: the settings stay as they were", error->text);
    return status;
}
