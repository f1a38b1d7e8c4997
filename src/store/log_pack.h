/* log_pack.h - runs compressed side by side. A body is one zstd frame for each slice of the
 * raw bytes, one behind the other, which zstd reads as one; where slices end depends on the
 * bytes alone, so the same is written on any number of threads. */
#ifndef GOODHART_STORE_LOG_PACK_H
#define GOODHART_STORE_LOG_PACK_H

#include "goodhart/engine.h"
#include "store/log.h"

#include <zstd.h>

/* Level 1 packs no better what is larger: 6.2 for 6.3 times fewer bytes. */
enum { GH_SLICE_BYTES = 1 << 19, GH_PACKERS_MAX = 8 };

struct gh_slice {
    const char *raw;
    size_t raw_size;
    char *body;
    size_t room, size; /* of the body; size: as zstd tells it, an error, too */
};

struct gh_packer {
    struct gh_executor executor;
    int level;
    uint32_t contexts;
    ZSTD_CCtx *context[GH_PACKERS_MAX];
    struct gh_slice *slice;
    size_t slices, slice_room;
    char *body;
    size_t body_room;
};

/* GH_EMEMORY; then it is to be freed all the same. */
GH_MUST_USE enum gh_status gh_packer_init(struct gh_packer *packer,
                                          const struct gh_log_setup *setup);
void gh_packer_free(struct gh_packer *packer); /* {0} is legal */
/* Packs `count` runs; their bodies are gh_packer_body's until the next call. */
GH_MUST_USE enum gh_status gh_packer_pack(struct gh_packer *packer, const struct gh_run *run,
                                          size_t count, struct gh_error *error);
/* The bytes of the next run; *slice counts on from 0. */
struct gh_text gh_packer_body(struct gh_packer *packer, const struct gh_run *run,
                              size_t *slice);

#endif
