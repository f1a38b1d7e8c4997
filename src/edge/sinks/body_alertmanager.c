/* body_alertmanager.c - alerts for Alertmanager; see bodies.h. */
#include "edge/sinks/bodies.h"

#include <stdio.h>
#include <string.h>

/* Reminders that may be lost before an alert counts as over. */
enum { FIRING_REMINDERS = 4 };

static void pair(struct gh_json *json, const char *name, const char *value)
{
    gh_json_key(json, name);
    gh_json_string(json, value);
}

static void labels_write(struct gh_json *json, const struct gh_story *story, bool actor)
{
    char name[64];

    snprintf(name, sizeof name, "goodhart_%.48s", story->detector);
    gh_json_key(json, "labels");
    gh_json_open(json, '{');
    pair(json, "alertname", name);
    pair(json, "detector", story->detector);
    pair(json, "finding", story->finding);
    pair(json, "severity", gh_severity_name(story->severity));
    pair(json, "team", story->team);
    pair(json, "track", gh_track_name(story->track));
    if (actor)
        pair(json, "actor", story->actor);
    gh_json_close(json, '}');
}

static void annotations_write(struct gh_json *json, const struct gh_story *story)
{
    char title[GH_STORY_TITLE_SIZE], excess[GH_STORY_EXCESS_SIZE];

    gh_story_title(story, title);
    gh_story_excess(story, excess);
    gh_json_key(json, "annotations");
    gh_json_open(json, '{');
    pair(json, "summary", title);
    pair(json, "description", story->explanation);
    pair(json, "question", story->question);
    pair(json, "standing", gh_story_standing(story->track));
    if (excess[0])
        pair(json, "excess", excess);
    gh_json_close(json, '}');
}

void gh_alertmanager_add(struct gh_json *json, const struct gh_story *story,
                         const struct gh_manner *manner, const struct gh_firing *firing,
                         bool over)
{
    const int64_t now_ms = firing->now_ms;

    gh_json_open(json, '{');
    labels_write(json, story, manner->actor);
    annotations_write(json, story);
    /* Event time may be ahead of ours, and what starts after its end is refused. */
    gh_json_key(json, "startsAt");
    gh_json_time(json, story->from_ms < now_ms ? story->from_ms : now_ms);
    gh_json_key(json, "endsAt");
    gh_json_time(json, over || gh_story_closed(story)
                           ? now_ms
                           : now_ms + FIRING_REMINDERS * firing->resend_ms);
    if (manner->link[0]) {
        char url[512];
        snprintf(url, sizeof url, "%s%s", manner->link, story->finding);
        pair(json, "generatorURL", url);
    }
    gh_json_close(json, '}');
}

bool gh_alertmanager_same(const struct gh_story *a, const struct gh_story *b)
{
    return a->severity == b->severity && a->track == b->track && strcmp(a->team, b->team) == 0;
}
