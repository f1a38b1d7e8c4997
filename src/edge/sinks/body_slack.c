/* body_slack.c - messages for incoming webhooks; see bodies.h. */
#include "edge/sinks/bodies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTION_MAX = 2900, FIELD_MAX = 1900, FALLBACK_MAX = 1900, URL_SIZE = 512 };

static const char ellipsis[] = "\u2026";

/* What stands for the character at text[0..length), NULL: itself. */
static const char *slack_instead(const char *text, size_t length)
{
    static const char *const mention[] = {"@everyone", "@here", "@channel"};
    const unsigned char first = (unsigned char)text[0];

    if (length == 0)
        return "\ufffd";
    if (first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)text[1] < 0xa0))
        return first == '\n' ? NULL : " ";
    if (first == '&')
        return "&amp;";
    if (first == '<')
        return "&lt;";
    if (first == '>')
        return "&gt;";
    for (size_t i = 0; i < sizeof mention / sizeof *mention; i++)
        if (strncmp(text, mention[i], strlen(mention[i])) == 0)
            return "@ ";
    return NULL;
}

void gh_slack_escape(struct gh_json *raw, const char *text, size_t max)
{
    const size_t room = max - (sizeof ellipsis - 1);
    size_t used = 0, size = strlen(text), step, end = raw->used;

    for (size_t i = 0; i < size; i += step) {
        const size_t length = gh_utf8_size(text + i, size - i);
        const char *instead = slack_instead(text + i, length);
        const size_t wrote = instead ? strlen(instead) : length;
        step = length ? length : 1;
        if (used + wrote > max) {
            raw->used = end;
            gh_json_raw(raw, ellipsis, sizeof ellipsis - 1);
            return;
        }
        gh_json_raw(raw, instead ? instead : text + i, wrote);
        used += wrote;
        if (used <= room)
            end = raw->used;
    }
}

/* A text object of the kind, its words made of up to three parts: format, what is escaped. */
static void slack_text(struct gh_json *json, const char *type, const char *head,
                       const char *text, size_t max)
{
    struct gh_json raw = {0};

    gh_json_raw(&raw, head, strlen(head));
    gh_slack_escape(&raw, text, max);
    gh_json_open(json, '{');
    gh_json_key(json, "type");
    gh_json_string(json, type);
    gh_json_key(json, "text");
    gh_json_text(json, (struct gh_text){raw.at ? raw.at : "", (uint32_t)raw.used});
    gh_json_close(json, '}');
    json->failed |= raw.failed;
    gh_json_free(&raw);
}

static void block_open(struct gh_json *json, const char *type, const char *key)
{
    gh_json_open(json, '{');
    gh_json_key(json, "type");
    gh_json_string(json, type);
    gh_json_key(json, key);
}

static void section(struct gh_json *json, const char *head, const char *text)
{
    if (!text[0])
        return;
    block_open(json, "section", "text");
    slack_text(json, "mrkdwn", head, text, SECTION_MAX);
    gh_json_close(json, '}');
}

static void header(struct gh_json *json, const char *title)
{
    block_open(json, "header", "text");
    slack_text(json, "plain_text", "", title, GH_STORY_TITLE_SIZE);
    gh_json_close(json, '}');
}

static void context(struct gh_json *json, const char *text)
{
    block_open(json, "context", "elements");
    gh_json_open(json, '[');
    slack_text(json, "mrkdwn", "", text, SECTION_MAX);
    gh_json_close(json, ']');
    gh_json_close(json, '}');
}

static void button(struct gh_json *json, const char *url)
{
    if (!url[0])
        return;
    block_open(json, "actions", "elements");
    gh_json_open(json, '[');
    gh_json_open(json, '{');
    gh_json_key(json, "type");
    gh_json_string(json, "button");
    gh_json_key(json, "text");
    slack_text(json, "plain_text", "", "Look at it", 75);
    gh_json_key(json, "url");
    gh_json_string(json, url);
    gh_json_close(json, '}');
    gh_json_close(json, ']');
    gh_json_close(json, '}');
}

static void fields(struct gh_json *json, const struct gh_story *story, bool actor)
{
    char excess[GH_STORY_EXCESS_SIZE];

    gh_story_excess(story, excess);
    block_open(json, "section", "fields");
    gh_json_open(json, '[');
    slack_text(json, "mrkdwn", "*Team*\n", story->team, FIELD_MAX);
    if (actor)
        slack_text(json, "mrkdwn", "*Person*\n", story->actor, FIELD_MAX);
    if (excess[0])
        slack_text(json, "mrkdwn", "*Spent*\n", excess, FIELD_MAX);
    slack_text(json, "mrkdwn", "*Finding*\n", story->finding, FIELD_MAX);
    gh_json_close(json, ']');
    gh_json_close(json, '}');
}

/* All that matters in words alone: notifications show nothing else, and some neither. */
static void fallback(struct gh_json *json, const char *const *part, size_t count)
{
    struct gh_json raw = {0}, cut = {0};

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && part[i][0])
            gh_json_raw(&raw, "\n", 1);
        gh_json_raw(&raw, part[i], strlen(part[i]));
    }
    gh_json_raw(&raw, "", 1);
    gh_slack_escape(&cut, raw.failed ? "" : raw.at, FALLBACK_MAX);
    gh_json_key(json, "text");
    gh_json_text(json, (struct gh_text){cut.at ? cut.at : "", (uint32_t)cut.used});
    json->failed |= raw.failed || cut.failed;
    gh_json_free(&raw);
    gh_json_free(&cut);
}

char *gh_slack_body(const struct gh_story *story, const struct gh_manner *manner)
{
    struct gh_json json = {0};
    char title[GH_STORY_TITLE_SIZE], url[URL_SIZE] = "";

    gh_story_title(story, title);
    if (manner->link[0])
        snprintf(url, sizeof url, "%s%s", manner->link, story->finding);
    const char *const part[] = {title, story->explanation, story->question,
                                gh_story_standing(story->track), url};
    gh_json_open(&json, '{');
    fallback(&json, part, sizeof part / sizeof *part);
    gh_json_key(&json, "blocks");
    gh_json_open(&json, '[');
    header(&json, title);
    section(&json, "", story->explanation);
    fields(&json, story, manner->actor);
    section(&json, "*To ask:* ", story->question);
    context(&json, gh_story_standing(story->track));
    button(&json, url);
    gh_json_close(&json, ']');
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

char *gh_slack_summary(const struct gh_tidings *digest, const struct gh_manner *manner)
{
    struct gh_json json = {0};
    char title[GH_STORY_TITLE_SIZE], text[GH_TIDINGS_TEXT_SIZE];

    snprintf(title, sizeof title, "%u more findings, summed up", (unsigned)digest->findings);
    gh_tidings_text(digest, text);
    const char *const part[] = {title, text, manner->link};
    gh_json_open(&json, '{');
    fallback(&json, part, sizeof part / sizeof *part);
    gh_json_key(&json, "blocks");
    gh_json_open(&json, '[');
    header(&json, title);
    section(&json, "", text);
    button(&json, manner->link);
    gh_json_close(&json, ']');
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}
