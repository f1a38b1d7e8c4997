/* engine_kit.h - an engine for tests: default options, two prices, four zones, memory that
 * can run out, and events written as one line of JSON with ' for ". */
#ifndef GH_ENGINE_KIT_H
#define GH_ENGINE_KIT_H

#include "edge/decode.h"
#include "edge/resources.h"
#include "engine/state.h"
#include "stat/law.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

#include <math.h>
#include <stdarg.h>

/* 2026-03-02, a Monday. */
#define KIT_START INT64_C(1772409600000)
#define KIT_MINUTE INT64_C(60000)
#define KIT_HOUR INT64_C(3600000)
#define KIT_DAY INT64_C(86400000)

enum { KIT_CHANGES_MAX = 512 };

struct kit {
    struct gh_engine *engine;
    struct gh_test_memory memory;
    struct gh_model *model;
    struct gh_decoder *decoder;
    struct gh_settings settings;
    struct gh_setup setup;
    _Alignas(8) unsigned char value[GH_ENGINE_GROUPS_MAX][GH_CONFIG_BYTES];
    uint64_t ids;   /* events that got an id from the kit */
    uint64_t owner; /* of what kit_say says; 0: nobody vouches for it */
    uint32_t changes;
    const char *only; /* detector whose changes are kept; NULL: all */
    struct gh_finding change[KIT_CHANGES_MAX];
};

