/* fake_engine.h - an engine that does what ids say, for tests of what feeds it.
 *
 * First letter of an id: 'a' applied, 'd' duplicate, 'l' late, 'r' refused (limit), 'h' held,
 * 'x' applied, refusing what is held, 'y' applied, releasing what is held, 'c' applied with a
 * change. Everything the fake is told is noted in gh_fake_log: one letter an event, '|'
 * after each batch.
 *
 * It defines the functions of goodhart/engine.h, so that a program which includes it links
 * no real engine: it is a header, because in an archive it would stand in front of the real
 * one for every test. */
#ifndef GH_FAKE_ENGINE_H
#define GH_FAKE_ENGINE_H

#include "goodhart/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GH_FAKE_LOG_SIZE = 65536 };
static char gh_fake_log[GH_FAKE_LOG_SIZE];
static uint32_t gh_fake_shards; /* of the last setup */

enum { FAKE_MAX = 4096 };
struct gh_engine {
    struct gh_counters counters;
    uint64_t held[FAKE_MAX], held_count;
    struct gh_released released[FAKE_MAX];
    size_t released_count, released_taken;
    struct gh_finding change[FAKE_MAX];
    size_t change_count, change_taken;
};

enum gh_status gh_engine_new(struct gh_engine **engine, const struct gh_setup *setup)
{
    gh_fake_log[0] = '\0';
    gh_fake_shards = setup->shards;
    *engine = calloc(1, sizeof(**engine));
    return *engine ? GH_OK : GH_EMEMORY;
}

void gh_engine_free(struct gh_engine *engine)
{
    free(engine);
}

static void log_add(char c)
{
    const size_t used = strlen(gh_fake_log);

    if (used + 1 < GH_FAKE_LOG_SIZE) {
        gh_fake_log[used] = c;
        gh_fake_log[used + 1] = '\0';
    }
}

static void held_release(struct gh_engine *e, enum gh_outcome outcome)
{
    for (uint64_t i = 0; i < e->held_count; i++)
        e->released[e->released_count++] = (struct gh_released){
            .position = e->held[i],
            .answer = {(uint8_t)outcome,
                       outcome == GH_REFUSED ? GH_REFUSED_FUTURE : GH_REFUSED_NOT}};
    e->held_count = 0;
}

static void change_add(struct gh_engine *e, const struct gh_event *event)
{
    struct gh_finding *change = &e->change[e->change_count++];

    *change = (struct gh_finding){.revision = 1,
                                  .detector = "agent_loop",
                                  .actor = {"ann", 3},
                                  .team = {"red", 3},
                                  .time_ms = event->ts_ms};
    snprintf(change->id, sizeof(change->id), "%032zx", e->change_count);
}

static struct gh_answer answer_make(struct gh_engine *e, const struct gh_event *event)
{
    const char kind = event->id.at[0];

    log_add(kind);
    e->counters.offered++;
    switch (kind) {
    case 'd':
        return (struct gh_answer){GH_DUPLICATE, 0};
    case 'l':
        return (struct gh_answer){GH_LATE, 0};
    case 'r':
        return (struct gh_answer){GH_REFUSED, GH_REFUSED_LIMIT};
    case 'h':
        e->held[e->held_count++] = e->counters.offered - 1;
        return (struct gh_answer){GH_HELD, 0};
    case 'c':
        change_add(e, event);
        break;
    case 'x':
    case 'y':
        held_release(e, kind == 'x' ? GH_REFUSED : GH_APPLIED);
        break;
    default:
        break;
    }
    return (struct gh_answer){GH_APPLIED, 0};
}

enum gh_status gh_engine_offer(struct gh_engine *engine, const struct gh_event *event,
                               size_t count, struct gh_answer *answer)
{
    for (size_t i = 0; i < count; i++)
        answer[i] = answer_make(engine, &event[i]);
    log_add('|');
    return GH_OK;
}

enum gh_status gh_engine_finish(struct gh_engine *engine)
{
    held_release(engine, GH_REFUSED);
    return GH_OK;
}

bool gh_engine_change(struct gh_engine *engine, struct gh_finding *change)
{
    if (engine->change_taken == engine->change_count)
        return false;
    *change = engine->change[engine->change_taken++];
    return true;
}

bool gh_engine_released(struct gh_engine *engine, struct gh_released *released)
{
    if (engine->released_taken == engine->released_count)
        return false;
    *released = engine->released[engine->released_taken++];
    return true;
}

void gh_engine_counters(const struct gh_engine *engine, struct gh_counters *counters)
{
    *counters = engine->counters;
}

bool gh_engine_finding(const struct gh_engine *engine, uint64_t *cursor,
                       struct gh_finding *finding)
{
    if (*cursor == engine->change_count)
        return false;
    *finding = engine->change[(*cursor)++];
    return true;
}

bool gh_engine_knows(const struct gh_engine *engine, struct gh_text actor)
{
    (void)engine;
    return actor.size == 3 && memcmp(actor.at, "bob", 3) == 0;
}

/* Has applied 3 events, refused 2 and holds 1. */
enum gh_status gh_engine_load(struct gh_engine **engine, const struct gh_setup *setup,
                              const struct gh_carrier *from)
{
    char byte;

    if (!from->move(from->context, &byte, 1))
        return GH_EIO;
    if (byte != 's')
        return byte == 'c' ? GH_ECONFIG : GH_EFORMAT;
    const enum gh_status status = gh_engine_new(engine, setup);
    if (status == GH_OK) {
        (*engine)->counters =
            (struct gh_counters){.offered = 6, .applied = 3, .refused = 2, .held = 1};
        (*engine)->counters.refused_by[GH_REFUSED_LIMIT] = 2;
        (*engine)->held[(*engine)->held_count++] = 4;
    }
    return status;
}

#endif
