/* test_ledger.c - the ledger: what is kept, what is compared, what is refused. */
#include "support/store_kit.h"

static struct gh_error error;

static struct gh_ledger *ledger_again(struct gh_ledger *ledger)
{
    struct gh_ledger *opened = NULL;

    gh_ledger_close(ledger);
    CHECK(gh_ledger_open(&opened, kit_folder, NULL, &error) == GH_OK);
    return opened;
}

static struct gh_ledger *ledger_new(void)
{
    kit_open();
    error = (struct gh_error){0};
    return ledger_again(NULL);
}

static void ledger_end(struct gh_ledger *ledger)
{
    gh_ledger_close(ledger);
    kit_close();
}

/* Alert `sequence`: revision 1 + sequence / 4 of finding f0 to f3. Lent until the next one. */
static struct gh_ledger_change change_of(uint64_t sequence)
{
    static char id[32], finding[8], body[64];
    const uint32_t revision = (uint32_t)(1 + sequence / 4);

    snprintf(finding, sizeof finding, "f%u", (unsigned)(sequence % 4));
    snprintf(id, sizeof id, "%s-%u", finding, revision);
    snprintf(body, sizeof body, "{\"revision\":%u}", revision);
    return (struct gh_ledger_change){
        .alert = {.sequence = sequence,
                  .id = kit_text(id),
                  .finding = kit_text(finding),
                  .revision = revision,
                  .position = sequence * 10,
                  .time_ms = (int64_t)sequence * 1000,
                  .actor = kit_text("ann"),
                  .team = kit_text("pay\xc3\xa9"),
                  .detector = kit_text("runaway"),
                  .severity = kit_text("notice"),
                  .body = kit_text(body)},
        .finding = {.id = kit_text(finding),
                    .revision = revision,
                    .actor = kit_text("ann"),
                    .team = kit_text("pay\xc3\xa9"),
                    .detector = kit_text("runaway"),
                    .track = kit_text("incident"),
                    .severity = kit_text("notice"),
                    .open = sequence % 4 != 3,
                    .from_ms = -5,
                    .until_ms = (int64_t)sequence * 1000,
                    .body = kit_text(body)},
    };
}

static enum gh_status commit_one(struct gh_ledger *ledger,
                                 const struct gh_ledger_change *change, uint64_t position)
{
    error = (struct gh_error){0};
    return gh_ledger_commit(ledger, change, 1, position, &error);
}

static void fill(struct gh_ledger *ledger, uint64_t from, uint64_t to)
{
    for (uint64_t sequence = from; sequence <= to; sequence++) {
        const struct gh_ledger_change change = change_of(sequence);
        CHECK(commit_one(ledger, &change, sequence * 10 + 1) == GH_OK);
    }
}

static struct gh_ledger_counts counts_of(struct gh_ledger *ledger)
{
    struct gh_ledger_counts counts = {0};

    CHECK(gh_ledger_counts(ledger, &counts, &error) == GH_OK);
    return counts;
}

struct seen {
    uint64_t count, first, last, stop_after;
    bool wrong;
};

static bool text_same(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && !memcmp(a.at, b.at, a.size);
}

static bool see(void *context, const struct gh_ledger_alert *alert)
{
    struct seen *seen = context;
    const struct gh_ledger_alert wanted = change_of(alert->sequence).alert;

    seen->first = seen->count ? seen->first : alert->sequence;
    seen->last = alert->sequence;
    seen->wrong |= alert->revision != wanted.revision || alert->position != wanted.position ||
                   alert->time_ms != wanted.time_ms || !text_same(alert->id, wanted.id) ||
                   !text_same(alert->team, wanted.team) || !text_same(alert->body, wanted.body);
    return ++seen->count != seen->stop_after;
}

static void alerts_come_back_by_sequence(void)
{
    struct gh_ledger *ledger = ledger_new();
    const struct gh_ledger_page all = {0, 1000}, page = {5, 4}, past = {21, 9};
    struct seen seen = {0};

    fill(ledger, 1, 20);
    ledger = ledger_again(ledger);
    CHECK(gh_ledger_alerts(ledger, &all, see, &seen, &error) == GH_OK);
    CHECK(seen.count == 20 && seen.first == 1 && seen.last == 20 && !seen.wrong);
    seen = (struct seen){0};
    CHECK(gh_ledger_alerts(ledger, &page, see, &seen, &error) == GH_OK);
    CHECK(seen.count == 4 && seen.first == 5 && seen.last == 8);
    seen = (struct seen){.stop_after = 2};
    CHECK(gh_ledger_alerts(ledger, &all, see, &seen, &error) == GH_OK && seen.count == 2);
    seen = (struct seen){0};
    CHECK(gh_ledger_alerts(ledger, &past, see, &seen, &error) == GH_OK && seen.count == 0);
    CHECK(kit_verify(NULL) == UINT64_MAX); /* there is no log */
    ledger_end(ledger);
}

