/* test_live.c - the layer of what was set while a service runs, and what differs between two
 * configurations. */
#include "app/live.h"

#include "support/gh_test.h"

static struct gh_error error;

static struct gh_live_setting setting(const char *name, const char *value, const char *scope)
{
    return (struct gh_live_setting){.name = name,
                                    .value = value,
                                    .scope = scope,
                                    .until_ms = INT64_MAX,
                                    .who = "ada",
                                    .reason = "why not",
                                    .at_ms = 1790000000123};
}

static void put(struct gh_live *live, const char *name, const char *value, const char *scope)
{
    const struct gh_live_setting s = setting(name, value, scope);

    CHECK(gh_live_put(live, &s, &error) == GH_OK);
}

static void one_setting_stands_for_each_option_and_scope(void)
{
    struct gh_live live = {0};

    put(&live, "runaway.enabled", "false", "");
    put(&live, "runaway.enabled", "false", "team:a");
    put(&live, "verbosity.enabled", "true", "");
    put(&live, "runaway.enabled", "true", "");
    CHECK(live.count == 3 && strcmp(live.at[2].value, "true") == 0);
    CHECK(strcmp(gh_live_find(&live, "runaway.enabled", "")->value, "true") == 0);
    CHECK(strcmp(gh_live_find(&live, "runaway.enabled", "team:a")->value, "false") == 0);
    CHECK(gh_live_find(&live, "runaway.enabled", "team:b") == NULL);
    CHECK(gh_live_remove(&live, "runaway.enabled", "team:a"));
    CHECK(!gh_live_remove(&live, "runaway.enabled", "team:a"));
    CHECK(live.count == 2 && json_array_size(live.rows) == 2);
    gh_live_free(&live);
    CHECK(live.count == 0 && !live.rows);
}

static void the_layer_reads_back_as_it_was_written(void)
{
    struct gh_live live = {0}, again = {0};
    struct gh_live_setting s = setting("verbosity.enabled", "\"a\\\"b\xc3\xa9\"", "role:x");

    s.until_ms = 1800000000000;
    CHECK(gh_live_put(&live, &s, &error) == GH_OK);
    put(&live, "runaway.enabled", "false", "");
    char *text = json_dumps(live.rows, JSON_ENSURE_ASCII);
    json_t *rows = json_loads(text, 0, NULL);
    CHECK(gh_live_read(&again, rows, &error) == GH_OK && again.count == 2);
    CHECK(strcmp(again.at[0].value, s.value) == 0 && again.at[0].until_ms == s.until_ms);
    CHECK(again.at[0].at_ms == s.at_ms && strcmp(again.at[0].who, "ada") == 0);
    CHECK(strcmp(again.at[0].reason, "why not") == 0 && again.at[1].until_ms == INT64_MAX);
    CHECK(json_equal(live.rows, again.rows));
    free(text);
    json_decref(rows);
    gh_live_free(&live);
    gh_live_free(&again);
}

static void what_is_no_layer_is_refused(void)
{
    static const char *const bad[] = {"[7]", "[{}]", "[{\"name\": \"\"}]",
                                      "[{\"name\": \"a\", \"until\": \"soon\"}]",
                                      "[{\"name\": \"a\", \"at\": \"2026\"}]"};
    struct gh_live live = {0};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *rows = json_loads(bad[i], 0, NULL);
        CHECK(gh_live_read(&live, rows, &error) == GH_EFORMAT && live.count == 0);
        json_decref(rows);
    }
    CHECK(gh_live_read(&live, NULL, &error) == GH_OK && live.count == 0);
    gh_live_free(&live);
}

static void more_than_there_is_room_for_is_refused(void)
{
    struct gh_live live = {0};
    char scope[32];

    for (int i = 0; i < GH_LIVE_MAX; i++) {
        snprintf(scope, sizeof scope, "team:%d", i);
        put(&live, "verbosity.enabled", "false", scope);
    }
    const struct gh_live_setting s = setting("verbosity.enabled", "true", "team:one more");
    error = (struct gh_error){0};
    CHECK(gh_live_put(&live, &s, &error) == GH_ECONFIG && live.count == GH_LIVE_MAX);
    CHECK(strstr(error.text, "verbosity.enabled") != NULL);
    put(&live, "verbosity.enabled", "true", "team:7"); /* another value needs no room */
    gh_live_free(&live);
}

static struct gh_live_side side(const char *yaml, const char *model)
{
    struct gh_live_side made = {.config = NULL};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    CHECK(gh_config_yaml(config, "test.yaml", yaml, strlen(yaml), &error) == GH_OK);
    made.config = config;
    snprintf(made.hash.model, sizeof made.hash.model, "%s", model);
    return made;
}

/* The list of changes from one text to the other, as JSON. */
static void differs(const char *before, const char *after, const char *wanted)
{
    struct gh_live_side a = side(before, "m"), b = side(after, "m");
    json_t *changes = gh_live_changes(&a, &b), *expected = json_loads(wanted, 0, NULL);

    CHECK(expected && json_equal(changes, expected));
    json_decref(changes);
    json_decref(expected);
    gh_config_free((struct gh_config *)a.config);
    gh_config_free((struct gh_config *)b.config);
}

static void what_differs_and_holds_at_once_is_told(void)
{
    differs("", "", "[]");
    differs("", "intake: {frame_bytes: 70000}", "[]"); /* from the next start */
    differs("", "runaway: {enabled: false}",
            "[{\"name\": \"runaway.enabled\", \"scope\": \"\", \"before\": \"true\","
            " \"after\": \"false\", \"until\": null}]");
    differs("overrides: [{team: a, reason: r, set: {runaway.enabled: false}}]",
            "overrides: [{team: b, reason: r, until: 2030-01-01T00:00:00Z,"
            " set: {runaway.enabled: false}}]",
            "[{\"name\": \"runaway.enabled\", \"scope\": \"team:b\", \"before\": null,"
            " \"after\": \"false\", \"until\": \"2030-01-01T00:00:00.000Z\"},"
            " {\"name\": \"runaway.enabled\", \"scope\": \"team:a\", \"before\": \"false\","
            " \"after\": null, \"until\": null}]");
}

static void another_model_is_told_by_its_hash_and_another_name_is_nothing(void)
{
    struct gh_live_side a = side("", "aa"), b = side("service: {model: /elsewhere}", "bb");
    json_t *changes = gh_live_changes(&a, &b);
    const json_t *row = json_array_get(changes, 0);

    CHECK(json_array_size(changes) == 1);
    CHECK(strcmp(json_string_value(json_object_get(row, "name")), "service.model") == 0);
    CHECK(strcmp(json_string_value(json_object_get(row, "after")), "bb") == 0);
    json_decref(changes);
    gh_config_free((struct gh_config *)a.config);
    gh_config_free((struct gh_config *)b.config);
}

static const struct gh_test tests[] = {
    GH_TEST(one_setting_stands_for_each_option_and_scope),
    GH_TEST(the_layer_reads_back_as_it_was_written),
    GH_TEST(what_is_no_layer_is_refused),
    GH_TEST(more_than_there_is_room_for_is_refused),
    GH_TEST(what_differs_and_holds_at_once_is_told),
    GH_TEST(another_model_is_told_by_its_hash_and_another_name_is_nothing),
};
GH_TEST_MAIN(tests)
