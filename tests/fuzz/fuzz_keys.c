/* fuzz_keys.c - libFuzzer target: bytes as a key file. What is refused is told with its place;
 * in what is taken every key is found and may do no more than what the file says. */
#include "support/keys_check.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *trouble = gh_keys_check("fuzz.json", (const char *)data, size);

    if (trouble) {
        fprintf(stderr, "fuzz_keys: %s\n", trouble);
        abort();
    }
    return 0;
}
