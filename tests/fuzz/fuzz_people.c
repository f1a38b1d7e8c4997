/* fuzz_people.c - libFuzzer target: bytes as a people file. It is refused by name for what
 * stands in it; or it is taken, and what comes of it is legal. */
#include "support/sources_check.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool taken;
    const char *trouble = sources_people_trouble(sources_file(data, size), &taken);

    if (trouble) {
        fprintf(stderr, "fuzz_people: %s\n", trouble);
        abort();
    }
    return 0;
}
