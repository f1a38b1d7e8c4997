/* test_config_overrides.c - what teams and roles have of their own, in a configuration. */
#include "base/civil.h"
#include "engine/options.h"
#include "support/gh_test.h"
#include "support/whole_config.h"

static struct gh_config *config_of(const char *yaml)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    CHECK(gh_config_yaml(config, "f.yaml", yaml, strlen(yaml), &error) == GH_OK);
    if (error.text[0])
        printf("# %s\n", error.text);
    return config;
}

static void starts(const char *got, const char *wanted)
{
    if (!strncmp(got, wanted, strlen(wanted)))
        return;
    gh_test_failures++;
    printf("# got:    %s\n# wanted: %s\n", got, wanted);
}

static void live_add(struct gh_config *config, const char *scope, const char *value,
                     int64_t until_ms)
{
    const struct gh_live_setting setting = {"review.fewest_usd", value, scope, until_ms, "ada",
                                            "why not",           0};
    struct gh_error error = {0};

    CHECK(gh_config_live(config, &setting, &error) == GH_OK);
}

static void they_reach_the_engine_in_order(void)
{
    struct gh_config *config = config_of("overrides:\n"
                                         "  - team: research\n"
                                         "    reason: they train agents\n"
                                         "    until: 2026-12-31\n"
                                         "    set:\n"
                                         "      review.fewest_usd: 50\n"
                                         "      incident.critical_usd: 1e4\n"
                                         "  - {role: sre, reason: nights, set:\n"
                                         "     {review.fewest_usd: 2}}\n");
    const struct gh_settings settings = gh_config_settings(config);
    const struct gh_override *o = settings.override;

    CHECK(settings.override_count == 3);
    CHECK(o[0].scope == GH_SCOPE_TEAM && o[0].name.size == 8 &&
          !memcmp(o[0].name.at, "research", 8));
    CHECK(o[0].group == GH_GROUP_REVIEW && o[0].value == 50);
    CHECK(!strcmp(gh_engine_group_at(o[0].group)->options[o[0].option].name, "fewest_usd"));
    CHECK(o[0].until_ms == gh_civil_days(2027, 1, 1) * GH_MS_PER_DAY);
    CHECK(o[1].group == GH_GROUP_INCIDENT && o[1].value == 10000 &&
          o[1].until_ms == o[0].until_ms);
    CHECK(o[2].scope == GH_SCOPE_ROLE && o[2].value == 2 && o[2].until_ms == INT64_MAX);
    CHECK(!strcmp(gh_config_override_at(config, 1)->reason, "they train agents"));
    CHECK(!strcmp(gh_config_override_at(config, 1)->origin.text, "f.yaml:7:7"));
    gh_config_free(config);
}

static void none_is_legal_in_every_notation(void)
{
    static const char *const texts[] = {"overrides:\n", "overrides: []\n", "overrides: ~\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct gh_config *config = config_of(texts[i]);
        char *text = gh_config_overrides_print(config);

        CHECK(gh_config_settings(config).override_count == 0);
        CHECK(text && !text[0]);
        free(text);
        gh_config_free(config);
    }
}

#define ITEM "overrides:\n- team: a\n  reason: b\n"
#define SET "  set: {review.fewest_usd: 2}\n"

static void refused(const char *yaml, const char *wanted)
{
    struct gh_config *config = config_of(""), *before = config_of("");
    struct gh_error error = {0};

    CHECK(gh_config_yaml(config, "f.yaml", yaml, strlen(yaml), &error) == GH_ECONFIG);
    starts(error.text, wanted);
    CHECK(gh_config_same(config, before));
    gh_config_free(config);
    gh_config_free(before);
}

