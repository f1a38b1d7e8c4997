/* test_pipeline.c - every piece of input is accounted for, whatever the engine answers. */
#include "app/pipeline.h"
#include "edge/wire.h"
#include "support/fake_engine.h"
#include "support/gh_test.h"

#include <jansson.h>

struct run {
    struct gh_config *config;
    struct gh_pipeline *pipeline;
    struct gh_error error;
    bool refuse;
    size_t batches, shown;
    const char *owner; /* of the first event that was shown last */
    uint64_t whose;    /* the same as the engine hears it */
    char lost[65536];  /* "source:line:index:reason:piece;" of each */
    char changes[4096];
};

static void change_note(void *context, const struct gh_finding *change)
{
    struct run *run = context;

    const size_t used = strlen(run->changes);

    snprintf(run->changes + used, sizeof(run->changes) - used, "%s ", change->id + 30);
}

static void lost_note(void *context, const struct gh_lost *lost)
{
    struct run *run = context;
    const size_t used = strlen(run->lost);

    CHECK(lost->text[0] != '\0');
    snprintf(run->lost + used, sizeof(run->lost) - used, "%s:%d:%d:%d:%s:%.*s;", lost->source,
             (int)lost->line, (int)lost->index, (int)lost->offset,
             gh_refusal_name(lost->reason), (int)lost->piece.size, lost->piece.at);
}

/* Says what the run tells it to, and notes how many events it was shown. */
static enum gh_status batch_note(void *context, const struct gh_event *event,
                                 const char *const *owner, size_t count, struct gh_error *error)
{
    struct run *run = context;

    CHECK(event[0].id.size == 1 && count > 0);
    run->owner = owner[0];
    run->whose = event[0].owner;
    run->batches++;
    run->shown += count;
    return run->refuse ? gh_error_set(error, GH_EFULL, "no room") : GH_OK;
}

static struct run *run_new(uint32_t batch, bool with_lost)
{
    struct run *run = calloc(1, sizeof(*run));
    const struct gh_hooks hooks = {.context = run,
                                   .on_batch = batch_note,
                                   .on_change = change_note,
                                   .on_refused = with_lost ? lost_note : NULL};

    CHECK(gh_config_new(&run->config, &run->error) == GH_OK);
    CHECK(gh_pipeline_new(&run->pipeline, run->config, batch, &hooks, &run->error) == GH_OK);
    return run;
}

static void run_free(struct run *run)
{
    gh_pipeline_free(run->pipeline);
    gh_config_free(run->config);
    free(run);
}

static struct gh_tally tally_of(const struct run *run)
{
    struct gh_tally t;

    gh_pipeline_tally(run->pipeline, &t);
    CHECK(t.pieces == t.applied + t.duplicate + t.late + t.refused + t.held + t.waiting);
    uint64_t refused = 0;
    for (int i = 0; i < GH_REFUSAL_COUNT; i++)
        refused += t.refused_by[i];
    CHECK(refused == t.refused);
    return t;
}

static char text[65536];

/* One line for each letter; '!' is a line that is no event. */
static size_t frame_make(const char *letters, char *at, size_t size)
{
    size_t used = 0;

    for (; *letters; letters++)
        used +=
            (size_t)(*letters == '!'
                         ? snprintf(at + used, size - used, "{broken}\n")
                         : snprintf(at + used, size - used,
                                    "{\"id\":\"%c\",\"ts\":0,\"actor\":\"ann\"}\n", *letters));
    return used;
}

static void frame(struct run *run, const char *letters, struct gh_place *place)
{
    const size_t size = frame_make(letters, text, sizeof(text));

    CHECK(gh_pipeline_frame(run->pipeline, text, size, place, &run->error) == GH_OK);
}

static void each_outcome_is_counted_once(void)
{
    struct run *run = run_new(100, true);
    struct gh_place place = {.source = "f"};
    struct gh_tally t;

    frame(run, "aaad!llrc", &place);
    t = tally_of(run);
    CHECK(t.waiting == 8 && t.refused == 1);
    CHECK(gh_pipeline_finish(run->pipeline, &run->error) == GH_OK);
    t = tally_of(run);
    CHECK(t.frames == 1 && t.pieces == 9 && t.applied == 4 && t.duplicate == 1);
    CHECK(t.late == 2 && t.refused == 2 && t.held == 0 && t.waiting == 0);
    CHECK(t.refused_by[GH_REFUSED_LIMIT] == 1 && t.refused_by[GH_REFUSED_SYNTAX] == 1);
    CHECK(t.changes == 1 && !strcmp(run->changes, "01 "));
    CHECK(t.engine.offered == 8);
    run_free(run);
}

