/* control_change.c - changes of settings that somebody asks for: new ones, and back. */
#include "app/service_control.h"

#include "app/service_inside.h"
#include "edge/clock.h"
#include "edge/json_read.h"

#include <stdlib.h>

/* Of a page of the history, and nearly its bytes; of a name. */
enum { PAGE_MAX = 100, PAGE_BYTES = 4 << 20, WHO_MAX = 64 };

/* What somebody asks for. */
struct asked {
    const char *scope;
    int64_t until_ms;
};

/* --- set --- */

static enum gh_status asked_read(const json_t *body, struct asked *asked,
                                 struct gh_error *error)
{
    const char *until = gh_control_text(body, "until");

    *asked = (struct asked){gh_control_text(body, "scope"), INT64_MAX};
    if (strlen(gh_control_text(body, "reason")) > GH_LIVE_REASON_MAX)
        return gh_error_set(error, GH_EUSAGE, "reason: at most %d bytes", GH_LIVE_REASON_MAX);
    if (strlen(gh_control_text(body, "who")) > WHO_MAX)
        return gh_error_set(error, GH_EUSAGE, "who: at most %d bytes", WHO_MAX);
    if (until[0] && !gh_until_parse(until, &asked->until_ms))
        return gh_error_set(error, GH_EUSAGE,
                            "until: a date, or a time with an offset: 2026-12-31, "
                            "2026-12-31T18:00:00Z");
    return GH_OK;
}

/* Whether it can be set while the service runs. */
static enum gh_status name_settable(const struct gh_service_settings *t, const char *name,
                                    const struct asked *asked, struct gh_error *error)
{
    struct gh_option_place place;
    struct gh_option_origin origin;
    char value[GH_CONFIG_PRINT_SIZE];
    const enum gh_status status = gh_config_find(name, &place, error);

    if (status != GH_OK || asked->scope[0])
        return status;
    switch (gh_config_effect(place)) {
    case GH_EFFECT_AT_ONCE:
        break;
    case GH_EFFECT_NEXT_START:
        return gh_error_set(error, GH_ECONFIG,
                            "%s: holds from the next start: put it into the configuration file",
                            name);
    case GH_EFFECT_NEW_LOG:
        return gh_error_set(error, GH_ECONFIG, "%s: cannot change in a log that has begun",
                            name);
    }
    if (gh_config_said(t->base, place, GH_LAYER_COMMAND, &origin, value))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: the service was started with --set %s=%s, which has the last "
                            "word until it is started without",
                            name, name, value);
    return GH_OK;
}

static enum gh_status wish_put(const struct gh_service_settings *t, const json_t *entry,
                               const struct asked *asked, struct gh_settings_wish *wish,
                               struct gh_error *error)
{
    const char *name = json_string_value(json_object_get(entry, "name")),
               *value = json_string_value(json_object_get(entry, "value"));

    if (!name || !value || json_object_size(entry) != 2)
        return gh_error_set(error, GH_EUSAGE,
                            "set: a list of {\"name\": TEXT, \"value\": TEXT}");
    const enum gh_status status = name_settable(t, name, asked, error);
    const struct gh_live_setting setting = {.name = name,
                                            .value = value,
                                            .scope = asked->scope,
                                            .until_ms = asked->until_ms,
                                            .who = wish->who,
                                            .reason = wish->reason,
                                            .at_ms = gh_clock_wall_ms()};
    return status == GH_OK ? gh_live_put(wish->live, &setting, error) : status;
}

static enum gh_status wish_remove(const json_t *entry, const struct asked *asked,
                                  struct gh_settings_wish *wish, struct gh_error *error)
{
    struct gh_option_place place;
    const char *name = json_string_value(entry);
    enum gh_status status = gh_config_find(name ? name : "", &place, error);

    if (status == GH_OK && !gh_live_remove(wish->live, name, asked->scope))
        status = gh_error_set(error, GH_ECONFIG,
                              "%s: nothing was set for it%s%s: 'goodhart get' tells where its "
                              "value comes from",
                              name, asked->scope[0] ? " for " : "", asked->scope);
    return status;
}

static enum gh_status wish_fill(const struct gh_control *c, struct gh_settings_wish *wish,
                                struct gh_error *error)
{
    const json_t *body = c->request->body, *set = json_object_get(body, "set"),
                 *unset = json_object_get(body, "unset");
    struct asked asked;
    enum gh_status status = asked_read(body, &asked, error);

