/* binary_pair.c - keys are found by the names in the schema and choices by theirs, so that the
 * decoder's numbers are on trial too. */
#include "support/protobuf/binary_pair.h"

#include "edge/wire.h"
#include "events.pb-c.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What protobuf-c made of an event; the texts of the event point into `message`. */
struct reference {
    Goodhart__Event *message; /* NULL: it is none */
    bool utf8, taken;
    uint32_t unknown;
    struct gh_members members;
    struct gh_event event;
    struct gh_refused refused;
};

static unsigned key_of(const char *name)
{
    unsigned key = 0;

    while (key < GH_KEY_COUNT && strcmp(gh_key_rows[key].name.at, name) != 0)
        key++;
    return key;
}

static void text_from(struct reference *r, struct gh_scalar *s, const ProtobufCBinaryData *data)
{
    const char *const at = data->len > 0 ? (const char *)data->data : "";
    json_t *const text = json_stringn(at, data->len);

    s->type = GH_SCALAR_TEXT;
    s->text = (struct gh_text){at, (uint32_t)data->len};
    r->utf8 = r->utf8 && text != NULL;
    json_decref(text);
}

static void choice_from(struct gh_scalar *s, const ProtobufCEnumDescriptor *list, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(list, number);

    s->type = value ? GH_SCALAR_TEXT : GH_SCALAR_CHOICE;
    if (value)
        s->text = (struct gh_text){value->name, (uint32_t)strlen(value->name)};
    else
        s->integer = number;
}

static void member_from(struct reference *r, const ProtobufCFieldDescriptor *field)
{
    const char *const base = (const char *)r->message;
    const void *const value = base + field->offset;
    const unsigned key = key_of(field->name);
    struct gh_scalar *s = &r->members.value[key];

    if (key == GH_KEY_COUNT ||
        !*(const protobuf_c_boolean *)(const void *)(base + field->quantifier_offset))
        return;
    *s = (struct gh_scalar){0};
    r->members.seen |= UINT64_C(1) << key;
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        text_from(r, s, value);
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        choice_from(s, field->descriptor, *(const int *)value);
    } else if (field->type == PROTOBUF_C_TYPE_INT64) {
        s->type = GH_SCALAR_INTEGER;
        s->integer = *(const int64_t *)value;
    } else if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
        s->type = GH_SCALAR_REAL;
        s->real = *(const double *)value;
    } else {
        s->type = GH_SCALAR_BITS;
        s->bits = *(const uint64_t *)value;
    }
}

static bool reference_read(struct reference *r, const char *at, size_t size)
{
    const ProtobufCMessageDescriptor *about = &goodhart__event__descriptor;

    *r = (struct reference){.utf8 = true};
    r->message = goodhart__event__unpack(NULL, size, (const uint8_t *)at);
    for (unsigned i = 0; r->message && i < about->n_fields; i++)
        member_from(r, &about->fields[i]);
    return r->message != NULL;
}

static void reference_free(struct reference *r)
{
    if (r->message)
        goodhart__event__free_unpacked(r->message, NULL);
}

static void reference_decode(struct reference *r, const struct gh_key_sets *sets,
                             const struct gh_piece *piece)
{
    if (!reference_read(r, piece->at, piece->size))
        return;
    r->taken = r->utf8 && piece->size <= GH_EVENT_BYTES_MAX &&
               gh_event_from(sets, &r->members, &r->event, &r->refused);
    r->unknown = r->message->base.n_unknown_fields +
                 (unsigned)__builtin_popcountll(r->members.seen & ~r->event.present);
}

bool gh_binary_pair_init(struct gh_binary_pair *pair)
{
    *pair = (struct gh_binary_pair){.decoder = gh_decoder_new()};
    gh_key_sets_init(&pair->sets);
    return pair->decoder != NULL;
}

void gh_binary_pair_free(struct gh_binary_pair *pair)
{
    gh_decoder_free(pair->decoder);
}

/* What the bytes themselves decide, in their order: protobuf-c reads on, takes the last of two
 * values, and has one answer for all that it does not read. */
static bool by_bytes(enum gh_refusal reason)
{
    return reason == GH_REFUSED_SYNTAX || reason == GH_REFUSED_TYPE ||
           reason == GH_REFUSED_DUPLICATE_KEY || reason == GH_REFUSED_ENCODING;
}

/* protobuf-c reads fields of numbers that none may have: 0, and those of 30 bits and more. */
static bool has_illegal(const struct reference *r)
{
    for (unsigned i = 0; i < r->message->base.n_unknown_fields; i++)
        if (r->message->base.unknown_fields[i].tag - 1 >= UINT32_MAX >> 3)
            return true;
    return false;
}

/* Whether protobuf-c finds the key in these bytes; `odd`: as a text that is not UTF-8. */
static bool key_stands(const char *at, size_t size, const char *key, bool odd)
{
    static struct reference r;
    const bool stands =
        reference_read(&r, at, size) && r.members.seen >> key_of(key) & 1u && (!odd || !r.utf8);

    reference_free(&r);
    return stands;
}

/* Of two values protobuf-c takes the last; the first stands before it. */
static const char *lost_compare(const struct gh_refused *own, const struct gh_piece *piece)
{
    if (own->reason == GH_REFUSED_DUPLICATE_KEY)
        return key_stands(piece->at, own->at, own->key, false) &&
                       key_stands(piece->at + own->at, piece->size - own->at, own->key, false)
                   ? NULL
                   : "a field does not stand there twice";
    for (size_t size = own->at; size <= piece->size; size++)
        if (key_stands(piece->at, size, own->key, true))
            return NULL;
    return "a text is UTF-8";
}