static void a_finding_is_its_newest_revision_with_all_its_alerts(void)
{
    struct gh_ledger *ledger = ledger_new();
    const struct gh_ledger_finding *finding = NULL;
    struct seen seen = {0};

    fill(ledger, 1, 20);
    CHECK(gh_ledger_finding(ledger, kit_text("f2"), &finding, &error) == GH_OK && finding);
    CHECK(finding->revision == 5 && finding->opened == 2 && finding->open);
    CHECK(finding->from_ms == -5 && finding->until_ms == 18000);
    CHECK(text_same(finding->track, kit_text("incident")));
    CHECK(text_same(finding->body, kit_text("{\"revision\":5}")));
    CHECK(gh_ledger_alerts_of(ledger, kit_text("f2"), see, &seen, &error) == GH_OK);
    CHECK(seen.count == 5 && seen.first == 2 && seen.last == 18 && !seen.wrong);
    CHECK(gh_ledger_finding(ledger, kit_text("f9"), &finding, &error) == GH_OK && !finding);
    ledger_end(ledger);
}

static void what_is_derived_again_is_compared_and_not_written(void)
{
    struct gh_ledger *ledger = ledger_new();
    struct gh_ledger_counts counts;

    fill(ledger, 1, 9);
    ledger = ledger_again(ledger);
    fill(ledger, 4, 11);
    counts = counts_of(ledger);
    CHECK(counts.alerts == 11 && counts.oldest == 1 && counts.newest == 11);
    CHECK(counts.compared == 6 && counts.written == 2 && counts.unknown == 0);
    CHECK(counts.findings == 4 && counts.open == 3 && counts.applied == 111);
    ledger_end(ledger);
}

static void another_history_is_refused_and_changes_nothing(void)
{
    struct gh_ledger *ledger = ledger_new();
    struct gh_ledger_change change, pair[2];
    struct gh_ledger_counts counts;

    fill(ledger, 1, 9);
    change = change_of(4);
    change.alert.body = kit_text("{\"revision\":77}");
    CHECK(commit_one(ledger, &change, 1000) == GH_EDIVERGED);
    CHECK(strstr(error.text, "alert 4 is recorded as f0-2 and is now f0-2"));
    change = change_of(4);
    change.alert.id = kit_text("x-1");
    CHECK(commit_one(ledger, &change, 1000) == GH_EDIVERGED);
    change = change_of(11);
    CHECK(commit_one(ledger, &change, 1000) == GH_EDIVERGED);
    CHECK(strstr(error.text, "alert 11 comes behind 9"));
    change = change_of(10);
    change.alert.id = kit_text("f1-1");
    CHECK(commit_one(ledger, &change, 1000) == GH_EDIVERGED);
    CHECK(strstr(error.text, "its id f1-1 is that of alert 1"));
    change = change_of(10);
    change.finding.revision = 2;
    CHECK(commit_one(ledger, &change, 1000) == GH_EDIVERGED);
    CHECK(strstr(error.text, "finding f2: revision 2 comes behind 2"));
    /* The first of two that would be fine is not kept either. */
    pair[0] = change_of(10);
    pair[0].alert.id = kit_text("f2-3");
    pair[0].finding.revision = 3;
    pair[1] = pair[0];
    pair[1].alert.sequence = 12;
    error = (struct gh_error){0};
    CHECK(gh_ledger_commit(ledger, pair, 2, 1000, &error) == GH_EDIVERGED);
    counts = counts_of(ledger);
    CHECK(counts.newest == 9 && counts.alerts == 9 && counts.applied == 91);
    fill(ledger, 10, 12);
    ledger_end(ledger);
}

static void the_position_moves_without_alerts_and_never_back(void)
{
    struct gh_ledger *ledger = ledger_new();

    CHECK(gh_ledger_commit(ledger, NULL, 0, 500, &error) == GH_OK);
    CHECK(gh_ledger_commit(ledger, NULL, 0, 400, &error) == GH_OK);
    CHECK(counts_of(ledger).applied == 500);
    ledger = ledger_again(ledger);
    CHECK(counts_of(ledger).applied == 500);
    ledger_end(ledger);
}

