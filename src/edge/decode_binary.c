/* decode_binary.c - an Event of events.proto: its fields become members as those of a JSON
 * object do, and all that follows is the same code. */
#include "edge/decoder.h"
#include "edge/wire.h"

#define FIELD_KEY(number, key) [number] = GH_KEY_##key + 1,
const uint8_t gh_field_keys[GH_FIELDS] = {GH_EVENT_FIELDS(FIELD_KEY)};
#define FIELD_ONE(number, key) +1
_Static_assert(0 GH_EVENT_FIELDS(FIELD_ONE) == GH_KEY_COUNT, "a number for each key");

enum gh_wire gh_wire_of(enum gh_value_type type)
{
    static const uint8_t wire[GH_TYPES] = {
        [GH_TYPE_TEXT] = GH_WIRE_BYTES,     [GH_TYPE_NOTE] = GH_WIRE_BYTES,
        [GH_TYPE_HOURS] = GH_WIRE_BYTES,    [GH_TYPE_DAYS] = GH_WIRE_BYTES,
        [GH_TYPE_NUMBER] = GH_WIRE_FIXED64, [GH_TYPE_HASH] = GH_WIRE_FIXED64,
    }; /* the others are varints */

    return (enum gh_wire)wire[type];
}

static void scalar_from(const struct gh_wire_field *field, const struct gh_key_row *row,
                        struct gh_scalar *s)
{
    switch (field->wire) {
    case GH_WIRE_VARINT:
        /* A choice is a number of 32 bits, whatever was written. */
        s->type = gh_value_names(row->type) ? GH_SCALAR_CHOICE : GH_SCALAR_INTEGER;
        s->integer = s->type == GH_SCALAR_CHOICE ? (int64_t)(int32_t)(uint32_t)field->value
                                                 : (int64_t)field->value;
        break;
    case GH_WIRE_FIXED64:
        s->type = row->type == GH_TYPE_HASH ? GH_SCALAR_BITS : GH_SCALAR_REAL;
        s->bits = field->value;
        if (s->type == GH_SCALAR_REAL)
            memcpy(&s->real, &field->value, sizeof s->real);
        break;
    case GH_WIRE_BYTES:
        s->type = GH_SCALAR_TEXT;
        s->text = field->bytes;
        break;
    case GH_WIRE_FIXED32: /* of no key */
        break;
    }
}

static bool member_take(struct gh_members *members, const struct gh_piece *piece,
                        const struct gh_wire_field *field, struct gh_refused *refused)
{
    const unsigned key = gh_field_keys[field->number] - 1u;
    const struct gh_key_row *row = &gh_key_rows[key];
    struct gh_scalar *s = &members->value[key];
    const char *odd;

    if (field->wire != gh_wire_of(row->type))
        return gh_refuse(refused, GH_REFUSED_TYPE, s->at, row->name,
                         "another wire type than in events.proto");
    if (members->seen >> key & 1u)
        return gh_refuse(refused, GH_REFUSED_DUPLICATE_KEY, s->at, row->name,
                         "twice in one object: each key once");
    members->seen |= UINT64_C(1) << key;
    scalar_from(field, row, s);
    if (field->wire != GH_WIRE_BYTES)
        return true;
    s->plain = gh_text_plain(s->text, piece->at + piece->size);
    odd = s->plain ? NULL : gh_scan_utf8(s->text.at, s->text.at + s->text.size);
    if (s->plain || odd == s->text.at + s->text.size)
        return true;
    return gh_refuse(refused, GH_REFUSED_ENCODING, (uint64_t)(odd - piece->at), row->name,
                     "not valid UTF-8: UTF-8");
}

static bool refuse_unsplit(const struct gh_piece *piece, struct gh_refused *refused)
{
    const struct gh_text none = {0};

    if (gh_frame_is_binary(piece->at, piece->size))
        return gh_refuse(refused, GH_REFUSED_VERSION, GH_MARKER_SIZE - 1, none,
                         "a binary frame of another version: one that begins with 8F 47 48 31");
    return gh_refuse(refused, GH_REFUSED_SYNTAX, 0, none,
                     "no event of a Batch: field 1 and its bytes, as in events.proto");
}

bool gh_decode_binary(struct gh_decoder *decoder, const struct gh_piece *piece,
                      struct gh_event *event, struct gh_refused *refused)
{
    struct gh_members *members = &decoder->members;
    const char *at = piece->at, *const end = piece->at + piece->size;
    struct gh_wire_field field = {0};
    uint32_t unknown = 0;

    if (piece->form == GH_FORM_UNSPLIT)
        return refuse_unsplit(piece, refused);
    if (gh_decode_binary_quick(decoder, piece, event))
        return true;
    if (!gh_piece_fits(piece, refused))
        return false;
    members->seen = 0;
    while (at < end) {
        const char *const after = gh_field_read(at, end, &field);
        if (after == NULL)
            return gh_refuse(refused, GH_REFUSED_SYNTAX, (uint64_t)(at - piece->at),
                             (struct gh_text){0},
                             "a field that is cut or of no known wire type: an Event of "
                             "events.proto");
        if (field.number >= GH_FIELDS || gh_field_keys[field.number] == 0) {
            unknown++;
        } else {
            members->value[gh_field_keys[field.number] - 1u].at = (uint32_t)(at - piece->at);
            if (!member_take(members, piece, &field, refused))
                return false;
        }
        at = after;
    }
    return gh_decoder_finish(decoder, unknown, event, refused);
}
