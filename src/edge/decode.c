/* decode.c - the fast decoder: one walk over the bytes of a flat object, values straight
 * into the row of their key. The first trouble in the order of the bytes ends the walk.
 *
 * Readers take the place where they start and return the place after what they read, NULL
 * after a refusal. What nearly every event is made of (plain strings, short integers, no
 * white space) is inlined into one loop; the rest is called. */
#include "edge/decode.h"

#include "edge/decoder.h"
#include "edge/json_scan.h"

#include <string.h>

struct scan {
    struct gh_decoder *decoder;
    const char *start, *end;   /* the piece */
    const struct gh_text *key; /* of the member that is being read; no_key between members */
    struct gh_text name;       /* a key as it was written, where it is not as expected */
    uint64_t seen;             /* keys of the table */
    uint32_t unknown;          /* names that are not in it */
    bool ascii;                /* no string so far that is not plain */
    struct gh_refused *refused;
};

static const struct gh_text no_key = {0};

/* Cold code is kept out of the loop. */
#define COLD __attribute__((cold, noinline))

COLD static bool refuse_at(struct scan *s, enum gh_refusal reason, const char *trouble,
                           const char *what)
{
    const uint64_t at = (uint64_t)(trouble - s->start);

    if (trouble == s->end && reason == GH_REFUSED_SYNTAX)
        what = "ends early: a whole JSON object";
    return gh_refuse(s->refused, reason, at, *s->key, what);
}

COLD static const char *refuse_syntax(struct scan *s, const char *trouble, const char *what)
{
    refuse_at(s, GH_REFUSED_SYNTAX, trouble, what);
    return NULL;
}

