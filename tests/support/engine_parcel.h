/* engine_parcel.h - engines saved to bytes and loaded from them, which may end early. */
#ifndef GH_ENGINE_PARCEL_H
#define GH_ENGINE_PARCEL_H

#include "support/engine_bytes.h"

struct parcel {
    struct bytes bytes;
    size_t at;    /* of what is read */
    size_t limit; /* bytes until it fails; SIZE_MAX: never */
};

static inline bool parcel_write(void *context, void *at, size_t size)
{
    struct parcel *p = context;

    if (size > p->limit - p->bytes.used)
        return false;
    bytes_add(&p->bytes, at, size);
    return true;
}

static inline bool parcel_read(void *context, void *at, size_t size)
{
    struct parcel *p = context;

    if (size > p->bytes.used - p->at || size > p->limit - p->at)
        return false;
    memcpy(at, p->bytes.at + p->at, size);
    p->at += size;
    return true;
}

static inline enum gh_status kit_save(struct kit *kit, struct parcel *parcel)
{
    return gh_engine_save(kit->engine, &(struct gh_carrier){parcel, parcel_write});
}

static inline enum gh_status kit_load(struct kit *kit, struct parcel *parcel)
{
    kit->engine = NULL;
    return gh_engine_load(&kit->engine, &kit->setup, &(struct gh_carrier){parcel, parcel_read});
}

static inline struct bytes kit_bytes(struct kit *kit)
{
    struct parcel parcel = {.limit = SIZE_MAX};

    CHECK(kit_save(kit, &parcel) == GH_OK);
    return parcel.bytes;
}

/* The end of one process and the start of the next. */
static inline void kit_restart(struct kit *kit)
{
    struct parcel parcel = {.bytes = kit_bytes(kit), .limit = SIZE_MAX};

    gh_engine_free(kit->engine);
    CHECK(kit_load(kit, &parcel) == GH_OK);
    CHECK(parcel.at == parcel.bytes.used);
    struct bytes again = kit_bytes(kit);
    CHECK(bytes_same(&again, &parcel.bytes));
    free(again.at);
    free(parcel.bytes.at);
}

#endif
