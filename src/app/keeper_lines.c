/* keeper_lines.c - events as the lines of runs, written side by side. Which events are a run
 * depends on them alone, so the log is the same on any number of threads. */
#include "app/keeper_inside.h"
#include "edge/decode.h"

#include <stdlib.h>
#include <string.h>

/* Raw bytes after which a run ends and another begins; events that a thread takes at once. */
enum { RUN_BYTES = 1 << 20, LINE_BYTES_MAX = 6 * GH_EVENT_BYTES_MAX, PART_EVENTS = 512 };

struct gh_lines_part {
    char *at;
    size_t used, room;
    bool failed;
};

static bool part_room(struct gh_lines_part *part)
{
    if (part->room - part->used >= LINE_BYTES_MAX)
        return true;
    char *grown = realloc(part->at, 2 * part->room + LINE_BYTES_MAX);
    if (!grown)
        return false;
    part->at = grown;
    part->room = 2 * part->room + LINE_BYTES_MAX;
    return true;
}

static void part_write(void *argument, uint32_t index)
{
    struct gh_lines *l = argument;
    struct gh_lines_part *part = &l->part[index];
    const size_t from = (size_t)index * PART_EVENTS;

    part->used = 0;
    part->failed = false;
    for (size_t i = from; i < l->count && i < from + PART_EVENTS && !part->failed; i++) {
        part->failed = !part_room(part);
        if (part->failed)
            break;
        l->size[i] = gh_encode(&l->event[i], part->at + part->used, LINE_BYTES_MAX);
        part->used += l->size[i];
    }
}

static bool parts_make(struct gh_lines *l, size_t parts)
{
    if (parts <= l->parts)
        return true;
    struct gh_lines_part *grown = realloc(l->part, parts * sizeof *grown);
    if (!grown)
        return false;
    l->part = grown;
    size_t *sizes = realloc(l->size, parts * PART_EVENTS * sizeof *sizes);
    if (!sizes)
        return false;
    l->size = sizes;
    memset(l->part + l->parts, 0, (parts - l->parts) * sizeof *grown);
    l->parts = parts;
    return true;
}

/* All lines of `keeping`, one behind the other; what each takes up stands in lines.size. */
static bool lines_write(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    const size_t parts = (keeping->count + PART_EVENTS - 1) / PART_EVENTS;
    const struct gh_executor executor = gh_pool_executor(k->pool);
    struct gh_lines *l = &k->events;

    if (!parts_make(l, parts))
        return false;
    l->event = keeping->event;
    l->count = keeping->count;
    executor.run(executor.context, part_write, l, (uint32_t)parts);
    for (size_t i = 0; i < parts; i++) {
        if (l->part[i].failed)
            return false;
        gh_json_raw(&k->lines, l->part[i].at, l->part[i].used);
    }
    return !k->lines.failed;
}

static struct gh_run *run_add(struct gh_keeper *k, enum gh_run_kind kind, const char *owner)
{
    if (k->runs == k->run_capacity) {
        const size_t wanted = k->run_capacity ? 2 * k->run_capacity : 8;
        struct gh_run *grown = realloc(k->run, wanted * sizeof *grown);
        if (!grown)
            return NULL;
        k->run = grown;
        k->run_capacity = wanted;
    }
    k->run[k->runs] = (struct gh_run){
        .kind = kind, .owner = {owner, (uint32_t)strlen(owner)}, .newest_ms = INT64_MIN};
    return &k->run[k->runs++];
}

static bool owned(const struct gh_run *run, const char *owner)
{
    return strlen(owner) == run->owner.size &&
           memcmp(owner, run->owner.at, run->owner.size) == 0;
}

static bool events_write(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    struct gh_run *run = NULL;

    if (!lines_write(k, keeping))
        return false;
    for (size_t i = 0; i < keeping->count; i++) {
        const struct gh_event *event = &keeping->event[i];
        const char *owner = keeping->owner[i] ? keeping->owner[i] : "";
        const size_t size = k->events.size[i];
        if (!run || run->raw_size + size > RUN_BYTES || !owned(run, owner))
            run = run_add(k, GH_RUN_EVENTS, owner);
        if (!run)
            return false;
        run->raw_size += size;
        run->count++;
        run->newest_ms = event->ts_ms > run->newest_ms ? event->ts_ms : run->newest_ms;
    }
    return true;
}

static bool losses_write(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    struct gh_run *run = keeping->loss_count > 0 ? run_add(k, GH_RUN_LOSSES, "") : NULL;

    if (!run)
        return keeping->loss_count == 0;
    run->count = keeping->loss_count;
    run->raw_size = keeping->losses.size;
    gh_json_raw(&k->lines, keeping->losses.at, keeping->losses.size);
    return !k->lines.failed;
}

bool gh_keeper_lines(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    k->runs = 0;
    k->lines.used = 0;
    if (!events_write(k, keeping) || !losses_write(k, keeping))
        return false;
    /* The bytes of a run are found once all are written: the buffer moves while it grows. */
    const char *at = k->lines.at;
    for (size_t i = 0; i < k->runs; i++) {
        k->run[i].raw = at;
        at += k->run[i].raw_size;
    }
    return true;
}

void gh_keeper_lines_free(struct gh_keeper *k)
{
    for (size_t i = 0; i < k->events.parts; i++)
        free(k->events.part[i].at);
    free(k->events.part);
    free(k->events.size);
    free(k->run);
    gh_json_free(&k->lines);
}
