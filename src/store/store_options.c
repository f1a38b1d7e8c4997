/* store_options.c - the rows of the store's options. */
#include "store/store_options.h"

static const struct gh_option store_rows[] = {
    GH_STORE_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_store_options)};

static const struct gh_option_group groups[] = {
    {"store", "what is kept: log, ledger, snapshots", store_rows,
     sizeof(store_rows) / sizeof(store_rows[0]), sizeof(struct gh_store_options)},
};

const struct gh_option_group *gh_store_groups(size_t *count)
{
    *count = sizeof(groups) / sizeof(groups[0]);
    return groups;
}
