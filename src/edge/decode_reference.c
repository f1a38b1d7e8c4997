/* decode_reference.c - the authority: jansson reads the JSON, nothing here does. Slow on
 * purpose: it is what the fast decoder is held against. It knows where jansson's parser
 * stopped, but not where a value stood. */
#include "edge/decode.h"

#include "edge/decoder.h"

#include <jansson.h>
#include <string.h>

static bool refuse_whole(struct gh_refused *refused, enum gh_refusal reason, uint64_t at,
                         const char *what)
{
    return gh_refuse(refused, reason, at, (struct gh_text){0}, what);
}

/* In our words: jansson's quote the bytes, and those may be somebody's. */
static bool refuse_parse(struct gh_refused *refused, const json_error_t *error)
{
    const enum json_error_code code = json_error_code(error);
    const uint64_t at = error->position > 0 ? (uint64_t)error->position : 0;

    if (code == json_error_out_of_memory)
        return gh_refuse_memory(refused);
    if (code == json_error_duplicate_key)
        return refuse_whole(refused, GH_REFUSED_DUPLICATE_KEY, at, "a key twice: each once");
    if (code == json_error_numeric_overflow)
        return refuse_whole(refused, GH_REFUSED_RANGE, at, "a number too large: 64 bits");
    if (code == json_error_stack_overflow)
        return refuse_whole(refused, GH_REFUSED_NESTED, at, "too deep: a flat object");
    return refuse_whole(refused, GH_REFUSED_SYNTAX, at, "not JSON: a JSON object");
}

static bool scalar_from(struct gh_decoder *decoder, const json_t *json, struct gh_scalar *s)
{
    *s = (struct gh_scalar){0};
    switch (json_typeof(json)) {
    case JSON_STRING:
        s->type = GH_SCALAR_TEXT;
        s->text.at = json_string_value(json);
        s->text.size = (uint32_t)json_string_length(json);
        s->text = gh_arena_copy(&decoder->heap, &decoder->texts, s->text);
        return s->text.at != NULL;
    case JSON_INTEGER:
        s->type = GH_SCALAR_INTEGER;
        s->integer = json_integer_value(json);
        return true;
    case JSON_REAL:
        s->type = GH_SCALAR_REAL;
        s->real = json_real_value(json);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        s->type = GH_SCALAR_BOOLEAN;
        s->boolean = json_is_true(json);
        return true;
    case JSON_NULL:
    case JSON_OBJECT: /* refused before */
    case JSON_ARRAY:
        break;
    }
    s->type = GH_SCALAR_NULL;
    return true;
}

/* By looking at each row: the fast decoder's hash is on trial here too. */
static unsigned key_of(const char *name)
{
    unsigned key = 0;

    while (key < GH_KEY_COUNT && strcmp(gh_key_rows[key].name.at, name) != 0)
        key++;
    return key;
}

static bool members_from(struct gh_decoder *decoder, json_t *object, uint32_t *unknown,
                         struct gh_refused *refused)
{
    struct gh_members *members = &decoder->members;
    const char *name;
    json_t *value;

    members->seen = 0;
    json_object_foreach(object, name, value)
    {
        const unsigned key = key_of(name);
        if (json_is_object(value) || json_is_array(value))
            return gh_refuse(refused, GH_REFUSED_NESTED, 0,
                             (struct gh_text){name, (uint32_t)strlen(name)},
                             "an array or object: a single value");
        if (key == GH_KEY_COUNT) {
            ++*unknown;
            continue;
        }
        if (!scalar_from(decoder, value, &members->value[key]))
            return gh_refuse_memory(refused);
        members->seen |= UINT64_C(1) << key;
    }
    return true;
}

/* jansson can say that bytes are not UTF-8 without parsing them. */
static bool bytes_are_utf8(const struct gh_piece *piece, struct gh_refused *refused)
{
    json_t *const text = json_stringn(piece->at, piece->size);

    if (!text)
        return refuse_whole(refused, GH_REFUSED_ENCODING, 0, "not valid UTF-8: UTF-8");
    json_decref(text);
    return true;
}

/* jansson passes over some NUL bytes between tokens as if they were not there. JSON knows
 * neither them nor U+0001 anywhere, and the latter jansson refuses as it should. */
static const char *without_nul(struct gh_decoder *decoder, const struct gh_piece *piece)
{
    if (!memchr(piece->at, '\0', piece->size))
        return piece->at;
    char *const copy = gh_arena_take(&decoder->heap, &decoder->texts, piece->size);
    for (size_t i = 0; copy && i < piece->size; i++)
        copy[i] = piece->at[i] == '\0' ? '\1' : piece->at[i];
    return copy;
}

bool gh_decode_reference(struct gh_decoder *decoder, const struct gh_piece *piece,
                         struct gh_event *event, struct gh_refused *refused)
{
    json_error_t error;
    uint32_t unknown = 0;

    if (!gh_piece_fits(piece, refused) || !bytes_are_utf8(piece, refused) ||
        !gh_piece_opens(piece, refused))
        return false;
    const char *const bytes = without_nul(decoder, piece);
    if (!bytes)
        return gh_refuse_memory(refused);
    json_t *const object = json_loadb(bytes, piece->size, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return refuse_parse(refused, &error);
    const bool read = members_from(decoder, object, &unknown, refused);
    json_decref(object);
    return read && gh_decoder_finish(decoder, unknown, event, refused);
}

/* jansson reads on where the fast decoder stops at the first bracket, and it reads the
 * next number before it finds that none may stand there. */
bool gh_same_refusal(enum gh_refusal decoder, enum gh_refusal reference)
{
    const bool lexical = reference == GH_REFUSED_SYNTAX || reference == GH_REFUSED_RANGE ||
                         reference == GH_REFUSED_DUPLICATE_KEY;

    return decoder == reference || (decoder == GH_REFUSED_NESTED && lexical) ||
           (decoder == GH_REFUSED_SYNTAX && reference == GH_REFUSED_RANGE);
}
