/* test_starve_edge.c - whichever request for memory is refused: files are read whole or not at
 * all, events are taken or refused with that reason, the durable exchange goes on, and the
 * engine goes on from a pipeline that says when it cannot. */
#include "app/config.h"
#include "app/pipeline.h"
#include "edge/blocks.h"
#include "edge/durable_queue.h"
#include "edge/keys_edit.h"
#include "edge/resources.h"
#include "stat/law.h"
#include "support/durable_kit.h"
#include "support/starve_kit.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64];

static const char *path(const char *name)
{
    static char text[128];

    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static void folder_new(void)
{
    snprintf(folder, sizeof folder, "/tmp/goodhart-starve-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
}

/* --- files that the program reads --- */

static enum gh_status model_work(struct gh_error *error)
{
    struct gh_model *model = NULL;
    const enum gh_status status = gh_model_load(&model, "", error);

    CHECK((status == GH_OK) == (model != NULL));
    gh_model_free(model);
    return status;
}

static enum gh_status prices_work(struct gh_error *error)
{
    struct gh_price_table *table = NULL;
    const enum gh_status status = gh_price_table_load(&table, "models/prices.json", error);

    CHECK(status != GH_OK || gh_price_table_prices(table).count > 10);
    gh_price_table_free(table);
    return status;
}

static void model_and_prices_are_read_or_memory_is_out(void)
{
    starve(&(struct starve_work){NULL, model_work, NULL, false});
    starve(&(struct starve_work){NULL, prices_work, NULL, false});
}

static const char yaml[] = "order:\n  lateness: 900\nalerts:\n  source: \"els\\u00e9where\"\n"
                           "# nothing\nlimits: {actors: 77}\noverrides:\n"
                           "- {team: a, reason: b, set: {review.fewest_usd: 3}}\n";

static enum gh_status copy_work(const struct gh_config *config, struct gh_error *error)
{
    const struct gh_live_setting setting = {
        "review.fewest_usd", "7", "role:b", INT64_MAX, "ada", "why not", 0};
    struct gh_config *copy = NULL;
    enum gh_status status = gh_config_copy(&copy, config, error);

    if (status == GH_OK)
        status = gh_config_live(copy, &setting, error);
    gh_config_free(copy);
    return status;
}

static enum gh_status config_work(struct gh_error *error)
{
    struct gh_config *config = NULL;
    enum gh_status status = gh_config_new(&config, error);

    if (status == GH_OK)
        status = gh_config_yaml(config, "c.yaml", yaml, sizeof yaml - 1, error);
    if (status == GH_OK)
        status = gh_config_set(config, "order.max_future=60", error);
    if (status == GH_OK)
        status = gh_config_set(config, "store.folder=\"some where\"", error);
    if (status == GH_OK)
        status = copy_work(config, error);
    gh_config_free(config);
    return status;
}

static void a_configuration_is_read_or_memory_is_out(void)
{
    starve(&(struct starve_work){NULL, config_work, NULL, false});
}

/* --- the key file --- */

static const char ada[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
static const char bob[] = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

static void keys_before(void)
{
    const struct gh_key_entry entry = {
        .name = "ada", .public_key = ada, .roles = "produce,subscribe", .actors = "ada,eve"};
    struct gh_error error = {0};

    folder_new();
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
}

static enum gh_status keys_work(struct gh_error *error)
{
    const struct gh_key_entry entry = {
        .name = "bob", .public_key = bob, .roles = "replay", .teams = "pay"};
    struct gh_keys *keys = NULL;
    enum gh_status status = gh_keys_add(path("keys"), &entry, error);

    if (status == GH_OK)
        status = gh_keys_revoke(path("keys"), "ada", 1000, error);
    if (status == GH_OK)
        status = gh_keys_load(&keys, path("keys"), error);
    CHECK(status != GH_OK || gh_keys_count(keys) == 2);
    gh_keys_free(keys);
    return status;
}

static void keys_after(enum gh_status status)
{
    const struct gh_access_key *key = NULL;
    struct gh_keys *keys = NULL;
    struct gh_error error = {0};

    CHECK(gh_keys_load(&keys, path("keys"), &error) == GH_OK);
    if (keys)
        key = gh_keys_by_name(keys, "ada");
    CHECK(key && !strcmp(key->public_key, ada) && key->actors.count == 2);
    CHECK(status != GH_OK || (key && key->revoked_ms == 1000 && gh_keys_by_name(keys, "bob")));
    gh_keys_free(keys);
    CHECK(unlink(path("keys")) == 0);
    unlink(path("keys.lock"));
    CHECK(rmdir(folder) == 0); /* nothing is left of a file that was not written */
}

static void the_key_file_is_the_old_one_or_the_new_one(void)
{
    starve(&(struct starve_work){keys_before, keys_work, keys_after, false});
}

/* --- files of events --- */

static const char *event_file;

static void events_before(void)
{
    char line[64];
    gzFile packed;
    FILE *plain;

    folder_new();
    packed = gzopen(path("events.gz"), "wb");
    plain = fopen(path("events"), "we");
    for (int i = 0; i < 2000; i++) {
        snprintf(line, sizeof line, "{\"id\":\"e%d\",\"ts\":%d,\"actor\":\"ann\"}\n", i, i);
        CHECK(gzputs(packed, line) > 0 && fputs(line, plain) >= 0);
    }
    CHECK(gzclose(packed) == Z_OK && fclose(plain) == 0);
}

static enum gh_status blocks_work(struct gh_error *error)
{
    struct gh_blocks *blocks = NULL;
    size_t size = 1, lines = 0;
    const char *at;
    enum gh_status status = gh_blocks_open(&blocks, path(event_file), error);

    while (status == GH_OK && size > 0) {
        status = gh_blocks_next(blocks, &at, &size, error);
        for (size_t i = 0; status == GH_OK && i < size; i++)
            lines += at[i] == '\n';
    }
    gh_blocks_close(blocks);
    CHECK(status != GH_OK || lines == 2000);
    return status;
}

static void events_after(enum gh_status status)
{
    (void)status;
    CHECK(unlink(path("events")) == 0 && unlink(path("events.gz")) == 0);
    CHECK(rmdir(folder) == 0);
}

static void files_of_events_are_read_or_memory_is_out(void)
{
    event_file = "events";
    starve(&(struct starve_work){events_before, blocks_work, events_after, false});
    event_file = "events.gz";
    starve(&(struct starve_work){events_before, blocks_work, events_after, false});
}

/* --- events --- */

static const char *const pieces[] = {
    "{\"id\":\"a\\u00e9\",\"ts\":1,\"actor\":\"b\\u0041c\",\"zz\":1,\"zy\":\"\\u0041\"}",
    "{\"id\":\"e2\",\"ts\":\"2026-03-02T09:00:00Z\",\"actor\":\"ann\",\"input_tokens\":3}",
    "{\"id\":\"e3\",\"ts\":\"2026-03-02T09:00:00Z\",\"actor\":\"\\ud83d\\ude00\"}",
};

/* Each is taken, or refused for want of memory and nothing else. */
static enum gh_status decode_work(struct gh_error *error)
{
    struct gh_decoder *decoder = gh_decoder_new();
    enum gh_status status = GH_OK;

    if (!decoder)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const struct gh_piece piece = {.at = pieces[i], .size = strlen(pieces[i])};
        struct gh_refused refused = {.reason = GH_REFUSED_NOT};
        struct gh_event event;
        const bool taken = gh_decode(decoder, &piece, &event, &refused);
        CHECK(taken || refused.reason == GH_REFUSED_LIMIT);
        if (!taken)
            status = gh_error_set(error, GH_EMEMORY, "%s", refused.text);
    }
    gh_decoder_free(decoder);
    return status;
}

static void an_event_is_taken_or_refused_for_want_of_memory(void)
{
    starve(&(struct starve_work){NULL, decode_work, NULL, true});
}

static void change_ignore(void *context, const struct gh_finding *change)
{
    (void)context;
    (void)change;
}

static enum gh_status pipeline_work(struct gh_error *error)
{
    const struct gh_hooks hooks = {.on_change = change_ignore};
    struct gh_place place = {.source = "test"};
    struct gh_pipeline *pipeline = NULL;
    struct gh_config *config = NULL;
    struct gh_tally tally;
    char line[96];
    enum gh_status status = gh_config_new(&config, error);

    if (status == GH_OK)
        status = gh_pipeline_new(&pipeline, config, 64, &hooks, error);
    for (int i = 0; status == GH_OK && i < 300; i++) {
        const int size = snprintf(line, sizeof line,
                                  "{\"id\":\"e%d\",\"ts\":%d,\"actor\":\"\\u0061%d\","
                                  "\"input_tokens\":%d}",
                                  i, 1000 * i, i % 90, i);
        status = gh_pipeline_frame(pipeline, line, (size_t)size, &place, error);
        if (status == GH_OK)
            status = gh_pipeline_flush(pipeline, error);
    }
    if (status == GH_OK)
        status = gh_pipeline_finish(pipeline, error);
    if (status == GH_OK) {
        gh_pipeline_tally(pipeline, &tally);
        CHECK(tally.pieces == 300 && tally.applied + tally.refused == 300);
        CHECK(tally.refused == tally.refused_by[GH_REFUSED_LIMIT]);
    }
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    return status;
}

static void a_pipeline_takes_events_or_says_that_memory_is_out(void)
{
    gh_law_init();
    starve(&(struct starve_work){NULL, pipeline_work, NULL, true});
}

/* --- the durable exchange --- */

enum { DURABLE_EVENTS = 60, TURNS = 200 };

static struct kit_server *server;
static struct gh_durable_queue *queue;
static uint64_t taken;

static bool queue_say(void *context, const void *frame, size_t size)
{
    const struct gh_durable_route route = kit_route(1);
    struct gh_durable_batch batch;

    (void)context;
    if (gh_durable_hear(server->server, &route, frame, size, &batch)) {
        CHECK(batch.first == taken + 1);
        for (uint32_t i = 0; i < batch.count; i++)
            if ((batch.first + i) % 7 == 0)
                gh_durable_refuse(server->server, batch.stream, batch.first + i, "range", "no");
        taken += batch.count;
    }
    return true;
}

static void durable_before(void)
{
    taken = 0;
    queue = NULL;
    server = kit_server(4, 50, 100);
}

/* What the server could not say for want of memory it says when it is asked again. */
static enum gh_status durable_work(struct gh_error *error)
{
    const struct gh_durable_queue_setup setup = {.stream = {3}, .write = queue_say};
    const struct gh_mark *mark;
    struct gh_text losses;
    uint64_t sent = 0;
    char line[32];

    queue = gh_durable_queue_new(&setup);
    if (!queue)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    for (int i = 0; i < TURNS && taken < DURABLE_EVENTS; i++) {
        if (i % 20 == 0)
            gh_durable_queue_hello(queue);
        const int size = snprintf(line, sizeof line, "%llu\n", (unsigned long long)sent + 1);
        if (sent < DURABLE_EVENTS && gh_durable_queue_room(queue, 1))
            sent += gh_durable_queue_add(queue, line, (size_t)size, 1);
        gh_durable_queue_pump(queue);
        gh_durable_marks(server->server, &mark);
        gh_durable_losses(server->server, &losses);
        gh_durable_marked(server->server);
        gh_durable_committed(server->server);
        for (; server->read < server->count; server->read++) {
            const struct kit_frame *frame = &server->said[server->read].frame;
            gh_durable_queue_hear(queue, frame->at, frame->size);
        }
    }
    return GH_OK;
}

static void durable_after(enum gh_status status)
{
    struct gh_durable_state state = {0};

    if (queue)
        state = gh_durable_queue_state(queue);
    CHECK(state.progress.durable <= taken && taken <= DURABLE_EVENTS);
    gh_durable_queue_free(queue);
    kit_free(server);
    (void)status;
}

static void the_durable_exchange_acknowledges_nothing_that_was_not_taken(void)
{
    starve(&(struct starve_work){durable_before, durable_work, durable_after, true});
}

static const struct gh_test tests[] = {
    GH_TEST(model_and_prices_are_read_or_memory_is_out),
    GH_TEST(a_configuration_is_read_or_memory_is_out),
    GH_TEST(the_key_file_is_the_old_one_or_the_new_one),
    GH_TEST(files_of_events_are_read_or_memory_is_out),
    GH_TEST(an_event_is_taken_or_refused_for_want_of_memory),
    GH_TEST(a_pipeline_takes_events_or_says_that_memory_is_out),
    GH_TEST(the_durable_exchange_acknowledges_nothing_that_was_not_taken),
};
GH_TEST_MAIN(tests)
