/* parcel.c - see parcel.h. */
#include "app/parcel.h"

#include "edge/json.h"

#include <stdio.h>
#include <string.h>

struct parcel {
    struct gh_json bytes;
    size_t at; /* of what is read */
};

static bool parcel_put(void *context, void *at, size_t size)
{
    struct parcel *p = context;

    gh_json_raw(&p->bytes, at, size);
    return !p->bytes.failed;
}

static bool parcel_get(void *context, void *at, size_t size)
{
    struct parcel *p = context;

    if (size > p->bytes.used - p->at)
        return false;
    memcpy(at, p->bytes.at + p->at, size);
    p->at += size;
    return true;
}

enum gh_status gh_parcel_copy(struct gh_engine **copy, const struct gh_setup *setup,
                              struct gh_engine *from)
{
    struct parcel parcel = {.at = 0};
    enum gh_status status = gh_engine_save(from, &(struct gh_carrier){&parcel, parcel_put});

    if (status == GH_OK)
        status = gh_engine_load(copy, setup, &(struct gh_carrier){&parcel, parcel_get});
    gh_json_free(&parcel.bytes);
    return status == GH_EIO ? GH_EMEMORY : status; /* nothing else fails on the way */
}

static bool snapshot_get(void *context, void *at, size_t size)
{
    struct gh_snapshot_parcel *p = context;
    size_t got = 0;

    return gh_snapshot_read(p->reader, at, size, &got, p->error) == GH_OK && got == size;
}

struct gh_carrier gh_snapshot_parcel_carrier(struct gh_snapshot_parcel *parcel)
{
    return (struct gh_carrier){parcel, snapshot_get};
}

void gh_snapshot_basis(const struct gh_snapshot_reader *reader, char basis[GH_BASIS_SIZE])
{
    const struct gh_snapshot_head *head = gh_snapshot_head(reader);

    for (size_t i = 0; i < sizeof head->configuration; i++)
        snprintf(basis + 2 * i, 3, "%02x", head->configuration[i]);
}
