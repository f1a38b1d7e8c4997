/* test_delivered.c - how far sinks are, what was set aside, and open findings in pages. */
#include "store/delivered.h"

#include "support/store_kit.h"

static struct gh_error error;

static struct gh_delivered *delivered_again(struct gh_delivered *delivered)
{
    struct gh_delivered *opened = NULL;

    gh_delivered_close(delivered);
    CHECK(gh_delivered_open(&opened, kit_folder, &error) == GH_OK);
    return opened;
}

static uint64_t position_of(struct gh_delivered *delivered, const char *sink)
{
    uint64_t position = 77;
    bool known = false;

    CHECK(gh_delivered_find(delivered, kit_text(sink), &position, &known, &error) == GH_OK);
    CHECK(known || position == 77);
    return known ? position : UINT64_MAX;
}

static void a_position_is_kept_for_each_sink(void)
{
    kit_open();
    struct gh_delivered *delivered = delivered_again(NULL);
    CHECK(position_of(delivered, "slack") == UINT64_MAX);
    CHECK(gh_delivered_set(delivered, kit_text("slack"), 5, &error) == GH_OK);
    CHECK(gh_delivered_set(delivered, kit_text("mail"), 9, &error) == GH_OK);
    CHECK(gh_delivered_set(delivered, kit_text("slack"), 6, &error) == GH_OK);
    delivered = delivered_again(delivered);
    CHECK(position_of(delivered, "slack") == 6 && position_of(delivered, "mail") == 9);
    gh_delivered_close(delivered);
    kit_close();
}

struct seen {
    uint64_t count, first;
    char last[64];
};

static void aside_see(void *context, const struct gh_set_aside *aside)
{
    struct seen *seen = context;

    if (seen->count++ == 0)
        seen->first = aside->first;
    snprintf(seen->last, sizeof seen->last, "%.*s %u %.*s %d", (int)aside->sink.size,
             aside->sink.at, (unsigned)aside->code, (int)aside->reason.size, aside->reason.at,
             (int)aside->time_ms);
}

static void a_refusal_moves_the_position_and_is_listed(void)
{
    struct seen seen = {0};
    struct gh_delivered *reader = NULL;
    kit_open();
    struct gh_delivered *delivered = delivered_again(NULL);
    struct gh_set_aside aside = {.sink = kit_text("webhook"),
                                 .first = 3,
                                 .last = 4,
                                 .code = 422,
                                 .time_ms = 9,
                                 .reason = kit_text("no")};
    CHECK(gh_delivered_refuse(delivered, &aside, &error) == GH_OK);
    CHECK(position_of(delivered, "webhook") == 4);
    CHECK(gh_delivered_open_reader(&reader, kit_folder, &error) == GH_OK);
    CHECK(gh_delivered_aside(reader, aside_see, &seen, &error) == GH_OK);
    CHECK(seen.count == 1 && seen.first == 3 && !strcmp(seen.last, "webhook 422 no 9"));
    gh_delivered_close(reader);
    gh_delivered_close(delivered);
    kit_close();
}

static void the_oldest_refusals_make_room(void)
{
    enum { MORE = 5 };
    struct seen seen = {0};
    kit_open();
    struct gh_delivered *delivered = delivered_again(NULL);
    for (uint64_t i = 1; i <= GH_SET_ASIDE_MAX + MORE; i++) {
        const struct gh_set_aside aside = {
            .sink = kit_text("webhook"), .first = i, .last = i, .reason = kit_text("")};
        CHECK(gh_delivered_refuse(delivered, &aside, &error) == GH_OK);
    }
    CHECK(gh_delivered_aside(delivered, aside_see, &seen, &error) == GH_OK);
    CHECK(seen.count == GH_SET_ASIDE_MAX && seen.first == MORE + 1);
    gh_delivered_close(delivered);
    kit_close();
}

static void a_reader_needs_a_file(void)
{
    struct gh_delivered *reader = NULL;
    struct gh_error missing = {0};
    kit_open();
    CHECK(gh_delivered_open_reader(&reader, kit_folder, &missing) == GH_EIO && !reader);
    CHECK(strstr(missing.text, "sinks.db"));
    kit_close();
}

static void findings_fill(struct gh_ledger *ledger, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof id, "f%03u", i);
        const struct gh_ledger_change change = {
            .alert = {.sequence = i + 1,
                      .id = kit_text(id),
                      .finding = kit_text(id),
                      .revision = 1,
                      .body = kit_text("{}")},
            .finding = {
                .id = kit_text(id), .revision = 1, .open = i % 3 != 0, .body = kit_text("{}")}};
        CHECK(gh_ledger_commit(ledger, &change, 1, i, &error) == GH_OK);
    }
}

struct open_page {
    char last[16];
    unsigned count, all;
};

static bool finding_see(void *context, const struct gh_ledger_finding *finding)
{
    struct open_page *page = context;

    CHECK(finding->open);
    snprintf(page->last, sizeof page->last, "%.*s", (int)finding->id.size, finding->id.at);
    page->count++;
    page->all++;
    return true;
}

static void open_findings_come_in_pages_without_closed_ones(void)
{
    struct gh_ledger *ledger = NULL;
    struct open_page page = {.last = ""};
    unsigned pages = 0;
    kit_open();
    CHECK(gh_ledger_open(&ledger, kit_folder, NULL, &error) == GH_OK);
    findings_fill(ledger, 31);
    do {
        const struct gh_ledger_open_page asked = {kit_text(page.last), 7};
        page.count = 0;
        CHECK(gh_ledger_open_findings(ledger, &asked, finding_see, &page, &error) == GH_OK);
        pages++;
    } while (page.count == 7 && pages < 10);
    CHECK(page.all == 20 && pages == 3 && !strcmp(page.last, "f029"));
    gh_ledger_close(ledger);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(a_position_is_kept_for_each_sink),
    GH_TEST(a_refusal_moves_the_position_and_is_listed),
    GH_TEST(the_oldest_refusals_make_room),
    GH_TEST(a_reader_needs_a_file),
    GH_TEST(open_findings_come_in_pages_without_closed_ones),
};
GH_TEST_MAIN(tests)
