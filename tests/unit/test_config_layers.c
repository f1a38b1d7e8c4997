/* test_config_layers.c - who has the say over an option, and what is known of it. */
#include "edge/edge_options.h"
#include "engine/options.h"
#include "support/gh_test.h"
#include "support/whole_config.h"

#include <unistd.h>

static const struct gh_live_setting no_setting = {.name = "order.lateness",
                                                  .value = "30",
                                                  .scope = "",
                                                  .until_ms = INT64_MAX,
                                                  .who = "ada",
                                                  .reason = "too noisy",
                                                  .at_ms = 1795424400000};

static struct gh_config *config_default(void)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    return config;
}

static void text_is(const char *got, const char *wanted)
{
    if (!strcmp(got, wanted))
        return;
    gh_test_failures++;
    printf("# got:    %s\n# wanted: %s\n", got, wanted);
}

static struct gh_option_place place_of(const char *name)
{
    struct gh_option_place place = {0};
    struct gh_error error = {0};

    CHECK(gh_config_find(name, &place, &error) == GH_OK);
    return place;
}

static void origin_is(const struct gh_config *config, const char *name, enum gh_layer layer,
                      const char *text)
{
    struct gh_option_origin origin;

    gh_config_origin(config, place_of(name), &origin);
    CHECK(origin.layer == layer);
    text_is(origin.text, text);
}

static double lateness(const struct gh_config *config)
{
    return ((const struct gh_order_options *)gh_config_group(config, "order"))->lateness;
}

static void a_name_is_found_or_the_nearest_is_told(void)
{
    static const char *const rows[][2] = {
        {"order.latenes", "order.latenes: unknown option: did you mean lateness?"},
        {"ordr.lateness", "ordr.lateness: unknown option: did you mean order?"},
        {"lateness", "lateness: unknown option: did you mean order.lateness?"},
        {"service.lateness", "service.lateness: unknown option: did you mean order.lateness?"},
        {"qqqqqqqq.x", "qqqqqqqq.x: unknown option"},
        {"order.", "order.: unknown option"},
        {"", ": unknown option"},
    };

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);

        for (size_t i = 0; i < group->count; i++) {
            char name[128];

            snprintf(name, sizeof(name), "%s.%s", group->name, group->options[i].name);
            CHECK(place_of(name).group == g && place_of(name).option == i);
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gh_option_place place = {77, 77};
        struct gh_error error = {0};

        CHECK(gh_config_find(rows[i][0], &place, &error) == GH_ECONFIG);
        CHECK(place.group == 77 && place.option == 77);
        text_is(error.text, rows[i][1]);
    }
}

/* Whatever the order in which the layers are read. */
static void the_highest_layer_has_the_say(void)
{
    static const double wanted[] = {
        [GH_LAYER_FILE] = 20, [GH_LAYER_LIVE] = 30, [GH_LAYER_COMMAND] = 40};
    static const enum gh_layer orders[][3] = {{GH_LAYER_FILE, GH_LAYER_LIVE, GH_LAYER_COMMAND},
                                              {GH_LAYER_COMMAND, GH_LAYER_LIVE, GH_LAYER_FILE},
                                              {GH_LAYER_LIVE, GH_LAYER_COMMAND, GH_LAYER_FILE}};

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct gh_config *config = config_default();
        struct gh_error error = {0};
        enum gh_layer highest = GH_LAYER_DEFAULT;

        for (size_t j = 0; j < 3; j++) {
            const enum gh_layer layer = orders[i][j];

            if (layer == GH_LAYER_FILE)
                CHECK(gh_config_yaml(config, "f.yaml", "order: {lateness: 20}", 21, &error) ==
                      GH_OK);
            else if (layer == GH_LAYER_LIVE)
                CHECK(gh_config_live(config, &no_setting, &error) == GH_OK);
            else
                CHECK(gh_config_set(config, "order.lateness=40", &error) == GH_OK);
            highest = layer > highest ? layer : highest;
            CHECK(lateness(config) == wanted[highest]);
        }
        gh_config_free(config);
    }
}

