/* map_inside.h - what a map file has become, for map.c and those that read it; nobody else
 * includes it. Texts point into the JSON trees, lists into the arena. */
#ifndef GOODHART_EDGE_FIELDS_MAP_INSIDE_H
#define GOODHART_EDGE_FIELDS_MAP_INSIDE_H

#include "base/intern.h"
#include "edge/event_value.h"
#include "edge/fields/digest.h"
#include "edge/fields/map.h"
#include "edge/json_place.h"

#include <jansson.h>

enum { GH_MAP_FILES_MAX = 256, GH_MAP_BYTES_MAX = 1048576, GH_MAP_LIST_MAX = 256 };

// clang-format off
/* What a record tells without a field: names that begin with '@'. The first in the table of
 * names, so that their ids are these. */
#define GH_MAP_OWN_LIST(X)                                                                  \
    X(SOURCE, "@source") X(SCOPE, "@scope") X(NAME, "@name") X(TIME, "@time")               \
    X(START, "@start") X(DURATION, "@duration") X(TRACE, "@trace") X(SPAN, "@span")         \
    X(PARENT, "@parent") X(FAILED, "@failed") X(VALUE, "@value") X(RECORD, "@record")
/*    name in a file, what it is counted in, the same for one of them */
#define GH_MAP_UNIT_LIST(X)                                                  \
    X(NONE, "", 1) X(S, "s", 1000) X(MS, "ms", 1) X(US, "us", 1e-3)          \
    X(NS, "ns", 1e-6) X(USD, "usd", 1) X(CENTS, "cents", 1e-2)               \
    X(MICRO_USD, "micro_usd", 1e-6)
// clang-format on
#define GH_MAP_OWN_ENUM(name, text) GH_MAP_##name,
enum gh_map_own { GH_MAP_OWN_NONE, GH_MAP_OWN_LIST(GH_MAP_OWN_ENUM) GH_MAP_OWN_COUNT };
#define GH_MAP_UNIT_ENUM(name, text, worth) GH_MAP_UNIT_##name,
enum gh_map_unit { GH_MAP_UNIT_LIST(GH_MAP_UNIT_ENUM) GH_MAP_UNITS };

/* Ids of names of fields. */
struct gh_map_names {
    const uint32_t *id;
    uint32_t count;
};
/* Legal texts: whole ones, or with `begins` the start of one. */
struct gh_map_match {
    struct gh_text text;
    bool begins;
};
struct gh_map_matches {
    const struct gh_map_match *at;
    uint32_t count;
};
/* One row of a list of values. */
struct gh_map_value {
    struct gh_map_match from;
    bool absent; /* as if the field were not there */
    bool same;   /* as it came */
    struct gh_field to;
};

/* One way to come by a key. */
struct gh_map_way {
    struct gh_map_names names; /* none: it is `constant` */
    bool sum;                  /* of all names that are there, else the first that is */
    bool fingerprint;          /* of the text; never the text */
    enum gh_map_unit unit;
    uint64_t minus; /* keys whose counts are inside this one */
    const struct gh_map_value *value;
    uint32_t value_count; /* 0: as it came */
    struct gh_field constant;
};
struct gh_map_take {
    enum gh_key key;
    const struct gh_map_way *way; /* the first that leads somewhere */
    uint32_t count;
};

struct gh_map_condition {
    uint32_t name;
    struct gh_map_matches values;
};
/* What an id is made of: all of the names, or with `some` those that are there. */
struct gh_map_part {
    struct gh_map_names names;
    bool some;
};
struct gh_map_id {
    struct gh_text space;           /* at NULL: no id */
    const struct gh_map_part *part; /* the first that is there */
    uint32_t count;
};
#define GH_MAP_IS_LIST(X) \
    X(USAGE, "usage")     \
    X(OUTPUT, "output") X(PROFILE, "profile") X(TOTAL, "total") X(IGNORE, "ignore")
#define GH_MAP_IS_ENUM(name, text) GH_MAP_IS_##name,
enum gh_map_is { GH_MAP_IS_LIST(GH_MAP_IS_ENUM) GH_MAP_IS_COUNT };
struct gh_map_rule {
    uint32_t kinds; /* bits of enum gh_told_kind */
    enum gh_map_is is;
    struct gh_map_matches names; /* none: any */
    const struct gh_map_condition *where;
    uint32_t where_count;
    struct gh_map_names has; /* one of them is there; none: whatever */
    const struct gh_map_take *take;
    uint32_t take_count;
    struct gh_map_id id;
};
struct gh_map_file {
    char *name; /* "claude-code.json" */
    json_t *root;
    struct gh_map_matches sources, scopes; /* neither: any source */
    struct gh_map_matches prefixes;
    struct gh_map_names stream, number; /* stream.count 0: records have no numbers */
    const struct gh_map_rule *rule;
    uint32_t rule_count;
};
struct gh_maps {
    struct gh_heap heap;
    struct gh_arena arena;
    struct gh_intern names;
    struct gh_map_file file[GH_MAP_FILES_MAX];
    uint32_t count;
};

