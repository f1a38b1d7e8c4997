/* embedded.c - takes files of models/ into the program. One line per file; the assembler
 * reads it, so the build runs in the top folder and the Makefile names the dependency. */
#include "edge/embedded.h"

#include <string.h>

/*    symbol, file in models/ */
#define GH_EMBEDDED_LIST(X) X(model, "default.json") X(prices, "prices.json")

#define EMBEDDED_BYTES(symbol, file)                                 \
    __asm__(".pushsection .rodata\n"                                 \
            ".global gh_embedded_" #symbol "\n"                      \
            ".global gh_embedded_" #symbol "_end\n"                  \
            "gh_embedded_" #symbol ": .incbin \"models/" file "\"\n" \
            "gh_embedded_" #symbol "_end: .byte 0\n"                 \
            ".popsection\n");                                        \
    extern const char gh_embedded_##symbol[], gh_embedded_##symbol##_end[];
GH_EMBEDDED_LIST(EMBEDDED_BYTES)

const char *gh_embedded(const char *name, size_t *size)
{
#define EMBEDDED_ROW(symbol, file) {file, gh_embedded_##symbol, gh_embedded_##symbol##_end},
    static const struct {
        const char *name, *at, *end;
    } row[] = {GH_EMBEDDED_LIST(EMBEDDED_ROW)};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (strcmp(row[i].name, name) == 0) {
            *size = (size_t)(row[i].end - row[i].at);
            return row[i].at;
        }
    }
    return NULL;
}
