/* embedded.c - takes files of models/ into the program. One line per file; the assembler
 * reads it, so the build runs in the top folder and the Makefile names the dependency. */
#include "edge/embedded.h"

#include <string.h>

// clang-format off
/*    symbol, file in models/ */
#define GH_EMBEDDED_LIST(X)                                      \
    X(model, "default.json")                                     \
    X(prices, "prices.json")                                     \
    X(anthropic_code, "fields/anthropic-claude-code.json")       \
    X(anthropic_usage, "fields/anthropic-usage.json")            \
    X(claude_code, "fields/claude-code.json")                    \
    X(codex, "fields/codex.json")                                \
    X(cursor, "fields/cursor.json")                              \
    X(gemini_cli, "fields/gemini-cli.json")                      \
    X(genai, "fields/genai.json")                                \
    X(jira, "fields/jira.json")                                  \
    X(langfuse, "fields/langfuse.json")                          \
    X(linear, "fields/linear.json")                              \
    X(litellm, "fields/litellm.json")                            \
    X(openai_usage, "fields/openai-usage.json")
// clang-format on

#define EMBEDDED_BYTES(symbol, file)                                 \
    __asm__(".pushsection .rodata\n"                                 \
            ".global gh_embedded_" #symbol "\n"                      \
            ".global gh_embedded_" #symbol "_end\n"                  \
            "gh_embedded_" #symbol ": .incbin \"models/" file "\"\n" \
            "gh_embedded_" #symbol "_end: .byte 0\n"                 \
            ".popsection\n");                                        \
    extern const char gh_embedded_##symbol[], gh_embedded_##symbol##_end[];
GH_EMBEDDED_LIST(EMBEDDED_BYTES)

#define EMBEDDED_ROW(symbol, file) {file, gh_embedded_##symbol, gh_embedded_##symbol##_end},
static const struct {
    const char *name, *at, *end;
} row[] = {GH_EMBEDDED_LIST(EMBEDDED_ROW)};

const char *gh_embedded_name(size_t index)
{
    return index < sizeof row / sizeof *row ? row[index].name : NULL;
}

const char *gh_embedded(const char *name, size_t *size)
{
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (strcmp(row[i].name, name) == 0) {
            *size = (size_t)(row[i].end - row[i].at);
            return row[i].at;
        }
    }
    return NULL;
}
