/* tell.c - from what a payload says to lines of events. */
#include "base/civil.h"
#include "base/hash.h"
#include "edge/hooks/hooks_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(key) (UINT64_C(1) << GH_KEY_##key)

const json_t *gh_hook_at(const json_t *value, const char *path)
{
    while (value && *path) {
        const size_t size = strcspn(path, ".");
        value = json_object_getn(value, path, size);
        path += size + (path[size] == '.');
    }
    return json_is_null(value) ? NULL : value;
}

const char *gh_hook_text(const json_t *value, const char *path)
{
    return json_string_value(gh_hook_at(value, path));
}

bool gh_hook_is(const json_t *value, const char *path, const char *text)
{
    const char *found = gh_hook_text(value, path);

    return found && strcmp(found, text) == 0;
}

bool gh_hook_true(const json_t *value, const char *path)
{
    return json_is_true(gh_hook_at(value, path));
}

/* The first trouble is the one that is told. */
void gh_hook_bad(struct gh_hook_tale *tale, const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    tale->bad = true;
    (void)gh_error_set(tale->error, GH_EFORMAT, "%s", text);
}

const char *gh_hook_need_text(struct gh_hook_tale *tale, const json_t *value, const char *path)
{
    const char *text = gh_hook_text(value, path);

    if (text && text[0])
        return text;
    gh_hook_bad(tale, "%s: a text is missing", path);
    return "";
}

int64_t gh_hook_need_count(struct gh_hook_tale *tale, const json_t *value, const char *path)
{
    const json_t *found = gh_hook_at(value, path);
    const int64_t count = json_integer_value(found);

    if (json_is_integer(found) && count >= 0 && count <= GH_COUNT_MAX)
        return count;
    gh_hook_bad(tale, "%s: a whole number from 0 on is missing", path);
    return 0;
}

/* "2026-08-06 07:06:40 UTC", "2026-08-06 07:06:40 +0200" in the form of RFC 3339. */
static bool spaced_time(const char *text, int64_t *time_ms)
{
    enum { DATE = 10, CLOCK = 19 };
    const size_t size = strlen(text);
    char plain[32];

    if (size < CLOCK + 4 || size > CLOCK + 6 || text[DATE] != ' ' || text[CLOCK] != ' ')
        return false;
    if (strcmp(text + CLOCK, " UTC") == 0)
        snprintf(plain, sizeof(plain), "%.10sT%.8sZ", text, text + DATE + 1);
    else
        snprintf(plain, sizeof(plain), "%.10sT%.8s%.3s:%s", text, text + DATE + 1,
                 text + CLOCK + 1, text + CLOCK + 4);
    return gh_time_parse(plain, strlen(plain), time_ms);
}

bool gh_hook_time(const json_t *value, const char *path, int64_t *time_ms)
{
    const json_t *found = gh_hook_at(value, path);
    const char *text = json_string_value(found);
    const json_int_t seconds = json_integer_value(found);

    if (text)
        return gh_time_parse(text, strlen(text), time_ms) || spaced_time(text, time_ms);
    if (!json_is_integer(found) || seconds < 0 || seconds > GH_TIME_MS_MAX / 1000)
        return false;
    *time_ms = seconds * 1000;
    return true;
}

int64_t gh_hook_need_time(struct gh_hook_tale *tale, const json_t *value, const char *path)
{
    int64_t time_ms = 0;

    if (!gh_hook_time(value, path, &time_ms))
        gh_hook_bad(tale, "%s: a time is missing", path);
    return time_ms;
}

struct gh_hook_name gh_hook_name(const char *format, ...)
{
    struct gh_hook_name name;
    va_list list;

    va_start(list, format);
    vsnprintf(name.text, sizeof(name.text), format, list);
    va_end(list);
    return name;
}

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