static void words_that_may_not_be_are_told_with_their_place(void)
{
    static const char *const rows[][2] = {
        {"overrides: 5\n", "f.yaml:1:12: overrides: must be a list of what"},
        {"overrides: {team: a}\n", "f.yaml:1:12: overrides: must be a list of what"},
        {"overrides:\n- a\n", "f.yaml:2:3: overrides: must be a mapping of team: or role:"},
        {"overrides: []\noverrides: []\n",
         "f.yaml:2:1: overrides: given twice, first in line 1"},
        {"overides: []\n",
         "f.yaml:1:1: overides: unknown group of options: did you mean overr"},
        {ITEM, "f.yaml:2:3: overrides: set: is missing"},
        {"overrides:\n- reason: b\n" SET, "f.yaml:2:3: overrides: team: or role: is missing"},
        {"overrides:\n- team: b\n" SET, "f.yaml:2:3: overrides: reason: is missing"},
        {ITEM "  role: c\n" SET,
         "f.yaml:4:3: overrides: must be for a team or for a role, not"},
        {ITEM "  team: c\n" SET, "f.yaml:4:3: team: given twice, first in line 2"},
        {ITEM "  raison: c\n" SET,
         "f.yaml:4:3: overrides: raison: unknown: did you mean reason?"},
        {ITEM "  zzz: c\n" SET,
         "f.yaml:4:3: overrides: zzz: unknown: must be team, role, reason"},
        {"overrides:\n- actor: ada\n  reason: b\n" SET,
         "f.yaml:2:3: overrides: actor: must be for a team or a role, never for a person"},
        {"overrides:\n- team: 7\n  reason: b\n" SET,
         "f.yaml:2:9: overrides: team: 7: must be a text: write \"7\" in quotes"},
        {"overrides:\n- team: \"\"\n  reason: b\n" SET,
         "f.yaml:2:9: overrides: team: must not be empty"},
        {"overrides:\n- team: a\n  reason: \" \"\n" SET,
         "f.yaml:3:11: overrides: reason: must not be empty"},
        {"overrides:\n- team: a\n  reason:\n" SET,
         "f.yaml:3:10: overrides: reason: nothing: must be a text"},
        {ITEM "  until: soon\n" SET, "f.yaml:4:10: overrides: until: soon: must be a date (20"},
        {ITEM "  until: 2026-02-30\n" SET,
         "f.yaml:4:10: overrides: until: 2026-02-30: must be"},
        {ITEM "  until: 2026-02-03T10:00\n" SET,
         "f.yaml:4:10: overrides: until: 2026-02-03T10"},
        {ITEM "  until: [a]\n" SET, "f.yaml:4:10: overrides: until: must be a date"},
        {ITEM "  until: \"2026-02-03\\0\"\n" SET,
         "f.yaml:4:10: overrides: until: 2026-02-03?:"},
        {ITEM SET "- team: a\n  reason: b\n" SET,
         "f.yaml:7:9: overrides: review.fewest_usd: given twice for team:a, first at f"},
        {ITEM "  until: 2026-01-01\n" SET "- team: a\n  reason: b\n  until: 2026-01-01\n" SET,
         "f.yaml:9:9: overrides: review.fewest_usd: given twice for team:a"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        refused(rows[i][0], rows[i][1]);
}

static void options_that_may_not_be_are_told_with_their_place(void)
{
    static const char *const rows[][2] = {
        {ITEM "  set: {}\n", "f.yaml:4:8: overrides: set: must be a mapping of GROUP.OPTION"},
        {ITEM "  set: 5\n", "f.yaml:4:8: overrides: set: must be a mapping of GROUP.OPTION"},
        {ITEM "  set: {review: {fewest_usd: 3}}\n",
         "f.yaml:4:9: overrides: review: unknown option: did you mean review?"},
        {ITEM "  set: {review.fewest_us: 3}\n",
         "f.yaml:4:9: overrides: review.fewest_us: unknown option: did you mean fewest_usd?"},
        {ITEM "  set: {review.alpha: 0.2}\n",
         "f.yaml:4:9: overrides: review.alpha: holds for everybody, a team or a role has none "
         "of its own; of this group can have: "},
        {ITEM "  set: {store.folder: x}\n",
         "f.yaml:4:9: overrides: store.folder: holds for ev"},
        {ITEM "  set: {review.fewest_usd: -1}\n",
         "f.yaml:4:28: overrides: review.fewest_usd: -1: must be 0..1000000 USD"},
        {ITEM "  set: {review.fewest_usd: [1]}\n",
         "f.yaml:4:28: overrides: review.fewest_usd: must be a number, 0..1000000 USD"},
        {ITEM "  set: {review.fewest_usd: 1, review.fewest_usd: 2}\n",
         "f.yaml:4:31: overrides: review.fewest_usd: given twice for team:a, first at f"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        refused(rows[i][0], rows[i][1]);
}

/* Neither another name, nor another scope, nor an earlier end is a second time. */
static void the_same_option_twice_is_legal_where_both_hold(void)
{
    struct gh_config *config =
        config_of(ITEM SET "- team: b\n  reason: b\n" SET "- role: a\n  reason: b\n" SET
                           "- team: a\n  reason: b\n  until: 2026-01-01\n" SET);

    CHECK(gh_config_override_count(config) == 4);
    gh_config_free(config);
}

static void a_live_one_takes_the_place_of_the_files_or_stands_before_it_ends(void)
{
    struct gh_config *config = config_of(ITEM SET);

    live_add(config, "team:a", "7", 1000);
    CHECK(gh_config_override_count(config) == 2);
    CHECK(gh_config_override_at(config, 1)->origin.layer == GH_LAYER_LIVE);
    live_add(config, "team:a", "8", 900);
    CHECK(gh_config_override_count(config) == 3);
    live_add(config, "team:a", "9", 1000);
    CHECK(gh_config_override_count(config) == 2);
    CHECK(gh_config_settings(config).override[1].value == 9);
    live_add(config, "team:a", "10", INT64_MAX);
    CHECK(gh_config_override_count(config) == 1);
    CHECK(gh_config_settings(config).override[0].value == 10);
    starts(gh_config_override_at(config, 0)->origin.text, "set by ada on 1970-01-01");
    gh_config_free(config);
}

/* Also where it is read after them. */
static void a_file_has_its_say_before_live_ones(void)
{
    struct gh_config *config = config_of("");
    struct gh_error error = {0};

    live_add(config, "team:a", "7", 1000);
    live_add(config, "role:x", "8", INT64_MAX);
    CHECK(gh_config_yaml(config, "f", ITEM SET, strlen(ITEM SET), &error) == GH_OK);
    CHECK(gh_config_override_count(config) == 3);
    CHECK(gh_config_settings(config).override[0].value == 2);
    CHECK(gh_config_settings(config).override[1].value == 7);
    CHECK(gh_config_yaml(config, "g", "order: {}\n", 10, &error) == GH_OK);
    CHECK(gh_config_override_count(config) == 3);
    CHECK(gh_config_yaml(config, "g", "overrides:\n", 11, &error) == GH_OK);
    CHECK(gh_config_override_count(config) == 2);
    CHECK(gh_config_settings(config).override[0].value == 7);
    CHECK(!memcmp(gh_config_settings(config).override[1].name.at, "x", 1));
    gh_config_free(config);
}

static void what_is_printed_reads_back_the_same(void)
{
    static char text[GH_WHOLE_CONFIG_SIZE];
    struct gh_config *config = config_of(
        "overrides:\n"
        "- {team: 'a \"b\" \\ #c: d', reason: 'x: y', until: 2026-03-01T10:00:00.5Z, set:\n"
        "   {review.fewest_usd: 0.1, incident.warning_usd: 3}}\n"
        "- {role: ünd, reason: z, set: {incident.warning_usd: 1e9}}\n");
    struct gh_config *again = config_of("");
    struct gh_error error = {0};
    const size_t size = gh_config_write(config, text);

    CHECK(gh_config_yaml(again, "again", text, size, &error) == GH_OK);
    CHECK(gh_config_same(config, again));
    CHECK(gh_config_override_count(again) == 3);
    CHECK(gh_config_override_at(again, 0)->until_ms == 1772359200500);
    CHECK(!strcmp(gh_config_override_at(again, 0)->name, "a \"b\" \\ #c: d"));
    gh_config_free(config);
    gh_config_free(again);
}

static void there_are_at_most_a_thousand(void)
{
    static char yaml[GH_WHOLE_CONFIG_SIZE];
    struct gh_config *config = config_of("");
    struct gh_error error = {0};
    size_t used = (size_t)snprintf(yaml, sizeof(yaml), "overrides:\n");

    for (int i = 0; i < GH_CONFIG_OVERRIDES_MAX; i++)
        used += (size_t)snprintf(yaml + used, sizeof(yaml) - used,
                                 "- {team: t%d, reason: r, set: {review.fewest_usd: 1}}\n", i);
    CHECK(gh_config_yaml(config, "f", yaml, used, &error) == GH_OK);
    CHECK(gh_config_settings(config).override_count == GH_CONFIG_OVERRIDES_MAX);
    used += (size_t)snprintf(yaml + used, sizeof(yaml) - used,
                             "- {team: u, reason: r, set: {review.fewest_usd: 1}}\n");
    CHECK(gh_config_yaml(config, "f", yaml, used, &error) == GH_ECONFIG);
    starts(error.text, "f:1002:30: overrides: at most 1000 values of teams and roles");
    gh_config_free(config);
}

static void an_end_is_a_time_or_a_whole_date(void)
{
    static const char *const bad[] = {"",           "2026",         "2026-13-01", "2026-1-1",
                                      "2026-01-0x", "2026-01-01T1", "20260101",   "tomorrow"};
    int64_t until = 77;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!gh_until_parse(bad[i], &until) && until == 77);
    CHECK(gh_until_parse("1970-01-01", &until) && until == GH_MS_PER_DAY);
    CHECK(gh_until_parse("9999-12-31", &until) && until == GH_TIME_MS_MAX);
    CHECK(gh_until_parse("1970-01-01T01:00:00+01:00", &until) && until == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(they_reach_the_engine_in_order),
    GH_TEST(none_is_legal_in_every_notation),
    GH_TEST(words_that_may_not_be_are_told_with_their_place),
    GH_TEST(options_that_may_not_be_are_told_with_their_place),
    GH_TEST(the_same_option_twice_is_legal_where_both_hold),
    GH_TEST(a_live_one_takes_the_place_of_the_files_or_stands_before_it_ends),
    GH_TEST(a_file_has_its_say_before_live_ones),
    GH_TEST(what_is_printed_reads_back_the_same),
    GH_TEST(there_are_at_most_a_thousand),
    GH_TEST(an_end_is_a_time_or_a_whole_date),
};
GH_TEST_MAIN(tests)
