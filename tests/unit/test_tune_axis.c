/* test_tune_axis.c - ranges of options: what is read, tried, refused, and how. */
#include "app/tune/axis.h"
#include "support/gh_test.h"

#include <math.h>

static struct gh_config *config(void)
{
    struct gh_error error = {0};
    struct gh_config *c = NULL;

    if (gh_config_new(&c, &error) != GH_OK)
        abort();
    return c;
}

static enum gh_status read(const char *text, struct gh_tune_axis *axis, struct gh_error *error)
{
    struct gh_config *c = config();
    const enum gh_status status = gh_tune_axis_read(axis, text, c, error);

    gh_config_free(c);
    return status;
}

/* The values of a range as text: "1 2 3"; or why it is none. */
static const char *values(const char *text)
{
    static char all[4096];
    double value[GH_TUNE_STEPS_MAX];
    struct gh_tune_axis axis;
    struct gh_error error = {0};
    size_t used = 0;

    if (read(text, &axis, &error) != GH_OK) {
        snprintf(all, sizeof all, "%s", error.text);
        return all;
    }
    const size_t count = gh_tune_axis_values(&axis, value);
    for (size_t i = 0; i < count; i++) {
        char number[GH_NUMBER_SIZE];
        gh_tune_axis_print(&axis, value[i], number);
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? " " : "", number);
    }
    return all;
}

static void is(const char *got, const char *wanted)
{
    CHECK(strcmp(got, wanted) == 0);
    if (strcmp(got, wanted) != 0)
        printf("# %s\n", got);
}

static void a_range_becomes_values(void)
{
    is(values("review.fewest_usd=1..5:5"), "1 2 3 4 5");
    is(values("incident.false_alarms=0.01..100:5:log"), "0.01 0.1 1 10 100");
    is(values("incident.false_alarms=0.01..100:log:3"), "0.01 1 100");
    is(values("agent_loop.alone_hops=4..7"), "4 5 6 7");
    is(values("agent_loop.enabled=false..true"), "false true");
    is(values("review.require_authenticated=off..auto"), "off on auto");
    is(values("review.floor=1..3:7"), "1 1.333 1.667 2 2.333 2.667 3");
}

static void there_are_twenty_steps_where_nobody_says(void)
{
    double value[GH_TUNE_STEPS_MAX];
    struct gh_tune_axis axis;
    struct gh_error error = {0};

    CHECK(read("review.floor=10..1000000:log", &axis, &error) == GH_OK);
    CHECK(axis.log && !axis.whole && axis.start == 1300.0);
    CHECK(gh_tune_axis_values(&axis, value) == GH_TUNE_STEPS);
    CHECK(value[0] == 10.0 && value[GH_TUNE_STEPS - 1] == 1000000.0);
    CHECK_NEAR(value[1] / value[0], value[2] / value[1], 1e-3); /* four digits */
    CHECK(read("review.floor=10..1000000", &axis, &error) == GH_OK);
    CHECK(!axis.log && gh_tune_axis_values(&axis, value) == GH_TUNE_STEPS);
}

static void what_is_illegal_is_refused_in_the_words_of_the_option(void)
{
    is(values("incident.false_alarms=0..5"),
       "incident.false_alarms: 0: must be 0.001..1000 per day");
    is(values("incident.false_alarms=1..2000"),
       "incident.false_alarms: 2000: must be 0.001..1000 per day");
    is(values("agent_loop.alone_hops=1.5..3"),
       "agent_loop.alone_hops: 1.5: must be a whole number, 4..10000 calls");
    is(values("agent_loop.enabled=0..1"), "agent_loop.enabled: 0: must be true or false");
    CHECK(strstr(values("incident.false_alarm=1..2"), "did you mean") != NULL);
    CHECK(strstr(values("incidents.false_alarms=1..2"), "did you mean") != NULL);
}

static void what_makes_no_range_is_told(void)
{
    is(values("review.floor=5..5"), "review.floor: FROM must be less than TO");
    is(values("review.floor=5..1"), "review.floor: FROM must be less than TO");
    is(values("review.fewest_usd=0..5:log"),
       "review.fewest_usd: equal factors need FROM above 0");
    CHECK(strstr(values("review.floor=5"), "must be GROUP.OPTION=FROM..TO") != NULL);
    CHECK(strstr(values("review.floor=5..9:1"), "must be GROUP.OPTION=FROM..TO") != NULL);
    CHECK(strstr(values("review.floor=5..9:201"), "must be GROUP.OPTION=FROM..TO") != NULL);
    CHECK(strstr(values("review.floor=5..9:log:log"), "must be GROUP.OPTION=FROM..TO") != NULL);
    CHECK(strstr(values("review.floor=5..9:"), "must be GROUP.OPTION=FROM..TO") != NULL);
    CHECK(strstr(values("service.shards=1..4"), "does not depend on it") != NULL);
    CHECK(strstr(values("identity.keys=a..b"), "does not depend on it") != NULL);
}

static void names_in_a_refusal_are_inert(void)
{
    for (const char *c = values("\x1b[31mreview.floor=5"); *c; c++)
        CHECK((unsigned char)*c >= 0x20);
}

static void files_are_told_from_ranges(void)
{
    CHECK(gh_tune_is_axis("review.floor=1..2"));
    CHECK(gh_tune_is_axis("review.floor=1"));
    CHECK(!gh_tune_is_axis("events.ndjson"));
    CHECK(!gh_tune_is_axis("./a.b=1..2"));
    CHECK(!gh_tune_is_axis("days=1.ndjson"));
    CHECK(!gh_tune_is_axis("-"));
}

static void a_value_that_is_printed_reads_back(void)
{
    static const char *const ranges[] = {"review.floor=1..77", "evidence.eta=0.1..1",
                                         "incident.audit=0..1",
                                         "incident.false_alarms=0.001..1000:log"};

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        double value[GH_TUNE_STEPS_MAX];
        struct gh_config *c = config();
        struct gh_tune_axis axis;
        struct gh_error error = {0};

        CHECK(gh_tune_axis_read(&axis, ranges[i], c, &error) == GH_OK);
        const size_t count = gh_tune_axis_values(&axis, value);
        for (size_t k = 0; k < count; k++) {
            char text[GH_TUNE_ASSIGNMENT_SIZE];
            gh_tune_axis_assignment(&axis, value[k], text);
            CHECK(gh_config_set(c, text, &error) == GH_OK);
            CHECK(gh_tune_option_value(c, axis.place) == value[k]);
            CHECK(gh_tune_axis_near(&axis, value[k]) == value[k]);
        }
        gh_config_free(c);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_range_becomes_values),
    GH_TEST(there_are_twenty_steps_where_nobody_says),
    GH_TEST(what_is_illegal_is_refused_in_the_words_of_the_option),
    GH_TEST(what_makes_no_range_is_told),
    GH_TEST(names_in_a_refusal_are_inert),
    GH_TEST(files_are_told_from_ranges),
    GH_TEST(a_value_that_is_printed_reads_back),
};
GH_TEST_MAIN(tests)
