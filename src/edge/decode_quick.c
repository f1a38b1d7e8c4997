/* decode_quick.c - the usual event: each key is held against how the one that followed last
 * time stood, each value goes straight into its field.
 *
 * Usual is: printable ASCII without escapes, one blank at most after a comma or a colon and
 * none elsewhere, every key known to its kind, every value legal. Whatever is not leaves no
 * trace but time: gh_decode reads the piece anew and finds the words for what is wrong.
 *
 * A key and a short value are read without a look at the end of the bytes. So the last of
 * them are read from a copy with zeros behind it, where everything that is usual stops. */
#include "base/civil.h"
#include "edge/decoder.h"
#include "edge/json_scan.h"

#include <string.h>

struct quick {
    struct gh_decoder *decoder;
    struct gh_event *event;
    const char *stop;         /* the end of the bytes */
    const char *end;          /* the same, where they are read */
    const char *close;        /* whatever begins from here on is read from the copy */
    struct gh_key_form *form; /* of the key that was found */
    struct gh_text name;      /* of the last key that nobody knows */
    uint32_t unknown;
    bool copied;
};

static inline void copy_make(struct quick *q)
{
    const size_t size = (size_t)(q->end - q->close);

    if (size == GH_AHEAD)
        memcpy(q->decoder->last, q->close, GH_AHEAD);
    else
        memcpy(q->decoder->last + GH_AHEAD - size, q->close, size);
    q->copied = true;
}

static const char *copy_enter(struct quick *q, const char *at)
{
    const char *const end = q->decoder->last + GH_AHEAD;

    if (!q->copied)
        copy_make(q);
    at = end - (q->end - at);
    q->end = q->close = end;
    return at;
}

/* Where the same byte may be read with GH_AHEAD others. */
static inline const char *ahead(struct quick *q, const char *at)
{
    return at < q->close ? at : copy_enter(q, at);
}

static inline const char *blank_skip(const char *at)
{
    return *at == ' ' ? at + 1 : at;
}

/* The quote that closes the string whose inside begins at `at`, or a byte that is none. */
static inline const char *quote_find(const struct quick *q, const char *at)
{
    const unsigned special = gh_block_special(at);

    if (special != 0)
        return at + __builtin_ctz(special);
    at = gh_scan_plain(at + GH_BLOCK_SIZE, q->end);
    return at < q->end ? at : q->decoder->last + GH_AHEAD; /* a zero */
}

/* The inside of a string, which begins at `at`; returns the byte after its quote, or NULL. */
static inline const char *text_read(const struct quick *q, const char *at, struct gh_text *text)
{
    const char *const until = quote_find(q, at);

    text->at = q->stop - (q->end - at);
    text->size = (uint32_t)(until - at);
    return *until == '"' ? until + 1 : NULL;
}

static inline const char *text_take(const struct quick *q, const char *at, void *field)
{
    struct gh_text *const text = field;

    at = text_read(q, at, text);
    return text->size - 1 < GH_STRING_BYTES_MAX ? at : NULL;
}

static inline const char *hash_take(const char *at, void *field)
{
    return at[16] == '"' && gh_block_hex(at, field) ? at + 17 : NULL;
}

/* Apart, so that what nearly all values are stays in registers. */
__attribute__((noinline)) static const char *
number_take(const struct quick *q, const struct gh_key_form *form, const char *at)
{
    struct gh_scalar value;
    enum gh_refusal reason;
    const char *trouble;

    if (*at != '-' && (*at < '0' || *at > '9'))
        return NULL;
    at = gh_scan_number(at, q->end, &value, &reason, &trouble);
    if (at == NULL || form->type == GH_TYPES)
        return at;
    return gh_value_take(&value, form->type, (char *)q->event + form->field) == GH_REFUSED_NOT
               ? at
               : NULL;
}

static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

