/* trace_mooncake.c - the Mooncake traces: prompts as ids of 512-token blocks. Conversations
 * are rebuilt: a call continues the newest one whose whole blocks are a prefix of its own.
 * Blocks of more than 100 calls are system prompts and tie nothing together. */
#include "edge/import/trace_format.h"

#include "base/hash.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_TOKENS = 512, BLOCK_CALLS_MAX = 100, CELLS_MAX = 1 << 28 };

struct mooncake {
    struct gh_cells seen;     /* by block: how many calls hold it */
    struct gh_cells prefixes; /* by hash of a prefix: that it was seen */
    struct gh_cells ends;     /* by hash of all whole blocks of a call: its conversation */
};

static bool mooncake_number(const json_t *object, const char *key, int64_t *count)
{
    const json_t *value = json_object_get(object, key);

    *count = json_integer_value(value);
    return json_is_integer(value) && *count >= 0 && *count <= GH_COUNT_MAX;
}

/* Every bit is the majority among that bit of the blocks' hashes, so prompts that share
 * most blocks differ in few bits. */
static uint64_t mooncake_simhash(const uint64_t *block, uint32_t count)
{
    int32_t votes[64] = {0};
    uint64_t hash = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint64_t h = gh_hash(&block[i], sizeof block[i]);
        for (unsigned bit = 0; bit < 64; bit++)
            votes[bit] += (h >> bit & 1) ? 1 : -1;
    }
    for (unsigned bit = 0; bit < 64; bit++)
        hash |= (uint64_t)(votes[bit] > 0) << bit;
    return hash;
}

static const char *mooncake_blocks(struct gh_trace *import, const json_t *ids,
                                   struct gh_trace_call *call)
{
    const size_t count = json_array_size(ids);

    if (!json_is_array(ids))
        return "hash_ids: an array of integers";
    for (size_t i = 0; i < count; i++)
        if (!json_is_integer(json_array_get(ids, i)))
            return "hash_ids: an array of integers";
    call->first_block = import->blocks.count;
    if (count == 0)
        return NULL;
    uint64_t *block = gh_array_add(&import->heap, &import->blocks, (uint32_t)count);
    if (block == NULL)
        return "out of memory";
    for (size_t i = 0; i < count; i++)
        block[i] = (uint64_t)json_integer_value(json_array_get(ids, i));
    call->block_count = (uint32_t)count;
    call->prompt_hash = mooncake_simhash(block, call->block_count);
    return NULL;
}

static const char *mooncake_take(struct gh_trace *import, const struct gh_text *field,
                                 struct gh_trace_call *call)
{
    const char *trouble = NULL;
    json_t *object = json_loadb(field[0].at, field[0].size, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(object))
        trouble = "a JSON object";
    else if (!mooncake_number(object, "timestamp", &call->at_ms))
        trouble = "timestamp: milliseconds";
    else if (!mooncake_number(object, "input_length", &call->input_tokens))
        trouble = "input_length: a count";
    else if (!mooncake_number(object, "output_length", &call->output_tokens))
        trouble = "output_length: a count";
    else
        trouble = mooncake_blocks(import, json_object_get(object, "hash_ids"), call);
    json_decref(object);
    return trouble;
}

static const uint64_t *call_blocks(const struct gh_trace *import,
                                   const struct gh_trace_call *call)
{
    return call->block_count == 0 ? NULL : gh_array_at(&import->blocks, call->first_block);
}

/* Blocks that are full: the last one changes when the conversation goes on. */
static uint32_t whole_blocks(const struct gh_trace_call *call)
{
    const int64_t whole = (call->input_tokens + call->cache_read_tokens) / BLOCK_TOKENS;

    return whole < call->block_count ? (uint32_t)whole : call->block_count;
}

static uint32_t *mooncake_cell(struct gh_trace *import, struct gh_cells *cells, uint64_t key)
{
    if (cells->limit == 0)
        gh_cells_init(cells, sizeof(uint32_t), CELLS_MAX, INT64_MAX);
    return gh_cells_touch(&import->heap, cells, key, 0);
}