static const char *refusals_compare(const struct gh_refused *own, const struct reference *r,
                                    const struct gh_piece *piece)
{
    if (piece->size > GH_EVENT_BYTES_MAX)
        return own->reason == GH_REFUSED_TOO_LONG ? NULL : "a long one is refused otherwise";
    if (!r->message || has_illegal(r))
        return by_bytes(own->reason) ? NULL : "what is no message is refused otherwise";
    if (own->reason == GH_REFUSED_DUPLICATE_KEY || own->reason == GH_REFUSED_ENCODING)
        return lost_compare(own, piece);
    if (!r->utf8)
        return "bad UTF-8 is refused otherwise";
    if (r->taken)
        return "refused, while the reference takes it";
    if (own->reason != r->refused.reason || strcmp(own->key, r->refused.key) != 0)
        return "they refuse for other reasons";
    /* A choice has its name in the reference, unless there is none. */
    return strcmp(own->text, r->refused.text) == 0 ? NULL : "they refuse in other words";
}

/* What the encoder makes of an event is what protobuf-c writes, but for what no event keeps. */
static const char *encoded_compare(const struct gh_binary_pair *pair, Goodhart__Event *message)
{
    static char own[GH_BINARY_BYTES_MAX];
    static uint8_t other[2 * GH_EVENT_BYTES_MAX];
    Goodhart__Batch batch = GOODHART__BATCH__INIT;
    struct gh_event again;
    struct gh_refused refused;
    const size_t size = gh_encode_binary(&pair->event, own, sizeof own);
    struct gh_piece piece;
    struct gh_frame frame;

    gh_frame_go_on(&frame, own, size, true);
    if (size == 0 || !gh_frame_next(&frame, &piece) || frame.used != size ||
        gh_encode_binary(&pair->event, own, size - 1) != 0 ||
        gh_encode_binary(&pair->event, own, size) != size)
        return "an event cannot be written";
    if (!gh_decode(pair->decoder, &piece, &again, &refused) ||
        !gh_same_event(&pair->event, &again))
        return "decoding what was encoded gives another event";
    batch.n_event = 1;
    batch.event = &message;
    if (goodhart__batch__get_packed_size(&batch) > sizeof other)
        return NULL;
    const size_t theirs = goodhart__batch__pack(&batch, other);
    /* -0 becomes 0, fields of another kind go, "Mon-Fri" becomes its days. */
    const bool kept = message->base.n_unknown_fields == 0 && !message->has_workdays &&
                      size == theirs && !message->has_cost_usd && !message->has_units &&
                      !message->has_budget_usd;
    return !kept || memcmp(own, other, size) == 0 ? NULL : "protobuf-c writes other bytes";
}

static const char *taken_compare(struct gh_binary_pair *pair, const struct reference *r,
                                 uint64_t unknown)
{
    if (!r->message || !r->taken)
        return "taken, while the reference refuses it";
    if (!gh_same_event(&pair->event, &r->event))
        return "the same bytes give other events";
    if (unknown != r->unknown)
        return "they count unknown keys differently";
    return encoded_compare(pair, r->message);
}

const char *gh_binary_pair_decode(struct gh_binary_pair *pair, const char *at, size_t size)
{
    static struct reference r;
    const uint64_t unknown = gh_decoder_unknown_keys(pair->decoder);
    const struct gh_piece piece = {.at = at, .size = size, .form = GH_FORM_BINARY};
    const char *trouble;

    reference_decode(&r, &pair->sets, &piece);
    pair->taken = gh_decode(pair->decoder, &piece, &pair->event, &pair->refused);
    pair->taken_count += pair->taken;
    if (!pair->taken)
        pair->refused_by[pair->refused.reason]++;
    trouble = pair->taken
                  ? taken_compare(pair, &r, gh_decoder_unknown_keys(pair->decoder) - unknown)
                  : refusals_compare(&pair->refused, &r, &piece);
    reference_free(&r);
    return trouble;
}

/* Each name that is legal in JSON, and no other. */
static bool names_fit(const ProtobufCEnumDescriptor *list, const struct gh_value_names *names)
{
    if (list->n_values != names->count - names->first)
        return false;
    for (unsigned i = 0; i < list->n_values; i++)
        if (list->values[i].value != (int)i + 1 ||
            strcmp(list->values[i].name, names->name[names->first + i].at) != 0)
            return false;
    return true;
}

static enum gh_wire wire_of(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_BYTES                                       ? GH_WIRE_BYTES
           : type == PROTOBUF_C_TYPE_DOUBLE || type == PROTOBUF_C_TYPE_FIXED64 ? GH_WIRE_FIXED64
                                                                               : GH_WIRE_VARINT;
}

const char *gh_binary_schema_trouble(void)
{
    const ProtobufCMessageDescriptor *about = &goodhart__event__descriptor;

    if (about->n_fields != GH_KEY_COUNT || goodhart__batch__descriptor.n_fields != 1 ||
        goodhart__batch__descriptor.fields[0].id != GH_BATCH_FIELD)
        return "another number of fields";
    for (unsigned i = 0; i < about->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &about->fields[i];
        const unsigned key = key_of(field->name);
        if (key == GH_KEY_COUNT || field->id >= GH_FIELDS ||
            gh_field_keys[field->id] != key + 1)
            return field->name;
        const struct gh_value_names *names = gh_value_names(gh_key_rows[key].type);
        if (gh_wire_of(gh_key_rows[key].type) != wire_of(field->type) ||
            (field->type == PROTOBUF_C_TYPE_ENUM) != (names != NULL) ||
            (names != NULL && !names_fit(field->descriptor, names)))
            return field->name;
    }
    return NULL;
}
