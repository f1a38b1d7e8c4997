/* checksum.h - XXH3-128 over fields and bytes, as rows and snapshots carry it. */
#ifndef GOODHART_STORE_CHECKSUM_H
#define GOODHART_STORE_CHECKSUM_H

#include "goodhart/event.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { GH_CHECKSUM_BYTES = 16 };

struct gh_checksum {
    XXH3_state_t state;
};

/* Numbers go in as 8 bytes, little-endian; texts with their size in front, so that two rows
 * of other fields are never the same bytes. */
void gh_checksum_begin(struct gh_checksum *sum);
void gh_checksum_bytes(struct gh_checksum *sum, const void *at, size_t size);
void gh_checksum_number(struct gh_checksum *sum, uint64_t number);
void gh_checksum_text(struct gh_checksum *sum, struct gh_text text);
void gh_checksum_end(struct gh_checksum *sum, unsigned char checksum[GH_CHECKSUM_BYTES]);

void gh_number_put(unsigned char *at, uint64_t number); /* 8 bytes, little-endian */
uint64_t gh_number_get(const unsigned char *at);

#endif