    if (status == GH_OK && (json_array_size(set) + json_array_size(unset) == 0 ||
                            json_array_size(set) + json_array_size(unset) > GH_CONTROL_NAMES))
        status = gh_error_set(error, GH_EUSAGE, "set, unset: 1 to %d names", GH_CONTROL_NAMES);
    if (status == GH_OK && wish->reason[0] == '\0')
        status = gh_error_set(error, GH_EUSAGE, "reason: say why, for the record");
    for (size_t i = 0; status == GH_OK && i < json_array_size(unset); i++)
        status = wish_remove(json_array_get(unset, i), &asked, wish, error);
    for (size_t i = 0; status == GH_OK && i < json_array_size(set); i++)
        status = wish_put(c->service->settings, json_array_get(set, i), &asked, wish, error);
    return status;
}

static struct gh_settings_wish wish_of(const struct gh_control *c, struct gh_live *live)
{
    const json_t *body = c->request->body;

    return (struct gh_settings_wish){
        .via = strcmp(gh_control_text(body, "via"), "propose") == 0 ? "propose" : "set",
        .who = c->request->who ? c->request->who : gh_control_text(body, "who"),
        .reason = gh_control_text(body, "reason"),
        .stated = c->request->who == NULL,
        .check = json_is_true(json_object_get(body, "check")),
        .live = live};
}

enum gh_status gh_control_set(struct gh_control *c, struct gh_error *error)
{
    const struct gh_service_settings *t = c->service->settings;
    struct gh_live live = {0};
    struct gh_settings_wish wish = wish_of(c, &live);
    enum gh_status status = gh_live_read(&live, t->live.rows, error);

    if (status == GH_OK)
        status = wish_fill(c, &wish, error);
    if (status == GH_OK)
        status = gh_service_settings_apply(c->service, &wish, &c->answer, error);
    gh_live_free(&live);
    return status;
}

/* --- history, revert --- */

struct page {
    json_t *list;
    size_t bytes;
};

static json_t *change_make(const struct gh_kept_change *change)
{
    json_t *row = json_loadb(change->body.at, change->body.size, 0, NULL);

    json_object_set_new(row, "position", json_integer((json_int_t)change->position));
    json_object_set_new(row, "basis", json_stringn(change->basis.at, change->basis.size));
    return row;
}

static bool page_add(void *context, const struct gh_kept_change *change)
{
    struct page *page = context;

    json_array_append_new(page->list, change_make(change));
    page->bytes += change->body.size;
    return page->bytes < PAGE_BYTES;
}

/* Up to `before`, newest first, at most `limit`. */
static enum gh_status history_read(struct gh_control *c, uint64_t before, uint32_t limit,
                                   json_t **list, struct gh_error *error)
{
    struct page page = {.list = json_array()};
    const struct gh_kept_page from = {before, limit, true};

    *list = page.list;
    if (!c->service->keeper)
        return gh_error_set(error, GH_ECONFIG,
                            "nothing is kept: the service was started without store.folder");
    return gh_kept_changes_read(gh_keeper_changes(c->service->keeper), &from, page_add, &page,
                                error);
}

static bool number_of(const json_t *body, const char *name, uint64_t otherwise,
                      uint64_t *number)
{
    const json_t *value = json_object_get(body, name);

    *number = value ? (uint64_t)json_integer_value(value) : otherwise;
    return !value || (json_is_integer(value) && json_integer_value(value) > 0);
}

enum gh_status gh_control_history(struct gh_control *c, struct gh_error *error)
{
    uint64_t before, limit;

    if (!number_of(c->request->body, "before", UINT64_MAX, &before) ||
        !number_of(c->request->body, "limit", PAGE_MAX, &limit) || limit > PAGE_MAX)
        return gh_error_set(error, GH_EUSAGE, "before: a number from 1 on; limit: 1..%d",
                            PAGE_MAX);
    json_t *list;
    const enum gh_status status = history_read(c, before == UINT64_MAX ? before : before - 1,
                                               (uint32_t)limit, &list, error);
    c->answer = json_pack("{s:o}", "history", list);
    return status;
}

/* The change itself and the one before it; *before NULL: it is the first one. */
struct undoing {
    json_t *list; /* of both */
    const json_t *change;
    struct gh_live then, before; /* layers */
};

static void undoing_free(struct undoing *u)
{
    json_decref(u->list);
    gh_live_free(&u->then);
    gh_live_free(&u->before);
}

