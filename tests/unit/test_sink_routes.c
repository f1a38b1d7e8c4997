/* test_sink_routes.c - the routes file: what becomes of a route, and that what is wrong is told
 * by line, column, route and member. */
#include "edge/sinks/sink.h"
#include "edge/sinks/sink_routes.h"

#include "support/store_kit.h"

#include <sodium.h>

static struct gh_error error;
static struct gh_sinks_options options;
static struct gh_sink sink[GH_SINKS_MAX];
static size_t sinks;

static void text_set(struct gh_option_text *text, const char *value)
{
    snprintf(text->text, sizeof text->text, "%s", value);
}

static void file_write(const char *name, const char *text)
{
    const char *path = kit_path(name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0);
}

static void begin(void)
{
    struct gh_option_text *const severity[] = {
        &options.alertmanager_severity, &options.webhook_severity, &options.mail_severity};
    options = (struct gh_sinks_options){.timeout = 10, .mail_tls = true, .slack_rate = 7};
    for (size_t i = 0; i < sizeof severity / sizeof *severity; i++)
        text_set(severity[i], "notice");
    text_set(&options.slack_severity, "warning");
    text_set(&options.slack_tracks, "incident");
    CHECK(sodium_init() >= 0);
    kit_open();
    text_set(&options.routes, kit_path("routes.yaml"));
    file_write("slack", "https://hooks.test/T/B/secret\n");
    file_write("signs", "a secret of more than 24 bytes\n");
}

/* The sinks of a file whose %s is the folder. */
static enum gh_status routed(const char *text)
{
    char filled[8192];
    const char *last = strrchr(kit_path("x"), '/');
    const int folder = (int)(last - kit_path("x"));
    size_t used = 0;
    for (const char *at = text; *at && used + 300 < sizeof filled; at++)
        if (at[0] == '%' && at[1] == 's')
            used += (size_t)snprintf(filled + used, 300, "%.*s", folder, kit_path("x")), at++;
        else
            filled[used++] = *at;
    filled[used] = '\0';
    file_write("routes.yaml", filled);
    error = (struct gh_error){0};
    return gh_sink_setup(sink, &sinks, &options, &error);
}

static void wipe(void)
{
    for (size_t i = 0; i < sinks; i++)
        gh_sink_wipe(&sink[i]);
}

/* Refused at this place, with these words. */
static bool refused(const char *text, const char *place, const char *words)
{
    char wanted[600];
    const bool good = routed(text) != GH_OK;
    snprintf(wanted, sizeof wanted, "%s:%s", kit_path("routes.yaml"), place);
    const bool told = good && !strncmp(error.text, wanted, strlen(wanted)) &&
                      strstr(error.text, words) && !strstr(error.text, "hooks.test");
    if (!told)
        printf("# wanted %s ... %s, got %s\n", wanted, words, error.text);
    wipe();
    return told;
}

static void each_route_is_a_sink_of_its_own_for_its_teams(void)
{
    begin();
    text_set(&options.mail, "smtp://127.0.0.1:25");
    text_set(&options.mail_from, "goodhart@test");
    CHECK(routed("routes:\n"
                 "  - {name: payments, sink: slack, secret: %s/slack, teams: [pay, bill ing]}\n"
                 "  - name: eu\n"
                 "    sink: webhook\n"
                 "    address: https://eu.test/in\n"
                 "    secret: %s/signs\n"
                 "    severity: critical\n"
                 "    tracks: [review, case]\n"
                 "  - name: leads\n"
                 "    sink: mail\n"
                 "    address: [a@b.test, c@d.test]\n"
                 "    teams: pay\n"
                 "    actor: true\n") == GH_OK);
    CHECK(sinks == 3); /* and no digest for nobody */
    CHECK(!strcmp(sink[0].counts.name, "slack payments") && sink[0].kind == GH_SINK_SLACK);
    CHECK(!strcmp(sink[0].url, "https://hooks.test/T/B/secret") && sink[0].rate == 7);
    CHECK(!strcmp(sink[0].teams, "pay,bill ing") && !sink[0].manner.actor);
    CHECK(sink[0].floor == GH_WARNING && sink[0].tracks == 1U << GH_INCIDENT);
    CHECK(!strcmp(sink[1].counts.name, "webhook eu") && sink[1].secret.size == 30);
    CHECK(sink[1].floor == GH_CRITICAL && !strcmp(sink[1].teams, ""));
    CHECK(sink[1].tracks == (1U << GH_REVIEW | 1U << GH_CASE));
    CHECK(!strcmp(sink[2].counts.name, "mail leads") && sink[2].manner.actor);
    CHECK(!strcmp(sink[2].to, "a@b.test,c@d.test") && !strcmp(sink[2].teams, "pay"));
    wipe();
    text_set(&options.mail_to, "all@test");
    CHECK(routed("{\"routes\": []}") == GH_OK && sinks == 1);
    CHECK(!strcmp(sink[0].counts.name, "mail") && !strcmp(sink[0].to, "all@test"));
    wipe();
    kit_close();
}

