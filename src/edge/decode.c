/* decode.c - the fast decoder for all that decode_quick.c does not take: one walk over the
 * bytes of a flat object, values straight into the row of their key. The first trouble in
 * the order of the bytes ends the walk.
 *
 * Readers take the place where they start and return the place after what they read, NULL
 * after a refusal. Plain strings and short integers are inlined into one loop; the rest is
 * called. */
#include "edge/decode.h"

#include "edge/decoder.h"
#include "edge/json_scan.h"

#include <string.h>

struct scan {
    struct gh_decoder *decoder;
    const char *start, *end; /* the piece */
    struct gh_text key;      /* of the member that is being read; {0} between members */
    uint32_t unknown;        /* names that are not in the table */
    struct gh_refused *refused;
};

/* Cold code is kept out of the loop. */
#define COLD __attribute__((cold, noinline))

COLD static bool refuse_at(struct scan *s, enum gh_refusal reason, const char *trouble,
                           const char *what)
{
    const uint64_t at = (uint64_t)(trouble - s->start);

    if (trouble == s->end && reason == GH_REFUSED_SYNTAX)
        what = "ends early: a whole JSON object";
    return gh_refuse(s->refused, reason, at, s->key, what);
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
    if (at < s->end && (unsigned char)*at <= ' ')
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

/* Notes the member whose name was read from `opening` on. False: it was there before. */
static inline bool member_note(struct scan *s, const char *opening, enum gh_key key)
{
    struct gh_members *members = &s->decoder->members;
    bool again;

    if (key == GH_KEY_COUNT) {
        s->unknown++;
        again = !gh_key_names_add(&s->decoder->names, s->key);
    } else {
        again = members->seen >> key & 1u;
        members->seen |= UINT64_C(1) << key;
    }
    return !again || refuse_at(s, GH_REFUSED_DUPLICATE_KEY, opening,
                               "twice in one object: each key once");
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

/* White space, key, colon and value. */
static inline const char *member_read(struct scan *s, const char *at)
{
    struct gh_scalar ignored;
    const char *const inside = mark_read(s, at, '"');
    bool plain;

    if (!inside)
        return refuse_syntax(s, gh_skip_space(at, s->end), "not JSON: a key in double quotes");
    at = string_read(s, inside - 1, &s->key, &plain);
    if (!at)
        return NULL;
    const enum gh_key key =
        gh_key_find(&s->decoder->lookup, s->key, plain ? s->end : s->key.at + s->key.size);
    if (!member_note(s, inside - 1, key))
        return NULL;
    const char *const after = mark_read(s, at, ':');
    if (!after)
        return refuse_syntax(s, gh_skip_space(at, s->end), "not JSON: a colon after the key");
    return value_read(s, after,
                      key == GH_KEY_COUNT ? &ignored : &s->decoder->members.value[key]);
}

/* `at` is after the opening brace. Returns the byte after the closing one. */
static const char *object_read(struct scan *s, const char *at)
{
    const char *after = mark_read(s, at, '}');

    while (!after) {
        at = member_read(s, at);
        if (!at)
            return NULL;
        s->key = (struct gh_text){0};
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

/* Apart, so that the usual event does not pay for its frame. */
__attribute__((noinline)) static bool decode_slow(struct gh_decoder *decoder,
                                                  const struct gh_piece *piece,
                                                  struct gh_event *event,
                                                  struct gh_refused *refused)
{
    struct scan s = {.decoder = decoder,
                     .start = piece->at,
                     .end = piece->at + piece->size,
                     .refused = refused};

    if (!gh_piece_fits(piece, refused))
        return false;
    const char *const odd = gh_scan_utf8(s.start, s.end);
    if (odd < s.end)
        return refuse_at(&s, GH_REFUSED_ENCODING, odd, "not valid UTF-8: UTF-8");
    if (!gh_piece_opens(piece, refused))
        return false;
    decoder->members.seen = 0;
    gh_key_names_clear(&decoder->names);
    const char *after = object_read(&s, gh_skip_space(s.start, s.end) + 1);
    if (!after)
        return false;
    after = gh_skip_space(after, s.end);
    if (after < s.end)
        return refuse_at(&s, GH_REFUSED_SYNTAX, after, "bytes after the object: one object");
    return gh_decoder_finish(decoder, s.unknown, event, refused);
}

bool gh_decode(struct gh_decoder *decoder, const struct gh_piece *piece, struct gh_event *event,
               struct gh_refused *refused)
{
    const char *const end = piece->at + piece->size;

    if (piece->form != GH_FORM_JSON)
        return gh_decode_binary(decoder, piece, event, refused);
    if (gh_decode_quick(decoder, piece->at, end, event) != end)
        return decode_slow(decoder, piece, event, refused);
    decoder->unknown_keys += decoder->unknown;
    return true;
}

/* The usual piece: the usual event on a line of its own, right after the last line. */
static bool line_decode(struct gh_frame *frame, struct gh_decoder *decoder,
                        struct gh_piece *piece, struct gh_event *event)
{
    const char *at = frame->at + frame->used, *const end = frame->at + frame->size;
    uint32_t line = frame->line;

    if (frame->binary || frame->array || frame->ended || at > end)
        return false;
    for (; !frame->numbered && at < end && (*at == '\n' || *at == '\r'); at++)
        line += *at == '\n';
    const char *const after = gh_decode_quick(decoder, at, end, event);
    const bool carriage =
        after != NULL && !frame->numbered && end - after > 1 && *after == '\r';
    if (after == NULL || (after < end && after[carriage] != '\n'))
        return false;
    decoder->unknown_keys += decoder->unknown;
    *piece = (struct gh_piece){.at = at,
                               .size = (size_t)(after - at),
                               .offset = (size_t)(at - frame->at),
                               .index = frame->index++,
                               .line = line};
    frame->started = true;
    frame->line = line + frame->numbered;
    frame->used = (size_t)(after - frame->at) + frame->numbered;
    return true;
}

enum gh_next gh_frame_decode(struct gh_frame *frame, struct gh_decoder *decoder,
                             struct gh_piece *piece, struct gh_event *event,
                             struct gh_refused *refused)
{
    if (line_decode(frame, decoder, piece, event))
        return GH_NEXT_TAKEN;
    if (!gh_frame_next(frame, piece))
        return GH_NEXT_NONE;
    return gh_decode(decoder, piece, event, refused) ? GH_NEXT_TAKEN : GH_NEXT_REFUSED;
}
