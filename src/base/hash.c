/* hash.c - XXH3, compiled in, so that the core needs no library for it. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash.h"

uint64_t gh_hash(const void *at, size_t size)
{
    return XXH3_64bits(at, size);
}

uint64_t gh_hash_seeded(const void *at, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(at, size, seed);
}

uint64_t gh_hash_pair(uint64_t a, uint64_t b)
{
    const uint64_t pair[2] = {a, b};
    const uint64_t hash = XXH3_64bits(pair, sizeof(pair));

    return hash ? hash : 1;
}

void gh_hash_hex(const void *at, size_t size, char hex[33])
{
    static const char digit[] = "0123456789abcdef";
    XXH128_canonical_t bytes;

    XXH128_canonicalFromHash(&bytes, XXH3_128bits(at, size));
    for (size_t i = 0; i < sizeof(bytes.digest); i++) {
        hex[2 * i] = digit[bytes.digest[i] >> 4];
        hex[2 * i + 1] = digit[bytes.digest[i] & 15];
    }
    hex[32] = '\0';
}
