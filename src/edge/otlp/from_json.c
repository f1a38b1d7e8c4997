/* from_json.c - one pass over the bytes, a function call for each message. */
#include "edge/otlp/from_json.h"

#include "edge/json_scan.h"
#include "edge/otlp/json_value.h"
#include "edge/otlp/otlp.h"
#include "edge/otlp/otlp.pb-c.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Of what is in a member that nobody knows. */
enum { SKIP_DEPTH_MAX = GH_OTLP_DEPTH_MAX };

void gh_from_json_free(struct gh_from_json *reader)
{
    free(reader->element);
    *reader = (struct gh_from_json){0};
}

static bool skip_value(struct gh_json_in *in, unsigned depth);

static bool skip_members(struct gh_json_in *in, char close, unsigned depth)
{
    struct gh_text name;

    in->at++;
    if (gh_json_in_is(in, close))
        return true;
    do {
        if (close == '}' && !gh_json_in_name(in, &name))
            return false;
        if (!skip_value(in, depth))
            return false;
    } while (gh_json_in_is(in, ','));
    return gh_json_in_is(in, close) || gh_json_in_fail(in, in->at, "no comma or end");
}

static bool skip_value(struct gh_json_in *in, unsigned depth)
{
    struct gh_text text;
    struct gh_json_number number;

    in->at = gh_skip_space(in->at, in->end);
    if (in->at == in->end)
        return gh_json_in_fail(in, in->at, "ends early");
    if (*in->at == '{' || *in->at == '[')
        return depth > 0 ? skip_members(in, *in->at == '{' ? '}' : ']', depth - 1)
                         : gh_json_in_deep(in);
    if (*in->at == '"')
        return gh_json_in_text(in, &text);
    if (gh_json_in_word(in, "true") || gh_json_in_word(in, "false") ||
        gh_json_in_word(in, "null"))
        return true;
    return gh_json_in_number(in, &number);
}

/* Whether a name of JSON is a field's: its own, snake_case, or that in camelCase. */
static bool name_is(const char *field, struct gh_text name)
{
    const char *at = name.at, *const end = name.at + name.size;

    for (; at < end && *field != '\0'; at++, field++) {
        if (*at == *field)
            continue;
        if (*field != '_' || *at != field[1] - ('a' - 'A'))
            return false;
        field++;
    }
    return at == end && *field == '\0';
}

static const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *message,
                                                  struct gh_text name)
{
    for (unsigned i = 0; i < message->n_fields; i++)
        if (name_is(message->fields[i].name, name))
            return &message->fields[i];
    return NULL;
}

static void *place_of(ProtobufCMessage *m, size_t offset)
{
    return (char *)m + offset;
}

/* A choice holds one value, whose number stands beside it. Returns where the value goes. */
static void *choice_set(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        *(uint32_t *)place_of(m, field->quantifier_offset) = field->id;
    return place_of(m, field->offset);
}

