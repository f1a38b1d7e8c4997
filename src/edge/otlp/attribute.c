/* attribute.c - nine of ten bytes of a request are attributes, nearly all are written alike:
 * {"key":"NAME","value":{"stringValue":"TEXT"}}, without blanks and escapes. Whatever is not
 * leaves no trace but time: from_json.c reads it anew. */
#include "edge/otlp/attribute.h"

#include "edge/otlp/json_value.h"

/* The byte after the text, where it stands at `at`; else NULL. */
#define PASS(at, end, text)                                                            \
    ((size_t)((end) - (at)) >= sizeof(text) - 1 && !memcmp(at, text, sizeof(text) - 1) \
         ? (at) + sizeof(text) - 1                                                     \
         : NULL)

/* The inside of a string; returns the byte after its quote. */
static inline const char *plain_read(const char *at, const char *end, ProtobufCBinaryData *to)
{
    const char *const until = gh_scan_plain(at, end);

    *to = (ProtobufCBinaryData){(size_t)(until - at), (uint8_t *)(uintptr_t)at};
    return until < end && *until == '"' ? until + 1 : NULL;
}

static const char *integer_read(const char *at, const char *end, Otlp__AnyValue *value)
{
    const bool quoted = at < end && *at == '"';

    value->value_case = OTLP__ANY_VALUE__VALUE_INT_VALUE;
    at += quoted;
    at = at < end ? gh_scan_short_integer(at, end, &value->int_value) : NULL;
    if (!quoted || at == NULL)
        return at;
    return at < end && *at == '"' ? at + 1 : NULL;
}

static const char *real_read(const char *at, const char *end, Otlp__AnyValue *value)
{
    struct gh_scalar scalar;
    enum gh_refusal reason;
    const char *trouble;

    if (at == end || (*at != '-' && (*at < '0' || *at > '9')))
        return NULL;
    if (end - at > GH_EVENT_BYTES_MAX)
        end = at + GH_EVENT_BYTES_MAX;
    at = gh_scan_number(at, end, &scalar, &reason, &trouble);
    value->value_case = OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
    if (at != NULL)
        value->double_value =
            scalar.type == GH_SCALAR_INTEGER ? (double)scalar.integer : scalar.real;
    return at;
}

static inline const char *value_read(const char *at, const char *end, Otlp__AnyValue *value)
{
    const char *after = PASS(at, end, "stringValue\":\"");

    if (after != NULL) {
        value->value_case = OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        return plain_read(after, end, &value->string_value);
    }
    if ((after = PASS(at, end, "intValue\":")) != NULL)
        return integer_read(after, end, value);
    if ((after = PASS(at, end, "doubleValue\":")) != NULL)
        return real_read(after, end, value);
    if ((after = PASS(at, end, "boolValue\":")) == NULL)
        return NULL;
    value->value_case = OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
    at = PASS(after, end, "true");
    value->bool_value = at != NULL;
    return at != NULL ? at : PASS(after, end, "false");
}

ProtobufCMessage *gh_otlp_attribute(struct gh_json_in *in)
{
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(in->reader->arena);
    const char *const end = in->end, *at = PASS(in->at, end, "{\"key\":\"");
    struct gh_otlp_attribute *const to =
        at != NULL ? gh_otlp_attribute_new(in->reader->arena) : NULL;

    if (to == NULL)
        return NULL;
    at = plain_read(at, end, &to->named.key);
    at = at != NULL ? PASS(at, end, ",\"value\":{\"") : NULL;
    at = at != NULL ? value_read(at, end, &to->value) : NULL;
    at = at != NULL ? PASS(at, end, "}}") : NULL;
    if (at == NULL) {
        gh_otlp_arena_back(in->reader->arena, mark);
        return NULL;
    }
    in->at = at;
    return &to->named.base;
}
