/* event_value.h - what a value of an event may be: the half of decoding that does not
 * depend on how bytes are read. All decoders bring the members of an object as scalars and
 * get the event or the reason from here, so that semantics exist once. */
#ifndef GOODHART_EDGE_EVENT_VALUE_H
#define GOODHART_EDGE_EVENT_VALUE_H

#include "edge/decode.h"

/* The value types of GH_EVENT_KEYS; those after GH_TYPE_VERSION are lists of names. */
// clang-format off
#define GH_TYPE_LIST(X)                                                                     \
    X(TEXT) X(NOTE) X(COUNT) X(NUMBER) X(TIME) X(HASH) X(HOURS) X(DAYS) X(VERSION) X(KIND)  \
    X(ORIGIN) X(STATUS) X(ARTIFACT) X(STATE) X(ACCOUNT) X(SCHEDULE) X(PERIOD) X(VERDICT)
// clang-format on
#define GH_TYPE_ENUM(name) GH_TYPE_##name,
enum gh_value_type { GH_TYPE_LIST(GH_TYPE_ENUM) GH_TYPES };

/* One row of GH_EVENT_KEYS as data. */
struct gh_key_row {
    struct gh_text name;
    enum gh_value_type type;
    uint32_t field; /* offset in struct gh_event */
    uint32_t kinds, required;
};
extern const struct gh_key_row gh_key_rows[GH_KEY_COUNT];

/* Names of a list type; NULL for the other types. name[i] is enum value i; those before
 * `first` are not legal on the wire. */
struct gh_value_names {
    const struct gh_text *name;
    uint32_t count, first;
};
const struct gh_value_names *gh_value_names(enum gh_value_type type);
/* The longest that gh_value_days_write writes: "Mon,Tue,Wed,Thu,Fri,Sat,Sun". */
enum { GH_DAYS_TEXT_SIZE = 28 };
size_t gh_value_days_write(uint8_t days, char text[GH_DAYS_TEXT_SIZE]);
/* "09:00-18:00" */
enum { GH_HOURS_TEXT_SIZE = 32 };
size_t gh_value_hours_write(struct gh_hours hours, char text[GH_HOURS_TEXT_SIZE]);

/* What JSON can hold in a flat object, and what only a binary frame can. */
enum gh_scalar_type {
    GH_SCALAR_NULL,
    GH_SCALAR_BOOLEAN,
    GH_SCALAR_INTEGER,
    GH_SCALAR_REAL,
    GH_SCALAR_TEXT,
    GH_SCALAR_CHOICE, /* binary: the name of a list, from 1 for its first legal one */
    GH_SCALAR_BITS    /* binary: 64 of them */
};
struct gh_scalar {
    uint8_t type; /* enum gh_scalar_type */
    bool plain;   /* a text known to be printable ASCII; false says nothing */
    uint32_t at;  /* offset in the piece; 0 when the reader does not know */
    union {
        bool boolean;
        int64_t integer; /* of a choice too */
        double real;     /* in JSON finite */
        uint64_t bits;
        struct gh_text text;
    };
};

/* The members of an object whose keys stand in the table; value[k] holds when bit k of
 * `seen` is set. */
struct gh_members {
    uint64_t seen;
    struct gh_scalar value[GH_KEY_COUNT];
};

/* Sets of keys by kind, from the table. */
struct gh_key_sets {
    uint64_t known[GH_KIND_COUNT], required[GH_KIND_COUNT];
};
void gh_key_sets_init(struct gh_key_sets *sets);

/* Checks version, kind, then each key in the order of the table (required and missing,
 * type, value), then the order of `from` and `until`; the first trouble is the reason.
 * Members of another kind are left out: the caller counts seen & ~present. */
bool gh_event_from(const struct gh_key_sets *sets, const struct gh_members *members,
                   struct gh_event *event, struct gh_refused *refused);

/* One value into its field, by the rules of its type. */
enum gh_refusal gh_value_take(const struct gh_scalar *value, enum gh_value_type type,
                              void *field);
/* Keys that an event of `kind` must have, as a set of bits, when it has those of `seen`. */
uint64_t gh_event_required(const struct gh_key_sets *sets, enum gh_kind kind, uint64_t seen);
/* Whether it ends before it begins. */
bool gh_event_reversed(const struct gh_event *event);

/* Refusals fill *refused and return false. `key` {0}: none. The text becomes "key: what",
 * without a key "event: what". */
bool gh_refuse(struct gh_refused *refused, enum gh_refusal reason, uint64_t at,
               struct gh_text key, const char *what);
bool gh_refuse_missing(struct gh_refused *refused, const struct gh_key_row *row,
                       enum gh_kind kind);
/* Says what the value was, but never quotes what may be somebody's words. */
bool gh_refuse_value(struct gh_refused *refused, enum gh_refusal reason,
                     const struct gh_key_row *row, const struct gh_scalar *value);

/* What is checked before and without reading: the size of the piece; of JSON that its first
 * byte (white space aside) opens an object. */
bool gh_piece_fits(const struct gh_piece *piece, struct gh_refused *refused);
bool gh_piece_opens(const struct gh_piece *piece, struct gh_refused *refused);

#endif
