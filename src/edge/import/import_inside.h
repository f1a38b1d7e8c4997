/* import_inside.h - between import.c, which makes events of records, and import_file.c, which
 * makes records of files. */
#ifndef GOODHART_EDGE_IMPORT_INSIDE_H
#define GOODHART_EDGE_IMPORT_INSIDE_H

#include "edge/fields/flatten.h"
#include "edge/import/documents.h"
#include "edge/import/import.h"
#include "edge/import/sorter.h"
#include "edge/import/transcript.h"
#include "edge/otlp/otlp.h"

struct gh_import {
    const struct gh_import_plan *plan;
    struct gh_sorter *sorter;
    struct gh_flat *flat;
    struct gh_flat_plan flat_plan;
    struct gh_mapper *mapper;
    struct gh_otlp_reader *otlp;
    struct gh_transcripts *transcripts;
    struct gh_import_counts counts;
    bool ended; /* all transcripts have become events */
    char *line; /* room for one */
    /* The file that is read, what is read of it, and what went wrong in a callback. */
    const char *path;
    uint64_t place;
    uint32_t since; /* records since `moved` was told */
    enum gh_status status;
    struct gh_error *error;
};

/* "FILE:LINE: trouble", or "FILE:LINE: row 3: trouble", counted. */
void gh_import_complain(struct gh_import *import, const char *trouble);
/* One record; false: import->status says why no more can be taken. */
bool gh_import_told(struct gh_import *import, const struct gh_told *told);
/* One event, which may lack an actor. */
bool gh_import_event(struct gh_import *import, struct gh_event *event);

#endif