static void batches_are_full_until_the_flush(void)
{
    struct run *run = run_new(3, true);
    struct gh_place place = {.source = "f"};

    frame(run, "aaaaaaa!a", &place);
    CHECK(!strcmp(gh_fake_log, "aaa|aaa|"));
    CHECK(tally_of(run).waiting == 2);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(!strcmp(gh_fake_log, "aaa|aaa|aa|"));
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(!strcmp(gh_fake_log, "aaa|aaa|aa|"));
    run_free(run);
}

static void frames_may_wait_together(void)
{
    static char first[256], second[256];
    struct run *run = run_new(4, true);
    struct gh_place place = {.source = "f"};
    const size_t first_size = frame_make("da", first, sizeof(first)),
                 second_size = frame_make("lc", second, sizeof(second));

    CHECK(gh_pipeline_frame(run->pipeline, first, first_size, &place, &run->error) == GH_OK);
    CHECK(!strcmp(gh_fake_log, ""));
    CHECK(gh_pipeline_frame(run->pipeline, second, second_size, &place, &run->error) == GH_OK);
    CHECK(!strcmp(gh_fake_log, "dalc|"));
    CHECK(place.frame == 2 && place.line == 4 && place.index == 4);
    CHECK(place.offset == first_size + second_size);
    run_free(run);
}

static void what_is_held_is_told_when_it_is_refused(void)
{
    struct run *run = run_new(2, true);
    struct gh_place place = {.source = "f"};

    frame(run, "ahha", &place);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).held == 2 && run->lost[0] == '\0');
    memset(text, 'z', sizeof(text)); /* the frame is gone */
    frame(run, "x", &place);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).held == 0 && tally_of(run).refused == 2 && tally_of(run).applied == 3);
    CHECK(!strcmp(run->lost, "f:2:1:32:future:{\"id\":\"h\",\"ts\":0,\"actor\":\"ann\"};"
                             "f:3:2:64:future:{\"id\":\"h\",\"ts\":0,\"actor\":\"ann\"};"));
    run_free(run);
}

static void what_is_held_may_be_applied_in_the_end(void)
{
    struct run *run = run_new(1, true);
    struct gh_place place = {.source = "f"};

    frame(run, "hhyhxha", &place);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).applied == 5 && tally_of(run).refused == 1 && tally_of(run).held == 1);
    CHECK(gh_pipeline_finish(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).applied == 5 && tally_of(run).refused == 2 && tally_of(run).held == 0);
    CHECK(strstr(run->lost, "f:6:5:"));
    run_free(run);
}

static void it_may_be_freed_while_events_are_held_and_waiting(void)
{
    struct run *run = run_new(4, true);
    struct gh_place place = {.source = "f"};

    frame(run, "hhhhaa", &place);
    CHECK(tally_of(run).held == 4 && tally_of(run).waiting == 2);
    run_free(run);
    gh_pipeline_free(NULL);
}

static void without_a_hook_what_is_lost_is_only_counted(void)
{
    struct run *run = run_new(2, false);
    struct gh_place place = {.source = "f"};

    frame(run, "hr!hx", &place);
    CHECK(gh_pipeline_finish(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).refused == 4 && tally_of(run).applied == 1);
    run_free(run);
}

static void changes_and_counts_do_not_depend_on_batches(void)
{
    static const char letters[] = "acdl!rhhacxhhyhac!cc";
    struct run *first = NULL;

    for (uint32_t batch = 1; batch < 30; batch++) {
        struct run *run = run_new(batch, true);
        struct gh_place place = {.source = "f"};

        frame(run, letters, &place);
        CHECK(gh_pipeline_finish(run->pipeline, &run->error) == GH_OK);
        if (!first) {
            first = run;
            continue;
        }
        CHECK(!strcmp(first->changes, run->changes));
        CHECK(strlen(first->lost) == strlen(run->lost));
        CHECK(tally_of(run).applied == tally_of(first).applied);
        CHECK(tally_of(run).refused == tally_of(first).refused);
        run_free(run);
    }
    run_free(first);
}

