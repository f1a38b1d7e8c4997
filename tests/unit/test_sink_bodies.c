/* test_sink_bodies.c - what sinks are told, byte for byte where it matters; limits; what comes
 * from events is inert; and how long a failing sink is left alone. */
#include "edge/sinks/sink.h"

#include "edge/alert.h"
#include "support/gh_test.h"

#include <jansson.h>
#include <math.h>

#define FROM_MS INT64_C(1795161465123) /* 2026-11-20T07:57:45.123Z */

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static struct gh_finding finding_plain(void)
{
    struct gh_finding f = {.id = "0123456789abcdef0123456789abcdef",
                           .revision = 2,
                           .change = GH_ESCALATED,
                           .detector = "output_churn",
                           .actor = text_of("ada@example.test"),
                           .team = text_of("R&D <core>"),
                           .severity = GH_WARNING,
                           .track = GH_REVIEW,
                           .time_ms = FROM_MS + 7200000,
                           .from_ms = FROM_MS,
                           .until_ms = FROM_MS + 3600000,
                           .tokens = 100,
                           .cost_usd = 20,
                           .excess_tokens = 50,
                           .excess_cost_usd = 12.5,
                           .cost_known = true};
    snprintf(f.explanation, sizeof f.explanation, "It was <@U1> & taken back.");
    snprintf(f.question, sizeof f.question, "What were these changes for?");
    return f;
}

static struct gh_story story_of(const struct gh_finding *finding)
{
    struct gh_story story = {0};
    char *body = gh_alert_body(finding, 7, "goodhart");
    CHECK(body && gh_story_read(&story, 7, text_of(body)) == GH_OK);
    CHECK(story.body && !strcmp(story.body, body));
    free(body);
    return story;
}

static json_t *json_of(char *text)
{
    json_t *root = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    CHECK(root != NULL);
    free(text);
    return root;
}

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool escapes_to(const char *text, size_t max, const char *wanted)
{
    struct gh_json raw = {0};
    gh_slack_escape(&raw, text, max);
    const bool same =
        raw.used == strlen(wanted) && (!raw.at || !memcmp(raw.at, wanted, raw.used));
    if (!same)
        printf("# got %.*s\n", (int)raw.used, raw.at);
    gh_json_free(&raw);
    return same;
}

static void a_chat_shows_texts_of_events_and_obeys_none(void)
{
    CHECK(escapes_to("a & b <!channel> c", 100, "a &amp; b &lt;!channel&gt; c"));
    CHECK(
        escapes_to("@everyone @here @channel ada@x", 100, "@ everyone @ here @ channel ada@x"));
    CHECK(escapes_to("a\x01\tb\nc\x7f\xc2\x9b", 100, "a  b\nc  "));
    CHECK(escapes_to("\xff\xc3\xa9", 100, "\ufffd\u00e9"));
    CHECK(escapes_to("", 100, ""));
}

static void a_text_that_is_too_long_ends_between_two_characters(void)
{
    CHECK(escapes_to("abcdef", 6, "abcdef"));
    CHECK(escapes_to("abcdefg", 6, "abc\u2026"));
    CHECK(escapes_to("ab&&&", 8, "ab\u2026")); /* an entity is never cut */
    CHECK(escapes_to("\u00e9\u00e9\u00e9\u00e9", 7, "\u00e9\u00e9\u2026"));
}

static void a_slack_message_tells_the_pattern_the_base_rate_and_the_question(void)
{
    const struct gh_finding finding = finding_plain();
    struct gh_story story = story_of(&finding);
    const struct gh_manner manner = {.link = "https://gh.test/f/"};
    json_t *root = json_of(gh_slack_body(&story, &manner));
    const char *text = member(root, "text");
    CHECK(!strcmp(text, "To review: output churn (warning), escalated\n"
                        "It was &lt;@U1&gt; &amp; taken back.\n"
                        "What were these changes for?\n"
                        "Up to 1 in 10 of all that is brought to review is expected to be a "
                        "false discovery: this may be honest work. Ask before judging.\n"
                        "https://gh.test/f/0123456789abcdef0123456789abcdef"));
    CHECK(json_array_size(json_object_get(root, "blocks")) == 6);
    char *all = json_dumps(root, 0);
    CHECK(all && !strstr(all, "ada") && strstr(all, "$12.50 above what was expected") &&
          strstr(all, "R&amp;D &lt;core&gt;"));
    free(all);
    json_decref(root);
    root = json_of(gh_slack_body(&story, &(struct gh_manner){.link = "", .actor = true}));
    all = json_dumps(root, 0);
    CHECK(all && strstr(all, "ada@example.test") && !strstr(all, "button"));
    free(all);
    json_decref(root);
    gh_story_free(&story);
}

