/* bodies.h - what goes to each kind of sink, as bytes. All texts that they return are the
 * caller's (free); NULL: out of memory.
 *
 * What comes from events is made inert: it neither opens a mention or a link in a chat nor ends
 * a header of a mail. */
#ifndef GOODHART_EDGE_SINKS_BODIES_H
#define GOODHART_EDGE_SINKS_BODIES_H

#include "edge/json.h"
#include "edge/secret.h"
#include "edge/sinks/story.h"

/* How findings are told here. Texts are lent. */
struct gh_manner {
    const char *link; /* in front of the finding's id; "": there is no page of it */
    bool actor;       /* the person is named */
};

/* --- body_alertmanager.c: POST /api/v2/alerts ---
 * Labels say what it is, annotations what to read. `finding` and the kind of label set make
 * the identity there; a finding whose severity, track or team changes is another alert, so the
 * old one is resolved. */
struct gh_firing {
    int64_t now_ms;    /* wall clock */
    int64_t resend_ms; /* a firing alert ends after four of these, unless it is told again */
};
/* Adds one alert to an array that is open. `over`: it is resolved now, whatever the story
 * says. */
void gh_alertmanager_add(struct gh_json *json, const struct gh_story *story,
                         const struct gh_manner *manner, const struct gh_firing *firing,
                         bool over);
/* Whether the labels of both are the same there. */
bool gh_alertmanager_same(const struct gh_story *a, const struct gh_story *b);

/* --- body_slack.c: incoming webhook of Slack, and of those who take the same (Discord with
 * /slack, Mattermost, Rocket.Chat, and by its text Teams) ---
 * Within Slack's limits: 50 blocks, header 150, section 3,000, fields 2,000 characters, and a
 * text of at most 1,900 bytes, for Discord takes 2,000 and shows nothing else. */
char *gh_slack_body(const struct gh_story *story, const struct gh_manner *manner);
/* One message for all that `digest` counts, when there are more than the rate allows. */
char *gh_slack_summary(const struct gh_tidings *digest, const struct gh_manner *manner);
/* A text for a JSON string that shows what `text` says and no more: & < > as entities,
 * control characters as blanks, mentions apart; at most `max` bytes, a longer one ends with
 * "…". Adds to a writer's buffer of raw bytes. */
void gh_slack_escape(struct gh_json *raw, const char *text, size_t max);

/* --- body_mail.c: the digest, plain text in UTF-8 with lines of any length --- */
enum { GH_MAIL_TOLD_MAX = 50 }; /* findings that are told one by one; the rest are counted */
/* Adds one finding. */
void gh_mail_add(struct gh_json *raw, const struct gh_story *story,
                 const struct gh_manner *manner);
/* The whole: the counts, then what gh_mail_add wrote. */
char *gh_mail_text(const struct gh_tidings *digest, const struct gh_json *told);

/* --- body_webhook.c: signatures as standardwebhooks.com has them ---
 * "v1,BASE64" of HMAC-SHA256 over "ID.TIME.BODY". */
enum { GH_SIGNATURE_SIZE = 48 };
void gh_webhook_sign(const struct gh_secret *secret, const char *id, int64_t time_s,
                     const char *body, char signature[GH_SIGNATURE_SIZE]);

#endif
