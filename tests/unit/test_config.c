/* test_config.c - configuration: what is taken, what is refused and with which words. */
#include "edge/edge_options.h"
#include "engine/options.h"
#include "support/gh_test.h"
#include "support/whole_config.h"

#include <unistd.h>

static struct gh_config *config_default(void)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    return config;
}

/* Reads `yaml` and wants `wanted` as the error ("" for none); refused text changes nothing. */
static void refused(const char *yaml, size_t size, const char *wanted)
{
    struct gh_config *config = config_default(), *before = config_default();
    struct gh_error error = {0};
    const enum gh_status status = gh_config_yaml(config, "f.yaml", yaml, size, &error);

    CHECK(status == GH_ECONFIG);
    CHECK(gh_config_same(config, before));
    if (strncmp(error.text, wanted, strlen(wanted)) != 0) {
        gh_test_failures++;
        printf("# got:    %s\n# wanted: %s\n", error.text, wanted);
    }
    gh_config_free(config);
    gh_config_free(before);
}

struct row {
    const char *yaml, *error;
};
static void rows_refused(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refused(rows[i].yaml, strlen(rows[i].yaml), rows[i].error);
}
#define ROWS_REFUSED(rows) rows_refused(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_file_sets_what_it_names_and_leaves_the_rest(void)
{
    static const char yaml[] = "order:\n  lateness: 12.5\nservice:\n  shards: 4\n"
                               "intake:\n  subscribe:\n    - tcp://a:1\n    - \"tcp://b:2\"\n"
                               "limits:\nalerts: {source: plant-7}\n";
    struct gh_config *config = config_default();
    struct gh_error error = {0};
    const struct gh_order_options *order = gh_config_group(config, "order");
    const struct gh_service_options *service = gh_config_group(config, "service");
    const struct gh_intake_options *intake = gh_config_group(config, "intake");
    const struct gh_alerts_options *alerts = gh_config_group(config, "alerts");

    CHECK(gh_config_yaml(config, "f.yaml", yaml, sizeof(yaml) - 1, &error) == GH_OK);
    CHECK(order->lateness == 12.5);
    CHECK(order->max_future == 3600);
    CHECK(service->shards == 4);
    CHECK(!strcmp(intake->subscribe.text, "tcp://a:1,tcp://b:2"));
    CHECK(!strcmp(intake->pull.text, "tcp://127.0.0.1:5601"));
    CHECK(!strcmp(alerts->source.text, "plant-7"));
    CHECK(gh_config_settings(config).value[GH_GROUP_ORDER] == order);
    gh_config_free(config);
}

static void an_empty_file_is_the_defaults(void)
{
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "---\n", "{}\n", "~\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct gh_config *config = config_default(), *before = config_default();
        struct gh_error error = {0};

        CHECK(gh_config_yaml(config, "f", texts[i], strlen(texts[i]), &error) == GH_OK);
        CHECK(gh_config_same(config, before));
        gh_config_free(config);
        gh_config_free(before);
    }
}

static void a_value_out_of_range_names_place_option_and_range(void)
{
    static const struct row rows[] = {
        {"service:\n  shards: 90\n", "f.yaml:2:11: service.shards: 90: must be 1..64 shards"},
        {"service:\n  shards: 0\n", "f.yaml:2:11: service.shards: 0: must be 1..64 shards"},
        {"service: {shards: 4294967297}", "f.yaml:1:19: service.shards: 4294967297: must be"},
        {"service: {shards: 18446744073709551617}", "f.yaml:1:19: service.shards: 184467"},
        {"order:\n\n  lateness:   86400.5\n",
         "f.yaml:3:15: order.lateness: 86400.5: must be 0..86400 seconds"},
        {"order: {lateness: -0.1}", "f.yaml:1:19: order.lateness: -0.1: must be 0..86400 sec"},
        {"evidence: {eta: 2}", "f.yaml:1:17: evidence.eta: 2: must be 0.1..1"},
    };

    ROWS_REFUSED(rows);
}