static void the_longest_texts_stay_within_the_limits(void)
{
    struct gh_finding finding = finding_plain();
    char team[GH_STRING_BYTES_MAX];
    memset(team, '&', sizeof team);
    memset(finding.explanation, '<', sizeof finding.explanation - 1);
    memset(finding.question, '>', sizeof finding.question - 1);
    finding.team = (struct gh_text){team, sizeof team};
    struct gh_story story = story_of(&finding);
    json_t *root = json_of(gh_slack_body(&story, &(struct gh_manner){.link = "https://x/"}));
    CHECK(strlen(member(root, "text")) <= 1900);
    size_t i;
    json_t *block;
    json_array_foreach(json_object_get(root, "blocks"), i, block)
    {
        const json_t *text = json_object_get(block, "text");
        CHECK(strlen(member(text, "text")) <= 3000);
        const json_t *fields = json_object_get(block, "fields");
        for (size_t k = 0; k < json_array_size(fields); k++)
            CHECK(strlen(member(json_array_get(fields, k), "text")) <= 2000);
    }
    char *all = json_dumps(root, JSON_COMPACT);
    CHECK(all && strlen(all) < 13000);
    free(all);
    json_decref(root);
    gh_story_free(&story);
}

static json_t *alertmanager_of(const struct gh_story *story, const struct gh_manner *manner,
                               int64_t now_ms, bool over)
{
    const struct gh_firing firing = {.now_ms = now_ms, .resend_ms = 60000};
    struct gh_json json = {0};
    gh_alertmanager_add(&json, story, manner, &firing, over);
    return json_of(gh_json_take(&json));
}

static void an_alertmanager_is_told_until_when_it_holds(void)
{
    struct gh_finding finding = finding_plain();
    struct gh_story story = story_of(&finding);
    const struct gh_manner manner = {.link = ""};
    json_t *root = alertmanager_of(&story, &manner, FROM_MS + 5000, false);
    CHECK(!strcmp(member(root, "startsAt"), "2026-11-20T07:57:45.123Z"));
    CHECK(!strcmp(member(root, "endsAt"), "2026-11-20T08:01:50.123Z"));
    const json_t *labels = json_object_get(root, "labels");
    CHECK(json_object_size(labels) == 6 && !json_object_get(labels, "actor"));
    CHECK(!strcmp(member(labels, "alertname"), "goodhart_output_churn"));
    CHECK(!strcmp(member(labels, "team"), "R&D <core>"));
    json_decref(root);
    root = alertmanager_of(&story, &manner, FROM_MS + 5000, true);
    CHECK(!strcmp(member(root, "endsAt"), "2026-11-20T07:57:50.123Z"));
    json_decref(root);
    /* Event time ahead of ours: it must not start after it ends. */
    root = alertmanager_of(&story, &(struct gh_manner){.link = "", .actor = true},
                           FROM_MS - 1000, true);
    CHECK(!strcmp(member(root, "startsAt"), member(root, "endsAt")));
    CHECK(!strcmp(member(json_object_get(root, "labels"), "actor"), "ada@example.test"));
    json_decref(root);
    gh_story_free(&story);
    finding.change = GH_CLOSED;
    story = story_of(&finding);
    root = alertmanager_of(&story, &manner, FROM_MS + 5000, false);
    CHECK(!strcmp(member(root, "endsAt"), "2026-11-20T07:57:50.123Z"));
    json_decref(root);
    gh_story_free(&story);
}

static void labels_are_the_same_where_severity_track_and_team_are(void)
{
    struct gh_finding finding = finding_plain();
    struct gh_story a = story_of(&finding), b = story_of(&finding);
    CHECK(gh_alertmanager_same(&a, &b));
    gh_story_free(&b);
    finding.track = GH_CASE;
    b = story_of(&finding);
    CHECK(!gh_alertmanager_same(&a, &b));
    gh_story_free(&b);
    gh_story_free(&a);
}

static void a_digest_counts_all_and_a_mail_ends_no_header(void)
{
    struct gh_finding finding = finding_plain();
    struct gh_tidings digest = {0};
    struct gh_json told = {0};
    finding.team = text_of("a\r\n.\r\nBcc: x");
    struct gh_story story = story_of(&finding);
    for (int i = 0; i < 3; i++)
        gh_tidings_add(&digest, &story);
    gh_mail_add(&told, &story, &(struct gh_manner){.link = ""});
    char *text = gh_mail_text(&digest, &told);
    CHECK(text && strstr(text, "  3 \u00d7 output churn, to review\r\n"));
    CHECK(text && strstr(text, "  Team: a  .  Bcc: x\r\n") && !strstr(text, "ada@"));
    CHECK(text && strstr(text, "Ask before judging.\r\n"));
    free(text);
    digest.findings = GH_MAIL_TOLD_MAX + 2;
    text = gh_mail_text(&digest, &told);
    CHECK(text && strstr(text, "2 more are in the counts above alone."));
    free(text);
    gh_json_free(&told);
    gh_story_free(&story);
}