/* What an earlier member of the name left there. */
static void field_clear(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    static const size_t sizes[] = {
        [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
        [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
        [PROTOBUF_C_TYPE_ENUM] = sizeof(int),
        [PROTOBUF_C_TYPE_INT64] = 8,
        [PROTOBUF_C_TYPE_SFIXED64] = 8,
        [PROTOBUF_C_TYPE_FIXED64] = 8,
        [PROTOBUF_C_TYPE_DOUBLE] = 8,
        [PROTOBUF_C_TYPE_MESSAGE] = sizeof(void *),
    };
    uint32_t *const number = place_of(m, field->quantifier_offset);

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        *(size_t *)place_of(m, field->quantifier_offset) = 0;
    else if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        memset(place_of(m, field->offset), 0, sizes[field->type]);
    else if (*number == field->id)
        *number = 0;
}

/* An integer that no 64 bits hold is a real, where the choice has one. */
static bool whole_read(struct gh_json_in *in, ProtobufCMessage *m,
                       const ProtobufCFieldDescriptor *field)
{
    struct gh_json_number number;
    const char *const at = in->at;

    if (!gh_json_in_numeric(in, &number))
        return false;
    if (number.whole) {
        *(int64_t *)choice_set(m, field) = number.integer;
        return true;
    }
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *const other = &m->descriptor->fields[i];
        if (other->type == PROTOBUF_C_TYPE_DOUBLE &&
            other->quantifier_offset == field->quantifier_offset) {
            *(double *)choice_set(m, other) = number.real;
            return true;
        }
    }
    return gh_json_in_fail(in, at, "no integer of 64 bits");
}

static bool fixed_read(struct gh_json_in *in, ProtobufCMessage *m,
                       const ProtobufCFieldDescriptor *field)
{
    struct gh_json_number number;
    const char *const at = in->at;

    if (!gh_json_in_numeric(in, &number))
        return false;
    if (number.whole ? number.integer < 0 : !(number.real >= 0 && number.real < 0x1p64))
        return gh_json_in_fail(in, at, "no integer from 0 to 2^64-1");
    *(uint64_t *)choice_set(m, field) =
        number.whole ? (uint64_t)number.integer : (uint64_t)number.real;
    return true;
}

static bool double_read(struct gh_json_in *in, ProtobufCMessage *m,
                        const ProtobufCFieldDescriptor *field)
{
    struct gh_json_number number;

    if (!gh_json_in_real(in, &number))
        return false;
    *(double *)choice_set(m, field) = number.whole ? (double)number.integer : number.real;
    return true;
}

/* A number, or the name of one; names that nobody knows are 0. */
static bool enum_read(struct gh_json_in *in, ProtobufCMessage *m,
                      const ProtobufCFieldDescriptor *field)
{
    const ProtobufCEnumDescriptor *const list = field->descriptor;
    struct gh_json_number number;
    struct gh_text text;
    const char *const at = in->at;
    int *const to = choice_set(m, field);

    *to = 0;
    if (in->at < in->end && *in->at == '"') {
        if (!gh_json_in_text(in, &text))
            return false;
        for (unsigned i = 0; i < list->n_values; i++)
            if (strlen(list->values[i].name) == text.size &&
                memcmp(list->values[i].name, text.at, text.size) == 0)
                *to = list->values[i].value;
        return true;
    }
    if (!gh_json_in_number(in, &number))
        return false;
    if (!number.whole || number.integer < INT32_MIN || number.integer > INT32_MAX)
        return gh_json_in_fail(in, at, "no choice: an integer of 32 bits or a name");
    *to = (int)number.integer;
    return true;
}

static bool bytes_read(struct gh_json_in *in, ProtobufCMessage *m,
                       const ProtobufCFieldDescriptor *field)
{
    static char none[1];
    const size_t size = strlen(field->name);
    const char *const start = in->at;
    struct gh_text text;
    bool good = true;

    if (!gh_json_in_text(in, &text))
        return false;
    ProtobufCBinaryData *const to = choice_set(m, field);
    if (strncmp(field->name, "bytes_", 6) == 0) {
        if (!gh_json_in_base64(in, &text))
            return gh_json_in_fail(in, start, "no base64");
    } else if (size > 3 && memcmp(field->name + size - 3, "_id", 3) == 0) {
        good = gh_json_in_id(in, &text);
        in->reader->dropped += !good;
    }
    to->len = good ? text.size : 0;
    to->data = to->len > 0 ? (uint8_t *)(uintptr_t)text.at : (uint8_t *)none;
    return true;
}

static bool scalar_read(struct gh_json_in *in, ProtobufCMessage *m,
                        const ProtobufCFieldDescriptor *field)
{
    const char *const at = in->at;
    bool truth;

    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return bytes_read(in, m, field);
    if (field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_SFIXED64)
        return whole_read(in, m, field);
    if (field->type == PROTOBUF_C_TYPE_DOUBLE)
        return double_read(in, m, field);
    if (field->type == PROTOBUF_C_TYPE_FIXED64)
        return fixed_read(in, m, field);
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return enum_read(in, m, field);
    assert(field->type == PROTOBUF_C_TYPE_BOOL);
    truth = gh_json_in_word(in, "true");
    if (!truth && !gh_json_in_word(in, "false"))
        return gh_json_in_fail(in, at, "neither true nor false");
    *(protobuf_c_boolean *)choice_set(m, field) = truth;
    return true;
}

static ProtobufCMessage *message_read(struct gh_json_in *in,
                                      const ProtobufCMessageDescriptor *message);

static bool element_push(struct gh_json_in *in, size_t count, void *element)
{
    struct gh_from_json *const r = in->reader;

    if (count == r->element_size) {
        const size_t size = r->element_size ? r->element_size * 2 : 256;
        void **const grown = realloc(r->element, size * sizeof *grown);
        if (grown == NULL) {
            r->arena->starved = true;
            return false;
        }
        r->element = grown;
        r->element_size = size;
    }
    r->element[count] = element;
    return true;
}

static ProtobufCMessage *element_read(struct gh_json_in *in,
                                      const ProtobufCMessageDescriptor *message)
{
    if (message == &otlp__key_value__descriptor && in->depth + 2 <= GH_OTLP_DEPTH_MAX) {
        ProtobufCMessage *const usual = gh_otlp_attribute(in);
        if (usual != NULL)
            return usual;
    }
    return message_read(in, message);
}

static bool list_read(struct gh_json_in *in, ProtobufCMessage *m,
                      const ProtobufCFieldDescriptor *field)
{
    const size_t first = in->element_count;

    if (!gh_json_in_is(in, '['))
        return gh_json_in_fail(in, in->at, "no list");
    for (bool more = !gh_json_in_is(in, ']'); more; more = gh_json_in_is(in, ',')) {
        ProtobufCMessage *const element = element_read(in, field->descriptor);
        if (element == NULL || !element_push(in, in->element_count, element))
            return false;
        in->element_count++;
    }
    const size_t count = in->element_count - first;
    if (count > 0 && !gh_json_in_is(in, ']'))
        return gh_json_in_fail(in, in->at, "no comma or end of the list");
    in->element_count = first;
    if (count == 0)
        return true;
    void **const list = gh_otlp_arena_take(in->reader->arena, count * sizeof *list);
    if (list == NULL)
        return false;
    memcpy(list, in->reader->element + first, count * sizeof *list);
    *(size_t *)place_of(m, field->quantifier_offset) = count;
    *(void ***)place_of(m, field->offset) = list;
    return true;
}

static bool member_read(struct gh_json_in *in, ProtobufCMessage *m,
                        const ProtobufCFieldDescriptor *field)
{
    in->at = gh_skip_space(in->at, in->end);
    field_clear(m, field);
    if (gh_json_in_word(in, "null"))
        return true;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_read(in, m, field);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return scalar_read(in, m, field);
    ProtobufCMessage *const inside = message_read(in, field->descriptor);
    if (inside == NULL)
        return false;
    *(ProtobufCMessage **)choice_set(m, field) = inside;
    return true;
}

static bool members_read(struct gh_json_in *in, ProtobufCMessage *m)
{
    struct gh_text name;

    if (!gh_json_in_is(in, '{'))
        return gh_json_in_fail(in, in->at, "no object");
    if (gh_json_in_is(in, '}'))
        return true;
    do {
        if (!gh_json_in_name(in, &name))
            return false;
        const ProtobufCFieldDescriptor *const field = field_find(m->descriptor, name);
        if (field ? !member_read(in, m, field) : !skip_value(in, SKIP_DEPTH_MAX))
            return false;
    } while (gh_json_in_is(in, ','));
    return gh_json_in_is(in, '}') || gh_json_in_fail(in, in->at, "no comma or end");
}

static ProtobufCMessage *message_read(struct gh_json_in *in,
                                      const ProtobufCMessageDescriptor *message)
{
    if (in->depth == GH_OTLP_DEPTH_MAX) {
        gh_json_in_deep(in);
        return NULL;
    }
    ProtobufCMessage *const m = gh_otlp_arena_take(in->reader->arena, message->sizeof_message);
    if (m == NULL)
        return NULL;
    message->message_init(m);
    in->depth++;
    const bool good = members_read(in, m);
    in->depth--;
    return good ? m : NULL;
}

ProtobufCMessage *gh_from_json(struct gh_from_json *reader,
                               const ProtobufCMessageDescriptor *message,
                               struct gh_otlp_bytes bytes, struct gh_otlp_trouble *trouble)
{
    struct gh_json_in in = {.reader = reader, .at = bytes.at, .end = bytes.end};
    const char *const odd = gh_scan_utf8(bytes.at, bytes.end);

    reader->dropped = 0;
    *trouble = (struct gh_otlp_trouble){0};
    if (odd < bytes.end) {
        *trouble = (struct gh_otlp_trouble){.at = odd, .what = "no UTF-8"};
        return NULL;
    }
    ProtobufCMessage *m = message_read(&in, message);
    in.at = gh_skip_space(in.at, in.end);
    if (m != NULL && in.at < in.end) {
        gh_json_in_fail(&in, in.at, "more than one value");
        m = NULL;
    }
    *trouble = in.trouble;
    return m;
}