static void a_number_is_read_strictly(void)
{
    static const char *const bad[] = {
        "nan", ".nan",   "inf",     ".inf", "0x10", "1e999", "12s", "1 2",  "1_000", "010",
        "+5",  ".5",     "5.",      "1e",   "--1",  "1,5",   "~",   "true", "\"5\"", "'5'",
        "[5]", "{a: 5}", "!!int 5", "",     "null", "1e+",   "5 #", "0b1"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char yaml[64];

        if (!strcmp(bad[i], "5 #")) /* a comment is no junk */
            continue;
        snprintf(yaml, sizeof(yaml), "order: {lateness: %s}", bad[i]);
        refused(yaml, strlen(yaml), "f.yaml:1:");
        snprintf(yaml, sizeof(yaml), "service: {shards: %s}", bad[i]);
        refused(yaml, strlen(yaml), "f.yaml:1:");
    }
    refused("service: {shards: 2.0}", 22,
            "f.yaml:1:19: service.shards: 2.0: must be a whole number, 1..64 shards");
    refused("service: {shards: 1e1}", 22, "f.yaml:1:19: service.shards: 1e1: must be a whole");
    refused("service:\n  shards: \"2\"\n", 23,
            "f.yaml:2:11: service.shards: \"2\": must be 1..64 shards, without quotes");
    refused("order:\n  lateness:\n", 19,
            "f.yaml:2:12: order.lateness: nothing: must be a number, 0..86400 seconds");
}

static void a_text_is_a_text(void)
{
    static const struct row rows[] = {
        {"alerts: {source: 5}", "f.yaml:1:18: alerts.source: 5: must be a text: write \"5\""},
        {"alerts: {source: true}", "f.yaml:1:18: alerts.source: true: must be a text"},
        {"alerts: {source: off}", "f.yaml:1:18: alerts.source: off: must be a text"},
        {"alerts: {source: }", "f.yaml:1:18: alerts.source: nothing: must be a text"},
        {"alerts: {source: {a: b}}", "f.yaml:1:18: alerts.source: must be a text of at most"},
        {"alerts: {source: \"a\\0b\"}", "f.yaml:1:18: alerts.source: a?b: must be a text"},
        {"alerts: {source: \"a\\nb\"}", "f.yaml:1:18: alerts.source: a?b: must be a text"},
        {"alerts: {source: \"a\\u009eb\"}", "f.yaml:1:18: alerts.source: a??b: must be a text"},
        {"alerts: {source: \"a\\u0085b\"}", "f.yaml:1:18: alerts.source: a??b: must be a text"},
        {"alerts: {source: \"a\\ufeffb\"}",
         "f.yaml:1:18: alerts.source: a???b: must be a text"},
        {"alerts: {source: \"a\\uffffb\"}",
         "f.yaml:1:18: alerts.source: a???b: must be a text"},
        {"alerts: {source: !!binary aa}", "f.yaml:1:18: alerts.source: tags are not known"},
        {"intake: {subscribe: [a, \"b,c\"]}", "f.yaml:1:25: intake.subscribe: an item must"},
        {"intake: {subscribe: [a, '']}", "f.yaml:1:25: intake.subscribe: an item must not be"},
        {"intake: {subscribe: [a, [b]]}", "f.yaml:1:25: intake.subscribe: must be a list"},
        {"intake: {subscribe: [a, 7]}", "f.yaml:1:25: intake.subscribe: 7: must be a text"},
        {"order: {lateness: [1]}", "f.yaml:1:19: order.lateness: must be a number, 0..86400"},
    };

    ROWS_REFUSED(rows);
}

static void a_text_fits_to_the_last_byte_and_no_further(void)
{
    char yaml[1024], name[GH_OPTION_TEXT_SIZE + 1];

    memset(name, 'x', sizeof(name));
    snprintf(yaml, sizeof(yaml), "alerts: {source: %.*s}", GH_OPTION_TEXT_SIZE, name);
    refused(yaml, strlen(yaml), "f.yaml:1:18: alerts.source: xxxxx");
    snprintf(yaml, sizeof(yaml), "intake: {subscribe: [%.*s, %.*s]}", 128, name, 127, name);
    refused(yaml, strlen(yaml), "f.yaml:1:152: intake.subscribe: a list must be at most 255");
    struct gh_config *config = config_default();
    struct gh_error error = {0};
    snprintf(yaml, sizeof(yaml), "intake: {subscribe: [%.*s, %.*s]}\nalerts: {source: %.*s}",
             128, name, 126, name, GH_OPTION_TEXT_SIZE - 1, name);
    CHECK(gh_config_yaml(config, "f", yaml, strlen(yaml), &error) == GH_OK);
    snprintf(yaml, sizeof(yaml), "alerts: {source: %.*s}", GH_OPTION_TEXT_SIZE - 1, name);
    CHECK(gh_config_yaml(config, "f", yaml, strlen(yaml), &error) == GH_OK);
    const struct gh_alerts_options *alerts = gh_config_group(config, "alerts");
    CHECK(strlen(alerts->source.text) == GH_OPTION_TEXT_SIZE - 1);
    gh_config_free(config);
}