static void each_layer_tells_what_it_says_and_where(void)
{
    static const char *const texts[] = {
        "default", "f.yaml:2:3", "set by ada on 2026-11-23T09:00:00.000Z: too noisy", "--set"};
    static const char *const values[] = {"600", "20", "30", "40"};
    struct gh_config *config = config_default();
    struct gh_error error = {0};
    struct gh_option_origin origin;
    char value[GH_CONFIG_PRINT_SIZE];

    origin_is(config, "order.lateness", GH_LAYER_DEFAULT, texts[0]);
    CHECK(!gh_config_said(config, place_of("order.lateness"), GH_LAYER_FILE, &origin, value));
    CHECK(gh_config_yaml(config, "f.yaml", "order:\n  lateness: 20", 21, &error) == GH_OK);
    origin_is(config, "order.lateness", GH_LAYER_FILE, texts[1]);
    CHECK(gh_config_live(config, &no_setting, &error) == GH_OK);
    origin_is(config, "order.lateness", GH_LAYER_LIVE, texts[2]);
    CHECK(gh_config_set(config, "order.lateness=40", &error) == GH_OK);
    origin_is(config, "order.lateness", GH_LAYER_COMMAND, texts[3]);
    origin_is(config, "order.max_future", GH_LAYER_DEFAULT, texts[0]);
    for (enum gh_layer layer = GH_LAYER_DEFAULT; layer < GH_LAYER_COUNT; layer++) {
        CHECK(gh_config_said(config, place_of("order.lateness"), layer, &origin, value));
        CHECK(origin.layer == layer);
        text_is(origin.text, texts[layer]);
        text_is(value, values[layer]);
    }
    gh_config_free(config);
}

static void what_is_refused_says_nothing(void)
{
    struct gh_config *config = config_default(), *before = config_default();
    struct gh_error error = {0};
    static const char yaml[] = "order: {lateness: 20}\noverrides:\n- {team: a, reason: b, set: "
                               "{review.fewest_usd: 3}}\nservice: {shards: 0}\n";

    CHECK(gh_config_yaml(config, "f", yaml, sizeof(yaml) - 1, &error) == GH_ECONFIG);
    CHECK(gh_config_same(config, before));
    origin_is(config, "order.lateness", GH_LAYER_DEFAULT, "default");
    CHECK(gh_config_override_count(config) == 0);
    gh_config_free(config);
    gh_config_free(before);
}

static void live_settings_are_read_as_the_file_is(void)
{
    static const struct {
        const char *name, *value, *scope, *error;
    } rows[] = {
        {"order.latenes", "5", "", "set order.latenes: unknown option: did you mean lateness?"},
        {"order.lateness", "-1", "", "set order.lateness: -1: must be 0..86400 seconds"},
        {"order.lateness", "5\norder.max_future: 60", "",
         "set order.lateness: 5?order.max_future: 60: must be a number, 0..86400 seconds"},
        {"order.lateness", "\"5\"", "",
         "set order.lateness: \"5\": must be 0..86400 seconds, "
         "without quotes"},
        {"order.lateness", "5", "team:a",
         "set order.lateness: holds for everybody, a team or "
         "a role has none of its own; options of detectors can"},
        {"review.fewest_usd", "5", "actor:a",
         "set review.fewest_usd: must be for team:NAME or role:NAME"},
        {"review.fewest_usd", "5", "team:",
         "set review.fewest_usd: the name of the team or role must be a text of at most 255 "
         "bytes"},
        {"review.fewest_usd", "-5", "team:a",
         "set review.fewest_usd: -5: must be 0..1000000 USD"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gh_config *config = config_default(), *before = config_default();
        struct gh_live_setting setting = no_setting;
        struct gh_error error = {0};

        setting.name = rows[i].name;
        setting.value = rows[i].value;
        setting.scope = rows[i].scope;
        CHECK(gh_config_live(config, &setting, &error) == GH_ECONFIG);
        text_is(error.text, rows[i].error);
        CHECK(gh_config_same(config, before));
        gh_config_free(config);
        gh_config_free(before);
    }
}

static void live_settings_end_or_have_no_reason_as_the_scope_allows(void)
{
    struct gh_config *config = config_default();
    struct gh_live_setting setting = no_setting;
    struct gh_error error = {0};

    setting.reason = setting.who = "";
    CHECK(gh_config_live(config, &setting, &error) == GH_OK);
    origin_is(config, "order.lateness", GH_LAYER_LIVE,
              "set by somebody on 2026-11-23T09:00:00.000Z");
    setting.until_ms = 5;
    CHECK(gh_config_live(config, &setting, &error) == GH_ECONFIG);
    text_is(error.text, "set order.lateness: only what is set for a team or a role can end by "
                        "itself");
    error = (struct gh_error){0};
    setting.name = "review.fewest_usd";
    setting.scope = "role:sre";
    CHECK(gh_config_live(config, &setting, &error) == GH_ECONFIG);
    text_is(error.text,
            "set review.fewest_usd: for a team or a role there must be a reason, of "
            "at most 255 bytes");
    error = (struct gh_error){0};
    setting.reason = "night shifts";
    CHECK(gh_config_live(config, &setting, &error) == GH_OK);
    CHECK(gh_config_override_count(config) == 1);
    CHECK(gh_config_override_at(config, 0)->until_ms == 5);
    gh_config_free(config);
}

static void a_live_text_is_meant_with_and_without_quotes(void)
{
    static const char *const rows[][2] = {
        {"plant-7", "plant-7"}, {"\"plant-7\"", "plant-7"},     {"", ""},
        {"\"\"", ""},           {"\"a \\\"b\\\\\"", "a \"b\\"}, {"\"", "\""},
        {"\"a\\\"", "a\\"}};
    struct gh_config *config = config_default();
    const struct gh_alerts_options *alerts = gh_config_group(config, "alerts");
    struct gh_error error = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gh_live_setting setting = no_setting;

        setting.name = "alerts.source";
        setting.value = rows[i][0];
        CHECK(gh_config_live(config, &setting, &error) == GH_OK);
        text_is(alerts->source.text, rows[i][1]);
    }
    gh_config_free(config);
}

