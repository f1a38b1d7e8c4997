/* trace.h - public traces of model calls, in the formats of their publishers, as events.
 *
 * What a trace does not tell stays absent in the event. Times move to `start_ms`, people
 * are given by the plan (no trace names any), everything else is the trace's own or
 * follows from it as the help of the format says. The same files and plan give the same
 * events. */
#ifndef GOODHART_EDGE_IMPORT_TRACE_H
#define GOODHART_EDGE_IMPORT_TRACE_H

#include "goodhart/error.h"
#include "goodhart/event.h"

/* Lines of the help are cut by hand. Columns: symbol, name, what a file must have, what
 * becomes of it, example. */
#define GH_TRACE_FORMATS(X)                                                                  \
    X(azure, "azure-trace", "CSV with the columns TIMESTAMP,ContextTokens,GeneratedTokens.", \
      "One row is one call; no session, nobody's name.",                                     \
      "goodhart import azure-trace code.csv.gz --actor azure-code")                          \
    X(mooncake, "mooncake",                                                                  \
      "Lines of JSON with timestamp (ms), input_length, output_length, hash_ids\n"           \
      "    (one per 512 tokens).",                                                           \
      "A call continues the newest one whose whole blocks are a prefix of its own:\n"        \
      "    that makes sessions. Cache reads: whole blocks that an earlier call began\n"      \
      "    with too. Prompt hash: SimHash of the blocks.",                                   \
      "goodhart import mooncake conversation.jsonl.xz --actors 200")                         \
    X(agent, "agent-trace",                                                                  \
      "CSV with the columns trace,agent,parent,t,model,in,out,shared_blocks,\n"              \
      "    input_types,output_types,stop,api_time.",                                         \
      "One trace is one session. Cache reads: 64 tokens for each block shared with\n"        \
      "    the call before. User tokens: what a text turn of the main agent added\n"         \
      "    beyond the answer before it, 0 where only tools or agents wrote. Tool\n"          \
      "    calls: 1 means at least one.",                                                    \
      "goodhart import agent-trace requests.csv.gz --actors 40 --days 28")

struct gh_trace_format;
const struct gh_trace_format *gh_trace_format_find(const char *name); /* NULL: none */

/* What events take as a name: 1 to 256 bytes of UTF-8 without control characters. */
bool gh_trace_name(struct gh_text text);

struct gh_trace_plan {
    const struct gh_trace_format *format;
    const char *actor; /* NULL: the format's own, see gh_trace_format */
    const char *team;  /* NULL: none */
    int64_t start_ms;  /* time of the first call; < 0: the format's own */
    uint32_t actors;   /* conversations are dealt to so many people in turn; 0: not */
    uint32_t days;     /* conversations start evenly over so many days; 0: as recorded */
    void (*complain)(void *context, const char *text); /* "FILE:LINE: what is wrong" */
    void *context;
};

struct gh_trace;
/* Lends the plan. GH_EUSAGE: the format has no conversations to deal. */
GH_MUST_USE enum gh_status gh_trace_new(struct gh_trace **import,
                                        const struct gh_trace_plan *plan,
                                        struct gh_error *error);
void gh_trace_free(struct gh_trace *import);
/* Takes in a file (plain, gzip or xz; "-" is standard input). Bad lines are complained
 * about and counted, and so is the rest of a file that cannot be read on. Fails only for
 * want of memory. */
GH_MUST_USE enum gh_status gh_trace_file(struct gh_trace *import, const char *path,
                                         struct gh_error *error);
/* After the last file, before the first event. */
GH_MUST_USE enum gh_status gh_trace_finish(struct gh_trace *import, struct gh_error *error);
/* The next event in order of time. Texts hold until the next call. False: no more. */
bool gh_trace_next(struct gh_trace *import, struct gh_event *event);
uint64_t gh_trace_bad(const struct gh_trace *import); /* lines and files refused */

#endif
