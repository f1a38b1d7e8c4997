/* wire.h - binary frames: the wire format of Protocol Buffers as far as events.proto needs it.
 * What a frame is stands there, in include/goodhart/. protobuf-c reads the same (the tests hold
 * both together), but needs 500 ns for an event before any of its values is looked at. */
#ifndef GOODHART_EDGE_WIRE_H
#define GOODHART_EDGE_WIRE_H

#include "edge/event_value.h"
#include "edge/json_scan.h"

/* What a binary frame begins with, the last byte is its version. As a tag it would be of a wire
 * type that there is not, so it can stand between two events too. */
#define GH_MARKER "\x8fGH1"
enum { GH_MARKER_SIZE = 4 };
static inline bool gh_marker_is(const char *at, size_t size)
{
    return size >= GH_MARKER_SIZE && memcmp(at, GH_MARKER, GH_MARKER_SIZE) == 0;
}

enum gh_wire {
    GH_WIRE_VARINT = 0,
    GH_WIRE_FIXED64 = 1,
    GH_WIRE_BYTES = 2,
    GH_WIRE_FIXED32 = 5
};
/* Batch.event */
enum { GH_BATCH_FIELD = 1 };

/* Numbers of the fields of Event, by key: the only list of them in C. */
// clang-format off
#define GH_EVENT_FIELDS(X) \
    X(1, id) X(2, ts) X(3, actor) X(4, team) X(5, session) X(6, agent) X(7, caller) \
    X(8, trace) X(9, model) X(10, input_tokens) X(11, output_tokens) \
    X(12, cache_read_tokens) X(13, cost_usd) X(14, prompt_hash) X(15, response_hash) \
    X(16, kind) X(17, v) X(18, cache_write_tokens) X(19, origin) X(20, provider) \
    X(21, context_window) X(22, user_tokens) X(23, tool_calls) X(24, status) \
    X(25, experiment) X(26, duration_ms) X(27, artifact) X(28, ref) X(29, state) \
    X(30, units) X(31, lines_added) X(32, lines_removed) X(33, manager) X(34, role) \
    X(35, account) X(36, timezone) X(37, workdays) X(38, hours) X(39, type) X(40, from) \
    X(41, until) X(42, title) X(43, budget_usd) X(44, budget_tokens) X(45, tokens) \
    X(46, period) X(47, finding) X(48, verdict) X(49, reviewer) X(50, note) X(51, missing)
// clang-format on
#define GH_FIELD_MAX(number, key) GH_FIELD_OF_##key = number,
enum gh_field_number { GH_EVENT_FIELDS(GH_FIELD_MAX) GH_FIELDS };

/* The key of each number, plus 1; 0: a number that no key has. */
extern const uint8_t gh_field_keys[GH_FIELDS];
/* How a value is written. */
enum gh_wire gh_wire_of(enum gh_value_type type);

struct gh_wire_field {
    uint32_t number;
    enum gh_wire wire;
    uint64_t value;       /* of a varint, or the bits of a fixed one */
    struct gh_text bytes; /* with GH_WIRE_BYTES */
};

/* Returns the byte after the number at `at`, or NULL: it does not end within `most` bytes or
 * before `end`. Bits past the 64th are lost, as everywhere. */
static inline const char *gh_varint_read(const char *at, const char *end, unsigned most,
                                         uint64_t *value)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < most && at < end; i++) {
        const unsigned char byte = (unsigned char)*at++;
        sum |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            *value = sum;
            return at;
        }
    }
    return NULL;
}

/* Reads a field of a message that ends at `end`. Returns the byte after it, or NULL: there is
 * none, be it cut, of a wire type that is not read (groups), or of a number that none may
 * have. */
static inline const char *gh_field_read(const char *at, const char *end,
                                        struct gh_wire_field *field)
{
    enum { TAG_BYTES = 5, LENGTH_BYTES = 5, VARINT_BYTES = 10 };
    uint64_t tag, size;

    at = gh_varint_read(at, end, TAG_BYTES, &tag);
    if (at == NULL || tag >> 3 == 0 || tag > UINT32_MAX)
        return NULL;
    field->number = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case GH_WIRE_VARINT:
        field->wire = GH_WIRE_VARINT;
        return gh_varint_read(at, end, VARINT_BYTES, &field->value);
    case GH_WIRE_FIXED64:
        field->wire = GH_WIRE_FIXED64;
        if (end - at < 8)
            return NULL;
        field->value = gh_load8(at);
        return at + 8;
    case GH_WIRE_BYTES:
        field->wire = GH_WIRE_BYTES;
        at = gh_varint_read(at, end, LENGTH_BYTES, &size);
        if (at == NULL || size > (size_t)(end - at) || size > UINT32_MAX)
            return NULL;
        field->bytes = (struct gh_text){at, (uint32_t)size};
        return at + size;
    case GH_WIRE_FIXED32:
        field->wire = GH_WIRE_FIXED32;
        return end - at < 4 ? NULL : at + 4;
    default:
        return NULL;
    }
}

/* Whether a text is printable ASCII without '"' and '\\': it needs no further look. Bytes up to
 * `end` may be read. */
static inline bool gh_text_plain(struct gh_text text, const char *end)
{
    const char *at = text.at, *const until = text.at + text.size;

    for (; at < until && end - at >= GH_BLOCK_SIZE; at += GH_BLOCK_SIZE) {
        unsigned special = gh_block_special(at);
        if (until - at < GH_BLOCK_SIZE)
            special &= (1u << (until - at)) - 1u;
        if (special != 0)
            return false;
    }
    return at >= until || gh_scan_plain(at, until) == until;
}

/* What the quick decoder knows of a field. Lists have GH_TYPE_KIND, whichever they are. */
struct gh_field_form {
    uint64_t bit;   /* of gh_event.present */
    uint64_t most;  /* of an integer; of a list, how many choices there are */
    uint32_t field; /* offset in struct gh_event */
    uint8_t wire;   /* UINT8_MAX: there is no such field */
    uint8_t type;
    uint8_t first; /* of a list */
};
void gh_field_forms_init(struct gh_field_form forms[GH_FIELDS]);

#endif