/* A file being read: what is looked at, and where that is. */
struct gh_map_reader {
    struct gh_maps *maps;
    const char *path;
    struct gh_json_place place;
    char where[128]; /* "rules 3 keys actor" */
    size_t where_used;
    enum gh_map_is is; /* of the rule */
    struct gh_error *error;
};
struct gh_map_spot {
    struct gh_json_place place;
    size_t where_used;
};
/* Into a member, into an element (from 0); back to where it was before. */
struct gh_map_spot gh_map_member(struct gh_map_reader *r, const char *member);
struct gh_map_spot gh_map_element(struct gh_map_reader *r, size_t index);
void gh_map_back(struct gh_map_reader *r, struct gh_map_spot spot);
/* GH_ECONFIG: "FILE:LINE:COLUMN: where: what". */
enum gh_status gh_map_refuse(const struct gh_map_reader *r, const char *what);
/* Zeroed, of the arena; NULL: refused for memory. */
void *gh_map_room(struct gh_map_reader *r, size_t count, size_t size);
/* A text or a list of texts, as ids of names, as legal texts. */
enum gh_status gh_map_names_read(struct gh_map_reader *r, const json_t *value,
                                 struct gh_map_names *names);
enum gh_status gh_map_matches_read(struct gh_map_reader *r, const json_t *value,
                                   struct gh_map_matches *matches);
struct gh_map_match gh_map_match_of(struct gh_text text);
/* Members of "keys", of "id". */
enum gh_status gh_map_take_read(struct gh_map_reader *r, const json_t *value,
                                struct gh_map_take *take);
enum gh_status gh_map_id_read(struct gh_map_reader *r, const json_t *value,
                              struct gh_map_id *id);
/* The file from its tree, whose bytes are r->place. */
enum gh_status gh_map_file_read(struct gh_map_reader *r, json_t *root,
                                struct gh_map_file *file);

/* Whether the text is one of them. */
bool gh_map_matches(struct gh_map_matches matches, struct gh_text text);

/* What a mapper lends while it works on a record. */
enum { GH_MAP_SCRATCH = 32768 };
struct gh_map_scratch {
    char at[GH_MAP_SCRATCH];
    size_t used;
};
struct gh_map_slot {
    uint64_t stamp; /* of the record in which the field stands */
    const struct gh_field *field;
};
struct gh_mapper {
    const struct gh_maps *maps;
    const struct gh_told *told;
    struct gh_map_slot *slot;              /* by id of the name */
    struct gh_field own[GH_MAP_OWN_COUNT]; /* what '@' names led to */
    struct gh_text name;                   /* of the record, without the prefix */
    struct gh_text actor, team;            /* where a record names none */
    uint64_t stamp, clamped;
    struct gh_map_met met;
    const struct gh_map_file *file; /* the one that was met; NULL: none */
    struct gh_map_scratch scratch;
};

/* Notes the fields of m->told. */
void gh_map_note(struct gh_mapper *m);
/* NULL: it is not there. An empty text is not there either: so sources write "none". */
const struct gh_field *gh_map_field(struct gh_mapper *m, uint32_t name);

/* How far the record fits a rule: its kind, its name, what it must have, and then each field of
 * `where`; GH_MAP_FITS: all of it. */
enum {
    GH_MAP_FITS_NOT,
    GH_MAP_FITS_KIND,
    GH_MAP_FITS_NAME,
    GH_MAP_FITS_HAS,
    GH_MAP_FITS = 1024
};
uint32_t gh_map_fit(struct gh_mapper *m, const struct gh_map_rule *rule);

/* The value as text; numbers are written into the scratch. */
struct gh_text gh_map_text(struct gh_map_scratch *scratch, const struct gh_field *field);
/* A text that an event may hold: the same one only where it is printable ASCII. */
struct gh_text gh_map_clean(struct gh_map_scratch *scratch, struct gh_text text,
                            uint32_t size_max);
/* The field as a value of a key of this type, by the unit of `way` and what it makes of texts.
 * False: it cannot be one; *scalar is then what it is, for the message. An empty text becomes
 * GH_SCALAR_NULL: it is as if it were not there. */
bool gh_map_scalar(struct gh_map_scratch *scratch, const struct gh_map_way *way,
                   enum gh_value_type type, const struct gh_field *field,
                   struct gh_scalar *scalar);

#endif
