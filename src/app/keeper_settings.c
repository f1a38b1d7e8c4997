/* keeper_settings.c - records of settings: in the log, where they hold, and in settings.db. */
#include "app/keeper_inside.h"

#include "base/civil.h"
#include "edge/json_read.h"

#include <stdlib.h>
#include <string.h>

enum { HASH = GH_BASIS_SIZE - 1 };

const struct gh_config *gh_keeper_past(const struct gh_keeper *k)
{
    return k->past;
}

const char *gh_keeper_newest_record(const struct gh_keeper *k)
{
    return k->record;
}

uint64_t gh_keeper_record_number(const struct gh_keeper *k)
{
    return k->record_number + 1;
}

enum gh_status gh_keeper_basis(struct gh_keeper *k, const struct gh_config *config,
                               char basis[GH_BASIS_SIZE], bool *other, struct gh_error *error)
{
    const enum gh_status status = gh_basis_keep(gh_log_folder(k->log), config, basis, error);

    *other = status == GH_OK && strcmp(basis, k->basis) != 0;
    return status;
}

enum gh_status gh_keeper_settings_write(struct gh_keeper *k, struct gh_error *error)
{
    const struct gh_kept_change change = {
        .number = k->record_number,
        .position = k->record_position,
        .time_ms = k->record_ms,
        .basis = {k->basis, HASH},
        .body = {k->record, (uint32_t)strlen(k->record)},
    };
    const enum gh_status status = gh_kept_changes_add(k->changes, &change, error);

    k->record_due = status != GH_OK;
    return status;
}

/* Basis, '\n', body; NULL: out of memory. */
static char *record_text(const struct gh_keeper_record *record, size_t *size)
{
    const size_t body = strlen(record->body);
    char *text = malloc(HASH + 1 + body + 1);

    *size = HASH + 1 + body;
    if (text) {
        memcpy(text, record->basis, HASH);
        text[HASH] = '\n';
        memcpy(text + HASH + 1, record->body, body + 1);
    }
    return text;
}

static enum gh_status record_append(struct gh_keeper *k, const struct gh_keeper_record *record,
                                    uint64_t *position, struct gh_error *error)
{
    struct gh_run run = {.count = 1, .kind = GH_RUN_SETTINGS};
    char *text = record_text(record, &run.raw_size);

    if (!text)
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    run.raw = text;
    const enum gh_status status =
        gh_log_append(k->log, &(struct gh_log_batch){&run, 1, NULL, 0}, error);
    free(text);
    if (status == GH_OK) {
        k->position = gh_log_next(k->log);
        *position = run.first;
    }
    return status;
}

enum gh_status gh_keeper_record(struct gh_keeper *k, const struct gh_keeper_record *record,
                                uint64_t *position, struct gh_error *error)
{
    struct gh_error later = {0};
    char *body = strdup(record->body);
    enum gh_status status = GH_OK;

    if (!body)
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    if (k->record_due && gh_keeper_settings_write(k, &later) != GH_OK)
        status = gh_error_set(error, GH_EIO, "the change before it is not in settings.db: %s",
                              later.text);
    if (status == GH_OK)
        status = record_append(k, record, position, error);
    if (status != GH_OK) {
        free(body);
        return status;
    }
    free(k->record);
    k->record = body;
    k->record_number++;
    k->record_position = *position;
    k->record_ms = record->time_ms;
    memmove(k->basis, record->basis, HASH);
    k->basis[HASH] = '\0';
    k->record_due = true; /* the log has it: this can wait for a better day */
    (void)gh_keeper_settings_write(k, &later);
    return GH_OK;
}

/* --- what is there --- */

static enum gh_status record_take(struct gh_keeper *k, const struct gh_kept_change *change,
                                  struct gh_error *error)
{
    char *body = strndup(change->body.at, change->body.size);

    if (!body)
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    free(k->record);
    k->record = body;
    k->record_number = change->number;
    k->record_position = change->position;
    k->record_ms = change->time_ms;
    return GH_OK;
}

struct newest {
    struct gh_keeper *keeper;
    struct gh_error *error;
    enum gh_status status;
};

static bool newest_see(void *context, const struct gh_kept_change *change)
{
    struct newest *n = context;

    n->status = record_take(n->keeper, change, n->error);
    return false;
}

/* A record of an old log tells of nobody. */
enum gh_status gh_keeper_settings_again(void *context, const struct gh_run *run,
                                        struct gh_error *error)
{
    struct gh_keeper *k = context;
    struct gh_kept_change change = {.position = run->first, .basis = {run->raw, HASH}};
    json_error_t trouble;

    if (run->raw_size <= HASH + 1)
        return GH_OK;
    change.body = (struct gh_text){run->raw + HASH + 1, (uint32_t)(run->raw_size - HASH - 1)};
    gh_json_begin();
    json_t *body = json_loadb(change.body.at, change.body.size, 0, &trouble);
    enum gh_status status = gh_json_loaded(&body, "log: a record of settings", &trouble, error);
    if (status != GH_OK)
        return status == GH_ECONFIG ? GH_EFORMAT : status;
    change.number = (uint64_t)json_integer_value(json_object_get(body, "number"));
    const char *time = json_string_value(json_object_get(body, "time"));
    if (!time || !gh_time_parse(time, strlen(time), &change.time_ms) || change.number == 0)
        status = gh_error_set(error, GH_EFORMAT, "log: position %llu: is no record of settings",
                              (unsigned long long)run->first);
    json_decref(body);
    if (status != GH_OK)
        return status;
    status = gh_kept_changes_add(k->changes, &change, error);
    return status == GH_OK ? record_take(k, &change, error) : status;
}

/* Rare: settings.db is new, or somebody has taken it away. */
static enum gh_status records_gather(struct gh_keeper *k, uint64_t end, struct gh_error *error)
{
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    enum gh_status status =
        gh_log_cursor_open(&cursor, gh_log_folder(k->log), NULL, gh_log_first(k->log), error);

    while (status == GH_OK) {
        status = gh_log_cursor_next(cursor, &run, error);
        if (status != GH_OK || !run || run->first >= end)
            break;
        if (run->kind == GH_RUN_SETTINGS)
            status = gh_keeper_settings_again(k, run, error);
    }
    gh_log_cursor_close(cursor);
    return status;
}

enum gh_status gh_keeper_settings_open(struct gh_keeper *k, uint64_t end,
                                       struct gh_error *error)
{
    struct newest newest = {k, error, GH_OK};
    const struct gh_kept_page page = {UINT64_MAX, 1, true};
    enum gh_status status = gh_kept_changes_read(k->changes, &page, newest_see, &newest, error);

    if (status == GH_OK)
        status = newest.status;
    if (status == GH_OK && !k->record && end > gh_log_first(k->log))
        status = records_gather(k, end, error);
    return status;
}