static bool is_setting(const json_t *change)
{
    const char *via = gh_control_text(change, "via");

    return strcmp(via, "reload") != 0 && strcmp(via, "start") != 0;
}

/* The newest one that somebody has set. */
static enum gh_status newest_find(struct gh_control *c, uint64_t *number,
                                  struct gh_error *error)
{
    json_t *list = NULL;
    enum gh_status status = history_read(c, UINT64_MAX, PAGE_MAX, &list, error);

    *number = 0;
    for (size_t i = 0; status == GH_OK && *number == 0 && i < json_array_size(list); i++)
        if (is_setting(json_array_get(list, i)))
            *number = (uint64_t)json_integer_value(
                json_object_get(json_array_get(list, i), "number"));
    json_decref(list);
    if (status == GH_OK && *number == 0)
        status = gh_error_set(error, GH_ECONFIG, "nothing was set that could be undone");
    return status;
}

static enum gh_status undoing_read(struct gh_control *c, uint64_t number, struct undoing *u,
                                   struct gh_error *error)
{
    enum gh_status status = history_read(c, number, 2, &u->list, error);
    u->change = json_array_get(u->list, 0);

    if (status != GH_OK)
        return status;
    if (!u->change ||
        (uint64_t)json_integer_value(json_object_get(u->change, "number")) != number)
        return gh_error_set(error, GH_ECONFIG, "there is no change %llu",
                            (unsigned long long)number);
    if (!is_setting(u->change))
        return gh_error_set(error, GH_ECONFIG,
                            "change %llu came with the configuration file: undo it there",
                            (unsigned long long)number);
    status = gh_live_read(&u->then, json_object_get(u->change, "live"), error);
    if (status == GH_OK)
        status = gh_live_read(&u->before, json_object_get(json_array_get(u->list, 1), "live"),
                              error);
    return status;
}

static bool same_setting(const struct gh_live_setting *a, const struct gh_live_setting *b)
{
    return (!a && !b) || (a && b && a->at_ms == b->at_ms && a->until_ms == b->until_ms &&
                          strcmp(a->value, b->value) == 0);
}

/* Puts back what the change did to one setting, unless it was changed again since. */
static enum gh_status setting_undo(const struct undoing *u, const struct gh_live_setting *like,
                                   struct gh_live *now, struct gh_error *error)
{
    const struct gh_live_setting *then = gh_live_find(&u->then, like->name, like->scope),
                                 *before = gh_live_find(&u->before, like->name, like->scope);

    if (same_setting(then, before))
        return GH_OK;
    if (!same_setting(then, gh_live_find(now, like->name, like->scope)))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: was changed again since: undo the later change first",
                            like->name);
    if (before)
        return gh_live_put(now, before, error);
    (void)gh_live_remove(now, like->name, like->scope);
    return GH_OK;
}

static enum gh_status layer_undo(const struct undoing *u, struct gh_live *now,
                                 struct gh_error *error)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; status == GH_OK && i < u->then.count; i++)
        status = setting_undo(u, &u->then.at[i], now, error);
    for (size_t i = 0; status == GH_OK && i < u->before.count; i++)
        if (!gh_live_find(&u->then, u->before.at[i].name, u->before.at[i].scope))
            status = setting_undo(u, &u->before.at[i], now, error);
    return status;
}

enum gh_status gh_control_revert(struct gh_control *c, struct gh_error *error)
{
    const struct gh_service_settings *t = c->service->settings;
    struct undoing u = {0};
    struct gh_live live = {0};
    struct gh_settings_wish wish = wish_of(c, &live);
    struct asked asked;
    char reason[64];
    uint64_t number;

    if (!number_of(c->request->body, "change", 0, &number))
        return gh_error_set(error, GH_EUSAGE, "change: a number from 1 on");
    enum gh_status status = asked_read(c->request->body, &asked, error);
    if (status == GH_OK && number == 0)
        status = newest_find(c, &number, error);
    if (status == GH_OK)
        status = undoing_read(c, number, &u, error);
    if (status == GH_OK)
        status = gh_live_read(&live, t->live.rows, error);
    if (status == GH_OK)
        status = layer_undo(&u, &live, error);
    wish.via = "revert";
    if (wish.reason[0] == '\0') {
        snprintf(reason, sizeof reason, "undoes change %llu", (unsigned long long)number);
        wish.reason = reason;
    }
    if (status == GH_OK)
        status = gh_service_settings_apply(c->service, &wish, &c->answer, error);
    undoing_free(&u);
    gh_live_free(&live);
    return status;
}
