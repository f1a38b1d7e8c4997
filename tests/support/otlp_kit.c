/* otlp_kit.c - see otlp_kit.h. */
#include "support/otlp_kit.h"

#include "edge/otlp/check.h"
#include "edge/otlp/tell.h"
#include "support/otlp_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_line(struct gh_json *lines, const char *key, struct gh_text text)
{
    if (text.at == NULL)
        return;
    gh_json_key(lines, key);
    gh_json_text(lines, text);
}

static void whole_line(struct gh_json *lines, int64_t value)
{
    char text[24];

    gh_json_raw(lines, text, (size_t)snprintf(text, sizeof text, "%" PRId64, value));
}

static void time_line(struct gh_json *lines, const char *key, int64_t time_ms)
{
    if (time_ms == GH_TOLD_NO_TIME)
        return;
    gh_json_key(lines, key);
    whole_line(lines, time_ms);
}

static void field_line(struct gh_json *lines, const struct gh_field *field)
{
    gh_json_open(lines, '{');
    gh_json_text(lines, field->name);
    gh_json_raw(lines, ":", 1);
    if (field->type == GH_FIELD_TEXT)
        gh_json_text(lines, field->as.text);
    else if (field->type == GH_FIELD_WHOLE)
        whole_line(lines, field->as.whole);
    else if (field->type == GH_FIELD_TRUTH)
        gh_json_bool(lines, field->as.truth);
    else
        gh_json_number(lines, field->as.real);
    gh_json_raw(lines, field->type == GH_FIELD_REAL ? "r}" : "}",
                field->type == GH_FIELD_REAL ? 2 : 1);
}

void gh_otlp_line(struct gh_json *lines, const struct gh_told *told)
{
    static const char *const kinds[] = {"log", "span", "point", "row"};

    gh_json_open(lines, '{');
    gh_json_key(lines, "kind");
    gh_json_string(lines, kinds[told->kind]);
    text_line(lines, "source", told->source);
    text_line(lines, "scope", told->scope);
    text_line(lines, "name", told->name);
    time_line(lines, "time", told->time_ms);
    time_line(lines, "start", told->start_ms);
    text_line(lines, "trace", told->trace);
    text_line(lines, "span", told->span);
    text_line(lines, "parent", told->parent);
    gh_json_key(lines, "failed");
    gh_json_bool(lines, told->failed);
    gh_json_key(lines, "value");
    gh_json_number(lines, told->value);
    gh_json_key(lines, "cumulative");
    gh_json_bool(lines, told->cumulative);
    gh_json_key(lines, "fields");
    gh_json_open(lines, '[');
    for (uint32_t i = 0; i < told->count; i++)
        field_line(lines, &told->field[i]);
    gh_json_close(lines, ']');
    gh_json_close(lines, '}');
    gh_json_raw(lines, "\n", 1);
}

static bool line_take(void *context, const struct gh_told *told)
{
    gh_otlp_line(context, told);
    return true;
}

struct gh_otlp_heard gh_otlp_hear(struct gh_otlp_reader *reader,
                                  const struct gh_otlp_request *request)
{
    struct gh_otlp_heard heard = {.status = GH_OK};
    struct gh_json lines = {0};
    const struct gh_otlp_taker taker = {line_take, &lines};

    gh_json_raw(&lines, "", 0);
    gh_json_raw(&lines, "", 0); /* lines is a text even when nothing is told */
    heard.status = gh_otlp_read(reader, request, &taker, &heard.counts, &heard.error);
    heard.lines = gh_json_take(&lines);
    if (heard.lines == NULL)
        abort();
    return heard;
}

struct gh_otlp_heard gh_otlp_hear_message(enum gh_otlp_signal signal,
                                          const ProtobufCMessage *message)
{
    struct gh_otlp_heard heard = {.status = GH_OK};
    struct gh_json lines = {0};
    struct gh_otlp_arena arena = {0};
    struct gh_otlp_teller *const teller = calloc(1, sizeof *teller);

    if (teller == NULL)
        abort();
    gh_otlp_arena_reset(&arena, SIZE_MAX);
    gh_json_raw(&lines, "", 0);
    teller->arena = &arena;
    teller->taker = &(struct gh_otlp_taker){line_take, &lines};
    teller->counts = &heard.counts;
    gh_otlp_tell(teller, signal, message);
    heard.lines = gh_json_take(&lines);
    if (heard.lines == NULL)
        abort();
    gh_otlp_arena_free(&arena);
    free(teller);
    return heard;
}

struct gh_otlp_heard gh_otlp_hear_unpacked(const struct gh_otlp_request *request)
{
    const ProtobufCMessageDescriptor *const message = gh_otlp_message(request->signal);
    const struct gh_otlp_bytes bytes = {request->body, request->body + request->size};
    const struct gh_otlp_trouble trouble = gh_otlp_check(message, bytes, GH_OTLP_DEPTH_MAX);
    struct gh_otlp_heard heard = {.status = trouble.deep ? GH_ELIMIT : GH_EFORMAT};
    ProtobufCMessage *m = NULL;

    if (trouble.what == NULL)
        m = protobuf_c_message_unpack(message, NULL, request->size,
                                      (const uint8_t *)request->body);
    if (m != NULL) {
        heard = gh_otlp_hear_message(request->signal, m);
        protobuf_c_message_free_unpacked(m, NULL);
    } else if ((heard.lines = strdup("")) == NULL) {
        abort();
    }
    return heard;
}

void gh_otlp_heard_free(struct gh_otlp_heard *heard)
{
    free(heard->lines);
}
