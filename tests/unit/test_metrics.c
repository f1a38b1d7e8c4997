/* test_metrics.c - values and both text formats, and what the table promises about names. */
#include "edge/operate/metrics.h"

#include "support/gh_test.h"

#include <math.h>
#include <unistd.h>

#define PLACE(name, first, second) ((struct gh_metric_place){GH_METRIC_##name, first, second})

static struct gh_metrics *metrics_made(void)
{
    struct gh_metrics *m = NULL;
    struct gh_error error = {0};
    CHECK(gh_metrics_new(&m, &error) == GH_OK);
    return m;
}

static bool text_has(struct gh_metrics *m, bool open, const char *wanted)
{
    char *text = gh_metrics_text(m, open);
    const bool has = text && strstr(text, wanted);
    if (text && !has)
        printf("# not there: %s\n", wanted);
    free(text);
    return has;
}

static bool ends(const char *text, const char *with)
{
    const size_t size = strlen(text), end = strlen(with);
    return size > end && strcmp(text + size - end, with) == 0;
}

static void names_keep_the_rules_of_prometheus(void)
{
    for (unsigned i = 0; i < GH_METRIC_COUNT; i++) {
        const struct gh_metric_row *row = gh_metric_row((enum gh_metric)i);
        char base[128];
        snprintf(base, sizeof base, "%s", row->name);
        CHECK(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_") == strlen(row->name));
        CHECK(ends(row->name, "_total") == (row->type == GH_COUNTER));
        CHECK(ends(row->name, "_info") == (row->type == GH_INFO));
        if (row->type == GH_COUNTER)
            base[strlen(base) - strlen("_total")] = '\0';
        CHECK(!row->unit[0] || ends(base, row->unit));
        CHECK(row->help[0] && !ends(row->help, ".") && !strpbrk(row->help, "\\\n"));
        const bool bounds = strcmp(gh_label_name(row->first), "le") == 0;
        CHECK(bounds == (row->type == GH_HISTOGRAM));
        CHECK(row->second == GH_LABEL_none || row->first != GH_LABEL_none);
        for (unsigned j = 0; j < i; j++)
            CHECK(strcmp(row->name, gh_metric_row((enum gh_metric)j)->name) != 0);
    }
}

static void labels_are_closed_lists_of_plain_words(void)
{
    gh_label_revision("b40d51f-dirty");
    for (unsigned i = 0; i < GH_LABEL_COUNT; i++)
        for (size_t j = 0; j < gh_label_count((enum gh_label)i); j++) {
            const char *value = gh_label_value((enum gh_label)i, j);
            CHECK(value && !strpbrk(value, "\"\\\n"));
            for (size_t k = 0; k < j; k++)
                CHECK(strcmp(value, gh_label_value((enum gh_label)i, k)) != 0);
        }
}

static void bounds_ascend_and_end_in_infinity(void)
{
    for (unsigned i = 0; i < GH_LABEL_COUNT; i++) {
        const size_t count = gh_label_count((enum gh_label)i);
        if (strcmp(gh_label_name((enum gh_label)i), "le") != 0)
            continue;
        CHECK(strcmp(gh_label_value((enum gh_label)i, count - 1), "+Inf") == 0);
        for (size_t j = 1; j < count; j++)
            CHECK(strtod(gh_label_value((enum gh_label)i, j - 1), NULL) <
                  strtod(gh_label_value((enum gh_label)i, j), NULL));
    }
}

static void what_is_published_is_seen_and_nothing_before(void)
{
    struct gh_metrics *m = metrics_made();
    gh_metrics_set(m, PLACE(frames_total, 0, 0), 12);
    char *text = gh_metrics_text(m, false);
    CHECK(text && !strstr(text, "goodhart_"));
    free(text);
    gh_metrics_publish(m);
    gh_metrics_set(m, PLACE(frames_total, 0, 0), 13);
    CHECK(text_has(m, false,
                   "# HELP goodhart_frames_total frames of events that came in by ZeroMQ\n"
                   "# TYPE goodhart_frames_total counter\n"
                   "goodhart_frames_total 12\n"));
    gh_metrics_free(m);
}

static void a_value_that_is_none_takes_its_row_away(void)
{
    struct gh_metrics *m = metrics_made();
    gh_metrics_set(m, PLACE(alerts_total, 0, 0), 1);
    gh_metrics_set(m, PLACE(alerts_total, 3, 0), 2);
    gh_metrics_publish(m);
    CHECK(text_has(m, false,
                   "counter\ngoodhart_alerts_total{change=\"opened\"} 1\n"
                   "goodhart_alerts_total{change=\"closed\"} 2\n"));
    gh_metrics_set(m, PLACE(alerts_total, 0, 0), NAN);
    gh_metrics_set(m, PLACE(alerts_total, 3, 0), NAN);
    gh_metrics_publish(m);
    char *text = gh_metrics_text(m, false);
    CHECK(text && !strstr(text, "goodhart_alerts_total"));
    free(text);
    gh_metrics_free(m);
}

static void two_labels_are_placed_by_their_numbers(void)
{
    struct gh_metrics *m = metrics_made();
    gh_metrics_add(m, PLACE(findings_total, 4, 2), 1);
    gh_metrics_add(m, PLACE(findings_total, 4, 2), 2);
    gh_metrics_publish(m);
    CHECK(text_has(
        m, false,
        "counter\ngoodhart_findings_total{detector=\"repetition\",track=\"case\"} 3\n#"));
    gh_metrics_free(m);
}

static void a_histogram_adds_up_its_buckets(void)
{
    struct gh_metrics *m = metrics_made();
    gh_metrics_observe(m, GH_METRIC_batch_events, 1); /* a bound is inside */
    gh_metrics_observe(m, GH_METRIC_batch_events, 2);
    gh_metrics_observe(m, GH_METRIC_batch_events, 1e7);
    gh_metrics_publish(m);
    CHECK(text_has(m, false,
                   "# TYPE goodhart_batch_events histogram\n"
                   "goodhart_batch_events_bucket{le=\"1\"} 1\n"
                   "goodhart_batch_events_bucket{le=\"10\"} 2\n"
                   "goodhart_batch_events_bucket{le=\"100\"} 2\n"));
    CHECK(text_has(m, false,
                   "goodhart_batch_events_bucket{le=\"262144\"} 2\n"
                   "goodhart_batch_events_bucket{le=\"+Inf\"} 3\n"
                   "goodhart_batch_events_sum 10000003\n"
                   "goodhart_batch_events_count 3\n"));
    gh_metrics_free(m);
}

static void openmetrics_names_families_and_units_and_ends(void)
{
    struct gh_metrics *m = metrics_made();
    gh_label_revision("abc");
    gh_metrics_set(m, PLACE(build_info, 0, 0), 1);
    gh_metrics_set(m, PLACE(received_bytes_total, 0, 0), 0.1);
    gh_metrics_publish(m);
    CHECK(text_has(m, true,
                   "# TYPE goodhart_build info\ngoodhart_build_info{version=\"" //
                   GH_VERSION "\",revision=\"abc\"} 1\n"));
    CHECK(text_has(m, true,
                   "# UNIT goodhart_received_bytes bytes\n"
                   "# HELP goodhart_received_bytes bytes of events that came in\n"
                   "# TYPE goodhart_received_bytes counter\n"
                   "goodhart_received_bytes_total 0.1\n"));
    CHECK(text_has(m, false, "# TYPE goodhart_build_info gauge\n"));
    char *text = gh_metrics_text(m, true);
    CHECK(text && ends(text, "\n# EOF\n"));
    free(text);
    gh_metrics_free(m);
}

static void the_header_chooses_the_format(void)
{
    static const struct {
        const char *accept;
        bool open;
    } row[] = {
        {NULL, false},
        {"", false},
        {"*/*", false},
        {"text/plain", false},
        {"application/openmetrics-text", true},
        {"Application/OpenMetrics-Text; version=1.0.0", true},
        {"application/openmetrics-textual", false},
        {"application/openmetrics-text;q=0", false},
        {"application/openmetrics-text;q=0.4,text/plain;q=0.5", false},
        {"text/plain;version=0.0.4;q=0.5, application/openmetrics-text; q=0.5", true},
        /* as Prometheus 2.42 asks */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
         "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        CHECK(gh_metrics_open_wanted(row[i].accept) == row[i].open);
    CHECK(strstr(gh_metrics_content_type(false), "text/plain; version=0.0.4"));
    CHECK(strstr(gh_metrics_content_type(true), "application/openmetrics-text; version=1.0.0"));
}

static double process_of(const double *value, enum gh_metric metric)
{
    return value[metric - GH_METRIC_OWN_COUNT];
}

static void the_kernel_tells_of_the_process(void)
{
    double before[GH_PROCESS_METRIC_COUNT], after[GH_PROCESS_METRIC_COUNT];
    gh_metrics_process(before);
    const int held = dup(STDOUT_FILENO);
    gh_metrics_process(after);
    close(held);
    for (size_t i = 0; i < GH_PROCESS_METRIC_COUNT; i++)
        CHECK(before[i] >= 0);
    CHECK(process_of(after, GH_METRIC_open_fds) - process_of(before, GH_METRIC_open_fds) == 1);
    CHECK(process_of(after, GH_METRIC_threads) == 1);
    CHECK(process_of(after, GH_METRIC_virtual_memory_bytes) >
          process_of(after, GH_METRIC_resident_memory_bytes));
    CHECK(process_of(after, GH_METRIC_start_time_seconds) > 1.7e9);
}

static void the_start_does_not_seem_to_move(void)
{
    struct gh_metrics *m = metrics_made();
    char *one = gh_metrics_text(m, false);
    usleep(20000);
    char *two = gh_metrics_text(m, false);
    const char *a = one ? strstr(one, "\nprocess_start_time_seconds ") : NULL;
    const char *b = two ? strstr(two, "\nprocess_start_time_seconds ") : NULL;
    CHECK(a && b && strncmp(a, b, strcspn(a + 1, "\n") + 1) == 0);
    free(one);
    free(two);
    gh_metrics_free(m);
}

static const struct gh_test tests[] = {
    GH_TEST(names_keep_the_rules_of_prometheus),
    GH_TEST(labels_are_closed_lists_of_plain_words),
    GH_TEST(bounds_ascend_and_end_in_infinity),
    GH_TEST(what_is_published_is_seen_and_nothing_before),
    GH_TEST(a_value_that_is_none_takes_its_row_away),
    GH_TEST(two_labels_are_placed_by_their_numbers),
    GH_TEST(a_histogram_adds_up_its_buckets),
    GH_TEST(openmetrics_names_families_and_units_and_ends),
    GH_TEST(the_header_chooses_the_format),
    GH_TEST(the_kernel_tells_of_the_process),
    GH_TEST(the_start_does_not_seem_to_move),
};
GH_TEST_MAIN(tests)
