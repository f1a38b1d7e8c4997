/* checksum.c - see checksum.h. */
#include "store/checksum.h"

#include <string.h>

void gh_number_put(unsigned char *at, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(number >> 8 * i);
}

uint64_t gh_number_get(const unsigned char *at)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number |= (uint64_t)at[i] << 8 * i;
    return number;
}

void gh_checksum_begin(struct gh_checksum *sum)
{
    XXH3_INITSTATE(&sum->state);
    XXH3_128bits_reset(&sum->state);
}

void gh_checksum_bytes(struct gh_checksum *sum, const void *at, size_t size)
{
    if (size)
        XXH3_128bits_update(&sum->state, at, size);
}

void gh_checksum_number(struct gh_checksum *sum, uint64_t number)
{
    unsigned char bytes[8];

    gh_number_put(bytes, number);
    gh_checksum_bytes(sum, bytes, sizeof(bytes));
}

void gh_checksum_text(struct gh_checksum *sum, struct gh_text text)
{
    gh_checksum_number(sum, text.size);
    gh_checksum_bytes(sum, text.at, text.size);
}

void gh_checksum_end(struct gh_checksum *sum, unsigned char checksum[GH_CHECKSUM_BYTES])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&sum->state));
    memcpy(checksum, canonical.digest, GH_CHECKSUM_BYTES);
}
