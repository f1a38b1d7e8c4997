/* transcript.h - transcripts of Claude Code (lines of JSON, a file for each session) as calls.
 *
 * One answer of the model stands on several lines, one for each block of it, which repeat its
 * usage, and a session that goes on in another file repeats lines of the one before: what has
 * the same message.id and requestId is one call, at the time of its first line. While an answer
 * comes in, its count of output grows: the largest is that of the call. A subagent's file may
 * repeat a call of its parent under another requestId: the parent's stays, the copy is dropped.
 * A line without both ids is a call of its own, by its uuid.
 *
 *   agent, caller   "claude-code"; of a subagent "subagent/ID", called by "claude-code"
 *   tool_calls      blocks of type tool_use, by their id
 *   prompt_hash     of what the call answers: a person's words, or what a tool gave back
 *   response_hash   of the longest text of the answer; where it has none, of a tool's input
 *   user_tokens     0 where the call answers a tool or a subagent makes it; where a person's
 *                   words came before it, one for four bytes of them; else absent
 *   cost_usd        costUSD of the line, which old versions wrote
 *
 * Texts are looked at and dropped: none is kept, copied or told. Memory: about 600 bytes for a
 * call, what its file needs while it is read among them. */
#ifndef GOODHART_EDGE_IMPORT_TRANSCRIPT_H
#define GOODHART_EDGE_IMPORT_TRANSCRIPT_H

#include "base/cells.h"
#include "base/intern.h"
#include "edge/fields/told.h"

struct gh_transcripts;
GH_MUST_USE struct gh_transcripts *gh_transcripts_new(void); /* NULL: out of memory */
void gh_transcripts_free(struct gh_transcripts *transcripts);

/* Another file begins. */
void gh_transcripts_file(struct gh_transcripts *transcripts);
/* A line, as fields by path down to message.content.0.text. NULL, or what is wrong with it. */
const char *gh_transcripts_line(struct gh_transcripts *transcripts,
                                const struct gh_field *field, uint32_t count);
/* How deep lines are to be flattened, and what of them nobody needs. */
enum { GH_TRANSCRIPT_DEPTH = 4 };
extern const char *const gh_transcript_skip[];

/* After the last line: the calls, in no order; texts hold until the next call of it. False: no
 * more, or out of memory, which _failed tells. */
bool gh_transcripts_next(struct gh_transcripts *transcripts, struct gh_event *event);
bool gh_transcripts_failed(const struct gh_transcripts *transcripts);

struct gh_transcript_counts {
    uint64_t lines;   /* that told of a call */
    uint64_t repeats; /* told the same call again */
    uint64_t copies;  /* calls of a parent in a subagent's file, dropped */
};
struct gh_transcript_counts gh_transcripts_counts(const struct gh_transcripts *transcripts);

#endif