static void a_misspelt_name_is_met_with_the_nearest(void)
{
    static const struct row rows[] = {
        {"servise:\n  shards: 1\n",
         "f.yaml:1:1: servise: unknown group of options: did you mean service?"},
        {"order:\n  latenes: 1\n",
         "f.yaml:2:3: order.latenes: unknown option: did you mean lateness?"},
        {"service:\n  lateness: 1\n",
         "f.yaml:2:3: service.lateness: unknown option: did you mean order.lateness?"},
        {"lateness: 1\n",
         "f.yaml:1:1: lateness: unknown group of options: did you mean order.lateness?"},
        {"qqqqqqqq: 1\n", "f.yaml:1:1: qqqqqqqq: unknown group of options"},
        {"service: {\"sh\\0ards\": 1}", "f.yaml:1:11: a name is expected here"},
        {"service: {[a]: 1}", "f.yaml:1:11: a name is expected here"},
        {"? {a: b}\n: 1", "f.yaml:1:3: a name is expected here"},
    };

    ROWS_REFUSED(rows);
}

static void a_name_given_twice_is_refused(void)
{
    static const struct row rows[] = {
        {"service:\n  shards: 1\n  shards: 1\n", "f.yaml:3:3: service.shards: given twice"},
        {"service: {shards: 1}\norder: {}\nservice: {}\n", "f.yaml:3:1: service: given twice"},
    };

    ROWS_REFUSED(rows);
}

static void what_is_no_mapping_of_mappings_is_refused(void)
{
    static const struct row rows[] = {
        {"- a\n", "f.yaml:1:1: must be a mapping of groups"},
        {"hello\n", "f.yaml:1:1: must be a mapping of groups"},
        {"service: 5\n", "f.yaml:1:10: service: must be a mapping of options"},
        {"service: [shards]\n", "f.yaml:1:10: service: must be a mapping of options"},
        {"{}\n---\n{}\n", "f.yaml:3:1: a second document: there must be one"},
        {"service: {shards: 1\n", "f.yaml:2:1: must be YAML: "},
        {"service:\n\tshards: 1\n", "f.yaml:2:1: must be YAML: "},
        {"service: *x\n", "f.yaml:1:10: must be YAML: found undefined alias"},
        {"service: {shards: \xff}\n", "f.yaml:1:19: byte 18: must be YAML in UTF-8"},
        {"&a service: {shards: 1, x: *a}\n", "f.yaml:1:25: service.x: unknown option"},
    };

    ROWS_REFUSED(rows);
}

static void an_alias_stands_for_what_it_names(void)
{
    static const char yaml[] = "intake: {high_water_mark: &n 77}\n"
                               "alerts: {high_water_mark: *n}\n";
    struct gh_config *config = config_default();
    struct gh_error error = {0};
    const struct gh_alerts_options *alerts = gh_config_group(config, "alerts");

    CHECK(gh_config_yaml(config, "f", yaml, sizeof(yaml) - 1, &error) == GH_OK);
    CHECK(alerts->high_water_mark == 77);
    gh_config_free(config);
}

