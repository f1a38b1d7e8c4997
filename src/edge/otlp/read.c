/* read.c - bytes to a message, and the message told. */
#include "edge/otlp/check.h"
#include "edge/otlp/fill.h"
#include "edge/otlp/from_json.h"
#include "edge/otlp/tell.h"

#include <stdlib.h>

struct gh_otlp_reader {
    struct gh_otlp_arena arena;
    struct gh_from_json from_json;
    struct gh_otlp_teller teller;
};

struct gh_otlp_reader *gh_otlp_reader_new(void)
{
    struct gh_otlp_reader *const reader = calloc(1, sizeof *reader);

    if (reader != NULL)
        reader->teller.arena = reader->from_json.arena = &reader->arena;
    return reader;
}

void gh_otlp_reader_free(struct gh_otlp_reader *reader)
{
    if (reader == NULL)
        return;
    gh_from_json_free(&reader->from_json);
    gh_otlp_arena_free(&reader->arena);
    free(reader);
}

static const ProtobufCMessageDescriptor *message_of(enum gh_otlp_signal signal)
{
    return signal == GH_OTLP_LOGS     ? &otlp__logs_request__descriptor
           : signal == GH_OTLP_TRACES ? &otlp__trace_request__descriptor
                                      : &otlp__metrics_request__descriptor;
}

static void *arena_alloc(void *arena, size_t size)
{
    return gh_otlp_arena_take(arena, size);
}

static void arena_leave(void *arena, void *at)
{
    (void)arena;
    (void)at; /* all goes at once */
}

static ProtobufCMessage *binary_read(struct gh_otlp_arena *arena,
                                     const ProtobufCMessageDescriptor *message,
                                     struct gh_otlp_bytes bytes,
                                     struct gh_otlp_trouble *trouble)
{
    ProtobufCAllocator allocator = {arena_alloc, arena_leave, arena};
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(arena);
    ProtobufCMessage *read = gh_otlp_fill(arena, message, bytes, GH_OTLP_DEPTH_MAX);

    *trouble = (struct gh_otlp_trouble){0};
    if (read != NULL || arena->starved)
        return read;
    gh_otlp_arena_back(arena, mark);
    arena->over = false;
    *trouble = gh_otlp_check(message, bytes, GH_OTLP_DEPTH_MAX);
    if (trouble->what == NULL) {
        read = protobuf_c_message_unpack(message, &allocator, (size_t)(bytes.end - bytes.at),
                                         (const uint8_t *)bytes.at);
        if (read == NULL)
            *trouble = (struct gh_otlp_trouble){bytes.at, "no message of protobuf", false};
    }
    return read;
}

static enum gh_status trouble_tell(bool json, const char *body,
                                   const struct gh_otlp_trouble *trouble,
                                   struct gh_error *error)
{
    const size_t place = (size_t)(trouble->at - body) + 1;

    if (trouble->deep)
        return gh_error_set(error, GH_ELIMIT, "byte %zu: %s: at most %d messages deep", place,
                            trouble->what, GH_OTLP_DEPTH_MAX);
    return gh_error_set(error, GH_EFORMAT, "byte %zu: %s: %s as in OTLP 1.11", place,
                        trouble->what, json ? "JSON" : "fields");
}

enum gh_status gh_otlp_read(struct gh_otlp_reader *reader,
                            const struct gh_otlp_request *request,
                            const struct gh_otlp_taker *taker, struct gh_otlp_counts *counts,
                            struct gh_error *error)
{
    const char *const body = request->size > 0 ? request->body : "";
    const struct gh_otlp_bytes bytes = {body, body + request->size};
    const ProtobufCMessageDescriptor *const message = message_of(request->signal);
    struct gh_otlp_arena *const arena = &reader->arena;
    struct gh_otlp_teller *const teller = &reader->teller;
    struct gh_otlp_trouble trouble;

    *counts = (struct gh_otlp_counts){0};
    if (request->size > UINT32_MAX)
        return gh_error_set(error, GH_ELIMIT, "byte 1: %zu bytes: fewer than 2^32",
                            request->size);
    gh_otlp_arena_reset(arena, request->size * GH_OTLP_MEMORY_TIMES + GH_OTLP_MEMORY_MORE);
    reader->from_json.dropped = 0;
    const ProtobufCMessage *const read =
        request->json ? gh_from_json(&reader->from_json, message, bytes, &trouble)
                      : binary_read(arena, message, bytes, &trouble);
    if (arena->starved)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    if (arena->over)
        return gh_error_set(error, GH_ELIMIT,
                            "byte 1: needs more memory than %d times its size",
                            GH_OTLP_MEMORY_TIMES);
    if (read == NULL)
        return trouble_tell(request->json, body, &trouble, error);
    arena->left = SIZE_MAX;
    teller->taker = taker;
    teller->counts = counts;
    teller->utf8 = request->json;
    counts->fields_dropped = reader->from_json.dropped;
    gh_otlp_tell(teller, request->signal, read);
    if (arena->starved)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    return teller->stopped
               ? gh_error_set(error, GH_EFULL, "the rest of the records finds no room")
               : GH_OK;
}