static void texts_are_kept_with_their_size(void)
{
    struct gh_ledger *ledger = ledger_new();
    struct gh_ledger_change change = change_of(1);
    const struct gh_ledger_finding *finding = NULL;

    change.finding.actor = (struct gh_text){"ann, and what follows", 3};
    change.finding.team = (struct gh_text){NULL, 0};
    change.finding.id = change.alert.finding = kit_text("'; DROP TABLE alert; --");
    CHECK(commit_one(ledger, &change, 1) == GH_OK);
    CHECK(gh_ledger_finding(ledger, change.finding.id, &finding, &error) == GH_OK && finding);
    CHECK(text_same(finding->actor, kit_text("ann")) && finding->team.size == 0);
    CHECK(counts_of(ledger).alerts == 1);
    ledger_end(ledger);
}

static void pruning_takes_old_alerts_and_leaves_findings(void)
{
    struct gh_ledger *ledger = ledger_new();
    const struct gh_ledger_finding *finding = NULL;
    struct gh_ledger_counts counts;
    uint64_t removed = 0;

    fill(ledger, 1, 20);
    CHECK(gh_ledger_prune(ledger, 11000, &removed, &error) == GH_OK && removed == 10);
    counts = counts_of(ledger);
    CHECK(counts.alerts == 10 && counts.oldest == 11 && counts.findings == 4);
    CHECK(gh_ledger_finding(ledger, kit_text("f2"), &finding, &error) == GH_OK && finding);
    CHECK(gh_ledger_prune(ledger, 11000, &removed, &error) == GH_OK && removed == 0);
    ledger = ledger_again(ledger);
    fill(ledger, 9, 21);
    counts = counts_of(ledger);
    CHECK(counts.unknown == 2 && counts.compared == 10 && counts.written == 1);
    CHECK(gh_ledger_prune(ledger, INT64_MAX, &removed, &error) == GH_OK && removed == 11);
    fill(ledger, 22, 22);
    CHECK(counts_of(ledger).newest == 22 && counts_of(ledger).alerts == 1);
    ledger_end(ledger);
}

static void readers_see_what_is_committed(void)
{
    struct gh_ledger *ledger = ledger_new(), *reader = NULL;
    const struct gh_ledger_page all = {0, 1000};
    struct seen seen = {0};

    CHECK(gh_ledger_open_reader(&reader, kit_folder, NULL, &error) == GH_OK);
    fill(ledger, 1, 3);
    CHECK(gh_ledger_alerts(reader, &all, see, &seen, &error) == GH_OK && seen.count == 3);
    CHECK(counts_of(reader).newest == 3);
    gh_ledger_close(reader);
    ledger_end(ledger);
}

static void a_reader_needs_a_ledger(void)
{
    struct gh_ledger *reader = NULL;
    struct gh_error why = {0};

    kit_open();
    CHECK(gh_ledger_open_reader(&reader, kit_folder, NULL, &why) == GH_EIO && !reader);
    CHECK(strstr(why.text, "ledger.db: cannot be opened: "));
    kit_close();
}

static void sequences_begin_at_1(void)
{
    struct gh_ledger *ledger = ledger_new();
    struct gh_ledger_change change = change_of(0);

    CHECK(commit_one(ledger, &change, 1) == GH_EFORMAT);
    change.alert.sequence = UINT64_MAX;
    CHECK(commit_one(ledger, &change, 1) == GH_EFORMAT);
    ledger_end(ledger);
}

static const struct gh_test tests[] = {
    GH_TEST(alerts_come_back_by_sequence),
    GH_TEST(a_finding_is_its_newest_revision_with_all_its_alerts),
    GH_TEST(what_is_derived_again_is_compared_and_not_written),
    GH_TEST(another_history_is_refused_and_changes_nothing),
    GH_TEST(the_position_moves_without_alerts_and_never_back),
    GH_TEST(texts_are_kept_with_their_size),
    GH_TEST(pruning_takes_old_alerts_and_leaves_findings),
    GH_TEST(readers_see_what_is_committed),
    GH_TEST(a_reader_needs_a_ledger),
    GH_TEST(sequences_begin_at_1),
};
GH_TEST_MAIN(tests)