/* What the contract refuses is refused here, where the sender still hears of it. */
void gh_hook_tell_event(struct gh_hook_tale *tale, const struct gh_event *event)
{
    struct gh_event placed = *event, read;
    struct gh_refused refused;

    if (tale->bad)
        return;
    if (GH_HAS(event, actor) && tale->call->person) {
        const struct gh_text person = tale->call->person(tale->call->people, event->actor);
        placed.actor = person.at ? person : event->actor;
    }
    if (event->kind == GH_OUTPUT && !GH_HAS(event, units) &&
        tale->units[event->artifact] >= 0) {
        placed.present |= BIT(units);
        placed.units = tale->units[event->artifact];
    }
    const size_t size = gh_encode(&placed, tale->line, GH_HOOK_LINE_BYTES);
    const struct gh_piece piece = {.at = tale->line, .size = size ? size - 1 : 0};
    gh_decoder_reset(tale->decoder);
    if (!gh_decode(tale->decoder, &piece, &read, &refused)) {
        gh_hook_bad(tale, "%s", refused.text);
        return;
    }
    gh_json_raw(tale->lines, tale->line, size);
    tale->events++;
}

/* Only what the payload says of an account: that a program has it. */
static void service_tell(struct gh_hook_tale *tale, const struct gh_hook_output *output)
{
    const struct gh_hook_name id = gh_hook_name("%s:service", output->account);

    gh_hook_tell_event(tale,
                       &(struct gh_event){
                           .present = BIT(kind) | BIT(id) | BIT(ts) | BIT(actor) | BIT(account),
                           .kind = GH_PROFILE,
                           .id = text_of(id.text),
                           .ts_ms = output->ts_ms,
                           .actor = text_of(output->account),
                           .account = GH_SERVICE,
                       });
}

static const char *state_name(enum gh_state state)
{
    static const char *const name[GH_STATE_COUNT] = {
        [GH_ACCEPTED] = "accepted",
        [GH_PROPOSED] = "proposed",
        [GH_REJECTED] = "rejected",
        [GH_REVERTED] = "reverted",
    };
    return name[state];
}

/* Readable, for findings show the ids of what they rest on; a hash where that is too long. */
static struct gh_hook_name output_id(const struct gh_hook_tale *tale,
                                     const struct gh_hook_output *output)
{
    const char *own = output->id ? output->id : output->ref;
    char hex[33], tail[64] = "";

    if (!output->id)
        snprintf(tail, sizeof(tail), ":%s:%lld", state_name(output->state),
                 (long long)output->ts_ms);
    if (strlen(tale->service) + 1 + strlen(own) + strlen(tail) <= GH_STRING_BYTES_MAX)
        return gh_hook_name("%s:%s%s", tale->service, own, tail);
    gh_hash_hex(own, strlen(own), hex);
    return gh_hook_name("%s:%s%s", tale->service, hex, tail);
}

/* What names an artifact, as it is, or its hash where the contract has no room for it. */
static struct gh_hook_name ref_of(const char *ref)
{
    char hex[33];

    if (strlen(ref) <= GH_STRING_BYTES_MAX)
        return gh_hook_name("%s", ref);
    gh_hash_hex(ref, strlen(ref), hex);
    return gh_hook_name("%s", hex);
}

void gh_hook_tell(struct gh_hook_tale *tale, const struct gh_hook_output *output)
{
    const struct gh_hook_name id = output_id(tale, output), ref = ref_of(output->ref);
    struct gh_event event = {
        .present =
            BIT(kind) | BIT(id) | BIT(ts) | BIT(actor) | BIT(artifact) | BIT(ref) | BIT(state),
        .kind = GH_OUTPUT,
        .id = text_of(id.text),
        .ts_ms = output->ts_ms,
        .artifact = output->artifact,
        .ref = text_of(ref.text),
        .state = output->state,
    };

    if (tale->bad)
        return;
    if (!output->account || !output->account[0]) {
        tale->nameless++;
        return;
    }
    event.actor = text_of(output->account);
    if (output->sized) {
        event.present |= BIT(lines_added) | BIT(lines_removed);
        event.lines_added = output->lines_added;
        event.lines_removed = output->lines_removed;
    }
    if (output->service)
        service_tell(tale, output);
    gh_hook_tell_event(tale, &event);
    if (!tale->bad)
        gh_hook_memory_keep(tale->memory, output->ref, output->account, output->ts_ms);
}

void gh_hook_tell_maker(struct gh_hook_tale *tale, struct gh_hook_output output)
{
    char account[GH_MAKER_SIZE];

    if (tale->bad)
        return;
    if (!gh_hook_memory_maker(tale->memory, output.ref, output.ts_ms, account)) {
        tale->forgotten++;
        return;
    }
    output.account = account;
    gh_hook_tell(tale, &output);
}