static void the_place_counts_on_over_frames(void)
{
    struct run *run = run_new(10, true);
    struct gh_place place = {.source = "f", .frame = 7, .offset = 100, .line = 50, .index = 40};
    static const char frame_text[] = "\n\n{\"a\"\n:1}\n[1]\n\n";

    CHECK(gh_pipeline_frame(run->pipeline, frame_text, sizeof(frame_text) - 1, &place,
                            &run->error) == GH_OK);
    CHECK(!strncmp(run->lost, "f:53:40:102:missing:", 20));
    CHECK(strstr(run->lost, "f:55:41:111:"));
    CHECK(place.frame == 8 && place.line == 56 && place.index == 42);
    CHECK(place.offset == 100 + sizeof(frame_text) - 1);
    run_free(run);
}

static void shards_come_from_the_configuration(void)
{
    struct run *run = calloc(1, sizeof(*run));
    const struct gh_hooks hooks = {.context = run, .on_change = change_note};

    CHECK(gh_config_new(&run->config, &run->error) == GH_OK);
    CHECK(gh_config_set(run->config, "service.shards=3", &run->error) == GH_OK);
    CHECK(gh_pipeline_new(&run->pipeline, run->config, 1, &hooks, &run->error) == GH_OK);
    CHECK(gh_fake_shards == 3);
    run_free(run);
}

static void files_that_are_not_there_are_told(void)
{
    static const char *const settings[] = {"service.prices=/nonexistent/p",
                                           "service.model=/nonexistent/m"};

    for (size_t i = 0; i < 2; i++) {
        struct run *run = calloc(1, sizeof(*run));
        const struct gh_hooks hooks = {.context = run, .on_change = change_note};

        CHECK(gh_config_new(&run->config, &run->error) == GH_OK);
        CHECK(gh_config_set(run->config, settings[i], &run->error) == GH_OK);
        CHECK(gh_pipeline_new(&run->pipeline, run->config, 1, &hooks, &run->error) != GH_OK);
        CHECK(!run->pipeline && strstr(run->error.text, "/nonexistent/"));
        run_free(run);
    }
}

static json_t *line_json(const struct gh_lost *lost)
{
    char *line = gh_lost_line(lost);
    json_t *object = json_loads(line ? line : "", 0, NULL);

    CHECK(line && object && !strchr(line, '\n'));
    free(line);
    return object;
}

static void a_dead_letter_keeps_the_bytes(void)
{
    struct gh_lost lost = {.source = "f\xff",
                           .line = 3,
                           .reason = GH_REFUSED_SYNTAX,
                           .key = "k",
                           .text = "why",
                           .piece = {"{\"a\":\n1}", 8}};
    json_t *object = line_json(&lost);

    CHECK(!strcmp(json_string_value(json_object_get(object, "event")), "{\"a\":\n1}"));
    CHECK(!strcmp(json_string_value(json_object_get(object, "reason")), "syntax"));
    CHECK(json_integer_value(json_object_get(object, "line")) == 3);
    json_decref(object);
    lost.piece = (struct gh_text){"{\xff}", 3};
    object = line_json(&lost);
    CHECK(!json_object_get(object, "event"));
    CHECK(!strcmp(json_string_value(json_object_get(object, "event_base64")), "e/99"));
    json_decref(object);
    lost.piece = (struct gh_text){"\x0a\x01x", 3}; /* would pass as text */
    lost.binary = true;
    object = line_json(&lost);
    CHECK(!json_object_get(object, "event") && !json_object_get(object, "event_base64"));
    CHECK(!strcmp(json_string_value(json_object_get(object, "event_binary_base64")), "CgF4"));
    json_decref(object);
}

/* Events a, b, one without ts and c: the frame in two parts, as files and batches come. */
static void a_binary_frame_goes_on_where_it_was_cut(void)
{
#define BINARY_EVENT(letter) "\x0a\x08\x0a\x01" letter "\x10\x00\x1a\x01x"
    static const char first[] = GH_MARKER BINARY_EVENT("\x61") BINARY_EVENT("\x62"),
                      second[] = "\x0a\x03\x0a\x01\x71" BINARY_EVENT("\x63") "\x10\x05";
    struct run *run = run_new(100, true);
    struct gh_place place = {.source = "f"};

    CHECK(gh_pipeline_frame(run->pipeline, first, sizeof first - 1, &place, &run->error) ==
          GH_OK);
    CHECK(place.index == 2 && place.line == 0 && place.offset == sizeof first - 1);
    place.binary = true;
    CHECK(gh_pipeline_frame(run->pipeline, second, sizeof second - 1, &place, &run->error) ==
          GH_OK);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(tally_of(run).applied == 3 && tally_of(run).refused == 2 && run->shown == 3);
    CHECK(!strcmp(run->lost, "f:1:2:26:missing:\x0a\x01q;f:1:4:39:syntax:\x10\x05;"));
    run_free(run);
}

