/* parcel.c - see parcel.h. */
#include "app/parcel.h"

#include <stdio.h>
#include <string.h>

static bool parcel_put(void *context, void *at, size_t size)
{
    struct gh_parcel *p = context;

    gh_json_raw(&p->bytes, at, size);
    return !p->bytes.failed;
}

static bool parcel_get(void *context, void *at, size_t size)
{
    struct gh_parcel *p = context;

    if (size > p->bytes.used - p->at)
        return false;
    memcpy(at, p->bytes.at + p->at, size);
    p->at += size;
    return true;
}

enum gh_status gh_parcel_pack(struct gh_parcel *parcel, struct gh_engine *from,
                              struct gh_error *error)
{
    *parcel = (struct gh_parcel){.at = 0};
    return gh_engine_save(from, &(struct gh_carrier){parcel, parcel_put}) == GH_OK
               ? GH_OK
               : gh_error_set(error, GH_EMEMORY, "engine: out of memory");
}

struct gh_carrier gh_parcel_carrier(struct gh_parcel *parcel)
{
    return (struct gh_carrier){parcel, parcel_get};
}

void gh_parcel_free(struct gh_parcel *parcel)
{
    gh_json_free(&parcel->bytes);
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
