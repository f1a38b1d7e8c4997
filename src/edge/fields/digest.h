/* digest.h - 128 bits of texts in their order, for ids that are made of what a record holds. */
#ifndef GOODHART_EDGE_FIELDS_DIGEST_H
#define GOODHART_EDGE_FIELDS_DIGEST_H

#include "base/hash.h"
#include "goodhart/event.h"

/* {0, 0} to begin with. */
struct gh_digest {
    uint64_t a, b; /* two chains of seeds */
};

static inline void gh_digest_add(struct gh_digest *d, const void *at, size_t size)
{
    d->a = gh_hash_seeded(at, size, d->a + 1);
    d->b = gh_hash_seeded(at, size, d->b ^ UINT64_C(0x9e3779b97f4a7c15));
}

/* An absent text is another than none at all. */
static inline void gh_digest_text(struct gh_digest *d, struct gh_text text)
{
    gh_digest_add(d, text.at ? text.at : "", text.at ? text.size : 0);
}

enum { GH_DIGEST_HEX = 33 };
static inline void gh_digest_hex(const struct gh_digest *d, char hex[GH_DIGEST_HEX])
{
    gh_hash_hex(d, sizeof(*d), hex);
}

#endif