/* Integers of 8 to 15 digits; the others go the long way. */
__attribute__((noinline)) static const char *
long_take(const struct quick *q, const struct gh_key_form *form, const char *at)
{
    const uint64_t first = gh_digits_load(at), second = gh_digits_load(at + 8);
    const unsigned bits = gh_digits_bits(second);

    if (gh_digits_bits(first) < 64 || bits == 64 || (first & 0xff) == 0)
        return number_take(q, form, at);
    uint64_t value = gh_digits_worth(first, 64);
    if (bits > 0)
        value = value * powers[bits / 8] + gh_digits_worth(second, bits);
    *(uint64_t *)(void *)((char *)q->event + form->field) = value;
    return value <= (uint64_t)(form->type == GH_TYPE_TIME ? GH_TIME_MS_MAX : GH_COUNT_MAX)
               ? at + 8 + bits / 8
               : NULL;
}

/* Integers of 1 to 7 digits; their end is looked at with the next key. */
static inline const char *integer_take(const struct quick *q, const struct gh_key_form *form,
                                       const char *at)
{
    const uint64_t raw = gh_digits_load(at);
    const unsigned bits = gh_digits_bits(raw);

    if (bits - 1 >= 63)
        return long_take(q, form, at);
    *(uint64_t *)(void *)((char *)q->event + form->field) = gh_digits_worth(raw, bits);
    /* Each alone is common and hard to guess, so there is one branch for both. */
    const bool zeros = ((raw & 0xff) == 0) & (bits > 8);
    return zeros ? NULL : at + bits / 8;
}

/* What the clock of "09:31:05.123Z" and a quote says, in milliseconds; -1: something else. */
static inline int64_t clock_read(const char *at)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f), tops = ~low;
    const uint64_t h = gh_load8(at) ^ UINT64_C(0x30303a30303a3030); /* "00:00:00" */
    const uint64_t f = (gh_load8(at + 8) ^ UINT64_C(0x225a3030302e))
                       << 16; /* ".000Z" and '"' */
    /* A byte that is more than it may be loses its top bit: 9, 5 in front, 0 for a mark. */
    const uint64_t more = ((h & low) + UINT64_C(0x767a7f767a7f767d)) | h |
                          ((f & low) + UINT64_C(0x7f7f7676767f0000)) | f;
    const uint64_t pairs = h * 10 + (h >> 8);
    const uint64_t hours = pairs & 0xff, minutes = pairs >> 24 & 0xff, seconds = pairs >> 48;

    if ((more & tops) != 0 || hours > 23)
        return -1;
    return (int64_t)(((hours * 60 + minutes) * 60 + (seconds & 0xff)) * 1000 +
                     (f >> 24 & 0xff) * 100 + (f >> 32 & 0xff) * 10 + (f >> 40 & 0xff));
}

/* Any other time than of the day that the last one was of. */
__attribute__((noinline)) static const char *day_take(const struct quick *q, const char *at,
                                                      int64_t *field)
{
    struct gh_day *const day = &q->decoder->day;
    struct gh_text text;

    at = text_read(q, at, &text);
    if (at == NULL || !gh_time_parse(text.at, text.size, field))
        return NULL;
    if (text.at[text.size - 1] == 'Z' && text.at[17] != '6') { /* in UTC, no leap second */
        memcpy(day->text, text.at, GH_DAY_SIZE);
        day->ms = *field - gh_floor_mod(*field, GH_MS_PER_DAY);
    }
    return at;
}

static inline const char *time_take(const struct quick *q, const char *at, int64_t *field)
{
    const struct gh_day *const day = &q->decoder->day;
    const unsigned whole = (1u << GH_DAY_SIZE) - 1u;

    if ((gh_block_same(day->text, at) & whole) == whole) {
        const int64_t clock = clock_read(at + GH_DAY_SIZE);
        *field = day->ms + clock;
        if (clock >= 0)
            return at + sizeof "2026-11-20T09:31:05.123Z\"" - 1;
    }
    return day_take(q, at, field);
}

/* Numbers as 12.345, exactly: both digits and power are exact in a double, so the quotient is
 * rounded once. The others go the long way. */
