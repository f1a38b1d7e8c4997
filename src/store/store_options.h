/* store_options.h - options of what is kept, each once. */
#ifndef GOODHART_STORE_OPTIONS_H
#define GOODHART_STORE_OPTIONS_H

#include "goodhart/option.h"

// clang-format off
#define GH_STORE_OPTIONS(X, T, S)                                                              \
    T(S, folder, "", "folder of the log, the ledger and the snapshots; empty: nothing is kept") \
    X(S, uint32_t, segment_bytes, 67108864, 65536, 1073741824, "bytes",                        \
      "size after which a new segment of the log is started")                                  \
    X(S, uint32_t, compression, 1, 1, 19, "level", "zstd level of the log and the snapshots")  \
    X(S, uint32_t, retention_days, 90, 0, 36500, "days",                                       \
      "older segments of the log and older alerts are removed, findings stay; 0: none is")     \
    X(S, double, retention_bytes, 0, 0, 1e15, "bytes",                                         \
      "oldest segments are removed while the log is larger; 0: any size")                      \
    X(S, uint32_t, snapshot_interval, 900, 1, 86400, "seconds", "time between two snapshots")  \
    X(S, uint32_t, streams, 10000, 1, 1000000, "streams",                                      \
      "durable producers that are remembered; the longest unused are forgotten")
// clang-format on

struct gh_store_options {
    GH_STORE_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
/* Group "store". */
const struct gh_option_group *gh_store_groups(size_t *count);

#endif
