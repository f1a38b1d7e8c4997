/* trace_format.h - between trace.c, which reads files and makes events, and the formats. */
#ifndef GOODHART_EDGE_IMPORT_TRACE_FORMAT_H
#define GOODHART_EDGE_IMPORT_TRACE_FORMAT_H

#include "base/cells.h"
#include "base/intern.h"
#include "edge/import/trace.h"

enum { GH_TRACE_COLUMNS_MAX = 32, GH_TRACE_LINE_MAX = 1 << 20 };

/* One call as a trace tells it. Numbers below 0 and ids of 0 are absent. */
struct gh_trace_call {
    int64_t at_ms;                                          /* on the clock of the trace */
    int64_t input_tokens, cache_read_tokens, output_tokens; /* input without cache reads */
    int64_t user_tokens, tool_calls, duration_ms;
    uint64_t prompt_hash;
    uint32_t first_block, block_count; /* in gh_trace.blocks */
    uint32_t thread;                   /* conversation: id in gh_trace.threads */
    uint32_t agent, caller, model;     /* ids in gh_trace.names */
    uint32_t file, line;               /* file: hash of its name */
    bool ended;                        /* known to have ended well */
};

struct gh_trace {
    const struct gh_trace_plan *plan;
    struct gh_heap heap;
    struct gh_array calls;  /* of gh_trace_call, as read, then by time */
    struct gh_array blocks; /* of uint64_t */
    struct gh_intern threads, names;
    struct gh_cells turns; /* scratch of a format */
    uint64_t bad;
    uint32_t next;
    char id[96], actor[GH_STRING_BYTES_MAX + 16]; /* texts of the event handed out */
};

struct gh_trace_format {
    const char *name;
    const char *columns; /* of a CSV file, in the order `take` wants them; NULL: lines */
    const char *actor;   /* who stands for everybody; NULL: each conversation for itself */
    const char *start;   /* first moment where the trace has no date; NULL: it has dates */
    bool threaded;       /* calls belong to conversations */
    /* One line (field[0]) or its columns. NULL: *call is filled. Else what is wrong. */
    const char *(*take)(struct gh_trace *import, const struct gh_text *field,
                        struct gh_trace_call *call);
    void (*finish)(struct gh_trace *import); /* sees all calls as read; NULL: nothing to do */
};

#define GH_TRACE_EXTERN(symbol, name, needs, gives, example) \
    extern const struct gh_trace_format gh_trace_##symbol;
GH_TRACE_FORMATS(GH_TRACE_EXTERN)

/* A call with nothing in it. */
struct gh_trace_call gh_trace_nothing(void);
/* Digits alone, up to GH_COUNT_MAX. */
bool gh_trace_count(struct gh_text text, int64_t *count);
/* "19", "19.25": seconds to milliseconds, what is below cut off. */
bool gh_trace_seconds(struct gh_text text, int64_t *ms);
bool gh_trace_is(struct gh_text text, const char *word);
/* Whether `word` is one of the parts of `list`, which '+' separates. */
bool gh_trace_holds(struct gh_text list, const char *word);

#endif
