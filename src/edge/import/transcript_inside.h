/* transcript_inside.h - between transcript.c, which reads lines, and transcript_text.c, which
 * looks at what was said. */
#ifndef GOODHART_EDGE_IMPORT_TRANSCRIPT_INSIDE_H
#define GOODHART_EDGE_IMPORT_TRANSCRIPT_INSIDE_H

#include "edge/import/transcript.h"

struct gh_line {
    const struct gh_field *field;
    uint32_t count;
};
/* The value of the first field of this name, if it is of the type; else absent, -1, false. */
const struct gh_field *gh_line_field(struct gh_line line, const char *name);
struct gh_text gh_line_text(struct gh_line line, const char *name);
bool gh_line_true(struct gh_line line, const char *name);
bool gh_text_is(struct gh_text text, const char *word);

/* What a call answers. */
enum gh_said { GH_SAID_NOTHING, GH_SAID_WORDS, GH_SAID_TOOLS, GH_SAID_OTHER };
struct gh_prompt {
    uint64_t hash;   /* 0: none */
    uint32_t tokens; /* of a person's words */
    uint8_t said;    /* enum gh_said */
};
/* Of a line of type user. */
struct gh_prompt gh_prompt_of(struct gh_line line);

/* Of a line of type assistant: its blocks, one after the other from *index = 0 on. */
struct gh_block {
    struct gh_text tool; /* id of a tool call; absent: it is a text */
    uint64_t hash;       /* of the text, or of the tool's input; 0: none */
    uint32_t size;       /* of the text */
};
bool gh_block_next(struct gh_line line, uint32_t *index, struct gh_block *block);

#endif
