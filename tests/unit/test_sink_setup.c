/* test_sink_setup.c - sinks from options: addresses, lists, secrets in files. */
#include "edge/sinks/sink.h"

#include "support/store_kit.h"

#include <sodium.h>

static struct gh_error error;
static struct gh_sinks_options options;
static struct gh_sink sink[GH_SINKS_MAX];
static size_t sinks;

static void text_set(struct gh_option_text *text, const char *value)
{
    snprintf(text->text, sizeof text->text, "%.*s", (int)sizeof text->text - 1, value);
}

static void options_begin(void)
{
    struct gh_option_text *const severity[] = {
        &options.alertmanager_severity, &options.slack_severity, &options.webhook_severity,
        &options.mail_severity};
    options = (struct gh_sinks_options){.timeout = 10, .retry_max = 10, .mail_tls = true};
    for (size_t i = 0; i < sizeof severity / sizeof *severity; i++)
        text_set(severity[i], "notice");
    CHECK(sodium_init() >= 0);
    kit_open();
}

static enum gh_status set_up(void)
{
    error = (struct gh_error){0};
    return gh_sink_setup(sink, &sinks, &options, &error);
}

static void wipe(void)
{
    for (size_t i = 0; i < sinks; i++)
        gh_sink_wipe(&sink[i]);
}

static bool refused_with(const char *text)
{
    const bool refused = set_up() == GH_ECONFIG && strstr(error.text, text);
    if (!refused)
        printf("# %s\n", error.text);
    wipe();
    return refused;
}

static const char *secret_write(const char *text, mode_t mode)
{
    const char *path = kit_path("secret");
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
    return path;
}

static void every_alertmanager_is_a_sink_of_its_own(void)
{
    options_begin();
    text_set(&options.alertmanager, "http://a.test:9093/, https://b.test/am");
    text_set(&options.alertmanager_tracks, "case, review");
    text_set(&options.alertmanager_severity, "warning");
    CHECK(set_up() == GH_OK && sinks == 2);
    CHECK(!strcmp(sink[0].url, "http://a.test:9093/api/v2/alerts"));
    CHECK(!strcmp(sink[1].url, "https://b.test/am/api/v2/alerts"));
    CHECK(!strcmp(sink[1].counts.name, "alertmanager https://b.test/am"));
    CHECK(sink[0].floor == GH_WARNING && sink[0].tracks == (1U << GH_REVIEW | 1U << GH_CASE));
    wipe();
    text_set(&options.alertmanager, "http://a,http://b,http://c,http://d,http://e,http://f");
    CHECK(refused_with("sinks.alertmanager: at most 5 addresses"));
    kit_close();
}

static void a_secret_is_base64_behind_its_mark_and_else_itself(void)
{
    options_begin();
    text_set(&options.webhook, "https://hooks.test/");
    text_set(&options.webhook_secret,
             secret_write("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n", 0600));
    CHECK(set_up() == GH_OK && sink[0].secret.size == 24);
    CHECK(sinks == 1 && !memcmp(sink[0].secret.at, "0123456789abcdef01234567", 24));
    wipe();
    secret_write("whsec_not base64", 0600);
    CHECK(refused_with("whsec_ and then base64"));
    secret_write("too short \n\n", 0600);
    CHECK(refused_with("at least 24 bytes"));
    secret_write("one line of more than 24 bytes\r\n", 0400);
    CHECK(set_up() == GH_OK && sink[0].secret.size == 30);
    wipe();
    secret_write("two lines of more\nthan 24 bytes", 0600);
    CHECK(refused_with("control characters"));
    secret_write("", 0600);
    CHECK(refused_with("empty"));
    secret_write("one line of more than 24 bytes", 0640);
    CHECK(refused_with("chmod 600"));
    kit_close();
}

static void an_address_is_of_the_web_and_holds_no_password(void)
{
    static const char *const wrong[] = {"file:///etc/passwd", "ftp://x/",
                                        "x.test/hook",        "http://",
                                        "http://u:p@x/",      "gopher://x/"};
    options_begin();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        text_set(&options.webhook, wrong[i]);
        CHECK(refused_with("sinks.webhook: "));
        CHECK(!strstr(error.text, "u:p"));
    }
    text_set(&options.webhook, "http://hooks.test/");
    text_set(&options.proxy, "http://u:p@proxy.test");
    CHECK(refused_with("sinks.proxy") && !strstr(error.text, "u:p"));
    kit_close();
}

static void a_password_is_sent_in_the_clear_to_this_machine_alone(void)
{
    options_begin();
    text_set(&options.alertmanager_login, secret_write("me:word", 0600));
    text_set(&options.alertmanager, "http://am.test");
    CHECK(refused_with("in the clear"));
    text_set(&options.alertmanager, "http://127.0.0.1:9093,https://am.test");
    CHECK(set_up() == GH_OK && sinks == 2 && !strcmp(sink[1].login, "me:word"));
    wipe();
    secret_write("no colon", 0600);
    CHECK(refused_with("user:password"));
    kit_close();
}

static void an_address_of_mail_cannot_shape_a_header(void)
{
    static const char *const wrong[] = {
        "", "a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b\nBcc: c@d", "a\"@b", "a@b;c"};
    options_begin();
    text_set(&options.mail, "smtp://mail.test");
    text_set(&options.mail_to, "a@b.test, c@d.test");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        text_set(&options.mail_from, wrong[i]);
        CHECK(refused_with("sinks.mail_from"));
    }
    text_set(&options.mail_from, "gh@b.test");
    CHECK(set_up() == GH_OK && sinks == 1);
    wipe();
    text_set(&options.mail_to, "a@b.test, c");
    CHECK(refused_with("sinks.mail_to: c: "));
    text_set(&options.mail_to, " ,");
    CHECK(refused_with("sinks.mail_to: empty"));
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(every_alertmanager_is_a_sink_of_its_own),
    GH_TEST(a_secret_is_base64_behind_its_mark_and_else_itself),
    GH_TEST(an_address_is_of_the_web_and_holds_no_password),
    GH_TEST(a_password_is_sent_in_the_clear_to_this_machine_alone),
    GH_TEST(an_address_of_mail_cannot_shape_a_header),
};
GH_TEST_MAIN(tests)
