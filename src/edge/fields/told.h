/* told.h - what a foreign source tells, under its own names, before a map makes an event of it
 * (fields/map.h). One record of a source is a flat list of named values: attributes of an OTLP
 * log record, span or data point and of what encloses them; the members of a JSON document,
 * by path; the columns of a row.
 *
 * Readers (otlp/, import/, hooks/) fill it, everything in it is lent for the call. */
#ifndef GOODHART_EDGE_FIELDS_TOLD_H
#define GOODHART_EDGE_FIELDS_TOLD_H

#include "goodhart/event.h"

/* As the source wrote it: the same field comes as text from one sender and as a number from
 * the next, so whoever reads it must take either. */
enum gh_field_type { GH_FIELD_TEXT, GH_FIELD_WHOLE, GH_FIELD_REAL, GH_FIELD_TRUTH };
struct gh_field {
    struct gh_text name; /* "gen_ai.usage.input_tokens", "metadata.user_api_key_user_email" */
    enum gh_field_type type;
    union {
        struct gh_text text;
        int64_t whole;
        double real;
        bool truth;
    } as;
};

enum gh_told_kind {
    GH_TOLD_LOG,   /* OTLP log record */
    GH_TOLD_SPAN,  /* OTLP span */
    GH_TOLD_POINT, /* number data point of an OTLP metric */
    GH_TOLD_ROW    /* line, row or document of a file or of a webhook */
};

/* Texts with at == NULL are absent, and so are times of GH_TOLD_NO_TIME. */
#define GH_TOLD_NO_TIME INT64_MIN
struct gh_told {
    enum gh_told_kind kind;
    struct gh_text source; /* OTLP: service.name; row: name of the format */
    struct gh_text scope;  /* OTLP: name of the instrumentation scope */
    struct gh_text name;   /* log: its event name; span, metric: its name; row: its type */
    int64_t time_ms;       /* of the log record or data point; end of the span */
    int64_t start_ms;      /* start of the span, or of what the data point sums up */
    struct gh_text trace;  /* lower-case hex, of log records and spans */
    struct gh_text span, parent;
    bool failed;     /* span: its status is an error */
    double value;    /* data point */
    bool cumulative; /* data point: since start_ms, not since the one before */
    /* Where a name stands twice, the first one holds: own attributes stand before those of
     * the resource. Arrays and objects among attributes are flattened (`a.0`, `a.b`). */
    const struct gh_field *field;
    uint32_t count;
};

/* The first field of this name; NULL: none. */
const struct gh_field *gh_told_field(const struct gh_told *told, const char *name);

#endif
