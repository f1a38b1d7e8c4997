/* parcel.h - what an engine knows, on its way into another one. */
#ifndef GOODHART_APP_PARCEL_H
#define GOODHART_APP_PARCEL_H

#include "app/basis.h"
#include "store/snapshot.h"

/* A second engine that stands where the first one does, under the settings of `setup`. Statuses
 * as gh_engine_load; the caller owns *copy. */
GH_MUST_USE enum gh_status gh_parcel_copy(struct gh_engine **copy, const struct gh_setup *setup,
                                          struct gh_engine *from);

/* From a snapshot that has been opened: for gh_engine_load. Lent. */
struct gh_snapshot_parcel {
    struct gh_snapshot_reader *reader;
    struct gh_error *error; /* told of what cannot be read */
};
struct gh_carrier gh_snapshot_parcel_carrier(struct gh_snapshot_parcel *parcel);
/* The hash of the basis that it was made under. */
void gh_snapshot_basis(const struct gh_snapshot_reader *reader, char basis[GH_BASIS_SIZE]);

#endif
