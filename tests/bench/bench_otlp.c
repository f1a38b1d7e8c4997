/* bench_otlp.c - requests of 100 log records as an SDK sends them (support/otlp_vectors.h), to
 * told records and to events whose tokens are added up.
 *
 *     bench_otlp [FOLDER]
 *
 * With a folder it leaves the same bytes there, for others to read: otlp.json, otlp.pb. */
#include "bench/bench.h"
#include "edge/fields/map.h"
#include "edge/otlp/from_json.h"
#include "support/otlp_vectors.h"
#include "support/otlp_write.h"

#include <string.h>

enum { RECORDS = 100, REQUESTS = 20, ROUNDS = 60, ROOM = 256 << 10 };

struct bodies {
    char *at[REQUESTS];
    size_t size[REQUESTS];
};

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_otlp: %s\n", what);
        exit(1);
    }
}

/* Other digits in place of those of integers, so that no record is the last one. */
static void integers_change(char *record, uint64_t *seed)
{
    static const char before[] = "\"intValue\":";

    for (char *at = record; (at = strstr(at, before)) != NULL;)
        for (at += sizeof before - 1; *at >= '0' && *at <= '9'; at++) {
            *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            *at = (char)('1' + (*seed >> 33) % 9);
        }
}

static void json_make(struct bodies *bodies)
{
    const char *const first = strstr(gh_otlp_logs_json, "{\"timeUnixNano\"");
    must(first != NULL, "no record");
    const char *const last = strstr(first, "]}]}]}");
    must(last != NULL, "no end");
    const size_t head = (size_t)(first - gh_otlp_logs_json), record = (size_t)(last - first);
    uint64_t seed = 1;

    for (size_t i = 0; i < REQUESTS; i++) {
        char *const at = bodies->at[i] = bench_memory(1, ROOM);
        size_t used = head;
        memcpy(at, gh_otlp_logs_json, head);
        for (size_t k = 0; k < RECORDS; k++) {
            if (k > 0)
                at[used++] = ',';
            memcpy(at + used, first, record);
            at[used + record] = '\0';
            integers_change(at + used, &seed);
            used += record;
        }
        memcpy(at + used, last, strlen(last) + 1);
        bodies->size[i] = used + strlen(last);
    }
}

static void binary_make(struct bodies *binary, const struct bodies *json)
{
    struct gh_otlp_arena arena = {0};
    struct gh_from_json from = {.arena = &arena};
    struct gh_otlp_trouble trouble;

    for (size_t i = 0; i < REQUESTS; i++) {
        const struct gh_otlp_bytes bytes = {json->at[i], json->at[i] + json->size[i]};
        gh_otlp_arena_reset(&arena, 64 * ROOM);
        const ProtobufCMessage *const m =
            gh_from_json(&from, gh_otlp_message(GH_OTLP_LOGS), bytes, &trouble);
        must(m != NULL, "the JSON is not read");
        binary->size[i] = protobuf_c_message_get_packed_size(m);
        binary->at[i] = bench_memory(1, binary->size[i]);
        protobuf_c_message_pack(m, (uint8_t *)binary->at[i]);
    }
    gh_from_json_free(&from);
    gh_otlp_arena_free(&arena);
}

struct run {
    struct gh_otlp_reader *reader;
    struct gh_mapper *mapper; /* NULL: records are told, and none is mapped */
    const struct bodies *bodies;
    bool json;
    int64_t tokens;
};

static bool told_take(void *context, const struct gh_told *told)
{
    struct run *const r = context;

    for (uint32_t i = 0; i < told->count; i++)
        if (told->field[i].name.size == 12 &&
            memcmp(told->field[i].name.at, "input_tokens", 12) == 0)
            r->tokens += told->field[i].as.whole;
    return true;
}

static bool event_take(void *context, const struct gh_told *told)
{
    struct run *const r = context;
    struct gh_event event;
    struct gh_error error = {0};

    must(gh_map(r->mapper, told, &event, &error) == GH_MAPPED_EVENT, error.text);
    r->tokens += event.input_tokens;
    return true;
}

static void run_once(void *context)
{
    struct run *const r = context;
    const struct gh_otlp_taker taker = {r->mapper != NULL ? event_take : told_take, r};
    struct gh_otlp_counts counts;
    struct gh_error error = {0};

    r->tokens = 0;
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct gh_otlp_request request = {GH_OTLP_LOGS, r->json, r->bodies->at[i],
                                                r->bodies->size[i]};
        must(gh_otlp_read(r->reader, &request, &taker, &counts, &error) == GH_OK &&
                 counts.told == RECORDS,
             error.text);
    }
}

/* Returns the tokens, by which all are known to have read the same. */
static int64_t measure(const char *name, struct run run)
{
    bench_event(name, bench_best_ns(ROUNDS, run_once, &run) / (RECORDS * REQUESTS),
                (double)run.bodies->size[0] / RECORDS);
    return run.tokens;
}

/* Each request with its size in front, in 8 hex digits. */
static void leave(const char *folder, const char *name, const struct bodies *bodies)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "wb");
    must(file != NULL, "the file cannot be written");
    for (size_t i = 0; i < REQUESTS; i++)
        must(fprintf(file, "%08zx", bodies->size[i]) == 8 &&
                 fwrite(bodies->at[i], 1, bodies->size[i], file) == bodies->size[i],
             "the file cannot be written");
    must(fclose(file) == 0, "the file cannot be written");
}

static void measure_all(const struct bodies *binary, const struct bodies *json)
{
    struct gh_otlp_reader *const reader = gh_otlp_reader_new();
    struct gh_maps *maps = NULL;
    struct gh_error error = {0};

    must(reader != NULL && gh_maps_load(&maps, "", &error) == GH_OK, error.text);
    struct gh_mapper *const mapper = gh_mapper_new(maps);
    must(mapper != NULL, "out of memory");
    const int64_t tokens = measure("otlp protobuf, logs by the 100, told",
                                   (struct run){reader, NULL, binary, false, 0});
    must(measure("otlp JSON, logs by the 100, told",
                 (struct run){reader, NULL, json, true, 0}) == tokens,
         "other tokens");
    must(measure("otlp protobuf, logs by the 100, to events",
                 (struct run){reader, mapper, binary, false, 0}) == tokens,
         "other tokens");
    must(measure("otlp JSON, logs by the 100, to events",
                 (struct run){reader, mapper, json, true, 0}) == tokens,
         "other tokens");
    gh_mapper_free(mapper);
    gh_maps_free(maps);
    gh_otlp_reader_free(reader);
}

int main(int argc, char **argv)
{
    static struct bodies json, binary;

    json_make(&json);
    binary_make(&binary, &json);
    measure_all(&binary, &json);
    if (argc > 1) {
        leave(argv[1], "otlp.json", &json);
        leave(argv[1], "otlp.pb", &binary);
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        free(json.at[i]);
        free(binary.at[i]);
    }
    return 0;
}