__attribute__((noinline)) static const char *
real_take(const struct quick *q, const struct gh_key_form *form, const char *at)
{
    const uint64_t whole = gh_digits_load(at);
    const unsigned bits = gh_digits_bits(whole);

    if (bits - 1 >= 63 || ((whole & 0xff) == 0 && bits > 8) || at[bits / 8] != '.')
        return number_take(q, form, at);
    const uint64_t part = gh_digits_load(at + bits / 8 + 1);
    const unsigned count = gh_digits_bits(part) / 8;
    if (count - 1 > 6)
        return number_take(q, form, at);
    const uint64_t digits =
        gh_digits_worth(whole, bits) * powers[count] + gh_digits_worth(part, count * 8);
    *(double *)(void *)((char *)q->event + form->field) = (double)digits / powers[count];
    return at + bits / 8 + 1 + count;
}

/* A name of a list. */
static inline const char *name_take(const struct quick *q, const struct gh_key_form *form,
                                    const char *at)
{
    const char *const until = quote_find(q, at);
    const size_t size = (size_t)(until - at);
    unsigned value;

    if (size >= GH_BLOCK_SIZE || *until != '"' ||
        !gh_name_find(&q->decoder->name_lookup, form->type, at, size, &value))
        return NULL;
    memcpy((char *)q->event + form->field, &value, sizeof value);
    return until + 1;
}

/* A string or a number under a key that nobody knows. */
static const char *unknown_take(struct quick *q, const char *at)
{
    struct gh_text text;

    if (q->unknown++ == 0)
        gh_key_names_clear(&q->decoder->names);
    if (!gh_key_names_add(&q->decoder->names, q->name))
        return NULL;
    return *at == '"' ? text_read(q, at + 1, &text) : number_take(q, q->form, at);
}

/* Values that are not in every event, or but once. */
__attribute__((noinline)) static const char *
other_take(struct quick *q, const struct gh_key_form *form, const char *at)
{
    void *const field = (char *)q->event + form->field;
    struct gh_scalar value = {.type = GH_SCALAR_TEXT, .plain = true};

    if (form->type == GH_TYPES)
        return unknown_take(q, at);
    if (form->type == GH_TYPE_VERSION && *at == '0' + GH_CONTRACT_VERSION) {
        *(uint8_t *)field = GH_CONTRACT_VERSION;
        return at + 1;
    }
    if (*at != '"')
        return form->type == GH_TYPE_NUMBER ? real_take(q, form, at) : number_take(q, form, at);
    at = text_read(q, at + 1, &value.text);
    return at != NULL && gh_value_take(&value, form->type, field) == GH_REFUSED_NOT ? at : NULL;
}

static enum gh_shape shape_of(unsigned type, bool quoted)
{
    if (type == GH_TYPE_COUNT || (type == GH_TYPE_TIME && !quoted))
        return GH_SHAPE_INTEGER;
    if (!quoted)
        return GH_SHAPE_OTHER;
    if (type >= GH_TYPE_KIND)
        return GH_SHAPE_NAME;
    return type == GH_TYPE_TEXT   ? GH_SHAPE_TEXT
           : type == GH_TYPE_HASH ? GH_SHAPE_HASH
           : type == GH_TYPE_TIME ? GH_SHAPE_CLOCK
                                  : GH_SHAPE_OTHER;
}

/* Keeps how a key stands: from its comma at `at` to `value`, or to the byte after its quote. */
static void form_learn(struct gh_key_form *form, const char *at, const char *value)
{
    form->shape = (uint8_t)shape_of(form->type, *value == '"');
    form->size = (uint8_t)(value - at + (form->shape >= GH_SHAPE_TEXT));
    form->beyond = UINT64_MAX << form->size;
    memcpy(form->text, at, sizeof form->text);
}

/* Passes the colon after a name that nobody knows, however long it is. */
static const char *unknown_pass(struct quick *q, const char *at)
{
    q->form = &q->decoder->lookup.form[GH_FORM_UNKNOWN];
    at = ahead(q, at);
    return *at == ':' ? ahead(q, blank_skip(at + 1)) : NULL;
}

