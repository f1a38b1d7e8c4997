/* What: the small things of base that have no file of their own: names, statuses, options,
 *       hashes; and the words of failures, src/edge/error.c.
 * How:  spot checks against the contract, and laws over the whole lists. */
#include "base/hash.h"
#include "goodhart/error.h"
#include "goodhart/finding.h"
#include "goodhart/option.h"
#include "support/gh_test.h"

static void names_are_those_of_the_contract(void)
{
    CHECK(strcmp(gh_kind_name(GH_USAGE), "usage") == 0);
    CHECK(strcmp(gh_kind_name(GH_TICK), "tick") == 0);
    CHECK(strcmp(gh_key_name(GH_KEY_v), "v") == 0);
    CHECK(strcmp(gh_key_name(GH_KEY_type), "type") == 0);
    CHECK(strcmp(gh_behaviour_name(GH_AGENT_LOOP), "agent_loop") == 0);
    CHECK(strcmp(gh_behaviour_name(GH_RUNAWAY), "runaway") == 0);
    CHECK(strcmp(gh_severity_name(GH_CRITICAL), "critical") == 0);
    CHECK(strcmp(gh_track_name(GH_CASE), "case") == 0);
    CHECK(strcmp(gh_change_name(GH_CLOSED), "closed") == 0);
    CHECK(strcmp(gh_refusal_name(GH_REFUSED_NOT), "none") == 0);
    CHECK(strcmp(gh_refusal_text(GH_REFUSED_LIMIT), "a configured limit is reached") == 0);
}

static void no_two_keys_and_no_two_refusals_share_a_name(void)
{
    for (int i = 0; i < GH_KEY_COUNT; i++) {
        for (int j = 0; j < i; j++)
            CHECK(strcmp(gh_key_name((enum gh_key)i), gh_key_name((enum gh_key)j)) != 0);
    }
    for (int i = 0; i < GH_REFUSAL_COUNT; i++) {
        for (int j = 0; j < i; j++)
            CHECK(strcmp(gh_refusal_name((enum gh_refusal)i),
                         gh_refusal_name((enum gh_refusal)j)) != 0);
    }
}

static void a_status_has_a_text_and_an_exit_code(void)
{
    CHECK(gh_status_exit(GH_OK) == 0 && strcmp(gh_status_text(GH_OK), "ok") == 0);
    CHECK(gh_status_exit(GH_ECONFIG) == 2 && gh_status_exit(GH_EIO) == 1);
    for (int i = 0; i < GH_STATUS_COUNT; i++)
        CHECK(gh_status_text((enum gh_status)i)[0] != '\0');
}

struct plan {
    double lateness;
    uint32_t quorum;
    bool strict;
    struct gh_switch choice;
    struct gh_option_text path;
};

static const struct gh_option plan_options[] = {
    {"lateness", GH_OPTION_DOUBLE, offsetof(struct plan, lateness), 0.5, NULL, 0, 9, "1", ""},
    {"quorum", GH_OPTION_U32, offsetof(struct plan, quorum), 4e9, NULL, 0, 4e9, "1", ""},
    {"strict", GH_OPTION_BOOL, offsetof(struct plan, strict), 1, NULL, 0, 1, "1", ""},
    {"choice", GH_OPTION_SWITCH, offsetof(struct plan, choice), 2, NULL, 0, 2, "1", ""},
    {"path", GH_OPTION_TEXT, offsetof(struct plan, path), 0, "a,b", 0, 0, "text", ""},
};
static const struct gh_option_group plan_group = {"plan", "", plan_options, 5,
                                                  sizeof(struct plan)};

static void defaults_fill_every_field(void)
{
    struct plan plan;

    memset(&plan, 0x5a, sizeof plan);
    gh_options_default(&plan_group, &plan);
    CHECK(plan.lateness == 0.5 && plan.quorum == 4000000000u && plan.strict);
    CHECK(plan.choice.value == GH_SWITCH_AUTO);
    CHECK(strcmp(plan.path.text, "a,b") == 0);
    for (size_t i = 3; i < GH_OPTION_TEXT_SIZE; i++)
        CHECK(plan.path.text[i] == '\0');
}

static void an_option_is_found_by_its_whole_name(void)
{
    CHECK(gh_option_find(&plan_group, "quorum") == &plan_options[1]);
    CHECK(gh_option_find(&plan_group, "quoru") == NULL);
    CHECK(gh_option_find(&plan_group, "plan.quorum") == NULL);
    CHECK(gh_option_find(&plan_group, "") == NULL);
}

static void hashes_are_those_of_xxh3(void)
{
    char hex[33];

    CHECK(gh_hash("", 0) == UINT64_C(0x2d06800538d394c2)); /* published test values */
    gh_hash_hex("", 0, hex);
    CHECK(strcmp(hex, "99aa06d3014798d86001c324468d497f") == 0);
    CHECK(gh_hash_seeded("abc", 3, 0) == gh_hash("abc", 3));
    CHECK(gh_hash_seeded("abc", 3, 1) != gh_hash("abc", 3));
    CHECK(gh_hash_pair(1, 2) != gh_hash_pair(2, 1) && gh_hash_pair(0, 0) != 0);
}

static void the_first_failure_wins(void)
{
    struct gh_error e = {0};

    CHECK(gh_error_set(&e, GH_EIO, "%s: %d", "port", 7) == GH_EIO);
    CHECK(gh_error_set(&e, GH_EUSAGE, "later") == GH_EUSAGE);
    CHECK(e.status == GH_EIO && strcmp(e.text, "port: 7") == 0);
    CHECK(gh_error_set(NULL, GH_EIO, "nobody listens") == GH_EIO);
}

static void words_of_callers_go_in_front(void)
{
    struct gh_error e = {0};

    gh_error_wrap(&e, "nothing failed");
    CHECK(e.status == GH_OK && e.text[0] == '\0');
    gh_error_wrap(NULL, "nobody listens");
    gh_error_set(&e, GH_ECONFIG, "alpha: 7: 0 to 1");
    gh_error_wrap(&e, "%s", "engine.yaml");
    CHECK(strcmp(e.text, "engine.yaml: alpha: 7: 0 to 1") == 0);
}

static void a_long_text_of_a_failure_is_cut(void)
{
    struct gh_error e = {0};
    char words[600];

    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    gh_error_set(&e, GH_EIO, "%s", words);
    CHECK(strlen(e.text) == sizeof e.text - 1);
    gh_error_wrap(&e, "file");
    CHECK(strncmp(e.text, "file: xxx", 9) == 0 && strlen(e.text) == sizeof e.text - 1);
    gh_error_wrap(&e, "%s", words);
    CHECK(strlen(e.text) == sizeof e.text - 1);
}

static const struct gh_test tests[] = {
    GH_TEST(names_are_those_of_the_contract),
    GH_TEST(no_two_keys_and_no_two_refusals_share_a_name),
    GH_TEST(a_status_has_a_text_and_an_exit_code),
    GH_TEST(defaults_fill_every_field),
    GH_TEST(an_option_is_found_by_its_whole_name),
    GH_TEST(hashes_are_those_of_xxh3),
    GH_TEST(the_first_failure_wins),
    GH_TEST(words_of_callers_go_in_front),
    GH_TEST(a_long_text_of_a_failure_is_cut),
};
GH_TEST_MAIN(tests)
