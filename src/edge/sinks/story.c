/* story.c - see story.h. */
#include "edge/sinks/story.h"

#include "base/civil.h"
#include "base/write.h"
#include "edge/alert_members.h"
#include "edge/json.h"
#include "edge/json_read.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool gh_severity_read(const char *name, size_t size, enum gh_severity *severity)
{
    for (int i = 0; i < GH_SEVERITY_COUNT; i++) {
        const char *known = gh_severity_name((enum gh_severity)i);
        if (strlen(known) == size && memcmp(known, name, size) == 0) {
            *severity = (enum gh_severity)i;
            return true;
        }
    }
    return false;
}

bool gh_track_read(const char *name, size_t size, enum gh_track *track)
{
    for (int i = 0; i < GH_TRACK_COUNT; i++) {
        const char *known = gh_track_name((enum gh_track)i);
        if (strlen(known) == size && memcmp(known, name, size) == 0) {
            *track = (enum gh_track)i;
            return true;
        }
    }
    return false;
}

static bool story_fill(struct gh_story *story)
{
    const json_t *root = story->root, *data = json_object_get(root, "data");
    const char *severity = gh_member_text(data, "severity"),
               *track = gh_member_text(data, "track");
    const char *from = gh_member_text(data, "from");

    story->id = gh_member_text(root, "id");
    story->change = gh_alert_change(gh_member_text(root, "type"));
    story->finding = gh_member_text(data, "finding");
    story->detector = gh_member_text(data, "detector");
    story->actor = gh_member_text(data, "actor");
    story->team = gh_member_text(data, "team");
    story->explanation = gh_member_text(data, "explanation");
    story->question = gh_member_text(data, "question");
    story->revision = (uint32_t)json_integer_value(json_object_get(data, "revision"));
    story->excess_tokens = gh_member_number(data, "excess_tokens");
    story->excess_cost_usd = gh_member_number(data, "excess_cost_usd");
    return story->id[0] && story->finding[0] &&
           gh_severity_read(severity, strlen(severity), &story->severity) &&
           gh_track_read(track, strlen(track), &story->track) &&
           gh_time_parse(from, strlen(from), &story->from_ms);
}

enum gh_status gh_story_read(struct gh_story *story, uint64_t sequence, struct gh_text body)
{
    gh_json_begin();
    *story = (struct gh_story){.sequence = sequence,
                               .body = strndup(body.at, body.size),
                               .root = json_loadb(body.at, body.size, 0, NULL)};
    const bool filled = story->root && story_fill(story);
    const bool starved = !story->body || gh_json_starved();
    if (filled && !starved)
        return GH_OK;
    gh_story_free(story);
    return starved ? GH_EMEMORY : GH_EFORMAT;
}

