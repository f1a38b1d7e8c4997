/* event_refuse.c - refusals in words: "key: problem: legal values". */
#include "edge/event_value.h"

#include "base/write.h"
#include "edge/json_scan.h"

#include <stdio.h>

static const char *const legal_values[GH_TYPES] = {
    [GH_TYPE_TEXT] = "1 to 256 bytes of UTF-8 without control characters",
    [GH_TYPE_NOTE] = "up to 4096 bytes of UTF-8, no control characters but newline and tab",
    [GH_TYPE_COUNT] = "an integer from 0 to 9007199254740991",
    [GH_TYPE_NUMBER] = "a finite number, 0 or more",
    [GH_TYPE_TIME] = "RFC 3339 with an offset, or milliseconds from 0 to 253402300799999",
    [GH_TYPE_HASH] = "16 hex digits",
    [GH_TYPE_HOURS] = "HH:MM-HH:MM, each from 00:00 to 24:00",
    [GH_TYPE_DAYS] = "days from Mon to Sun, as Mon-Fri or Mon,Wed,Fri",
    [GH_TYPE_VERSION] = "the integer 1",
};

static void legal_write(struct gh_writer *w, enum gh_value_type type)
{
    const struct gh_value_names *names = gh_value_names(type);

    if (!names) {
        gh_write(w, legal_values[type]);
        return;
    }
    gh_write(w, "one of ");
    for (uint32_t i = names->first; i < names->count; i++) {
        if (i > names->first)
            gh_write(w, ", ");
        gh_write_text(w, names->name[i]);
    }
}

/* The beginning of a text that is not valid where it stands. */
static void quote_write(struct gh_writer *w, struct gh_text text)
{
    enum { QUOTED_MAX = 40 };
    char quoted[QUOTED_MAX];
    struct gh_writer q = gh_writer_on(quoted, sizeof quoted);

    gh_write_text(&q, text);
    gh_write(w, "\"");
    gh_write(w, quoted);
    gh_write(w, q.cut ? "...\"" : "\"");
}

/* What a text was, without quoting what may be somebody's words: identifiers and notes,
 * a prompt where its hash belongs, a text where a number belongs. */
static void text_problem_write(struct gh_writer *w, enum gh_refusal reason,
                               enum gh_value_type type, struct gh_text text)
{
    char size[40];

    if (reason == GH_REFUSED_CONTROL) {
        gh_write(w, "a control character");
    } else if (reason == GH_REFUSED_TYPE) {
        gh_write(w, "a string");
    } else if (type == GH_TYPE_TEXT || type == GH_TYPE_NOTE || type == GH_TYPE_HASH) {
        snprintf(size, sizeof size, "a string of %u bytes", (unsigned)text.size);
        gh_write(w, size);
    } else {
        quote_write(w, text);
    }
}

static void problem_write(struct gh_writer *w, enum gh_refusal reason, enum gh_value_type type,
                          const struct gh_scalar *value)
{
    char number[40];

    switch ((enum gh_scalar_type)value->type) {
    case GH_SCALAR_NULL:
        gh_write(w, "null");
        break;
    case GH_SCALAR_BOOLEAN:
        gh_write(w, value->boolean ? "true" : "false");
        break;
    case GH_SCALAR_INTEGER:
    case GH_SCALAR_CHOICE:
        snprintf(number, sizeof number, "%lld", (long long)value->integer);
        gh_write(w, number);
        break;
    case GH_SCALAR_REAL:
        snprintf(number, sizeof number, "%.15g", value->real);
        gh_write(w, number);
        break;
    case GH_SCALAR_TEXT:
        text_problem_write(w, reason, type, value->text);
        break;
    case GH_SCALAR_BITS: /* each is legal */
        break;
    }
}

static struct gh_writer refusal_begin(struct gh_refused *refused, enum gh_refusal reason,
                                      uint64_t at, struct gh_text key)
{
    struct gh_writer k = gh_writer_on(refused->key, sizeof refused->key);
    struct gh_writer w = gh_writer_on(refused->text, sizeof refused->text);

    refused->reason = reason;
    refused->at = at;
    gh_write_text(&k, key);
    gh_write(&w, key.at ? refused->key : "event");
    gh_write(&w, ": ");
    return w;
}

bool gh_refuse(struct gh_refused *refused, enum gh_refusal reason, uint64_t at,
               struct gh_text key, const char *what)
{
    struct gh_writer w = refusal_begin(refused, reason, at, key);

    gh_write(&w, what);
    return false;
}

bool gh_refuse_missing(struct gh_refused *refused, const struct gh_key_row *row,
                       enum gh_kind kind)
{
    struct gh_writer w = refusal_begin(refused, GH_REFUSED_MISSING, 0, row->name);

    gh_write(&w, "missing: required in kind ");
    gh_write_text(&w, gh_value_names(GH_TYPE_KIND)->name[kind]);
    if (row == &gh_key_rows[GH_KEY_actor] && !gh_actor_required(kind, true))
        gh_write(&w, ", where team may stand in its place");
    return false;
}

bool gh_refuse_value(struct gh_refused *refused, enum gh_refusal reason,
                     const struct gh_key_row *row, const struct gh_scalar *value)
{
    struct gh_writer w = refusal_begin(refused, reason, value->at, row->name);

    problem_write(&w, reason, row->type, value);
    gh_write(&w, ": ");
    legal_write(&w, row->type);
    return false;
}

bool gh_piece_fits(const struct gh_piece *piece, struct gh_refused *refused)
{
    if (piece->size <= GH_EVENT_BYTES_MAX)
        return true;
    return gh_refuse(refused, GH_REFUSED_TOO_LONG, GH_EVENT_BYTES_MAX, (struct gh_text){0},
                     "longer than 65536 bytes: a flat object of up to 65536 bytes");
}

bool gh_piece_opens(const struct gh_piece *piece, struct gh_refused *refused)
{
    size_t i = 0;

    while (i < piece->size && gh_is_space(piece->at[i]))
        i++;
    if (i == piece->size)
        return gh_refuse(refused, GH_REFUSED_SYNTAX, i, (struct gh_text){0},
                         "nothing: a JSON object");
    if (piece->at[i] == '[')
        return gh_refuse(refused, GH_REFUSED_NESTED, i, (struct gh_text){0},
                         "an array: a JSON object");
    if (piece->at[i] != '{')
        return gh_refuse(refused, GH_REFUSED_SYNTAX, i, (struct gh_text){0},
                         "not JSON: a JSON object");
    return true;
}
