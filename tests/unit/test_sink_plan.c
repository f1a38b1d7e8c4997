/* test_sink_plan.c - what a sink says when: windows, rates, newest revisions, labels that
 * change, reminders in pages, and what is no longer in the ledger. */
#include "edge/sinks/sink.h"

#include "edge/alert.h"
#include "support/store_kit.h"

#include <sodium.h>

static struct gh_error error;
static struct gh_sinks_options options;
static struct gh_ledger *ledger;
static struct gh_sink sink;

static void text_set(struct gh_option_text *text, const char *value)
{
    snprintf(text->text, sizeof text->text, "%.*s", (int)sizeof text->text - 1, value);
}

static const char *slack_file(void)
{
    const char *path = kit_path("hook");
    FILE *file = fopen(path, "w");
    CHECK(file && fputs("https://hooks.test/T\n", file) >= 0 && fclose(file) == 0);
    CHECK(chmod(path, 0600) == 0);
    return path;
}

/* One sink of the kind whose option is given. */
static void world_open(bool slack)
{
    struct gh_sink all[GH_SINKS_MAX];
    size_t count = 0;
    error = (struct gh_error){0};
    kit_open();
    CHECK(sodium_init() >= 0);
    CHECK(gh_ledger_open(&ledger, kit_folder, NULL, &error) == GH_OK);
    options = (struct gh_sinks_options){.timeout = 10,
                                        .retry_max = 10,
                                        .alertmanager_resend = 60,
                                        .slack_window = 30,
                                        .slack_rate = 3};
    text_set(&options.alertmanager_severity, "notice");
    text_set(&options.slack_severity, "notice");
    if (slack)
        text_set(&options.slack, slack_file());
    else
        text_set(&options.alertmanager, "http://am.test:9093/");
    CHECK(gh_sink_setup(all, &count, &options, &error) == GH_OK && count == 1);
    sink = all[0];
    sink.source = "test";
}

static void world_close(void)
{
    gh_sink_wipe(&sink);
    gh_ledger_close(ledger);
    kit_close();
}

/* The next revision of a finding. */
static void change_commit(uint64_t sequence, const char *finding, uint32_t revision,
                          enum gh_severity severity)
{
    struct gh_finding f = {.revision = revision,
                           .change = revision == 1 ? GH_OPENED : GH_ESCALATED,
                           .detector = "runaway",
                           .actor = kit_text("ann"),
                           .team = kit_text("pay"),
                           .severity = severity,
                           .from_ms = 1000};
    char id[GH_ALERT_ID_SIZE];
    snprintf(f.id, sizeof f.id, "%s", finding);
    gh_alert_id(&f, id);
    char *body = gh_alert_body(&f, sequence, "test");
    const struct gh_ledger_change change = {
        .alert = {.sequence = sequence,
                  .id = kit_text(id),
                  .finding = kit_text(f.id),
                  .revision = revision,
                  .time_ms = (int64_t)sequence * 1000,
                  .body = kit_text(body)},
        .finding = {
            .id = kit_text(f.id), .revision = revision, .open = true, .body = kit_text(body)}};
    CHECK(gh_ledger_commit(ledger, &change, 1, sequence, &error) == GH_OK);
    free(body);
}

static void findings_commit(uint64_t from, uint64_t to)
{
    char id[16];
    for (uint64_t i = from; i <= to; i++) {
        snprintf(id, sizeof id, "f%05u", (unsigned)i);
        change_commit(i, id, 1, GH_NOTICE);
    }
}

static struct gh_parcel plan(int64_t ms, uint64_t newest)
{
    const struct gh_now now = {.ms = ms, .wall_ms = ms + 1000000, .newest = newest};
    struct gh_parcel parcel;
    CHECK(gh_sink_plan(&sink, ledger, &now, &parcel, &error) == GH_OK);
    return parcel;
}

