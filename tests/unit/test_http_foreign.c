/* test_http_foreign.c - which names are ours, and which pages may ask. */
#include "edge/http/foreign.h"

#include "support/gh_test.h"

static char text[400];

static unsigned asked(const char *host, const char *origin, const char *site)
{
    const struct gh_http_shown shown = {host, origin, site, "intake.example, Other.example",
                                        true};
    text[0] = '\0';
    return gh_http_foreign(&shown, text, sizeof(text));
}

static void numbers_localhost_and_listed_names_are_ours(void)
{
    static const char *const good[] = {"127.0.0.1",      "127.0.0.1:4318", "192.168.1.7:80",
                                       "[::1]",          "[::1]:4318",     "[fe80::1]:1",
                                       "localhost",      "LocalHost:8080", "localhost.",
                                       "localhost.:80",  "localhost:",     "intake.example",
                                       "INTAKE.example", "other.EXAMPLE.", "other.example:443"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(asked(good[i], NULL, NULL) == 0);
    CHECK(asked(NULL, NULL, NULL) == 0);
    CHECK(asked(NULL, "http://evil.example", "cross-site") == 0);
}

static void every_other_name_is_refused_and_told_what_to_do(void)
{
    static const char *const bad[] = {"",
                                      " ",
                                      ".",
                                      ":80",
                                      "evil.example",
                                      "evil.example:4318",
                                      "localhost.evil.example",
                                      "localhost..",
                                      "127.0.0.1.evil.example",
                                      "127.0.0.1.",
                                      "0x7f.1",
                                      "2130706433",
                                      "[::1",
                                      "[]",
                                      "[localhost]",
                                      "[::1]evil.example",
                                      "localhost:80x",
                                      "localhost@evil.example",
                                      "::1",
                                      "intake.example,",
                                      "intake.example, Other.example",
                                      "intake",
                                      "example"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(asked(bad[i], NULL, NULL) == 421);
        CHECK(strstr(text, "http.hosts"));
    }
}

static void only_pages_of_our_own_may_ask(void)
{
    CHECK(asked("localhost:80", "http://localhost:80", NULL) == 0);
    CHECK(asked("localhost:80", "https://LOCALHOST:80", "same-origin") == 0);
    CHECK(asked("localhost:80", NULL, "none") == 0);
    static const char *const bad[] = {"null",
                                      "",
                                      "http://",
                                      "http://localhost",
                                      "http://localhost:8",
                                      "http://localhost:80/",
                                      "http://localhost:800",
                                      "http://evil.example",
                                      "localhost:80"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(asked("localhost:80", bad[i], NULL) == 403);
        CHECK(strstr(text, "Origin"));
    }
    CHECK(asked("localhost:80", NULL, "cross-site") == 403);
    CHECK(asked("localhost:80", NULL, "same-site") == 403);
    CHECK(asked("localhost:80", NULL, "") == 403);
    CHECK(asked("evil.example", "http://evil.example", "same-origin") == 421);
}

static void beyond_this_machine_names_are_the_operators_until_they_are_listed(void)
{
    struct gh_http_shown shown = {"intake.example", NULL, NULL, "", false};
    CHECK(gh_http_foreign(&shown, text, sizeof(text)) == 0);
    /* Of a name that nobody has listed, a page may be anybody's. */
    shown.origin = "http://intake.example";
    CHECK(gh_http_foreign(&shown, text, sizeof(text)) == 403);
    shown.origin = NULL;
    shown.names = "other.example";
    CHECK(gh_http_foreign(&shown, text, sizeof(text)) == 421);
    shown.names = "other.example,intake.example";
    shown.origin = "http://intake.example";
    CHECK(gh_http_foreign(&shown, text, sizeof(text)) == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(numbers_localhost_and_listed_names_are_ours),
    GH_TEST(every_other_name_is_refused_and_told_what_to_do),
    GH_TEST(only_pages_of_our_own_may_ask),
    GH_TEST(beyond_this_machine_names_are_the_operators_until_they_are_listed),
};
GH_TEST_MAIN(tests)
