/* hash.h - XXH3 of bytes, and finding ids. Inlined from the xxHash header. */
#ifndef GOODHART_BASE_HASH_H
#define GOODHART_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t gh_hash(const void *at, size_t size);
uint64_t gh_hash_seeded(const void *at, size_t size, uint64_t seed);
/* Mixes two hashes into one; order matters. Never 0, so that 0 can mean "absent". */
uint64_t gh_hash_pair(uint64_t a, uint64_t b);
/* In how many bits two fingerprints differ. Compilers for plain x86-64 call a function for
 * the builtin; this is a dozen instructions (Knuth, TAOCP 4A, 7.1.3). */
static inline uint32_t gh_bits_apart(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ b;

    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}
/* 32 lower-case hex digits of the 128-bit hash of `size` bytes, and a NUL. */
void gh_hash_hex(const void *at, size_t size, char hex[33]);

#endif