/* As the thread does when the other side has taken it. */
static void taken(struct gh_parcel *parcel)
{
    sink.spent++;
    sink.counts.messages++;
    if (parcel->refresh)
        memcpy(sink.cursor, parcel->cursor, sizeof sink.cursor);
    else
        sink.counts.position = parcel->last;
    free(parcel->body);
}

static unsigned times(const char *text, const char *what)
{
    unsigned count = 0;
    while (text && (text = strstr(text, what))) {
        text += strlen(what);
        count++;
    }
    return count;
}

static void changes_gather_and_the_newest_revision_is_told(void)
{
    world_open(true);
    change_commit(1, "a", 1, GH_NOTICE);
    struct gh_parcel parcel = plan(100, 1);
    CHECK(!parcel.body && sink.wait_ms == 30100);
    change_commit(2, "b", 1, GH_NOTICE);
    change_commit(3, "a", 2, GH_WARNING);
    parcel = plan(30099, 3);
    CHECK(!parcel.body && sink.wait_ms == 30100 && sink.counts.position == 0);
    parcel = plan(30100, 3);
    CHECK(parcel.body && parcel.last == 2 && parcel.told == 1 && parcel.collapsed == 1);
    CHECK(!strcmp(parcel.id, "b-1"));
    taken(&parcel);
    change_commit(4, "c", 1, GH_NOTICE);
    parcel = plan(30200, 4);
    CHECK(parcel.body && parcel.last == 3 && !strcmp(parcel.id, "a-2"));
    taken(&parcel);
    parcel = plan(30300, 4); /* what came since gathers anew */
    CHECK(!parcel.body && sink.wait_ms == 60300);
    world_close();
}

static void the_last_message_of_a_minute_sums_up_the_rest(void)
{
    world_open(true);
    findings_commit(1, 200);
    (void)plan(0, 200);
    for (unsigned i = 1; i <= 2; i++) {
        struct gh_parcel parcel = plan(70000, 200);
        CHECK(parcel.told == 1 && parcel.last == i);
        taken(&parcel);
    }
    struct gh_parcel parcel = plan(70000, 200);
    CHECK(parcel.told == 198 && parcel.last == 200);
    CHECK(times(parcel.body, "198 more findings") == 2);
    taken(&parcel);
    findings_commit(201, 201);
    parcel = plan(70100, 201);
    CHECK(!parcel.body);
    parcel = plan(101000, 201); /* its window is over, the minute is not */
    CHECK(!parcel.body && sink.wait_ms == 130000);
    parcel = plan(130000, 201);
    CHECK(parcel.told == 1 && parcel.last == 201);
    taken(&parcel);
    world_close();
}

static void one_alone_is_told_as_ever_even_as_the_last_of_a_minute(void)
{
    world_open(true);
    sink.rate = 1;
    findings_commit(1, 1);
    (void)plan(0, 1);
    struct gh_parcel parcel = plan(70000, 1);
    CHECK(parcel.told == 1 && !strcmp(parcel.id, "f00001-1"));
    taken(&parcel);
    world_close();
}

static void what_was_pruned_is_counted_and_passed_over(void)
{
    uint64_t removed = 0;
    world_open(true);
    sink.rate = 1; /* a summary, whose span is bounded */
    findings_commit(1, GH_SINK_SUMMARY + 20);
    const uint64_t newest = GH_SINK_SUMMARY + 20;
    CHECK(gh_ledger_prune(ledger, (int64_t)(newest - 1) * 1000, &removed, &error) == GH_OK);
    CHECK(removed == newest - 2);
    (void)plan(0, newest);
    struct gh_parcel parcel = plan(70000, newest);
    CHECK(parcel.told == 2 && parcel.last == newest);
    CHECK(sink.counts.unknown + parcel.unknown == newest - 2);
    taken(&parcel);
    world_close();
}