static void what_is_not_kept_is_not_offered(void)
{
    struct run *run = run_new(100, true);
    struct gh_place place = {.source = "f"};

    run->refuse = true;
    frame(run, "aa!a", &place);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_EFULL);
    CHECK(!strcmp(run->error.text, "no room"));
    CHECK(run->shown == 3 && run->batches == 1);
    CHECK(tally_of(run).waiting == 3 && tally_of(run).engine.offered == 0);
    CHECK(gh_pipeline_room(run->pipeline) == 97);
    run->refuse = false;
    run->error = (struct gh_error){0};
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    CHECK(run->shown == 6 && run->batches == 2);
    CHECK(tally_of(run).applied == 3 && tally_of(run).waiting == 0);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK && run->batches == 2);
    run_free(run);
}

/* Where lines are numbered, an array is one bad piece, and an object that is cut is two. */
static void lines_are_pieces_whatever_they_hold(void)
{
    static const char lines[] = "{\"id\":\"a\",\"ts\":0,\"actor\":\"ann\"}\n"
                                "[{\"id\":\"b\",\"ts\":0,\"actor\":\"ann\"}]\n"
                                "\n"
                                "{\"id\":\"c\",\n"
                                "\"ts\":0,\"actor\":\"ann\"}\n"
                                "{\"id\":\"d\",\"ts\":0,\"actor\":\"ann\"}";
    struct run *run = run_new(100, true);
    struct gh_place place = {.source = "f", .frame = 9, .index = 41};

    CHECK(gh_pipeline_lines(run->pipeline, lines, sizeof lines - 1, &place, &run->error) ==
          GH_OK);
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    const struct gh_tally t = tally_of(run);
    CHECK(t.pieces == 6 && t.refused == 4 && t.applied == 1 && t.duplicate == 1);
    CHECK(place.index == 47 && place.line == 6 && place.frame == 10);
    CHECK(strstr(run->lost, "f:2:42:") == run->lost);
    CHECK(strstr(run->lost, ";f:3:43:") && strstr(run->lost, ";f:4:44:"));
    CHECK(strstr(run->lost, ";f:5:45:") && !strstr(run->lost, ":46:"));
    run_free(run);
}

static bool byte_move(void *context, void *at, size_t size)
{
    const char *byte = context;

    CHECK(size == 1);
    memcpy(at, byte, 1);
    return *byte != '-';
}

static enum gh_status run_load(struct run *run, const char *byte)
{
    run->error = (struct gh_error){0};
    return gh_pipeline_load(
        run->pipeline, &(struct gh_carrier){(void *)(uintptr_t)byte, byte_move}, &run->error);
}

static void a_saved_engine_goes_on_and_so_do_the_counts(void)
{
    struct run *run = run_new(100, true);
    struct gh_place place = {.source = "f"};

    CHECK(run_load(run, "-") == GH_EIO);
    CHECK(run_load(run, "?") == GH_EFORMAT);
    CHECK(run_load(run, "c") == GH_ECONFIG && strstr(run->error.text, "evidence.epoch"));
    CHECK(run_load(run, "s") == GH_OK);
    struct gh_tally t = tally_of(run);
    CHECK(t.pieces == 6 && t.applied == 3 && t.refused == 2 && t.held == 1);
    frame(run, "ax", &place); /* x refuses what was held before: its bytes are gone */
    CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
    t = tally_of(run);
    CHECK(t.pieces == 8 && t.applied == 5 && t.refused == 3 && t.held == 0);
    CHECK(!strcmp(run->lost, ":0:0:0:future:;"));
    run_free(run);
}