/* Unescapes the inside of a string into the scratch. */
static bool unescape(struct scan *s, const char *from, const char *until, struct gh_text *text)
{
    const char *trouble = NULL;
    char *const to =
        gh_arena_take(&s->decoder->heap, &s->decoder->texts, (size_t)(until - from));

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

/* A string with escapes or other than printable ASCII; `from` is its inside. */
__attribute__((noinline)) static const char *string_read_slow(struct scan *s, const char *from,
                                                              struct gh_text *text)
{
    bool escaped;
    const char *trouble = NULL;

    s->ascii = false;
    const char *const until = gh_scan_string(from, s->end, &escaped, &trouble);

    if (!until)
        return refuse_syntax(s, trouble,
                             "a control character in a string: an escape such as \\n");
    *text = (struct gh_text){from, (uint32_t)(until - from)};
    return escaped && !unescape(s, from, until, text) ? NULL : until + 1;
}

/* `at` is the opening quote. */
static inline const char *string_read(struct scan *s, const char *at, struct gh_text *text,
                                      bool *plain)
{
    const char *const from = at + 1;
    const char *const until = gh_scan_plain(from, s->end);

    *plain = until < s->end && *until == '"';
    if (!*plain)
        return string_read_slow(s, from, text);
    *text = (struct gh_text){from, (uint32_t)(until - from)};
    return until + 1;
}

static const char *number_read(struct scan *s, const char *at, struct gh_scalar *value)
{
    enum gh_refusal reason;
    const char *trouble = NULL;
    const char *const after = gh_scan_number(at, s->end, value, &reason, &trouble);

    if (after)
        return after;
    refuse_at(s, reason, trouble,
              reason == GH_REFUSED_RANGE
                  ? "a number too large: an integer of 64 bits or a real within 1.8e308"
                  : "not a JSON number: such as 0, 12 or 1.5e-3");
    return NULL;
}

static const char *word_read(struct scan *s, const char *at, const char *word)
{
    const size_t size = strlen(word), left = (size_t)(s->end - at);

    if (left >= size && memcmp(at, word, size) == 0)
        return at + size;
    return refuse_syntax(s, left < size && memcmp(at, word, left) == 0 ? s->end : at,
                         "not a JSON value: a string, a number, true, false or null");
}

/* All values but strings and short integers. */
__attribute__((noinline)) static const char *value_read_slow(struct scan *s, const char *at,
                                                             struct gh_scalar *value)
{
    const char first = at < s->end ? *at : '\0';

    switch (first) {
    case 't':
    case 'f':
        value->type = GH_SCALAR_BOOLEAN;
        value->boolean = first == 't';
        return word_read(s, at, first == 't' ? "true" : "false");
    case 'n':
        value->type = GH_SCALAR_NULL;
        return word_read(s, at, "null");
    case '[':
    case '{':
        refuse_at(s, GH_REFUSED_NESTED, at, "an array or object: a single value");
        return NULL;
    default:
        if (first == '-' || (first >= '0' && first <= '9'))
            return number_read(s, at, value);
        return refuse_syntax(s, at,
                             "not a JSON value: a string, a number, true, false or null");
    }
}

static inline const char *value_read(struct scan *s, const char *at, struct gh_scalar *value)
{
    if (at < s->end && *at <= ' ')
        at = gh_skip_space(at, s->end);
    value->at = (uint32_t)(at - s->start);
    if (at < s->end && *at == '"') {
        value->type = GH_SCALAR_TEXT;
        return string_read(s, at, &value->text, &value->plain);
    }
    const char *const after = gh_scan_short_integer(at, s->end, &value->integer);
    if (!after)
        return value_read_slow(s, at, value);
    value->type = GH_SCALAR_INTEGER;
    return after;
}

/* The byte after `mark` and the white space before it, or NULL: something else is there. */
static inline const char *mark_read(const struct scan *s, const char *at, char mark)
{
    if (at == s->end || *at != mark) {
        at = gh_skip_space(at, s->end);
        if (at == s->end || *at != mark)
            return NULL;
    }
    return at + 1;
}

/* White space, a key and its colon, any way that JSON may write them. */
__attribute__((noinline)) static const char *key_read_slow(struct scan *s, const char *at,
                                                           enum gh_key *key)
{
    const char *const inside = mark_read(s, at, '"');
    bool plain;

    s->key = &no_key;
    if (!inside)
        return refuse_syntax(s, gh_skip_space(at, s->end), "not JSON: a key in double quotes");
    at = string_read(s, inside - 1, &s->name, &plain);
    if (!at)
        return NULL;
    s->key = &s->name;
    *key =
        gh_key_find(&s->decoder->lookup, s->name, plain ? s->end : s->name.at + s->name.size);
    const bool again = *key == GH_KEY_COUNT ? !gh_key_names_add(&s->decoder->names, s->name)
                                            : s->seen >> *key & 1u;
    if (again) {
        refuse_at(s, GH_REFUSED_DUPLICATE_KEY, inside - 1,
                  "twice in one object: each key once");
        return NULL;
    }
    const char *const after = mark_read(s, at, ':');
    return after
               ? after
               : refuse_syntax(s, gh_skip_space(at, s->end), "not JSON: a colon after the key");
}

/* The byte after the key that is expected next and its colon, or NULL. */
static inline const char *key_expect(const struct scan *s, const char *at, enum gh_key key)
{
    const struct gh_key_lookup *lookup = &s->decoder->lookup;
    const char *after = gh_key_opens(lookup, key, at, s->end);

    if (!after && at < s->end && *at <= ' ')
        after = gh_key_opens(lookup, key, gh_skip_space(at, s->end), s->end);
    return s->seen >> key & 1u ? NULL : after;
}

/* White space, key, colon and value. The key stands after `last` (GH_KEY_COUNT at the
 * start), and becomes it when it is one of the table. */
static inline const char *member_read(struct scan *s, const char *at, enum gh_key *last)
{
    uint8_t *const follows = &s->decoder->lookup.after[*last];
    struct gh_scalar ignored, *value = &ignored;
    enum gh_key key = (enum gh_key) * follows;
    const char *after = key_expect(s, at, key);

    s->key = &gh_key_rows[key].name;
    if (!after)
        after = key_read_slow(s, at, &key);
    if (!after)
        return NULL;
    if (key == GH_KEY_COUNT) {
        s->unknown++;
    } else {
        *last = key;
        *follows = (uint8_t)key;
        s->seen |= UINT64_C(1) << key;
        value = &s->decoder->members.value[key];
    }
    return value_read(s, after, value);
}

/* `at` is after the opening brace. Returns the byte after the closing one. */
static const char *object_read(struct scan *s, const char *at)
{
    const char *after = mark_read(s, at, '}');
    enum gh_key last = GH_KEY_COUNT;

    while (!after) {
        at = member_read(s, at, &last);
        if (!at)
            return NULL;
        s->key = &no_key;
        const char *const next = mark_read(s, at, ',');
        if (next) {
            at = next;
            continue;
        }
        after = mark_read(s, at, '}');
        if (!after)
            return refuse_syntax(s, gh_skip_space(at, s->end),
                                 "not JSON: a comma or the closing brace");
    }
    return after;
}

static bool piece_read(struct scan *s, const struct gh_piece *piece)
{
    if (!gh_piece_opens(piece, s->refused))
        return false;
    const char *after = object_read(s, gh_skip_space(s->start, s->end) + 1);
    if (!after)
        return false;
    after = gh_skip_space(after, s->end);
    if (after < s->end)
        return refuse_at(s, GH_REFUSED_SYNTAX, after, "bytes after the object: one object");
    return true;
}

bool gh_decode(struct gh_decoder *decoder, const struct gh_piece *piece, struct gh_event *event,
               struct gh_refused *refused)
{
    struct scan s = {.decoder = decoder,
                     .start = piece->at,
                     .end = piece->at + piece->size,
                     .key = &no_key,
                     .ascii = true,
                     .refused = refused};

    if (!gh_piece_fits(piece, refused))
        return false;
    gh_key_names_clear(&decoder->names);
    const bool read = piece_read(&s, piece);
    /* What was read and was all plain is ASCII; else bytes that are not UTF-8 go before. */
    if (!read || !s.ascii) {
        const char *const odd = gh_scan_utf8(s.start, s.end);
        s.key = &no_key;
        if (odd < s.end)
            return refuse_at(&s, GH_REFUSED_ENCODING, odd, "not valid UTF-8: UTF-8");
    }
    if (!read)
        return false;
    decoder->members.seen = s.seen;
    return gh_decoder_finish(decoder, s.unknown, event, refused);
}
