/* parcel.h - what an engine knows, from one to the next. */
#ifndef GOODHART_APP_PARCEL_H
#define GOODHART_APP_PARCEL_H

#include "app/basis.h"
#include "edge/json.h"
#include "store/snapshot.h"

struct gh_parcel {
    struct gh_json bytes;
    size_t at; /* of what is read */
};

/* Takes down all that `from` knows. GH_EMEMORY. Free it in any case. */
GH_MUST_USE enum gh_status gh_parcel_pack(struct gh_parcel *parcel, struct gh_engine *from,
                                          struct gh_error *error);
/* Reads it: for gh_engine_load. Lent. */
struct gh_carrier gh_parcel_carrier(struct gh_parcel *parcel);
void gh_parcel_free(struct gh_parcel *parcel);

/* The same from a snapshot that has been opened: for gh_engine_load. Lent. */
struct gh_snapshot_parcel {
    struct gh_snapshot_reader *reader;
    struct gh_error *error; /* told of what cannot be read */
};
struct gh_carrier gh_snapshot_parcel_carrier(struct gh_snapshot_parcel *parcel);
/* The hash of the basis that it was made under. */
void gh_snapshot_basis(const struct gh_snapshot_reader *reader, char basis[GH_BASIS_SIZE]);

#endif
