/* transcript_text.c - fingerprints and sizes of what stands in a transcript. Here is the only
 * place that looks at words; none leaves it. */
#include "edge/import/transcript_inside.h"

#include "edge/fields/simhash.h"

#include <stdio.h>
#include <string.h>

enum { BYTES_PER_TOKEN = 4, CONTENT_NAME = 64 };

const struct gh_field *gh_line_field(struct gh_line line, const char *name)
{
    const size_t size = strlen(name);

    for (uint32_t i = 0; i < line.count; i++)
        if (line.field[i].name.size == size && memcmp(line.field[i].name.at, name, size) == 0)
            return &line.field[i];
    return NULL;
}

struct gh_text gh_line_text(struct gh_line line, const char *name)
{
    const struct gh_field *field = gh_line_field(line, name);

    return field != NULL && field->type == GH_FIELD_TEXT ? field->as.text : (struct gh_text){0};
}

bool gh_line_true(struct gh_line line, const char *name)
{
    const struct gh_field *field = gh_line_field(line, name);

    return field != NULL && field->type == GH_FIELD_TRUTH && field->as.truth;
}

bool gh_text_is(struct gh_text text, const char *word)
{
    return text.at != NULL && text.size == strlen(word) &&
           memcmp(text.at, word, text.size) == 0;
}

static bool text_begins(struct gh_text text, const char *word)
{
    const size_t size = strlen(word);

    return text.size >= size && memcmp(text.at, word, size) == 0;
}

/* What the program writes in a person's name. */
static bool text_is_typed(struct gh_text text)
{
    static const char *const others[] = {"<command-",
                                         "<local-command-",
                                         "<bash-",
                                         "<system-reminder>",
                                         "<task-",
                                         "<user-prompt-submit-hook>",
                                         "<teammate-",
                                         "[Request interrupted",
                                         "Caveat: The messages below"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_begins(text, others[i]))
            return false;
    return text.size > 0;
}

static uint64_t text_hash(struct gh_text text)
{
    return text.at == NULL || text.size == 0 ? 0 : gh_simhash(text);
}

static struct gh_text content_text(struct gh_line line, uint32_t index, const char *member)
{
    char name[CONTENT_NAME];

    snprintf(name, sizeof name, "message.content.%u.%s", index, member);
    return gh_line_text(line, name);
}

/* Words and what tools gave back may stand in one line; then the tools are what is answered. */
struct gh_prompt gh_prompt_of(struct gh_line line)
{
    struct gh_text whole = gh_line_text(line, "message.content"), longest = whole;
    bool tools = false, typed = text_is_typed(whole);
    uint32_t size = typed ? whole.size : 0;

    for (uint32_t i = 0; whole.at == NULL; i++) {
        const struct gh_text type = content_text(line, i, "type");
        if (type.at == NULL)
            break;
        tools |= gh_text_is(type, "tool_result");
        const bool words = gh_text_is(type, "text");
        const struct gh_text text = content_text(line, i, words ? "text" : "content");
        typed |= words && text_is_typed(text);
        size += words && text_is_typed(text) ? text.size : 0;
        longest = text.size > longest.size ? text : longest;
    }
    const bool others = gh_line_true(line, "isMeta") || gh_line_true(line, "isCompactSummary");
    const bool person = typed && !others && !gh_line_true(line, "isSidechain");
    struct gh_prompt prompt = {.hash = text_hash(longest), .said = GH_SAID_OTHER};
    if (tools || gh_line_true(line, "isSidechain"))
        prompt.said = GH_SAID_TOOLS;
    else if (person)
        prompt.said = GH_SAID_WORDS;
    if (prompt.said == GH_SAID_WORDS)
        prompt.tokens = size / BYTES_PER_TOKEN + (size % BYTES_PER_TOKEN > 0);
    return prompt;
}

bool gh_block_next(struct gh_line line, uint32_t *index, struct gh_block *block)
{
    *block = (struct gh_block){.hash = 0};
    for (;; ++*index) {
        const struct gh_text type = content_text(line, *index, "type");
        if (type.at == NULL)
            return false;
        if (gh_text_is(type, "tool_use")) {
            block->tool = content_text(line, *index, "id");
            block->tool.at = block->tool.at != NULL ? block->tool.at : "";
            block->hash = text_hash(content_text(line, *index, "input"));
        } else if (gh_text_is(type, "text")) {
            const struct gh_text text = content_text(line, *index, "text");
            block->hash = text_hash(text);
            block->size = text.size;
        } else {
            continue;
        }
        ++*index;
        return true;
    }
}