static uint64_t block_key(uint64_t block)
{
    return gh_hash_pair(block, 1);
}

static void mooncake_tally(struct gh_trace *import, struct mooncake *m)
{
    const uint64_t *block = import->blocks.count > 0 ? gh_array_at(&import->blocks, 0) : NULL;

    for (uint32_t i = 0; i < import->blocks.count; i++) {
        uint32_t *seen = mooncake_cell(import, &m->seen, block_key(block[i]));
        if (seen != NULL)
            ++*seen;
    }
}

/* What a walk along the blocks of a call finds among the calls before it. */
struct mooncake_walk {
    uint32_t shared; /* whole blocks that an earlier call began with */
    uint32_t newest; /* conversation of the newest call that this one continues; 0 none */
    uint64_t end;    /* key of the call's own whole blocks; 0: they tie nothing */
};

static void walk_step(struct gh_trace *import, struct mooncake *m, uint64_t prefix,
                      struct mooncake_walk *walk, bool rare)
{
    const uint32_t *end = gh_cells_find(&m->ends, prefix, 0);
    uint32_t *seen = mooncake_cell(import, &m->prefixes, prefix);

    if (rare && end != NULL && *end > walk->newest)
        walk->newest = *end;
    if (seen != NULL && *seen > 0)
        walk->shared++;
    if (seen != NULL)
        *seen = 1;
    walk->end = rare ? prefix : 0;
}

static struct mooncake_walk walk_blocks(struct gh_trace *import, struct mooncake *m,
                                        const struct gh_trace_call *call)
{
    struct mooncake_walk walk = {0};
    const uint64_t *block = call_blocks(import, call);
    const uint32_t whole = whole_blocks(call);
    uint64_t prefix = 1;

    for (uint32_t i = 0; i < whole; i++) {
        const uint32_t *seen = gh_cells_find(&m->seen, block_key(block[i]), 0);
        prefix = gh_hash_pair(prefix, block[i]);
        walk_step(import, m, prefix, &walk, seen != NULL && *seen <= BLOCK_CALLS_MAX);
    }
    return walk;
}

/* `ends` holds the number of the call, so that the newest is the largest. */
static void mooncake_link(struct gh_trace *import, struct mooncake *m, uint32_t index)
{
    struct gh_trace_call *call = gh_array_at(&import->calls, index);
    const struct mooncake_walk walk = walk_blocks(import, m, call);
    char name[32];

    if (walk.newest > 0) {
        const struct gh_trace_call *before = gh_array_at(&import->calls, walk.newest - 1);
        call->thread = before->thread;
    } else {
        const int size = snprintf(name, sizeof name, "chat-%06u", index + 1);
        call->thread = gh_intern_add(&import->heap, &import->threads,
                                     (struct gh_text){name, (uint32_t)size});
    }
    call->cache_read_tokens = (int64_t)walk.shared * BLOCK_TOKENS;
    call->input_tokens -= call->cache_read_tokens;
    uint32_t *end = walk.end != 0 ? mooncake_cell(import, &m->ends, walk.end) : NULL;
    if (end != NULL)
        *end = index + 1;
}

static void mooncake_finish(struct gh_trace *import)
{
    struct mooncake m = {0};

    mooncake_tally(import, &m);
    for (uint32_t i = 0; i < import->calls.count; i++)
        mooncake_link(import, &m, i);
    gh_cells_free(&import->heap, &m.seen);
    gh_cells_free(&import->heap, &m.prefixes);
    gh_cells_free(&import->heap, &m.ends);
}

const struct gh_trace_format gh_trace_mooncake = {
    .name = "mooncake",
    .actor = "mooncake",
    .start = "2026-01-05T09:00:00Z",
    .threaded = true,
    .take = mooncake_take,
    .finish = mooncake_finish,
};
