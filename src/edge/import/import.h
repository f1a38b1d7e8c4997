/* import.h - logs, exports and reports of other tools as events, in order of time.
 *
 * A reader of each format cuts files into records (fields/told.h), map files say what they mean
 * (fields/map.h); transcripts, whose lines mean little one by one, are put together here.
 * Files may be packed. Those of lines, of a JSON array and of CSV may be of any size: memory
 * holds one record, and of what came out 16 MiB; the rest of that waits in a temporary file
 * until it is sorted. A page of a report is one document: at most 64 MiB.
 *
 * Words of prompts and answers are stepped over. No complaint quotes a value. */
#ifndef GOODHART_EDGE_IMPORT_H
#define GOODHART_EDGE_IMPORT_H

#include "edge/fields/map.h"

enum gh_import_reader { GH_IMPORT_TRANSCRIPTS, GH_IMPORT_OTLP, GH_IMPORT_ROWS };

// clang-format off
/* Columns: symbol, name (the source of its records), reader, arrays whose elements are rows,
 * what a file must have, what becomes of it, example. Lines of the help are cut by hand. */
#define GH_IMPORT_FORMATS(X)                                                                \
    X(CLAUDE_CODE, "claude-code", GH_IMPORT_TRANSCRIPTS, NULL, NULL,                        \
      "Transcripts of Claude Code: .jsonl files, or folders with them (without any:\n"      \
      "    CLAUDE_CONFIG_DIR, else ~/.config/claude and ~/.claude).",                       \
      "What is told twice counts once, subagents' copies not at all. Prompt hash:\n"        \
      "    SimHash of what the call answers; response hash: of the answer's longest\n"      \
      "    text. User tokens: one for four bytes that a person typed, 0 where a tool is\n"  \
      "    answered. No name is told: give --actor. Memory: 400 bytes for a call.",         \
      "goodhart import claude-code --actor ada ~/.claude > ada.ndjson")                     \
    X(OTLP, "otlp", GH_IMPORT_OTLP, NULL, NULL,                                             \
      "Lines of the collector's file exporter, each a request of OTLP in JSON.",            \
      "As the service takes them; sums of what logs tell one by one are left out.",         \
      "goodhart import otlp telemetry.jsonl.gz")                                            \
    X(LITELLM, "litellm", GH_IMPORT_ROWS, "data", NULL,                                     \
      "Spend logs of LiteLLM: what its generic callback sends (array, lines, single),\n"    \
      "    or rows of LiteLLM_SpendLogs, JSON or CSV.",                                     \
      "One row is one call.",                                                               \
      "goodhart import litellm spend.ndjson --team platform")                               \
    X(LANGFUSE, "langfuse", GH_IMPORT_ROWS, "data", NULL,                                   \
      "Observations as exported: JSON, lines or CSV.",                                      \
      "One generation is one call; spans and events are left out.",                         \
      "goodhart import langfuse observations.csv")                                          \
    X(OPENAI_USAGE, "openai-usage", GH_IMPORT_ROWS, "data", "results",                      \
      "Pages of /v1/organization/usage/completions, grouped by user_id and model.",         \
      "One event for each bucket, user, model and key: a sum. Calls, sessions and\n"        \
      "    agents cannot be seen, and with buckets of a day not even the hour.",            \
      "goodhart import openai-usage page-*.json --people people.yaml")                      \
    X(ANTHROPIC_USAGE, "anthropic-usage", GH_IMPORT_ROWS, "data", "results",                \
      "Pages of /v1/organizations/usage_report/messages, grouped by api_key_id and\n"       \
      "    model.",                                                                         \
      "Sums of buckets, as above, and of keys: --people says whose they are.",              \
      "goodhart import anthropic-usage usage.json --people people.yaml")                    \
    X(ANTHROPIC_CLAUDE_CODE, "anthropic-claude-code", GH_IMPORT_ROWS, "data",               \
      "model_breakdown",                                                                    \
      "Pages of /v1/organizations/usage_report/claude_code.",                               \
      "A sum for each day, person and model: no calls, no hours. Its counts of commits\n"   \
      "    name none and are left out.",                                                    \
      "goodhart import anthropic-claude-code 2026-11-*.json")                               \
    X(CURSOR, "cursor", GH_IMPORT_ROWS, "usageEvents", NULL,                                \
      "Usage events of Cursor's Admin API, JSON, or the CSV of its dashboard.",             \
      "One event is one call.",                                                             \
      "goodhart import cursor usage-events.csv --team platform")                            \
    X(CSV, "csv", GH_IMPORT_ROWS, NULL, NULL,                                               \
      "Any CSV with a header, or rows of JSON.",                                            \
      "What a map file says of its columns.",                                               \
      "goodhart import csv --map ours.json gateway.csv.gz")
// clang-format on

struct gh_import_format {
    const char *name;
    enum gh_import_reader reader;
    const char *rows[2];
};
const struct gh_import_format *gh_import_format_find(const char *name); /* NULL: none */

struct gh_import_plan {
    const struct gh_import_format *format;
    const struct gh_maps *maps;
    /* Of events that name none; NULL: none. The team not where `who` knows the person. */
    const char *actor, *team;
    /* "FILE:LINE: what is wrong" */
    void (*complain)(void *context, const char *text);
    /* "FILE:LINE: " and what the map makes of the record, and why. NULL: not told. */
    void (*explain)(void *context, const char *text);
    /* Puts the person in the place of the account. False: it is nobody's. NULL: all are. */
    bool (*who)(void *context, struct gh_event *event);
    /* Now and then: how many bytes of the file, as it is packed, were read. NULL: not told. */
    void (*moved)(void *context, uint64_t bytes);
    void *context;
};

struct gh_import_counts {
    uint64_t events;
    uint64_t bad;     /* lines, rows and files refused */
    uint64_t sums;    /* records that sum up what others tell one by one, left out */
    uint64_t known;   /* records of a known source that tell of no call */
    uint64_t unknown; /* that no map is about */
    uint64_t repeats; /* transcripts: lines that told the same call again, */
    uint64_t copies;  /* and calls of a parent in a subagent's file */
    uint64_t clamped; /* parts that were larger than the whole they are in: told as 0 */
};

struct gh_import;
/* Lends the plan. */
GH_MUST_USE enum gh_status gh_import_new(struct gh_import **import,
                                         const struct gh_import_plan *plan,
                                         struct gh_error *error);
void gh_import_free(struct gh_import *import); /* NULL is legal */
/* Takes in a file (plain, gzip or xz; "-" is standard input). Bad pieces are complained about
 * and counted, and so is the rest of a file that cannot be read on. GH_EMEMORY, or GH_EIO and
 * GH_EFULL of the temporary file. */
GH_MUST_USE enum gh_status gh_import_file(struct gh_import *import, const char *path,
                                          struct gh_error *error);
/* After the last file: the events as lines of JSON with '\n', by time; {NULL, 0}: no more. */
GH_MUST_USE enum gh_status gh_import_next(struct gh_import *import, int64_t *at_ms,
                                          struct gh_text *line, struct gh_error *error);
/* Complete after the last _next. */
struct gh_import_counts gh_import_counts(const struct gh_import *import);

#endif
