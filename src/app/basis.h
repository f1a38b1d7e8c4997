/* basis.h - what findings are derived from besides the log: the options of the engine and
 * its detectors, what teams and roles have of their own, the model, the prices, the name that
 * alerts bear, the program's version.
 *
 * It is kept beside the log in files named by the hash of their bytes (basis-HASH.yaml,
 * model-HASH.json, prices-HASH.json), which are never changed. The log has a record wherever
 * another basis begins to hold, so a finding can be derived again under the one of its day. */
#ifndef GOODHART_APP_BASIS_H
#define GOODHART_APP_BASIS_H

#include "app/config.h"

enum { GH_BASIS_SIZE = 33 }; /* 32 hex digits and a NUL */

/* Writes what `config` makes of it, unless it is there, and tells its hash. */
GH_MUST_USE enum gh_status gh_basis_keep(const char *folder, const struct gh_config *config,
                                         char hash[GH_BASIS_SIZE], struct gh_error *error);
/* What tells a model and a price table from others: hashes of their bytes. */
struct gh_resource_hash {
    char model[GH_BASIS_SIZE], prices[GH_BASIS_SIZE];
};
GH_MUST_USE enum gh_status gh_basis_files(const struct gh_config *config,
                                          struct gh_resource_hash *hash,
                                          struct gh_error *error);
/* A configuration that makes the same findings; the caller owns *config. GH_EFORMAT: a file
 * is missing or not what its name says. */
GH_MUST_USE enum gh_status gh_basis_config(const char *folder, const char *hash,
                                           struct gh_config **config, struct gh_error *error);

#endif