static bool word_sign(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* `text` with "…" for each `name` that is a word of its own; NULL: memory ran out. */
static char *name_hide(const char *text, const char *name, size_t size)
{
    struct gh_json raw = {0};

    gh_json_raw(&raw, "", 0);
    for (const char *at = text; *at;) {
        const bool begins = at == text || !word_sign(at[-1]) || !word_sign(*at);
        if (size > 0 && begins && strncmp(at, name, size) == 0 && !word_sign(at[size])) {
            gh_json_raw(&raw, "\u2026", 3);
            at += size;
        } else {
            gh_json_raw(&raw, at++, 1);
        }
    }
    return gh_json_take(&raw);
}

static bool text_hide(const char **text, char **hidden, const char *actor)
{
    char *whole = name_hide(*text, actor, strlen(actor));

    *hidden = whole ? name_hide(whole, actor, strcspn(actor, "@")) : NULL;
    free(whole);
    *text = *hidden ? *hidden : "";
    return *hidden != NULL;
}

bool gh_story_hide(struct gh_story *story)
{
    return text_hide(&story->explanation, &story->hidden[0], story->actor) &&
           text_hide(&story->question, &story->hidden[1], story->actor);
}

void gh_story_free(struct gh_story *story)
{
    json_decref(story->root);
    free(story->body);
    free(story->hidden[0]);
    free(story->hidden[1]);
    *story = (struct gh_story){.root = NULL};
}

/* "output_churn" -> "output churn" */
static void pattern_write(struct gh_writer *w, const char *detector)
{
    const size_t from = w->used;
    gh_write_text(w, (struct gh_text){detector, (uint32_t)strlen(detector)});
    for (size_t i = from; i < w->used; i++)
        if (w->at[i] == '_')
            w->at[i] = ' ';
}

void gh_story_title(const struct gh_story *story, char title[GH_STORY_TITLE_SIZE])
{
    static const char *const opening[GH_TRACK_COUNT] = {[GH_INCIDENT] = "Unusual or broken: ",
                                                        [GH_REVIEW] = "To review: ",
                                                        [GH_CASE] =
                                                            "To review, while output lags: "};
    struct gh_writer w = gh_writer_on(title, GH_STORY_TITLE_SIZE);

    gh_write(&w, opening[story->track]);
    pattern_write(&w, story->detector);
    gh_write(&w, " (");
    gh_write(&w, gh_severity_name(story->severity));
    gh_write(&w, ")");
    if (strcmp(story->change, "opened") != 0) {
        gh_write(&w, ", ");
        gh_write(&w, story->change);
    }
}

const char *gh_story_standing(enum gh_track track)
{
    static const char *const standing[GH_TRACK_COUNT] = {
        [GH_INCIDENT] = "An incident says that something is unusual or broken, and nothing "
                        "about what anybody meant by it.",
        [GH_REVIEW] = "Up to 1 in 10 of all that is brought to review is expected to be a "
                      "false discovery: this may be honest work. Ask before judging.",
        [GH_CASE] = "Up to 1 in 20 of all cases is expected to be a false discovery: this may "
                    "be honest work. Ask before judging."};
    return standing[track];
}

void gh_story_excess(const struct gh_story *story, char excess[GH_STORY_EXCESS_SIZE])
{
    struct gh_writer w = gh_writer_on(excess, GH_STORY_EXCESS_SIZE);

    if (isfinite(story->excess_cost_usd)) {
        gh_write_money(&w, story->excess_cost_usd);
    } else if (isfinite(story->excess_tokens)) {
        gh_write_short(&w, story->excess_tokens);
        gh_write(&w, " tokens");
    }
    if (w.used > 0)
        gh_write(&w, " above what was expected");
}

void gh_tidings_add(struct gh_tidings *digest, const struct gh_story *story)
{
    int behaviour = 0;

    while (behaviour < GH_BEHAVIOUR_COUNT &&
           strcmp(gh_behaviour_name((enum gh_behaviour)behaviour), story->detector) != 0)
        behaviour++;
    digest->findings++;
    if (behaviour < GH_BEHAVIOUR_COUNT)
        digest->count[story->track][behaviour]++;
    else
        digest->other++;
}

static void digest_line(struct gh_writer *w, uint32_t count, const char *what, const char *how)
{
    if (count == 0)
        return;
    gh_write_count(w, count);
    gh_write(w, " \u00d7 ");
    pattern_write(w, what);
    gh_write(w, how);
    gh_write(w, "\n");
}

void gh_tidings_text(const struct gh_tidings *digest, char text[GH_TIDINGS_TEXT_SIZE])
{
    static const char *const how[GH_TRACK_COUNT] = {[GH_INCIDENT] = ", unusual or broken",
                                                    [GH_REVIEW] = ", to review",
                                                    [GH_CASE] =
                                                        ", to review while output lags"};
    struct gh_writer w = gh_writer_on(text, GH_TIDINGS_TEXT_SIZE);

    for (int track = GH_TRACK_COUNT - 1; track >= 0; track--)
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
            digest_line(&w, digest->count[track][b], gh_behaviour_name((enum gh_behaviour)b),
                        how[track]);
    digest_line(&w, digest->other, "another pattern", "");
}
