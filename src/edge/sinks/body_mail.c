/* body_mail.c - the digest; see bodies.h. */
#include "edge/sinks/bodies.h"

#include <stdio.h>
#include <string.h>

static void line(struct gh_json *raw, const char *head, const char *text)
{
    if (!text[0])
        return;
    gh_json_raw(raw, head, strlen(head));
    gh_json_raw(raw, text, strlen(text));
    gh_json_raw(raw, "\r\n", 2);
}

/* Names come from events: control characters would shape the mail. */
static void line_of_event(struct gh_json *raw, const char *head, const char *text)
{
    if (!text[0])
        return;
    gh_json_raw(raw, head, strlen(head));
    for (const char *c = text; *c; c++)
        gh_json_raw(raw, (unsigned char)*c < 0x20 || *c == 0x7f ? " " : c, 1);
    gh_json_raw(raw, "\r\n", 2);
}

void gh_mail_add(struct gh_json *raw, const struct gh_story *story,
                 const struct gh_manner *manner)
{
    char title[GH_STORY_TITLE_SIZE], excess[GH_STORY_EXCESS_SIZE];

    gh_story_title(story, title);
    gh_story_excess(story, excess);
    gh_json_raw(raw, "\r\n", 2);
    line(raw, "", title);
    line_of_event(raw, "  Team: ", story->team);
    if (manner->actor)
        line_of_event(raw, "  Person: ", story->actor);
    line(raw, "  Spent: ", excess);
    line_of_event(raw, "  ", story->explanation);
    line_of_event(raw, "  To ask: ", story->question);
    line(raw, "  ", gh_story_standing(story->track));
    line(raw, "  Finding: ", story->finding);
    if (manner->link[0]) {
        char url[512];
        snprintf(url, sizeof url, "%s%s", manner->link, story->finding);
        line(raw, "  ", url);
    }
}

char *gh_mail_text(const struct gh_tidings *digest, const struct gh_json *told)
{
    struct gh_json raw = {0};
    char counts[GH_TIDINGS_TEXT_SIZE], left[96];

    gh_tidings_text(digest, counts);
    line(&raw, "",
         "What goodhart has found since the last digest, each finding as it stands now:");
    gh_json_raw(&raw, "\r\n", 2);
    for (char *at = counts, *end; (end = strchr(at, '\n')); at = end + 1) {
        *end = '\0';
        line(&raw, "  ", at);
    }
    if (told->used > 0)
        gh_json_raw(&raw, told->at, told->used);
    if (digest->findings > GH_MAIL_TOLD_MAX) {
        snprintf(left, sizeof left, "\r\n%u more are in the counts above alone.",
                 (unsigned)(digest->findings - GH_MAIL_TOLD_MAX));
        line(&raw, "", left);
    }
    raw.failed |= told->failed;
    return gh_json_take(&raw);
}
