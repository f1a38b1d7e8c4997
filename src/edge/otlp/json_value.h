/* json_value.h - the values of JSON that from_json.c is made of. Each function reads what
 * stands at `at`, after white space where that may be, and goes behind it. */
#ifndef GOODHART_EDGE_OTLP_JSON_VALUE_H
#define GOODHART_EDGE_OTLP_JSON_VALUE_H

#include "edge/json_scan.h"
#include "edge/otlp/from_json.h"

struct gh_json_in {
    struct gh_from_json *reader;
    const char *at, *end;
    unsigned depth;       /* of messages */
    size_t element_count; /* in the reader */
    struct gh_otlp_trouble trouble;
};

struct gh_json_number {
    bool whole; /* an integer of 64 bits */
    int64_t integer;
    double real; /* where it is none */
};

/* Notes the first trouble; false. */
bool gh_json_in_fail(struct gh_json_in *in, const char *at, const char *what);
bool gh_json_in_deep(struct gh_json_in *in);

/* Whether a sign stands there, after white space. */
static inline bool gh_json_in_is(struct gh_json_in *in, char sign)
{
    in->at = gh_skip_space(in->at, in->end);
    if (in->at == in->end || *in->at != sign)
        return false;
    in->at++;
    return true;
}

/* Whether a word stands there: true, false, null. */
bool gh_json_in_word(struct gh_json_in *in, const char *word);
/* The inside of a string, without its escapes. */
bool gh_json_in_text(struct gh_json_in *in, struct gh_text *text);
/* A string and its colon. */
bool gh_json_in_name(struct gh_json_in *in, struct gh_text *name);

bool gh_json_in_number(struct gh_json_in *in, struct gh_json_number *number);
/* The same, or a string that is one. */
bool gh_json_in_numeric(struct gh_json_in *in, struct gh_json_number *number);
/* The same, or "NaN", "Infinity", "-Infinity". */
bool gh_json_in_real(struct gh_json_in *in, struct gh_json_number *number);

/* The bytes that a text stands for, in its place. */
bool gh_json_in_base64(struct gh_json_in *in, struct gh_text *text);
/* The same for an id of 8 or 16 bytes in hex or base64; "" is none. */
bool gh_json_in_id(struct gh_json_in *in, struct gh_text *text);

/* The usual attribute, in attribute.c; NULL: it is not usual, and `in` is as it was. Two
 * messages deep. */
ProtobufCMessage *gh_otlp_attribute(struct gh_json_in *in);

#endif
