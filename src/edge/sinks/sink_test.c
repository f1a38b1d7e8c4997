/* sink_test.c - messages that say that they are a test; see gh_sinks_test in sinks.h. */
#include "edge/clock.h"
#include "edge/sinks/post.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char test_words[] = "This is a test of goodhart. It tells of no finding.";

/* Over as soon as it has come: it pages nobody for long. */
static void alertmanager_write(struct gh_json *json, int64_t wall_ms)
{
    enum { FIRING_MS = 60000 };

    gh_json_open(json, '[');
    gh_json_open(json, '{');
    gh_json_key(json, "labels");
    gh_json_open(json, '{');
    gh_json_key(json, "alertname");
    gh_json_string(json, "goodhart_test");
    gh_json_key(json, "severity");
    gh_json_string(json, "notice");
    gh_json_close(json, '}');
    gh_json_key(json, "annotations");
    gh_json_open(json, '{');
    gh_json_key(json, "summary");
    gh_json_string(json, test_words);
    gh_json_close(json, '}');
    gh_json_key(json, "startsAt");
    gh_json_time(json, wall_ms);
    gh_json_key(json, "endsAt");
    gh_json_time(json, wall_ms + FIRING_MS);
    gh_json_close(json, '}');
    gh_json_close(json, ']');
}

static void slack_write(struct gh_json *json)
{
    gh_json_open(json, '{');
    gh_json_key(json, "text");
    gh_json_string(json, test_words);
    gh_json_close(json, '}');
}

static void webhook_write(struct gh_json *json, const struct gh_sink *sink, const char *id,
                          int64_t wall_ms)
{
    const char *const pair[][2] = {{"specversion", "1.0"},
                                   {"id", id},
                                   {"source", sink->source},
                                   {"type", "dev.goodhart.sink.test"},
                                   {"datacontenttype", "application/json"}};

    gh_json_open(json, '{');
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        gh_json_key(json, pair[i][0]);
        gh_json_string(json, pair[i][1]);
    }
    gh_json_key(json, "time");
    gh_json_time(json, wall_ms);
    gh_json_key(json, "data");
    gh_json_open(json, '{');
    gh_json_key(json, "test");
    gh_json_string(json, test_words);
    gh_json_close(json, '}');
    gh_json_close(json, '}');
}

void gh_sink_test_parcel(const struct gh_sink *sink, int64_t wall_ms, struct gh_parcel *parcel)
{
    struct gh_json json = {0};

    *parcel = (struct gh_parcel){.body = NULL};
    snprintf(parcel->id, sizeof parcel->id, "test-%" PRId64, wall_ms);
    snprintf(parcel->subject, sizeof parcel->subject, "goodhart: a test");
    switch (sink->kind) {
    case GH_SINK_ALERTMANAGER:
        alertmanager_write(&json, wall_ms);
        break;
    case GH_SINK_SLACK:
        slack_write(&json);
        break;
    case GH_SINK_WEBHOOK:
        webhook_write(&json, sink, parcel->id, wall_ms);
        break;
    case GH_SINK_MAIL:
        gh_json_raw(&json, test_words, sizeof test_words - 1);
        gh_json_raw(&json, "\r\n", 2);
        break;
    }
    parcel->body = gh_json_take(&json);
}

static void sink_try(const struct gh_sink *sink, const struct gh_sinks_test *test)
{
    const int64_t wall_ms = gh_clock_wall_ms();
    struct gh_posted posted = {.why = "out of memory"};
    struct gh_parcel parcel;
    char trouble[2 * GH_SINK_TROUBLE_SIZE + 8];

    gh_sink_test_parcel(sink, wall_ms, &parcel);
    struct gh_post *post = parcel.body ? gh_post_new(sink, &parcel, wall_ms) : NULL;
    if (post)
        gh_post_judge(post, curl_easy_perform(gh_post_easy(post)), &posted);
    snprintf(trouble, sizeof trouble, "%s%s%s", posted.why,
             posted.why[0] && posted.answer[0] ? ": " : "", posted.why[0] ? posted.answer : "");
    test->told(test->context, sink->counts.name, trouble);
    gh_post_free(post);
    free(parcel.body);
}

enum gh_status gh_sinks_test(const struct gh_sinks_options *options,
                             const struct gh_sinks_test *test, struct gh_error *error)
{
    struct gh_sink sink[GH_SINKS_MAX] = {{.url = NULL}};
    const size_t named = strlen(test->name);
    size_t count = 0, tried = 0;

    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    enum gh_status status = gh_sink_setup(sink, &count, options, error);
    for (size_t i = 0; i < count && status == GH_OK; i++) {
        if (strncmp(sink[i].counts.name, test->name, named) != 0)
            continue;
        sink[i].source = test->source;
        sink_try(&sink[i], test);
        tried++;
    }
    for (size_t i = 0; i < count; i++)
        gh_sink_wipe(&sink[i]);
    if (status == GH_OK && tried == 0)
        status =
            gh_error_set(error, GH_EUSAGE,
                         "sinks test: %s: no such sink is configured: alertmanager, slack, "
                         "webhook, mail",
                         named ? test->name : "none");
    return status;
}