static void what_is_wrong_is_told_with_its_place(void)
{
    static const struct {
        const char *text, *place, *words;
    } row[] = {
        {"- a\n", "1:1: ", "one mapping, routes"},
        {"routes: 7\n", "1:1: ", "one mapping, routes"},
        {"routes: []\nmore: 1\n", "1:1: ", "and nothing else"},
        {"routes: []\n---\n{}\n", "3:1: ", "and nothing else"},
        {"routes:\n  - {name: a\n", "3:1: ", "YAML or JSON"},
        {"routes: \xff\n", "1:1: ", "in UTF-8"},
        {"routes:\n  - a\n", "2:5: ", "a route is a mapping"},
        {"routes:\n  - {name: A}\n", "2:12: route 1 (A): name: ", "a-z"},
        {"routes:\n  - {sink: slack}\n", "2:5: route 1: name: ", "a-z"},
        {"routes:\n  - {name: a}\n", "2:5: route 1 (a): sink: ", "slack, webhook or mail"},
        {"routes:\n  - {name: a, sink: irc}\n", "2:21: route 1 (a): sink: ", "slack, webhook"},
        {"routes:\n  - {nane: a}\n", "2:6: ", "no such member"},
        {"routes:\n  - {name: a, name: b}\n", "2:15: ", "there already"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack}\n- {name: a, sink: slack}\n",
         "3:10: route 2 (a): name: ", "another route"},
        {"routes:\n- {name: a, sink: slack}\n", "2:3: route 1 (a): secret: ", "missing"},
        {"routes:\n- {name: a, sink: slack, address: 'https://hooks.test/x'}\n",
         "2:35: ", "it is a secret"},
        {"routes:\n- {name: a, sink: slack, secret: %s/none}\n",
         "2:34: route 1 (a): secret: ", "cannot be read"},
        {"routes:\n- {name: a, sink: slack, secret: [x]}\n", "2:34: ", "secret: a text"},
        {"routes:\n- {name: a, sink: webhook}\n", "2:3: route 1 (a): address: ", "missing"},
        {"routes:\n- {name: a, sink: webhook, address: ftp://x}\n", "2:37: ", "http://HOST"},
        {"routes:\n- {name: a, sink: webhook, address: http://x, actor: true}\n",
         "2:54: ", "the whole alert"},
        {"routes:\n- {name: a, sink: mail, address: a@b}\n", "2:19: ", "sinks.mail: empty"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, teams: []}\n", "2:", "not empty"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, teams: null}\n",
         "2:", "teams: a text"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, teams: [[a]]}\n",
         "2:", "teams: a text"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, teams: ['a,b']}\n",
         "2:", "without a comma"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, actor: yes}\n",
         "2:", "true or false"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, severity: high}\n",
         "2:", "severity: high: notice, warning or critical"},
        {"routes:\n- {name: a, sink: slack, secret: %s/slack, tracks: [case, x]}\n",
         "2:", "tracks: x: a list of incident"},
        {"routes:\n- {name: a, sink: slack, secret: !!int 5}\n", "2:", "secret: a text"},
        {"routes:\n- {name: a, sink: slack, secret: \"x\\ny\"}\n", "2:", "secret: a text"},
    };
    begin();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CHECK(refused(row[i].text, row[i].place, row[i].words));
    CHECK(routed("") == GH_ECONFIG && strstr(error.text, "sinks.routes: "));
    wipe();
    text_set(&options.routes, kit_path("nowhere"));
    CHECK(gh_sink_setup(sink, &sinks, &options, &error) == GH_EIO);
    CHECK(strstr(error.text, "sinks.routes: "));
    wipe();
    kit_close();
}

static void there_are_as_many_as_there_is_room_for(void)
{
    char text[8192] = "routes:\n";
    begin();
    for (int i = 0; i < GH_SINK_ROUTES_MAX; i++)
        snprintf(text + strlen(text), 80, "- {name: r%d, sink: webhook, address: http://x}\n",
                 i);
    text_set(&options.alertmanager, "http://a,http://b,http://c,http://d,http://e");
    text_set(&options.slack, kit_path("slack"));
    text_set(&options.webhook, "http://x");
    text_set(&options.mail, "smtp://x");
    text_set(&options.mail_from, "a@b");
    text_set(&options.mail_to, "a@b");
    CHECK(routed(text) == GH_OK && sinks == GH_SINKS_MAX);
    wipe();
    snprintf(text + strlen(text), 80, "- {name: more, sink: webhook, address: http://x}\n");
    CHECK(refused(text, "58:3: ", "at most 56"));
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(each_route_is_a_sink_of_its_own_for_its_teams),
    GH_TEST(what_is_wrong_is_told_with_its_place),
    GH_TEST(there_are_as_many_as_there_is_room_for),
};
GH_TEST_MAIN(tests)
