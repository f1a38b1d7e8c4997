/* decode_binary_quick.c - the usual binary event: each value goes straight into its field.
 *
 * Usual is: fields of its kind, once each, tags of at most two bytes, texts of printable ASCII,
 * every value legal. Whatever is not leaves no trace but time: gh_decode_binary reads the piece
 * anew and finds the words for what is wrong. */
#include "base/civil.h"
#include "edge/decoder.h"
#include "edge/wire.h"

#include <float.h>

static void form_make(struct gh_field_form *form, const struct gh_key_row *row)
{
    const struct gh_value_names *names = gh_value_names(row->type);

    *form = (struct gh_field_form){.bit = UINT64_C(1) << (row - gh_key_rows),
                                   .field = row->field,
                                   .wire = (uint8_t)gh_wire_of(row->type),
                                   .type = (uint8_t)(names ? GH_TYPE_KIND : row->type)};
    if (names) {
        form->first = (uint8_t)names->first;
        form->most = names->count - names->first;
    } else if (row->type == GH_TYPE_COUNT) {
        form->most = GH_COUNT_MAX;
    } else if (row->type == GH_TYPE_TIME) {
        form->most = GH_TIME_MS_MAX;
    }
}

void gh_field_forms_init(struct gh_field_form forms[GH_FIELDS])
{
    for (unsigned number = 0; number < GH_FIELDS; number++) {
        forms[number] = (struct gh_field_form){.wire = UINT8_MAX};
        if (gh_field_keys[number] != 0)
            form_make(&forms[number], &gh_key_rows[gh_field_keys[number] - 1]);
    }
}

/* As gh_varint_read, without a loop where eight bytes may be read: numbers differ in length, so
 * that its end is a guess that often fails. Brings the sevens of bits together by pairs. */
static inline const char *varint_take(const char *at, const char *end, uint64_t *value)
{
    enum { VARINT_BYTES = 10 };

    if (end - at < 8)
        return gh_varint_read(at, end, VARINT_BYTES, value);
    uint64_t v = gh_load8(at);
    const uint64_t last = ~v & UINT64_C(0x8080808080808080);
    if (last == 0)
        return gh_varint_read(at, end, VARINT_BYTES, value);
    v &= (last ^ (last - 1)) & UINT64_C(0x7f7f7f7f7f7f7f7f);
    v = (v & UINT64_C(0x007f007f007f007f)) | (v & UINT64_C(0x7f007f007f007f00)) >> 1;
    v = (v & UINT64_C(0x00003fff00003fff)) | (v & UINT64_C(0x3fff00003fff0000)) >> 2;
    *value = (v & UINT64_C(0x000000000fffffff)) | (v & UINT64_C(0x0fffffff00000000)) >> 4;
    return at + (__builtin_ctzll(last) / 8 + 1);
}

/* The same for lengths and choices, which nearly always have one byte. */
static inline const char *small_take(const char *at, const char *end, uint64_t *value)
{
    if (at == end || (unsigned char)*at >= 0x80)
        return varint_take(at, end, value);
    *value = (unsigned char)*at;
    return at + 1;
}

/* Whether a varint is legal; if so it stands in its field. */
static inline bool number_take(const struct gh_field_form *form, uint64_t value, void *field)
{
    unsigned choice;

    if (form->type != GH_TYPE_KIND) { /* the version has no `most` but 0 and 1 */
        if (form->type == GH_TYPE_VERSION)
            *(uint8_t *)field = GH_CONTRACT_VERSION;
        else
            *(int64_t *)field = (int64_t)value;
        return form->type == GH_TYPE_VERSION ? value == GH_CONTRACT_VERSION
                                             : value <= form->most;
    }
    choice = form->first + (unsigned)value - 1;
    memcpy(field, &choice, sizeof choice);
    return value - 1 < form->most;
}

static inline bool fixed_take(const struct gh_field_form *form, uint64_t bits, void *field)
{
    double real;

    if (form->type == GH_TYPE_HASH) {
        *(uint64_t *)field = bits;
        return true;
    }
    memcpy(&real, &bits, sizeof real);
    *(double *)field = real + 0.0; /* makes -0 a 0 */
    return real >= 0.0 && real <= DBL_MAX;
}

/* Apart, so that what nearly all values are stays in registers. */
__attribute__((noinline)) static bool other_take(const struct gh_field_form *form,
                                                 struct gh_text text, void *field)
{
    const struct gh_scalar s = {.type = GH_SCALAR_TEXT, .plain = true, .text = text};

    return gh_value_take(&s, (enum gh_value_type)form->type, field) == GH_REFUSED_NOT;
}

/* Returns the byte after the text, or NULL. */
static inline const char *text_take(const struct gh_field_form *form, const char *at,
                                    const char *end, void *field)
{
    uint64_t size;

    at = small_take(at, end, &size);
    if (at == NULL || size > (size_t)(end - at))
        return NULL;
    const struct gh_text text = {at, (uint32_t)size};
    if (!gh_text_plain(text, end))
        return NULL;
    if (form->type != GH_TYPE_TEXT)
        return other_take(form, text, field) ? at + size : NULL;
    *(struct gh_text *)field = text;
    return size - 1 < GH_STRING_BYTES_MAX ? at + size : NULL;
}

/* Takes the value at `at`; returns the byte after it, or NULL. */
static inline const char *value_take(const struct gh_field_form *form, const char *at,
                                     const char *end, void *field)
{
    uint64_t value;

    if (form->wire == GH_WIRE_BYTES)
        return text_take(form, at, end, field);
    if (form->wire == GH_WIRE_VARINT) {
        at = form->type == GH_TYPE_KIND ? small_take(at, end, &value)
                                        : varint_take(at, end, &value);
        return at != NULL && number_take(form, value, field) ? at : NULL;
    }
    if (end - at < 8 || !fixed_take(form, gh_load8(at), field))
        return NULL;
    return at + 8;
}

bool gh_decode_binary_quick(struct gh_decoder *decoder, const struct gh_piece *piece,
                            struct gh_event *event)
{
    const char *at = piece->at, *const end = at + piece->size;
    uint64_t seen = 0;

    if (piece->size > GH_EVENT_BYTES_MAX)
        return false;
    gh_zero(event, sizeof *event);
    while (at < end) {
        unsigned tag = (unsigned char)*at++;
        if (tag >= 0x80) {
            if (at == end || (unsigned char)*at >= 0x80)
                return false;
            tag = (tag & 0x7f) | (unsigned)(unsigned char)*at++ << 7;
        }
        const struct gh_field_form *form =
            &decoder->fields[tag >> 3 < GH_FIELDS ? tag >> 3 : 0];
        if (form->wire != (tag & 7) || (seen & form->bit) != 0)
            return false;
        at = value_take(form, at, end, (char *)event + form->field);
        if (at == NULL)
            return false;
        seen |= form->bit;
    }
    return gh_decoder_usual(decoder, seen, event);
}
