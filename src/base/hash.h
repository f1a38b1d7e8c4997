/* hash.h - XXH3 of bytes, and finding ids. Inlined from the xxHash header. */
#ifndef GOODHART_BASE_HASH_H
#define GOODHART_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t gh_hash(const void *at, size_t size);
uint64_t gh_hash_seeded(const void *at, size_t size, uint64_t seed);
/* Mixes two hashes into one; order matters. Never 0, so that 0 can mean "absent". */
uint64_t gh_hash_pair(uint64_t a, uint64_t b);
/* 32 lower-case hex digits of the 128-bit hash of `size` bytes, and a NUL. */
void gh_hash_hex(const void *at, size_t size, char hex[33]);

#endif