static void an_alertmanager_hears_that_old_labels_are_over(void)
{
    world_open(false);
    change_commit(1, "a", 1, GH_NOTICE);
    struct gh_parcel parcel = plan(0, 1);
    CHECK(parcel.told == 1 && times(parcel.body, "startsAt") == 1);
    taken(&parcel);
    change_commit(2, "a", 2, GH_WARNING);
    parcel = plan(1, 2);
    CHECK(parcel.told == 1 && times(parcel.body, "startsAt") == 2);
    /* wall clock 1000.001 s; firing ends four reminders later */
    const char *old = strstr(parcel.body, "\"severity\":\"notice\"");
    const char *now = strstr(parcel.body, "\"severity\":\"warning\"");
    CHECK(old && now && old < now);
    CHECK(old && times(old, "\"endsAt\":\"1970-01-01T00:16:40.001Z\"") == 1);
    CHECK(now && times(now, "\"endsAt\":\"1970-01-01T00:20:40.001Z\"") == 1);
    taken(&parcel);
    change_commit(3, "a", 3, GH_WARNING); /* the same labels: the older ones are over already */
    parcel = plan(2, 3);
    CHECK(times(parcel.body, "warning") >= 1 && parcel.told == 1);
    taken(&parcel);
    world_close();
}

static void a_batch_that_was_refused_goes_one_by_one(void)
{
    world_open(false);
    findings_commit(1, 5);
    struct gh_parcel parcel = plan(0, 5);
    CHECK(parcel.told == 5 && parcel.last == 5);
    free(parcel.body);
    sink.careful = parcel.last;
    for (uint64_t i = 1; i <= 5; i++) {
        parcel = plan(0, 5);
        CHECK(parcel.told == 1 && parcel.last == i);
        taken(&parcel);
    }
    findings_commit(6, 8);
    parcel = plan(0, 8);
    CHECK(parcel.told == 3);
    taken(&parcel);
    world_close();
}

static void open_findings_are_told_again_in_pages_until_all_have_been(void)
{
    world_open(false);
    findings_commit(1, GH_SINK_PAGE + 10);
    sink.counts.position = GH_SINK_PAGE + 10;
    struct gh_parcel parcel = plan(0, GH_SINK_PAGE + 10);
    CHECK(parcel.refresh && parcel.told == GH_SINK_PAGE && !strcmp(parcel.cursor, "f00064"));
    taken(&parcel);
    parcel = plan(1, GH_SINK_PAGE + 10);
    CHECK(parcel.refresh && parcel.told == 10 && !parcel.cursor[0]);
    taken(&parcel);
    parcel = plan(2, GH_SINK_PAGE + 10);
    CHECK(!parcel.body && sink.wait_ms == 60001);
    parcel = plan(60001, GH_SINK_PAGE + 10);
    CHECK(parcel.refresh && parcel.told == GH_SINK_PAGE);
    free(parcel.body);
    world_close();
}

static void many_that_are_left_out_give_way_to_other_sinks(void)
{
    enum { MANY = 17 * GH_SINK_PAGE };
    world_open(false);
    sink.floor = GH_CRITICAL;
    sink.refresh_ms = INT64_MAX;
    findings_commit(1, MANY);
    struct gh_parcel parcel = plan(5, MANY);
    CHECK(!parcel.body && sink.wait_ms == 5 && sink.counts.position == 16 * GH_SINK_PAGE);
    parcel = plan(6, MANY);
    CHECK(!parcel.body && sink.wait_ms == INT64_MAX && sink.counts.position == MANY);
    CHECK(sink.counts.filtered == MANY && sink.moved);
    world_close();
}

static const struct gh_test tests[] = {
    GH_TEST(changes_gather_and_the_newest_revision_is_told),
    GH_TEST(the_last_message_of_a_minute_sums_up_the_rest),
    GH_TEST(one_alone_is_told_as_ever_even_as_the_last_of_a_minute),
    GH_TEST(what_was_pruned_is_counted_and_passed_over),
    GH_TEST(an_alertmanager_hears_that_old_labels_are_over),
    GH_TEST(a_batch_that_was_refused_goes_one_by_one),
    GH_TEST(open_findings_are_told_again_in_pages_until_all_have_been),
    GH_TEST(many_that_are_left_out_give_way_to_other_sinks),
};
GH_TEST_MAIN(tests)