static void a_summary_counts_each_track_and_pattern(void)
{
    struct gh_finding finding = finding_plain();
    struct gh_tidings digest = {0};
    struct gh_story story = story_of(&finding);
    gh_tidings_add(&digest, &story);
    gh_story_free(&story);
    finding.track = GH_CASE;
    finding.detector = "agent_loop";
    story = story_of(&finding);
    gh_tidings_add(&digest, &story);
    gh_story_free(&story);
    json_t *root = json_of(gh_slack_summary(&digest, &(struct gh_manner){.link = ""}));
    CHECK(!strcmp(member(root, "text"), "2 more findings, summed up\n"
                                        "1 \u00d7 agent loop, to review while output lags\n"
                                        "1 \u00d7 output churn, to review\n"));
    json_decref(root);
}

static void a_name_is_hidden_where_it_is_a_word_of_its_own(void)
{
    struct gh_finding finding = finding_plain();
    snprintf(finding.explanation, sizeof finding.explanation,
             "ada@example.test runs claude@ada, not adam or ada_b; ada.");
    snprintf(finding.question, sizeof finding.question, "Why, ada?");
    struct gh_story story = story_of(&finding);
    CHECK(gh_story_hide(&story));
    CHECK(!strcmp(story.explanation, "\u2026 runs claude@\u2026, not adam or ada_b; \u2026."));
    CHECK(!strcmp(story.question, "Why, \u2026?"));
    CHECK(!strcmp(story.actor, "ada@example.test"));
    gh_story_free(&story);
}

static void what_is_no_alert_is_no_story(void)
{
    struct gh_story story;
    CHECK(gh_story_read(&story, 1, text_of("{}")) == GH_EFORMAT && !story.body && !story.root);
    CHECK(gh_story_read(&story, 1, text_of("no JSON")) == GH_EFORMAT && !story.body);
}

/* Computed with Python's hmac: b"msg_1.1614265330.{\"test\": 2432232314}". */
static void a_signature_is_that_of_the_standard(void)
{
    char key[] = "0123456789abcdef0123456789abcdef", signature[GH_SIGNATURE_SIZE];
    const struct gh_secret secret = {(unsigned char *)key, strlen(key)};
    gh_webhook_sign(&secret, "msg_1", 1614265330, "{\"test\": 2432232314}", signature);
    CHECK(!strcmp(signature, "v1,aTF4+pE6A/FmvKM0YSVBBUfRhLIlBiaBUR+EjGls6Mc="));
}

static void pauses_double_up_to_a_bound_and_honour_what_is_asked_for(void)
{
    CHECK(gh_sink_pause_ms(1, 300, 0, 0) == 1000 && gh_sink_pause_ms(3, 300, 0, 0) == 4000);
    CHECK(gh_sink_pause_ms(1000, 300, 0, 0) == 300000);
    for (uint64_t lot = 0; lot < 5000; lot += 7) {
        const int64_t pause_ms = gh_sink_pause_ms(4, 300, 0, lot);
        CHECK(pause_ms >= 4000 && pause_ms <= 8000);
    }
    CHECK(gh_sink_pause_ms(1, 300, 20, 3) == 20000);
    CHECK(gh_sink_pause_ms(1, 300, INT64_MAX, 3) == 3600000);
    CHECK(gh_sink_pause_ms(9, 1, 0, 0) == 1000);
}

static const struct gh_test tests[] = {
    GH_TEST(a_chat_shows_texts_of_events_and_obeys_none),
    GH_TEST(a_text_that_is_too_long_ends_between_two_characters),
    GH_TEST(a_slack_message_tells_the_pattern_the_base_rate_and_the_question),
    GH_TEST(the_longest_texts_stay_within_the_limits),
    GH_TEST(an_alertmanager_is_told_until_when_it_holds),
    GH_TEST(labels_are_the_same_where_severity_track_and_team_are),
    GH_TEST(a_digest_counts_all_and_a_mail_ends_no_header),
    GH_TEST(a_summary_counts_each_track_and_pattern),
    GH_TEST(a_name_is_hidden_where_it_is_a_word_of_its_own),
    GH_TEST(what_is_no_alert_is_no_story),
    GH_TEST(a_signature_is_that_of_the_standard),
    GH_TEST(pauses_double_up_to_a_bound_and_honour_what_is_asked_for),
};
GH_TEST_MAIN(tests)
