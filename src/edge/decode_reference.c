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

static bool refuse_parse(struct gh_refused *refused, const json_error_t *error)
{
    enum gh_refusal reason = GH_REFUSED_SYNTAX;
    const enum json_error_code code = json_error_code(error);

    if (code == json_error_out_of_memory)
        return gh_refuse_memory(refused);
    if (code == json_error_duplicate_key)
        reason = GH_REFUSED_DUPLICATE_KEY;
    else if (code == json_error_numeric_overflow)
        reason = GH_REFUSED_RANGE;
    else if (code == json_error_stack_overflow)
        reason = GH_REFUSED_NESTED;
    return refuse_whole(refused, reason, (uint64_t)error->position, error->text);
}

/* A copy of jansson's string in the decoder's scratch. */
static bool text_copy(struct gh_decoder *decoder, const char *at, size_t size,
                      struct gh_text *text)
{
    char *const copy = gh_arena_take(&decoder->heap, &decoder->texts, size + 1);

    if (!copy)
        return false;
    memcpy(copy, at, size);
    *text = (struct gh_text){copy, (uint32_t)size};
    return true;
}

static bool scalar_from(struct gh_decoder *decoder, const json_t *json, struct gh_scalar *s)
{
    *s = (struct gh_scalar){0};
    switch (json_typeof(json)) {
    case JSON_STRING:
        s->type = GH_SCALAR_TEXT;
        return text_copy(decoder, json_string_value(json), json_string_length(json), &s->text);
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
    json_object_foreach(object, name, value) {
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

/* jansson takes a piece with NUL bytes between tokens and drops them, and it tells UTF-8
 * from syntax by what comes first; both are settled before it parses. */
static bool bytes_are_text(const struct gh_piece *piece, struct gh_refused *refused)
{
    json_t *const text = json_stringn(piece->at, piece->size);

    if (!text)
        return refuse_whole(refused, GH_REFUSED_ENCODING, 0, "not valid UTF-8: UTF-8");
    json_decref(text);
    const char *const nul = memchr(piece->at, '\0', piece->size);
    if (nul)
        return refuse_whole(refused, GH_REFUSED_SYNTAX, (uint64_t)(nul - piece->at),
                            "a NUL byte: JSON");
    return true;
}

bool gh_decode_reference(struct gh_decoder *decoder, const struct gh_piece *piece,
                         struct gh_event *event, struct gh_refused *refused)
{
    json_error_t error;
    uint32_t unknown = 0;

    if (!gh_piece_fits(piece, refused) || !bytes_are_text(piece, refused) ||
        !gh_piece_opens(piece, refused))
        return false;
    json_t *const object = json_loadb(piece->at, piece->size, JSON_REJECT_DUPLICATES, &error);
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
