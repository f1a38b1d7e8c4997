/* sources.h - what endpoints of foreign formats share: map files, people, and the scratch of
 * one request. All of it may be read again while requests come. */
#ifndef GOODHART_EDGE_HTTP_SOURCES_H
#define GOODHART_EDGE_HTTP_SOURCES_H

#include "edge/fields/coverage.h"
#include "edge/fields/map.h"
#include "edge/fields/people.h"
#include "edge/otlp/otlp.h"

struct gh_sources;
/* Reads both; "" as in gh_maps_load and gh_people_load; lent. The caller owns *sources. */
GH_MUST_USE enum gh_status gh_sources_new(struct gh_sources **sources, const char *maps,
                                          const char *people, struct gh_error *error);
void gh_sources_free(struct gh_sources *sources); /* NULL is legal */
/* Reads both again: both are in force, or what was before stays. Waits for the requests that
 * are being mapped. */
GH_MUST_USE enum gh_status gh_sources_reload(struct gh_sources *sources,
                                             struct gh_error *error);
/* Those in force; lent until gh_sources_reload, whose thread this is for. */
const struct gh_people *gh_sources_people(const struct gh_sources *sources);

/* What one request maps with. */
struct gh_source_work {
    struct gh_otlp_reader *reader;
    struct gh_mapper *mapper;
    const struct gh_maps *maps;
    const struct gh_people *people;
    struct gh_sources *sources;
    struct gh_source_work *next;
};
/* For any thread; the same one ends it, soon: nothing is read again meanwhile. NULL: memory. */
struct gh_source_work *gh_sources_begin(struct gh_sources *sources);
void gh_sources_end(struct gh_source_work *work);

/* gh_map, the person in the place of the account, and what of the source's telling is missing.
 * Counted. */
enum gh_mapped gh_source_map(struct gh_source_work *work, const struct gh_told *told,
                             struct gh_event *event, struct gh_error *error);
/* What is known of the completeness of what sources tell. Lent while `sources` lives. */
struct gh_coverage *gh_sources_coverage(struct gh_sources *sources);
/* A function of gh_hook_call: `work` is one. */
struct gh_text gh_source_person(void *work, struct gh_text account);

enum { GH_MAPPED_COUNT = GH_MAPPED_BAD + 1 };
struct gh_sources_counters {
    uint64_t records[GH_MAPPED_COUNT]; /* by enum gh_mapped */
    uint64_t clamped;                  /* subtractions that went below zero */
    uint64_t strangers;                /* events of accounts that are nobody's */
};
struct gh_sources_counters gh_sources_counters(struct gh_sources *sources);

#endif