/* Reads the key after the comma or brace at `at`; returns where its value begins, or NULL. */
__attribute__((noinline)) static const char *
key_learn(struct quick *q, struct gh_key_form *before, const char *at)
{
    struct gh_key_lookup *const lookup = &q->decoder->lookup;
    const bool first = before == &lookup->form[GH_FORM_START];
    const char *quote = blank_skip(at + 1), *colon;

    if (*at != (first ? '{' : ',') || *quote != '"')
        return NULL;
    colon = text_read(q, quote + 1, &q->name);
    if (colon == NULL)
        return NULL;
    const enum gh_key key = gh_key_find(lookup, q->name, q->stop);
    if (key == GH_KEY_COUNT)
        return unknown_pass(q, colon);
    if (*colon != ':')
        return NULL;
    q->form = &lookup->form[first ? GH_FORM_FIRST : key];
    if (first)
        *q->form = lookup->form[key];
    form_learn(q->form, at, blank_skip(colon + 1));
    before->other = (uint8_t)(q->form - lookup->form);
    if (before->next->beyond == 0)
        before->next = q->form;
    return at + q->form->size;
}

/* The same for a key that is not the one which came last. Where two come in turn, the one that
 * came twice is guessed first. */
static inline const char *key_find(struct quick *q, struct gh_key_form *before, const char *at)
{
    struct gh_key_form *const forms = q->decoder->lookup.form;
    struct gh_key_form *const other = &forms[before->other];
    const uint16_t serial = q->decoder->serial;

    if (!gh_key_stands(other, at))
        return key_learn(q, before, at);
    q->form = other;
    if (before->missed == (uint16_t)(serial - 1)) {
        before->other = (uint8_t)(before->next - forms);
        before->next = other;
    }
    before->missed = serial;
    return at + other->size;
}

static inline const char *value_take(struct quick *q, const struct gh_key_form *form,
                                     const char *at)
{
    void *const field = (char *)q->event + form->field;

    if (form->shape == GH_SHAPE_TEXT)
        return text_take(q, at, field);
    if (form->shape == GH_SHAPE_INTEGER)
        return integer_take(q, form, at);
    if (form->shape == GH_SHAPE_HASH)
        return hash_take(at, field);
    if (form->shape == GH_SHAPE_CLOCK)
        return time_take(q, at, field);
    if (form->shape == GH_SHAPE_NAME)
        return name_take(q, form, at);
    return other_take(q, form, at);
}

/* Returns the byte after the closing brace of the copy or of the bytes; NULL: not usual. */
static inline const char *members_read(struct quick *q, const char *at, uint64_t *seen)
{
    struct gh_key_form *form = &q->decoder->lookup.form[GH_FORM_START];
    unsigned count = 0;

    for (;;) {
        at = ahead(q, at);
        if (gh_key_stands(form->next, at)) {
            form = form->next;
            at += form->size;
        } else if (*at == '}') {
            break;
        } else {
            at = key_find(q, form, at);
            if (at == NULL)
                return NULL;
            form = q->form;
        }
        at = value_take(q, form, at);
        if (at == NULL)
            return NULL;
        *seen |= form->bit;
        count++;
    }
    return (unsigned)__builtin_popcountll(*seen) + q->unknown == count ? at + 1 : NULL;
}

const char *gh_decode_quick(struct gh_decoder *decoder, const char *at, const char *end,
                            struct gh_event *event)
{
    enum { NEAR = 1024 };
    uint64_t seen = 0;

    if (at == end || *at != '{')
        return NULL;
    if (end - at > GH_EVENT_BYTES_MAX)
        end = at + GH_EVENT_BYTES_MAX;
    struct quick q = {.decoder = decoder,
                      .event = event,
                      .stop = end,
                      .end = end,
                      .close = end - at > GH_AHEAD ? end - GH_AHEAD : at};
    if (end - at < NEAR) /* it will be read: what was copied long ago is read without delay */
        copy_make(&q);
    decoder->serial++;
    gh_zero(event, sizeof *event);
    const char *const after = members_read(&q, at, &seen);
    if (after == NULL || !gh_decoder_usual(decoder, seen, event))
        return NULL;
    decoder->unknown = q.unknown;
    return q.stop - (q.end - after);
}
