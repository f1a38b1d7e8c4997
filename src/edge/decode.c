/* decode.c - the fast decoder: one walk over the bytes of a flat object, values straight
 * into the row of their key. The first trouble in the order of the bytes ends the walk. */
#include "edge/decode.h"

#include "edge/decoder.h"
#include "edge/json_scan.h"

#include <string.h>

struct scan {
    struct gh_decoder *decoder;
    const char *start, *at, *end; /* the piece, and how far it is read */
    struct gh_text key;           /* of the member that is being read; {0} between members */
    struct gh_refused *refused;
};

static bool refuse_at(struct scan *s, enum gh_refusal reason, const char *trouble,
                      const char *what)
{
    const uint64_t at = (uint64_t)(trouble - s->start);

    if (trouble == s->end && reason == GH_REFUSED_SYNTAX)
        return gh_refuse(s->refused, reason, at, s->key, "ends early: a whole JSON object");
    return gh_refuse(s->refused, reason, at, s->key, what);
}

static bool refuse_syntax(struct scan *s, const char *what)
{
    return refuse_at(s, GH_REFUSED_SYNTAX, s->at, what);
}

static bool unescape(struct scan *s, const char *from, const char *until, struct gh_text *text)
{
    const char *trouble = NULL;
    char *const to = gh_arena_take(&s->decoder->heap, &s->decoder->texts,
                                   (size_t)(until - from));

    if (!to)
        return gh_refuse_memory(s->refused);
    const size_t size = gh_unescape(from, until, to, &trouble);
    if (size == SIZE_MAX)
        return refuse_at(s, GH_REFUSED_SYNTAX, trouble,
                         "a bad escape in a string: \\\" \\\\ \\/ \\b \\f \\n \\r \\t, or "
                         "\\uXXXX of a whole character but U+0000");
    *text = (struct gh_text){to, (uint32_t)size};
    return true;
}

/* s->at is the opening quote. */
static bool string_read(struct scan *s, struct gh_text *text, bool *plain)
{
    const char *const from = s->at + 1, *trouble = NULL;
    const char *until = gh_scan_plain(from, s->end);
    bool escaped = false;

    *plain = until < s->end && *until == '"';
    if (!*plain)
        until = gh_scan_string(until, s->end, &escaped, &trouble);
    if (!until)
        return refuse_at(s, GH_REFUSED_SYNTAX, trouble,
                         "a control character in a string: an escape such as \\n");
    s->at = until + 1;
    *text = (struct gh_text){from, (uint32_t)(until - from)};
    return !escaped || unescape(s, from, until, text);
}

static bool number_read(struct scan *s, struct gh_scalar *value)
{
    enum gh_refusal reason;
    const char *trouble = NULL;
    const char *const after = gh_scan_number(s->at, s->end, value, &reason, &trouble);

    if (!after && reason == GH_REFUSED_RANGE)
        return refuse_at(s, reason, trouble,
                         "a number too large: an integer within 64 bits or a real within "
                         "1.8e308");
    if (!after)
        return refuse_at(s, reason, trouble, "not a JSON number: such as 0, 12 or 1.5e-3");
    s->at = after;
    return true;
}

static bool word_read(struct scan *s, const char *word)
{
    const size_t size = strlen(word);

    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
        return refuse_syntax(s, "not a JSON value: a string, a number, true, false or null");
    s->at += size;
    return true;
}

static bool value_read(struct scan *s, struct gh_scalar *value)
{
    value->at = (uint32_t)(s->at - s->start);
    value->plain = false;
    switch (s->at < s->end ? *s->at : '\0') {
    case '"':
        value->type = GH_SCALAR_TEXT;
        return string_read(s, &value->text, &value->plain);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        return number_read(s, value);
    case 't':
        value->type = GH_SCALAR_BOOLEAN;
        value->boolean = true;
        return word_read(s, "true");
    case 'f':
        value->type = GH_SCALAR_BOOLEAN;
        value->boolean = false;
        return word_read(s, "false");
    case 'n':
        value->type = GH_SCALAR_NULL;
        return word_read(s, "null");
    case '[':
    case '{':
        return refuse_at(s, GH_REFUSED_NESTED, s->at, "an array or object: a single value");
    default:
        return refuse_syntax(s, "not a JSON value: a string, a number, true, false or null");
    }
}

/* Reads the name of a member and finds where its value goes; `ignored` for a name that is
 * not in the table. */
static bool name_read(struct scan *s, struct gh_scalar **value, struct gh_scalar *ignored,
                      uint32_t *unknown)
{
    struct gh_members *members = &s->decoder->members;
    const char *const opening = s->at;
    struct gh_text name;
    bool plain, again;

    if (s->at == s->end || *s->at != '"')
        return refuse_syntax(s, "not JSON: a key in double quotes");
    if (!string_read(s, &name, &plain))
        return false;
    s->key = name;
    const enum gh_key key = gh_key_find(&s->decoder->lookup, name);
    if (key == GH_KEY_COUNT) {
        *value = ignored;
        ++*unknown;
        again = !gh_key_names_add(&s->decoder->names, name);
    } else {
        *value = &members->value[key];
        again = members->seen >> key & 1u;
        members->seen |= UINT64_C(1) << key;
    }
    if (again)
        return refuse_at(s, GH_REFUSED_DUPLICATE_KEY, opening,
                         "twice in one object: each key once");
    return true;
}

static bool member_read(struct scan *s, uint32_t *unknown)
{
    struct gh_scalar ignored, *value;

    if (!name_read(s, &value, &ignored, unknown))
        return false;
    s->at = gh_skip_space(s->at, s->end);
    if (s->at == s->end || *s->at != ':')
        return refuse_syntax(s, "not JSON: a colon after the key");
    s->at = gh_skip_space(s->at + 1, s->end);
    if (!value_read(s, value))
        return false;
    s->key = (struct gh_text){0};
    s->at = gh_skip_space(s->at, s->end);
    return true;
}

/* s->at is the opening brace; afterwards the end of the piece. */
static bool object_read(struct scan *s, uint32_t *unknown)
{
    s->at = gh_skip_space(s->at + 1, s->end);
    if (s->at < s->end && *s->at == '}')
        goto closed;
    for (;;) {
        if (!member_read(s, unknown))
            return false;
        if (s->at < s->end && *s->at == '}')
            break;
        if (s->at == s->end || *s->at != ',')
            return refuse_syntax(s, "not JSON: a comma or the closing brace");
        s->at = gh_skip_space(s->at + 1, s->end);
    }
closed:
    s->at = gh_skip_space(s->at + 1, s->end);
    if (s->at != s->end)
        return refuse_syntax(s, "bytes after the object: one object");
    return true;
}

bool gh_decode(struct gh_decoder *decoder, const struct gh_piece *piece,
               struct gh_event *event, struct gh_refused *refused)
{
    struct scan s = {.decoder = decoder, .start = piece->at, .at = piece->at,
                     .end = piece->at + piece->size, .refused = refused};
    uint32_t unknown = 0;

    if (!gh_piece_fits(piece, refused))
        return false;
    const char *const odd = gh_scan_utf8(s.start, s.end);
    if (odd < s.end)
        return refuse_at(&s, GH_REFUSED_ENCODING, odd, "not valid UTF-8: UTF-8");
    if (!gh_piece_opens(piece, refused))
        return false;
    decoder->members.seen = 0;
    gh_key_names_clear(&decoder->names);
    s.at = gh_skip_space(s.at, s.end);
    return object_read(&s, &unknown) && gh_decoder_finish(decoder, unknown, event, refused);
}
