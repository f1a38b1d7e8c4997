/* decode_quick.c - the usual event: each key is held against the one that followed last time,
 * each value goes straight into its field.
 *
 * Usual is: printable ASCII without escapes, blanks only after a comma or a colon, every key
 * known to its kind, every value legal. Whatever is not leaves no trace but time: gh_decode
 * reads the piece anew and finds the words for what is wrong. */
#include "base/civil.h"
#include "edge/decoder.h"
#include "edge/json_scan.h"

#include <string.h>

struct quick {
    struct gh_decoder *decoder;
    const char *end; /* the byte before it is a closing brace: no scan goes past that */
    struct gh_event *event;
    struct gh_text name; /* of the last key that nobody knows */
    uint64_t seen;
    uint32_t unknown;
};

static inline const char *blanks_skip(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* The inside of the string that opens at `at`; false: not usual. */
static inline bool text_read(const struct quick *q, const char *at, struct gh_text *text)
{
    const char *const until = gh_scan_plain(at + 1, q->end);

    *text = (struct gh_text){at + 1, (uint32_t)(until - at - 1)};
    return until < q->end && *until == '"';
}

/* Times of a stream share "2026-11-20T09:31". Takes those that go on with ":05.123Z" and
 * nothing else: returns the byte after the closing quote, or NULL. */
static inline const char *minute_take(struct gh_minute *m, const char *at, const char *end,
                                      int64_t *field)
{
    enum { REST = sizeof ":05.123Z\"" - 1 };
    unsigned digit[REST];

    at++;
    if (end - at <= GH_BLOCK_SIZE + REST || !gh_block_same(m->text, at, GH_BLOCK_SIZE))
        return NULL;
    at += GH_BLOCK_SIZE;
    for (unsigned i = 0; i < REST; i++)
        digit[i] = (unsigned char)at[i] - (unsigned)'0';
    if (at[0] != ':' || at[3] != '.' || at[7] != 'Z' || at[8] != '"' || digit[1] > 5 ||
        digit[2] > 9 || digit[4] > 9 || digit[5] > 9 || digit[6] > 9)
        return NULL;
    *field =
        m->ms + (digit[1] * 10 + digit[2]) * 1000 + digit[4] * 100 + digit[5] * 10 + digit[6];
    return at + REST;
}

static bool time_take(struct gh_minute *m, struct gh_text text, int64_t *field)
{
    if (!gh_time_parse(text.at, text.size, field))
        return false;
    if (text.size == sizeof "2026-11-20T09:31:05.123Z" - 1 && text.at[17] != '6') {
        memcpy(m->text, text.at, sizeof m->text);
        m->ms = *field - gh_floor_mod(*field, 60000);
    }
    return true;
}

/* Apart, so that what nearly all values are stays in registers. */
__attribute__((noinline)) static bool value_take(const struct gh_key_form *form, void *field,
                                                 struct gh_scalar value)
{
    return gh_value_take(&value, form->type, field) == GH_REFUSED_NOT;
}

/* Takes the string that opens at `at`; returns the byte after it, or NULL. */
static inline const char *string_take(const struct quick *q, const struct gh_key_form *form,
                                      const char *at)
{
    void *const field = (char *)q->event + form->field;
    struct gh_text text;

    if (form->type == GH_TYPE_HASH)
        return q->end - at > 17 && at[17] == '"' && gh_scan_hex(at + 1, field) ? at + 18 : NULL;
    if (form->type == GH_TYPE_TIME) {
        const char *const after = minute_take(&q->decoder->minute, at, q->end, field);
        if (after != NULL)
            return after;
    }
    if (!text_read(q, at, &text))
        return NULL;
    at = text.at + text.size + 1;
    if (form->type == GH_TYPE_TEXT) {
        ((struct gh_text *)field)->at = text.at;
        ((struct gh_text *)field)->size = text.size;
        return text.size - 1 < GH_STRING_BYTES_MAX ? at : NULL;
    }
    if (form->type == GH_TYPE_TIME)
        return time_take(&q->decoder->minute, text, field) ? at : NULL;
    const struct gh_scalar value = {.type = GH_SCALAR_TEXT, .plain = true, .text = text};
    return value_take(form, field, value) ? at : NULL;
}

/* The byte after any number, or NULL. Without a form it is only read. */
__attribute__((noinline)) static const char *
number_take(const struct quick *q, const struct gh_key_form *form, const char *at)
{
    struct gh_scalar value;
    enum gh_refusal reason;
    const char *trouble;

    if (*at != '-' && (*at < '0' || *at > '9'))
        return NULL;
    at = gh_scan_number(at, q->end, &value, &reason, &trouble);
    if (at == NULL || (form && !value_take(form, (char *)q->event + form->field, value)))
        return NULL;
    return at;
}

static inline const char *digits_take(const struct quick *q, const struct gh_key_form *form,
                                      const char *at)
{
    int64_t value;
    const char *after = NULL;

    if (form->most > 0)
        after = gh_scan_few_digits(at, q->end, &value);
    if (form->most > 0 && after == NULL)
        after = gh_scan_short_integer(at, q->end, &value);
    if (after == NULL || value > form->most)
        return number_take(q, form, at);
    *(int64_t *)(void *)((char *)q->event + form->field) = value;
    return after;
}

/* A string or a number under a key that nobody knows. */
static const char *unknown_take(struct quick *q, const char *at)
{
    struct gh_text text;

    if (!gh_key_names_add(&q->decoder->names, q->name))
        return NULL;
    q->unknown++;
    if (*at != '"')
        return number_take(q, NULL, at);
    return text_read(q, at, &text) ? text.at + text.size + 1 : NULL;
}

/* Returns the byte after the colon, or NULL; *key: first the one to try, then the one that
 * is there. */
static inline const char *key_read(struct quick *q, const char *at, uint8_t *key)
{
    const struct gh_key_lookup *lookup = &q->decoder->lookup;

    if (gh_key_stands(&lookup->form[*key], at, q->end))
        return at + lookup->form[*key].size;
    if (*at != '"' || !text_read(q, at, &q->name))
        return NULL;
    *key = (uint8_t)gh_key_find(lookup, q->name, q->end);
    at = q->name.at + q->name.size + 1;
    return *at == ':' ? at + 1 : NULL;
}

/* All that is between the braces; true: it was usual, and all of the piece. */
static inline bool members_read(struct quick *q, const char *at)
{
    struct gh_decoder *const decoder = q->decoder;
    uint8_t *follows = &decoder->follows[GH_KEY_COUNT + 1];

    do {
        at = key_read(q, blanks_skip(at + 1), follows);
        if (at == NULL)
            return false;
        const unsigned key = *follows;
        const struct gh_key_form *form = &decoder->lookup.form[key];
        at = blanks_skip(at);
        if (key == GH_KEY_COUNT)
            at = unknown_take(q, at);
        else if ((q->seen & form->bit) != 0)
            return false;
        else
            at = *at == '"' ? string_take(q, form, at) : digits_take(q, form, at);
        if (at == NULL)
            return false;
        q->seen |= form->bit;
        follows = &decoder->follows[key];
    } while (*at == ',');
    return *at == '}' && at + 1 == q->end;
}

bool gh_decode_quick(struct gh_decoder *decoder, const struct gh_piece *piece,
                     struct gh_event *event)
{
    struct quick q = {.decoder = decoder, .end = piece->at + piece->size, .event = event};

    if (piece->size < 2 || piece->size > GH_EVENT_BYTES_MAX || piece->at[0] != '{' ||
        q.end[-1] != '}')
        return false;
    gh_zero(event, sizeof *event);
    gh_key_names_clear(&decoder->names);
    if (!members_read(&q, piece->at) || !gh_decoder_usual(decoder, q.seen, event))
        return false;
    decoder->unknown_keys += q.unknown;
    return true;
}
