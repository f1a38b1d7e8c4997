/* live.c - see live.h: the list. */
#include "app/live.h"

#include "base/civil.h"
#include "edge/json_read.h"

#include <stdlib.h>
#include <string.h>

static const char *member(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

/* `otherwise`: what null is read as. */
static bool time_read(const json_t *row, const char *name, int64_t otherwise, int64_t *time_ms)
{
    const char *text = json_string_value(json_object_get(row, name));

    *time_ms = otherwise;
    return !text || gh_time_parse(text, strlen(text), time_ms);
}

static bool setting_read(const json_t *row, struct gh_live_setting *setting)
{
    *setting = (struct gh_live_setting){.name = member(row, "name"),
                                        .value = member(row, "value"),
                                        .scope = member(row, "scope"),
                                        .who = member(row, "who"),
                                        .reason = member(row, "reason")};
    return setting->name[0] && time_read(row, "until", INT64_MAX, &setting->until_ms) &&
           time_read(row, "at", 0, &setting->at_ms);
}

/* Takes `rows`. */
static enum gh_status live_take(struct gh_live *live, json_t *rows, struct gh_error *error)
{
    const size_t count = json_array_size(rows);
    struct gh_live_setting *at = calloc(count + 1, sizeof *at);
    const bool starved = !rows || !at || gh_json_starved();
    enum gh_status status = GH_OK;

    if (starved)
        status = gh_error_set(error, GH_EMEMORY, "settings: out of memory");
    for (size_t i = 0; !starved && status == GH_OK && i < count; i++)
        if (!setting_read(json_array_get(rows, i), &at[i]))
            status = gh_error_set(error, GH_EFORMAT, "settings: row %zu is none", i);
    if (status != GH_OK) {
        json_decref(rows);
        free(at);
        return status;
    }
    gh_live_free(live);
    *live = (struct gh_live){rows, at, count};
    return GH_OK;
}

enum gh_status gh_live_read(struct gh_live *live, const json_t *rows, struct gh_error *error)
{
    struct gh_live read = {0};

    gh_json_begin();
    const enum gh_status status =
        live_take(&read, rows ? json_deep_copy(rows) : json_array(), error);
    if (status == GH_OK)
        *live = read;
    return status;
}

void gh_live_free(struct gh_live *live)
{
    json_decref(live->rows);
    free(live->at);
    *live = (struct gh_live){0};
}

static size_t setting_index(const struct gh_live *live, const char *name, const char *scope)
{
    size_t i = 0;

    while (i < live->count &&
           (strcmp(live->at[i].name, name) != 0 || strcmp(live->at[i].scope, scope) != 0))
        i++;
    return i;
}

const struct gh_live_setting *gh_live_find(const struct gh_live *live, const char *name,
                                           const char *scope)
{
    const size_t i = setting_index(live, name, scope);

    return i < live->count ? &live->at[i] : NULL;
}

bool gh_live_remove(struct gh_live *live, const char *name, const char *scope)
{
    const size_t i = setting_index(live, name, scope);

    if (i == live->count)
        return false;
    json_array_remove(live->rows, i);
    memmove(&live->at[i], &live->at[i + 1], (live->count - i - 1) * sizeof *live->at);
    live->count--;
    return true;
}

json_t *gh_live_time(int64_t time_ms)
{
    char text[GH_TIME_TEXT_SIZE];

    if (time_ms == INT64_MAX)
        return json_null();
    gh_time_format(time_ms, text);
    return json_string(text);
}

enum gh_status gh_live_put(struct gh_live *live, const struct gh_live_setting *s,
                           struct gh_error *error)
{
    gh_json_begin();
    json_t *row = json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "name", s->name, "value",
                            s->value, "scope", s->scope, "until", gh_live_time(s->until_ms),
                            "who", s->who, "reason", s->reason, "at", gh_live_time(s->at_ms));
    json_t *rows = live->rows ? json_copy(live->rows) : json_array();

    if (!row || !rows || json_array_append_new(rows, row) != 0) {
        json_decref(rows);
        return gh_error_set(error, GH_EMEMORY, "settings: out of memory");
    }
    const size_t i = setting_index(live, s->name, s->scope);
    if (i < live->count)
        json_array_remove(rows, i);
    if (json_array_size(rows) <= GH_LIVE_MAX)
        return live_take(live, rows, error);
    json_decref(rows);
    return gh_error_set(error, GH_ECONFIG,
                        "set %s: %d settings are set already: put them into the "
                        "configuration file",
                        s->name, GH_LIVE_MAX);
}
