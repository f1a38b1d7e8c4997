/* queue.c - see queue.h. */
#include "app/simulate/queue.h"

#include "base/civil.h"

#include <assert.h>
#include <stdlib.h>

/* A day has less than 2^28 milliseconds: two passes of 14 bits sort it. */
enum { QUEUE_DIGIT_BITS = 14, QUEUE_DIGITS = 1 << QUEUE_DIGIT_BITS };

bool gh_sim_queue_init(struct gh_sim_queue *queue, int64_t start_ms, uint32_t days)
{
    *queue = (struct gh_sim_queue){.start_ms = start_ms, .days = days};
    queue->bucket = calloc(days, sizeof(*queue->bucket));
    return queue->bucket != NULL;
}

void gh_sim_queue_fini(struct gh_sim_queue *queue)
{
    for (uint32_t i = 0; queue->bucket && i < queue->days; i++)
        free(queue->bucket[i].at);
    free(queue->bucket);
    free(queue->order);
    free(queue->scratch);
}

bool gh_sim_queue_push(struct gh_sim_queue *queue, const struct gh_sim_record *record)
{
    if (record->ts_ms < queue->start_ms)
        return true;
    const int64_t day = (record->ts_ms - queue->start_ms) / GH_MS_PER_DAY;
    if (day >= queue->days)
        return true;
    struct gh_sim_records *bucket = &queue->bucket[day];
    *gh_sim_records_add(bucket) = *record;
    return !bucket->failed;
}

static bool queue_reserve(struct gh_sim_queue *queue, size_t count)
{
    if (count <= queue->order_capacity)
        return true;
    uint64_t *order = realloc(queue->order, count * sizeof(*order));
    if (!order)
        return false;
    queue->order = order;
    uint64_t *scratch = realloc(queue->scratch, count * sizeof(*scratch));
    if (!scratch)
        return false;
    queue->scratch = scratch;
    queue->order_capacity = count;
    return true;
}

/* One stable pass of a radix sort by the digit that starts at `shift`. */
static void queue_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    uint32_t position[QUEUE_DIGITS] = {0};
    for (size_t i = 0; i < count; i++)
        position[(from[i] >> shift) % QUEUE_DIGITS]++;
    uint32_t sum = 0;
    for (size_t i = 0; i < QUEUE_DIGITS; i++) {
        const uint32_t here = position[i];
        position[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[position[(from[i] >> shift) % QUEUE_DIGITS]++] = from[i];
}

bool gh_sim_queue_open(struct gh_sim_queue *queue, uint32_t day)
{
    assert(day < queue->days);
    if (day != queue->open) {
        free(queue->bucket[queue->open].at);
        queue->bucket[queue->open] = (struct gh_sim_records){0};
    }
    queue->open = day;
    queue->taken = 0;
    const struct gh_sim_records *bucket = &queue->bucket[day];
    if (!queue_reserve(queue, bucket->count))
        return false;
    assert(bucket->count < UINT32_MAX);
    const int64_t from_ms = queue->start_ms + day * GH_MS_PER_DAY;
    for (size_t i = 0; i < bucket->count; i++)
        queue->order[i] = (uint64_t)(bucket->at[i].ts_ms - from_ms) << 32 | i;
    queue_pass(queue->order, queue->scratch, bucket->count, 32);
    queue_pass(queue->scratch, queue->order, bucket->count, 32 + QUEUE_DIGIT_BITS);
    return true;
}

const struct gh_sim_record *gh_sim_queue_take(struct gh_sim_queue *queue)
{
    const struct gh_sim_records *bucket = &queue->bucket[queue->open];
    enum { AHEAD = 6 };
    if (queue->taken == bucket->count)
        return NULL;
    /* A day lies in memory person by person; in order of time every record is a miss. */
    if (queue->taken + AHEAD < bucket->count)
        __builtin_prefetch(&bucket->at[queue->order[queue->taken + AHEAD] & UINT32_MAX]);
    return &bucket->at[queue->order[queue->taken++] & UINT32_MAX];
}
