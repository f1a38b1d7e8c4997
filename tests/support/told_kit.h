/* told_kit.h - records of foreign sources, written down in a test, and what the built-in map
 * files make of them. */
#ifndef TOLD_KIT_H
#define TOLD_KIT_H

#include "edge/decode.h"
#include "edge/fields/map.h"

#include "support/gh_test.h"

#include <stdbool.h>

// clang-format off
#define T(text) ((struct gh_text){text, sizeof(text) - 1})
#define FIELD(called, type, member, value) {{called, sizeof(called) - 1}, type, {.member = value}}
#define TEXT(called, value) \
    {{called, sizeof(called) - 1}, GH_FIELD_TEXT, {.text = {value, sizeof(value) - 1}}}
#define WHOLE(called, value) FIELD(called, GH_FIELD_WHOLE, whole, value)
#define REAL(called, value) FIELD(called, GH_FIELD_REAL, real, value)
#define TRUTH(called, value) FIELD(called, GH_FIELD_TRUTH, truth, value)
// clang-format on

/* 2026-08-06T07:06:40.123Z */
#define TOLD_TIME_MS INT64_C(1786000000123)

/* A record of the fields; the other parts of it are set by the test. */
#define TOLD(told_kind, from, called, fields)      \
    ((struct gh_told){.kind = (told_kind),         \
                      .source = from,              \
                      .name = called,              \
                      .time_ms = TOLD_TIME_MS,     \
                      .start_ms = GH_TOLD_NO_TIME, \
                      .field = (fields),           \
                      .count = sizeof(fields) / sizeof((fields)[0])})

struct told_kit {
    struct gh_maps *maps;
    struct gh_mapper *mapper;
    struct gh_decoder *decoder;
    struct gh_event event;
    struct gh_error error;
};

static inline void told_kit_open(struct told_kit *kit, const char *folder)
{
    *kit = (struct told_kit){.decoder = gh_decoder_new()};
    if (gh_maps_load(&kit->maps, folder, &kit->error) != GH_OK)
        printf("# %s\n", kit->error.text);
    kit->mapper = kit->maps ? gh_mapper_new(kit->maps) : NULL;
    if (!kit->mapper || !kit->decoder)
        exit(1);
}

static inline void told_kit_close(struct told_kit *kit)
{
    gh_mapper_free(kit->mapper);
    gh_maps_free(kit->maps);
    gh_decoder_free(kit->decoder);
}

/* What was mapped decodes to the same: whatever the source wrote. */
static inline bool told_kit_legal(struct told_kit *kit)
{
    static char line[GH_EVENT_BYTES_MAX * 6];
    struct gh_piece piece = {.at = line};
    struct gh_event again;
    struct gh_refused refused;

    piece.size = gh_encode(&kit->event, line, sizeof(line));
    gh_decoder_reset(kit->decoder);
    if (piece.size && gh_decode(kit->decoder, &piece, &again, &refused))
        return gh_same_event(&kit->event, &again);
    printf("# %s\n", refused.text);
    return false;
}

static inline enum gh_mapped told_kit_map(struct told_kit *kit, const struct gh_told *told)
{
    kit->error = (struct gh_error){0};
    const enum gh_mapped mapped = gh_map(kit->mapper, told, &kit->event, &kit->error);
    if (mapped == GH_MAPPED_EVENT)
        CHECK(told_kit_legal(kit));
    if (mapped == GH_MAPPED_BAD)
        printf("# %s\n", kit->error.text);
    return mapped;
}

static inline bool is_text(struct gh_text text, const char *wanted)
{
    return text.at && text.size == strlen(wanted) && !memcmp(text.at, wanted, text.size);
}

#endif
