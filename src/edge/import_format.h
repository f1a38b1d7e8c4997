/* import_format.h - between import.c, which reads files and makes events, and the formats. */
#ifndef GOODHART_EDGE_IMPORT_FORMAT_H
#define GOODHART_EDGE_IMPORT_FORMAT_H

#include "base/cells.h"
#include "base/intern.h"
#include "edge/import.h"

enum { GH_IMPORT_COLUMNS_MAX = 32, GH_IMPORT_LINE_MAX = 1 << 20 };

/* One call as a trace tells it. Numbers below 0 and ids of 0 are absent. */
struct gh_import_call {
    int64_t at_ms;                                          /* on the clock of the trace */
    int64_t input_tokens, cache_read_tokens, output_tokens; /* input without cache reads */
    int64_t user_tokens, tool_calls, duration_ms;
    uint64_t prompt_hash;
    uint32_t first_block, block_count; /* in gh_import.blocks */
    uint32_t thread;                   /* conversation: id in gh_import.threads */
    uint32_t agent, caller, model;     /* ids in gh_import.names */
    uint32_t file, line;               /* file: hash of its name */
    bool ended;                        /* known to have ended well */
};

struct gh_import {
    const struct gh_import_plan *plan;
    struct gh_heap heap;
    struct gh_array calls;  /* of gh_import_call, as read, then by time */
    struct gh_array blocks; /* of uint64_t */
    struct gh_intern threads, names;
    struct gh_cells turns; /* scratch of a format */
    uint64_t bad;
    uint32_t next;
    char id[96], actor[GH_STRING_BYTES_MAX + 16]; /* texts of the event handed out */
};

struct gh_import_format {
    const char *name;
    const char *columns; /* of a CSV file, in the order `take` wants them; NULL: lines */
    const char *actor;   /* who stands for everybody; NULL: each conversation for itself */
    const char *start;   /* first moment where the trace has no date; NULL: it has dates */
    bool threaded;       /* calls belong to conversations */
    /* One line (field[0]) or its columns. NULL: *call is filled. Else what is wrong. */
    const char *(*take)(struct gh_import *import, const struct gh_text *field,
                        struct gh_import_call *call);
    void (*finish)(struct gh_import *import); /* sees all calls as read; NULL: nothing to do */
};

#define GH_IMPORT_EXTERN(symbol, name, needs, gives, example) \
    extern const struct gh_import_format gh_import_##symbol;
GH_IMPORT_FORMATS(GH_IMPORT_EXTERN)

/* A call with nothing in it. */
struct gh_import_call gh_import_nothing(void);
/* Digits alone, up to GH_COUNT_MAX. */
bool gh_import_count(struct gh_text text, int64_t *count);
/* "19", "19.25": seconds to milliseconds, what is below cut off. */
bool gh_import_seconds(struct gh_text text, int64_t *ms);
bool gh_import_is(struct gh_text text, const char *word);
/* Whether `word` is one of the parts of `list`, which '+' separates. */
bool gh_import_holds(struct gh_text list, const char *word);

#endif
