/* log_pack.c - see log_pack.h. */
#include "store/log_pack.h"

#include <stdlib.h>
#include <string.h>

enum gh_status gh_packer_init(struct gh_packer *packer, const struct gh_log_setup *setup)
{
    uint32_t wanted = setup->executor.run ? setup->threads : 1;

    wanted = wanted < GH_PACKERS_MAX ? wanted : GH_PACKERS_MAX;
    *packer = (struct gh_packer){.executor = setup->executor, .level = (int)setup->compression};
    for (; packer->contexts < wanted; packer->contexts++)
        if (!(packer->context[packer->contexts] = ZSTD_createCCtx()))
            return GH_EMEMORY;
    return GH_OK;
}

void gh_packer_free(struct gh_packer *packer)
{
    for (uint32_t i = 0; i < packer->contexts; i++)
        ZSTD_freeCCtx(packer->context[i]);
    free(packer->slice);
    free(packer->body);
}

static size_t slices_of(const struct gh_run *run)
{
    return (run->raw_size + GH_SLICE_BYTES - 1) / GH_SLICE_BYTES;
}

static enum gh_status room_make(struct gh_packer *p, const struct gh_run *run, size_t count)
{
    size_t slices = 0;

    for (size_t i = 0; i < count; i++)
        slices += slices_of(&run[i]);
    if (slices > p->slice_room) {
        struct gh_slice *moved = realloc(p->slice, slices * sizeof *moved);
        if (!moved)
            return GH_EMEMORY;
        p->slice = moved;
        p->slice_room = slices;
    }
    return GH_OK;
}

/* Cuts the runs into slices; returns the room that their bodies may need. */
static size_t slices_cut(struct gh_packer *p, const struct gh_run *run, size_t count)
{
    size_t room = 0;

    p->slices = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < run[i].raw_size; at += GH_SLICE_BYTES) {
            const size_t left = run[i].raw_size - at;
            struct gh_slice *slice = &p->slice[p->slices++];
            slice->raw = run[i].raw + at;
            slice->raw_size = left < GH_SLICE_BYTES ? left : GH_SLICE_BYTES;
            slice->room = ZSTD_compressBound(slice->raw_size);
            room += slice->room;
        }
    return room;
}

static enum gh_status bodies_place(struct gh_packer *p, size_t room)
{
    char *at;

    if (room > p->body_room) {
        char *moved = realloc(p->body, room);
        if (!moved)
            return GH_EMEMORY;
        p->body = moved;
        p->body_room = room;
    }
    at = p->body;
    for (size_t i = 0; i < p->slices; i++) {
        p->slice[i].body = at;
        at += p->slice[i].room;
    }
    return GH_OK;
}

/* Each context takes every so-manieth slice. */
static void slices_pack(void *argument, uint32_t index)
{
    struct gh_packer *p = argument;

    for (size_t i = index; i < p->slices; i += p->contexts) {
        struct gh_slice *s = &p->slice[i];
        s->size = ZSTD_compressCCtx(p->context[index], s->body, s->room, s->raw, s->raw_size,
                                    p->level);
    }
}

enum gh_status gh_packer_pack(struct gh_packer *packer, const struct gh_run *run, size_t count,
                              struct gh_error *error)
{
    struct gh_packer *p = packer;
    enum gh_status status = room_make(p, run, count);

    if (status == GH_OK)
        status = bodies_place(p, slices_cut(p, run, count));
    if (status != GH_OK)
        return gh_error_set(error, status, "log: out of memory");
    if (p->contexts > 1 && p->slices > 1)
        p->executor.run(p->executor.context, slices_pack, p, p->contexts);
    else
        for (uint32_t i = 0; i < p->contexts; i++)
            slices_pack(p, i);
    for (size_t i = 0; i < p->slices; i++)
        if (ZSTD_isError(p->slice[i].size))
            return gh_error_set(error, GH_EMEMORY, "log: zstd: %s",
                                ZSTD_getErrorName(p->slice[i].size));
    return GH_OK;
}

struct gh_text gh_packer_body(struct gh_packer *packer, const struct gh_run *run, size_t *slice)
{
    const struct gh_slice *s = &packer->slice[*slice];
    const size_t count = slices_of(run);
    struct gh_text body = {s->body, 0};

    for (size_t i = 0; i < count; i++) {
        memmove(s->body + body.size, s[i].body, s[i].size);
        body.size += (uint32_t)s[i].size;
    }
    *slice += count;
    return body;
}