static void hostile_shapes_are_refused_at_once(void)
{
    static const struct {
        const char *unit, *error;
    } rows[] = {
        {"[", "f.yaml:1:9: must be nested at most 8 deep"},
        {"{", "f.yaml:1:9: must be nested at most 8 deep"},
        {"- ", "f.yaml:1:17: must be nested at most 8 deep"},
        {"? ", "f.yaml:1:17: must be nested at most 8 deep"},
        {"{a: ", "f.yaml:1:33: must be nested at most 8 deep"},
        {"- &a a\n", "f.yaml:65:3: must have at most 64 anchors"},
        {"a: b\n", "f.yaml:1:1: a: unknown group"},
        {"a:\n", "f.yaml:1:1: a: unknown group"},
        {"a", "f.yaml:1:1: must be a mapping"},
        {"\"", "f.yaml:1:3: must be YAML"},
        {"!a ", "f.yaml:1:4: must be YAML"},
        {"---\n", "f.yaml:3:1: a second document"},
    };
    enum { SIZE = 262144 };
    char *yaml = malloc(SIZE + 1);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t size = strlen(rows[i].unit);

        for (size_t at = 0; at < SIZE; at++)
            yaml[at] = rows[i].unit[at % size];
        refused(yaml, SIZE / size * size, rows[i].error);
    }
    memset(yaml, '#', SIZE + 1);
    refused(yaml, SIZE + 1, "f.yaml:1:1: must be at most 262144 bytes");
    free(yaml);
}

static void set_wins_over_the_file_and_tells_its_mistakes(void)
{
    static const struct row rows[] = {
        {"service.shards=90", "--set service.shards: 90: must be 1..64 shards"},
        {"service.shard=1", "--set service.shard: unknown option: did you mean shards?"},
        {"servic.shards=1", "--set servic.shards: unknown option: did you mean service?"},
        {"lateness=1", "--set lateness: unknown option: did you mean order.lateness?"},
        {"service.shards", "--set service.shards: must be GROUP.OPTION=VALUE"},
        {"service.shards=", "--set service.shards: nothing: must be a whole number, 1..64"},
        {"service.shards= 1", "--set service.shards:  1: must be a whole number"},
        {"", "--set : must be GROUP.OPTION=VALUE"},
        {"=", "--set : unknown option"},
        {".=", "--set .: unknown option"},
    };
    struct gh_config *config = config_default(), *before = config_default();
    const struct gh_service_options *service = gh_config_group(config, "service");
    struct gh_error error = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        error = (struct gh_error){0};
        CHECK(gh_config_set(config, rows[i].yaml, &error) != GH_OK);
        CHECK(gh_status_exit(error.status) == 2);
        if (strncmp(error.text, rows[i].error, strlen(rows[i].error)) != 0) {
            gh_test_failures++;
            printf("# got:    %s\n# wanted: %s\n", error.text, rows[i].error);
        }
    }
    CHECK(gh_config_same(config, before));
    CHECK(gh_config_yaml(config, "f", "service: {shards: 3}", 20, &error) == GH_OK);
    CHECK(service->shards == 3);
    CHECK(gh_config_set(config, "service.shards=5", &error) == GH_OK);
    CHECK(service->shards == 5);
    CHECK(gh_config_set(config, "service.prices=a=b,c", &error) == GH_OK);
    CHECK(!strcmp(service->prices.text, "a=b,c"));
    CHECK(gh_config_set(config, "service.prices=", &error) == GH_OK);
    CHECK(!strcmp(service->prices.text, ""));
    gh_config_free(config);
    gh_config_free(before);
}

static void a_file_that_is_not_there_is_a_wrong_configuration(void)
{
    struct gh_config *config = config_default();
    struct gh_error error = {0};

    CHECK(gh_config_file(config, "/nonexistent/x.yaml", &error) == GH_ECONFIG);
    CHECK(
        !strcmp(error.text, "/nonexistent/x.yaml: cannot be read: No such file or directory"));
    error = (struct gh_error){0};
    CHECK(gh_config_file(config, "/", &error) == GH_ECONFIG);
    gh_config_free(config);
}

enum { NOTES_SIZE = 4096 };
static void problem_note(void *context, const char *text)
{
    const size_t used = strlen(context);

    snprintf((char *)context + used, NOTES_SIZE - used, "%s\n", text);
}