/* A speaker is asked for each event alone; what it may not say never reaches the engine. */
static void what_a_key_may_not_say_is_refused_alone(void)
{
    static const char file[] =
        "{\"keys\": [{\"name\": \"k\", \"public\":"
        " \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\", \"roles\": [\"produce\"],"
        " \"actors\": [\"ann\"]}]}";
    static const char events[] =
        "{\"id\":\"a\",\"ts\":0,\"actor\":\"ann\"}\n{\"id\":\"b\",\"ts\":0,\"actor\":\"bob\"}\n"
        "{broken}\n{\"id\":\"a\",\"ts\":0,\"actor\":\"ann\",\"team\":\"t\"}\n";
    struct run *run = run_new(100, true);
    struct gh_keys *keys = NULL;
    CHECK(gh_keys_read(&keys, "k", file, strlen(file), &run->error) == GH_OK);
    const struct gh_access_key *key = gh_keys_at(keys, 0);
    struct gh_place place = {.source = "f", .speaker = {"k", key, GH_KEY_GOOD}};
    for (int i = 0; i < 3; i++) {
        CHECK(gh_pipeline_frame(run->pipeline, events, strlen(events), &place, &run->error) ==
              GH_OK);
        CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
        CHECK(i > 0 || (run->owner && strcmp(run->owner, "k") == 0));
        CHECK(i > 0 || run->whose == gh_owner_of((struct gh_text){"k", 1}));
        /* First with the key, then with one that was taken away, then nobody is asked for. */
        place.speaker.key = NULL;
        place.speaker.state = GH_KEY_REVOKED;
        if (i == 1)
            place.speaker = (struct gh_speaker){.owner = NULL};
    }
    const struct gh_tally t = tally_of(run);
    CHECK(t.pieces == 12 && t.engine.offered == 1 + 0 + 3);
    CHECK(run->owner == NULL && run->whose == 0); /* the last ones were nobody's */
    CHECK(t.refused_by[GH_REFUSED_NOT_ALLOWED] == 2 + 3 &&
          t.refused_by[GH_REFUSED_SYNTAX] == 3);
    CHECK(strstr(run->lost, "f:2:1:32:not_allowed:{\"id\":\"b\""));
    gh_keys_free(keys);
    run_free(run);
}

/* Who says so in the event is not believed: only the frame's place knows. */
static void an_event_is_its_places_owners_whatever_it_says(void)
{
    static const char boast[] = "{\"id\":\"a\",\"ts\":0,\"actor\":\"ann\",\"owner\":1,"
                                "\"authenticated\":true,\"provenance\":\"authenticated\"}";
    struct run *run = run_new(100, true);

    for (uint64_t owner = 0; owner < 2; owner++) {
        struct gh_place place = {.source = "f", .owner = owner};
        CHECK(gh_pipeline_frame(run->pipeline, boast, strlen(boast), &place, &run->error) ==
              GH_OK);
        CHECK(gh_pipeline_flush(run->pipeline, &run->error) == GH_OK);
        CHECK(run->whose == owner && run->owner == NULL && place.owner == owner);
    }
    CHECK(tally_of(run).unknown_keys == 6);
    run_free(run);
}

static const struct gh_test tests[] = {
    GH_TEST(each_outcome_is_counted_once),
    GH_TEST(batches_are_full_until_the_flush),
    GH_TEST(frames_may_wait_together),
    GH_TEST(what_is_held_is_told_when_it_is_refused),
    GH_TEST(what_is_held_may_be_applied_in_the_end),
    GH_TEST(it_may_be_freed_while_events_are_held_and_waiting),
    GH_TEST(without_a_hook_what_is_lost_is_only_counted),
    GH_TEST(changes_and_counts_do_not_depend_on_batches),
    GH_TEST(the_place_counts_on_over_frames),
    GH_TEST(shards_come_from_the_configuration),
    GH_TEST(files_that_are_not_there_are_told),
    GH_TEST(a_dead_letter_keeps_the_bytes),
    GH_TEST(a_binary_frame_goes_on_where_it_was_cut),
    GH_TEST(what_is_not_kept_is_not_offered),
    GH_TEST(lines_are_pieces_whatever_they_hold),
    GH_TEST(a_saved_engine_goes_on_and_so_do_the_counts),
    GH_TEST(what_a_key_may_not_say_is_refused_alone),
    GH_TEST(an_event_is_its_places_owners_whatever_it_says),
};
GH_TEST_MAIN(tests)
