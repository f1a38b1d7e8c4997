/* map.h - what a foreign source tells becomes an event, by map files.
 *
 * A map file (models/fields/NAME.json, see models/fields/README.md) says for the records of one
 * source which of them are events, which name becomes which key of the contract, what is
 * subtracted (cached input inside input), and what makes the id, so that the same call told as
 * log, span and metric, or told twice, is one event. All names of sources stand in map files,
 * none in code: what a source renames next month is an edit. */
#ifndef GOODHART_EDGE_FIELDS_MAP_H
#define GOODHART_EDGE_FIELDS_MAP_H

#include "edge/fields/told.h"
#include "goodhart/error.h"

/* Does not change once it is loaded, and may be read by several threads. */
struct gh_maps;

/* Those built in, and in their place or beside them those of `folder` (*.json; "": none). A
 * file of the same name takes the place of one built in. Files that name sources are asked
 * before those for any source, and each sort in the order of their names. Errors:
 * "FILE:LINE:COLUMN: where: problem: legal values". The caller owns *maps. */
GH_MUST_USE enum gh_status gh_maps_load(struct gh_maps **maps, const char *folder,
                                        struct gh_error *error);
/* One file alone, to look whether it is right. */
GH_MUST_USE enum gh_status gh_maps_load_file(struct gh_maps **maps, const char *path,
                                             struct gh_error *error);
void gh_maps_free(struct gh_maps *maps); /* NULL is legal */

enum gh_mapped {
    GH_MAPPED_EVENT,   /* *event is filled */
    GH_MAPPED_TOTAL,   /* a sum of what other records tell one by one: *event holds whose and
                        * how much, for reconciling (coverage), never for the engine */
    GH_MAPPED_KNOWN,   /* a record of a known source that tells nothing of use here */
    GH_MAPPED_UNKNOWN, /* no map knows it */
    GH_MAPPED_BAD      /* a map knows it, but a value is not what it must be */
};

/* What one thread needs to map: scratch for texts that it makes. */
struct gh_mapper;
GH_MUST_USE struct gh_mapper *
gh_mapper_new(const struct gh_maps *maps); /* lent; NULL: memory */
void gh_mapper_free(struct gh_mapper *mapper);

/* Who a record is about that names nobody, and whose team that is; at NULL: it is BAD, and has
 * no team. Legal texts, lent. */
void gh_mapper_fallback(struct gh_mapper *mapper, struct gh_text actor, struct gh_text team);

/* Texts of *event point into `told` or into the mapper and hold until its next call; they are
 * legal as they stand: UTF-8 without control characters, and what is longer than an event may
 * hold is cut and ends in a hash of the whole. `actor` is the account as the source names it
 * (e-mail, else account id, else user id): whoever knows the people (fields/people.h) puts the
 * person in its place. BAD: *error says "key: problem: legal values" and quotes no text. */
enum gh_mapped gh_map(struct gh_mapper *mapper, const struct gh_told *told,
                      struct gh_event *event, struct gh_error *error);

/* Which rule the last record met, for whoever writes one: name of the file and place among
 * its rules, from 1. file NULL: no file is about that source; rule 0: none of its rules. */
struct gh_map_met {
    const char *file;
    uint32_t rule;
};
struct gh_map_met gh_mapper_met(const struct gh_mapper *mapper);

/* The place of the last record among those that its source numbers in one sequence, by the
 * map's "numbering"; false: it has none. `stream` is not 0. */
struct gh_map_number {
    uint64_t stream;
    int64_t number; /* 0..GH_COUNT_MAX */
};
bool gh_mapper_number(struct gh_mapper *mapper, struct gh_map_number *number);

/* The same in words, without a value of the record: "claude-code.json: rule 1: usage",
 * "claude-code.json: no rule takes the log record api_reqest; nearest is rule 1: its name is
 * another", "no map file is about the span GET / of shop". The record must still be there. */
enum { GH_MAP_EXPLAIN_SIZE = 400 };
void gh_mapper_explain(struct gh_mapper *mapper, char text[GH_MAP_EXPLAIN_SIZE]);

/* Subtractions that went below zero, since _new: what was then told is 0. */
uint64_t gh_mapper_clamped(const struct gh_mapper *mapper);

#endif