static void check_tells_every_problem(void)
{
    char path[] = "/tmp/gh_config_XXXXXX", got[NOTES_SIZE] = "";
    const int file = mkstemp(path);
    static const char yaml[] = "service: {shards: 0}\nordr: {}\nalerts: {heartbeat: 1}\n";

    CHECK(file >= 0);
    CHECK(write(file, yaml, sizeof(yaml) - 1) == (ssize_t)sizeof(yaml) - 1);
    close(file);
    CHECK(gh_config_check(path, problem_note, got) == 3);
    CHECK(strstr(got, ":1:19: service.shards: 0: must be 1..64 shards\n"));
    CHECK(strstr(got, ":2:1: ordr: unknown group of options: did you mean order?\n"));
    CHECK(strstr(got, ":3:21: alerts.heartbeat: 1: must be 50..60000 milliseconds\n"));
    unlink(path);
}

static void what_is_printed_reads_back_the_same(void)
{
    static const char *const settings[] = {"alerts.source=\"quoted\\ and 'odd': #x",
                                           "order.lateness=0.1", "service.shards=3"};
    static char text[GH_WHOLE_CONFIG_SIZE];
    struct gh_config *config = config_default(), *again = config_default();
    struct gh_error error = {0};
    size_t size;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        CHECK(gh_config_set(config, settings[i], &error) == GH_OK);
    size = gh_config_write(config, text);
    CHECK(!gh_config_same(config, again));
    CHECK(gh_config_yaml(again, "f", text, size, &error) == GH_OK);
    CHECK(gh_config_same(config, again));
    gh_config_free(config);
    gh_config_free(again);
}

/* Words, not texts: YAML's own on and off are meant. */
static void a_switch_is_on_off_or_auto_and_auto_is_settled_by_the_keys(void)
{
    static const struct {
        const char *yaml;
        enum gh_switch_value before, after;
    } row[] = {
        {"review: {alpha: 0.1}\n", GH_SWITCH_AUTO, GH_SWITCH_OFF},
        {"identity: {keys: k.json}\n", GH_SWITCH_AUTO, GH_SWITCH_ON},
        {"identity: {keys: k.json}\nreview: {require_authenticated: off}\n", GH_SWITCH_OFF,
         GH_SWITCH_OFF},
        {"review: {require_authenticated: on}\n", GH_SWITCH_ON, GH_SWITCH_ON},
        {"identity: {keys: k.json}\nreview: {require_authenticated: auto}\n", GH_SWITCH_AUTO,
         GH_SWITCH_ON},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct gh_config *config = config_default();
        struct gh_error error = {0};
        const struct gh_review_options *review = gh_config_group(config, "review");

        CHECK(gh_config_yaml(config, "f", row[i].yaml, strlen(row[i].yaml), &error) == GH_OK);
        CHECK(review->require_authenticated.value == row[i].before);
        gh_config_settle(config);
        CHECK(review->require_authenticated.value == row[i].after);
        gh_config_free(config);
    }
    const struct row bad[] = {
        {"review: {require_authenticated: true}\n",
         "f.yaml:1:33: review.require_authenticated: true: must be auto, on or off"},
        {"review: {require_authenticated: \"on\"}\n",
         "f.yaml:1:33: review.require_authenticated: \"on\": must be auto, on or off, without"},
    };
    ROWS_REFUSED(bad);
}

static const struct gh_test tests[] = {
    GH_TEST(a_file_sets_what_it_names_and_leaves_the_rest),
    GH_TEST(an_empty_file_is_the_defaults),
    GH_TEST(a_value_out_of_range_names_place_option_and_range),
    GH_TEST(a_number_is_read_strictly),
    GH_TEST(a_text_is_a_text),
    GH_TEST(a_text_fits_to_the_last_byte_and_no_further),
    GH_TEST(a_misspelt_name_is_met_with_the_nearest),
    GH_TEST(a_name_given_twice_is_refused),
    GH_TEST(what_is_no_mapping_of_mappings_is_refused),
    GH_TEST(an_alias_stands_for_what_it_names),
    GH_TEST(hostile_shapes_are_refused_at_once),
    GH_TEST(set_wins_over_the_file_and_tells_its_mistakes),
    GH_TEST(a_file_that_is_not_there_is_a_wrong_configuration),
    GH_TEST(check_tells_every_problem),
    GH_TEST(what_is_printed_reads_back_the_same),
    GH_TEST(a_switch_is_on_off_or_auto_and_auto_is_settled_by_the_keys),
};
GH_TEST_MAIN(tests)