static void load_puts_the_layers_together_or_gives_nothing(void)
{
    char path[] = "/tmp/gh_layers_XXXXXX";
    const int file = mkstemp(path);
    static const char yaml[] = "order: {lateness: 20, max_future: 70}\n";
    const char *set[] = {"order.lateness=40", "service.shards=0"};
    struct gh_config_parts parts = {path, &no_setting, 1, set, 1};
    struct gh_config *config = NULL;
    struct gh_error error = {0};

    CHECK(write(file, yaml, sizeof(yaml) - 1) == (ssize_t)sizeof(yaml) - 1);
    close(file);
    CHECK(gh_config_load(&config, &parts, &error) == GH_OK);
    CHECK(lateness(config) == 40);
    gh_config_free(config);
    parts.set_count = 0;
    CHECK(gh_config_load(&config, &parts, &error) == GH_OK);
    CHECK(lateness(config) == 30);
    gh_config_free(config);
    parts.set_count = 2;
    CHECK(gh_config_load(&config, &parts, &error) == GH_ECONFIG);
    CHECK(!config);
    text_is(error.text, "--set service.shards: 0: must be 1..64 shards");
    unlink(path);
}

static void a_copy_is_the_same_and_stands_alone(void)
{
    static const char yaml[] = "order: {lateness: 20}\noverrides:\n- {team: a, reason: b, set: "
                               "{review.fewest_usd: 3}}\n";
    struct gh_config *config = config_default(), *copy = NULL;
    struct gh_error error = {0};

    CHECK(gh_config_yaml(config, "f", yaml, sizeof(yaml) - 1, &error) == GH_OK);
    CHECK(gh_config_copy(&copy, config, &error) == GH_OK);
    CHECK(gh_config_same(config, copy));
    origin_is(copy, "order.lateness", GH_LAYER_FILE, "f:1:9");
    CHECK(gh_config_set(copy, "order.lateness=40", &error) == GH_OK);
    CHECK(gh_config_yaml(copy, "g", "overrides: []", 13, &error) == GH_OK);
    CHECK(lateness(config) == 20 && lateness(copy) == 40);
    CHECK(gh_config_override_count(config) == 1 && gh_config_override_count(copy) == 0);
    gh_config_free(config);
    CHECK(gh_config_live(copy, &no_setting, &error) == GH_OK && lateness(copy) == 40);
    gh_config_free(copy);
}

static void every_option_has_an_effect(void)
{
    CHECK(gh_config_effect(place_of("incident.false_alarms")) == GH_EFFECT_AT_ONCE);
    CHECK(gh_config_effect(place_of("evidence.epoch")) == GH_EFFECT_NEW_LOG);
    CHECK(gh_config_effect(place_of("evidence.burn_in")) == GH_EFFECT_NEW_LOG);
    CHECK(gh_config_effect(place_of("service.shards")) == GH_EFFECT_NEXT_START);
    CHECK(gh_config_effect(place_of("alerts.source")) == GH_EFFECT_AT_ONCE);
}

static const struct gh_test tests[] = {
    GH_TEST(a_name_is_found_or_the_nearest_is_told),
    GH_TEST(the_highest_layer_has_the_say),
    GH_TEST(each_layer_tells_what_it_says_and_where),
    GH_TEST(what_is_refused_says_nothing),
    GH_TEST(live_settings_are_read_as_the_file_is),
    GH_TEST(live_settings_end_or_have_no_reason_as_the_scope_allows),
    GH_TEST(a_live_text_is_meant_with_and_without_quotes),
    GH_TEST(load_puts_the_layers_together_or_gives_nothing),
    GH_TEST(a_copy_is_the_same_and_stands_alone),
    GH_TEST(every_option_has_an_effect),
};
GH_TEST_MAIN(tests)