/* The struct of an engine's group: KIT_SET(&kit, ORDER, order)->lateness = 0. */
#define KIT_SET(kit, GROUP, name) \
    ((struct gh_##name##_options *)(void *)(kit)->value[GH_GROUP_##GROUP])

/* Honolulu, Kiritimati, Berlin with the changes of 2026, and one that no map has. */
static const struct gh_zone_change kit_berlin_changes[] = {{1774746000, 7200},
                                                           {1792890000, 3600}};
static const struct gh_zone kit_zone[] = {
    {-36000, 0, NULL}, {50400, 0, NULL}, {3600, 2, kit_berlin_changes}, {-43200, 0, NULL}};
static const char *const kit_zone_name[] = {"Pacific/Honolulu", "Pacific/Kiritimati",
                                            "Europe/Berlin", "Etc/GMT+12"};

static inline const struct gh_zone *kit_zone_find(void *context, struct gh_text name)
{
    (void)context;
    for (size_t i = 0; i < sizeof kit_zone / sizeof *kit_zone; i++)
        if (strlen(kit_zone_name[i]) == name.size &&
            memcmp(kit_zone_name[i], name.at, name.size) == 0)
            return &kit_zone[i];
    return NULL;
}

static const struct gh_price kit_price[] = {{"m", "", 0, 1.0, 0.1, 2.0, 10.0, 0}};

/* Everything but the engine, so that a test can change the settings. */
static inline void kit_prepare(struct kit *kit)
{
    struct gh_error error = {0};

    gh_law_init();
    memset(kit, 0, sizeof *kit);
    kit->memory.left = -1;
    for (size_t i = 0; i < gh_engine_group_count(); i++) {
        gh_options_default(gh_engine_group_at(i), kit->value[i]);
        kit->settings.value[i] = kit->value[i];
    }
    if (gh_model_load(&kit->model, "", &error) != GH_OK)
        exit(2);
    kit->decoder = gh_decoder_new();
    kit->setup = (struct gh_setup){
        .settings = &kit->settings,
        .model = kit->model,
        .prices = {kit_price, sizeof kit_price / sizeof *kit_price},
        .zones = {NULL, kit_zone_find},
        .memory = {&kit->memory, gh_test_resize},
        .shards = 2,
    };
}

static inline void kit_start(struct kit *kit)
{
    if (gh_engine_new(&kit->engine, &kit->setup) != GH_OK)
        exit(2);
}

static inline void kit_open(struct kit *kit)
{
    kit_prepare(kit);
    kit_start(kit);
}

static inline void kit_close(struct kit *kit)
{
    gh_engine_free(kit->engine);
    gh_decoder_free(kit->decoder);
    gh_model_free(kit->model);
}

static inline void kit_drain(struct kit *kit)
{
    struct gh_finding change;

    while (gh_engine_change(kit->engine, &change))
        if (kit->changes < KIT_CHANGES_MAX &&
            (kit->only == NULL || strcmp(kit->only, change.detector) == 0))
            kit->change[kit->changes++] = change;
}

static inline struct gh_answer kit_offer(struct kit *kit, const struct gh_event *event)
{
    struct gh_answer answer = {0};

    CHECK(gh_engine_offer(kit->engine, event, 1, &answer) == GH_OK);
    kit_drain(kit);
    return answer;
}

/* Offers {'id':…,'ts':ts_ms,…}: the rest of the object by format. An id of the kit unless
 * the rest begins with one. */
__attribute__((format(printf, 3, 4))) static inline struct gh_answer
kit_say(struct kit *kit, int64_t ts_ms, const char *format, ...)
{
    char text[4096];
    struct gh_event event;
    struct gh_refused refused;
    size_t used = (size_t)snprintf(text, sizeof text, "{'ts':%lld,", (long long)ts_ms);
    va_list arguments;

    if (strncmp(format, "'id'", 4) != 0)
        used += (size_t)snprintf(text + used, sizeof text - used, "'id':'kit-%llu',",
                                 (unsigned long long)kit->ids++);
    va_start(arguments, format);
    used += (size_t)vsnprintf(text + used, sizeof text - used, format, arguments);
    va_end(arguments);
    used += (size_t)snprintf(text + used, sizeof text - used, "}");
    for (size_t i = 0; i < used; i++)
        text[i] = text[i] == '\'' ? '"' : text[i];
    const struct gh_piece piece = {.at = text, .size = used};
    gh_decoder_reset(kit->decoder);
    if (!gh_decode(kit->decoder, &piece, &event, &refused)) {
        printf("# %s: %s\n", refused.text, text);
        exit(2);
    }
    CHECK(event.owner == 0);
    event.owner = kit->owner;
    return kit_offer(kit, &event);
}

static inline struct gh_answer kit_tick(struct kit *kit, int64_t ts_ms)
{
    return kit_say(kit, ts_ms, "'kind':'tick'");
}

static inline struct gh_counters kit_counters(const struct kit *kit)
{
    struct gh_counters c;

    gh_engine_counters(kit->engine, &c);
    CHECK(c.offered == c.applied + c.duplicate + c.late + c.refused + c.held);
    return c;
}

/* The actor's state; it must be known. */
static inline struct gh_actor *kit_actor(struct kit *kit, const char *name)
{
    const uint32_t id =
        gh_intern_find(&kit->engine->actors, (struct gh_text){name, (uint32_t)strlen(name)});

    if (id == 0) {
        printf("# nobody is called %s\n", name);
        exit(2);
    }
    return gh_actor_of(kit->engine, id);
}

/* The open day of an actor, or NULL. Makes none. */
static inline struct gh_day *kit_day(struct kit *kit, const char *name, int64_t ts_ms)
{
    const struct gh_actor *a = kit_actor(kit, name);
    const int32_t date = (int32_t)gh_floor_div(ts_ms, KIT_DAY);
    const uint32_t slot = (uint32_t)date % GH_OPEN_DAYS;
    struct gh_book *book = &gh_shard_of(kit->engine, a->id)->book[(uint32_t)date % GH_BOOKS];

    if (!book->used || book->date != date || a->open[slot].index == 0 ||
        a->open[slot].date != date)
        return NULL;
    return gh_segments_at(&book->days, a->open[slot].index - 1);
}

static inline bool kit_text_is(struct gh_text text, const char *wanted)
{
    return text.at != NULL && text.size == strlen(wanted) &&
           memcmp(text.at, wanted, text.size) == 0;
}

#endif
