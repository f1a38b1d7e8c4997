/* resources.h - what the pure engine is handed: zones, prices, model, memory, threads. */
#ifndef GOODHART_EDGE_RESOURCES_H
#define GOODHART_EDGE_RESOURCES_H

#include "goodhart/engine.h"

/* IANA zones through GLib (system tz data), loaded on first use and cached: transitions of
 * the years 1970 to 2100. */
struct gh_zone_cache;
GH_MUST_USE struct gh_zone_cache *gh_zone_cache_new(void); /* NULL: out of memory */
void gh_zone_cache_free(struct gh_zone_cache *cache);
struct gh_zones gh_zone_cache_zones(struct gh_zone_cache *cache);

/* Price table from JSON (models/prices.json; the built-in copy when `path` is ""). Errors
 * name file, row, key and the legal values. */
struct gh_price_table;
GH_MUST_USE enum gh_status gh_price_table_load(struct gh_price_table **table, const char *path,
                                               struct gh_error *error);
void gh_price_table_free(struct gh_price_table *table);
struct gh_prices gh_price_table_prices(const struct gh_price_table *table);

/* Model file from JSON (models/default.json; the built-in copy when `path` is ""). */
GH_MUST_USE enum gh_status gh_model_load(struct gh_model **model, const char *path,
                                         struct gh_error *error);
void gh_model_free(struct gh_model *model);

/* malloc and friends behind gh_memory. */
struct gh_memory gh_memory_system(void);

/* Threads that wait for work: gh_executor over `threads` threads (the caller's is one of
 * them). threads 1 starts none. */
struct gh_pool;
GH_MUST_USE struct gh_pool *gh_pool_new(uint32_t threads); /* NULL: no thread to be had */
void gh_pool_free(struct gh_pool *pool);
struct gh_executor gh_pool_executor(struct gh_pool *pool);

#endif
