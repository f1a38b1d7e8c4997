/* pipeline_inside.h - what the files of the pipeline share. */
#ifndef GOODHART_APP_PIPELINE_INSIDE_H
#define GOODHART_APP_PIPELINE_INSIDE_H

#include "app/basis.h"
#include "app/pipeline.h"
#include "edge/resources.h"

/* A piece and where it stands: a lost event but for the reason. */
struct gh_waiting {
    const char *source, *owner;
    uint64_t frame, offset, line, index;
    struct gh_text piece;
    bool binary;
};

/* A copy of an event that the engine holds; its bytes, the source and the owner follow. */
struct gh_held {
    struct gh_held *next;
    uint64_t position;
    struct gh_waiting what;
};

struct gh_pipeline {
    struct gh_engine *engine;
    struct gh_pool *pool;
    struct gh_model *model;
    struct gh_price_table *prices;
    struct gh_resource_hash hash; /* of the files that the last two were read from */
    struct gh_zone_cache *zones;
    struct gh_decoder *decoder;
    struct gh_hooks hooks;
    const struct gh_config *config;
    uint32_t shards, batch;
    struct gh_event *first; /* of those that wait, which stand in a row */
    struct gh_event *event; /* batch of each */
    const char **owner;
    struct gh_answer *answer;
    struct gh_waiting *waiting;
    uint64_t whose; /* gh_event.owner in the frame at hand */
    uint64_t offered;
    uint64_t unknown_keys; /* that others than `decoder` saw */
    struct gh_held *held, **held_end;
    struct gh_tally tally;
};

/* --- pipeline_open.c --- */
/* Why a saved engine does not go on under other settings. */
extern const char gh_pipeline_past[];
/* The pipeline's own setup, but for what is handed in. */
struct gh_setup gh_pipeline_setup(const struct gh_pipeline *pipeline,
                                  const struct gh_settings *settings);
/* Prices, and the model where no hook has one; *hash tells them apart. */
GH_MUST_USE enum gh_status gh_pipeline_files(struct gh_pipeline *pipeline,
                                             const struct gh_config *config,
                                             struct gh_error *error);

#endif
