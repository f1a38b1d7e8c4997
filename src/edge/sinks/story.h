/* story.h - an alert of the ledger as sinks tell of it: its parts, and the words around them.
 *
 * Words are chosen for what a finding is: a pattern that is rare among honest people, and a
 * question. None says that somebody did wrong. */
#ifndef GOODHART_EDGE_SINKS_STORY_H
#define GOODHART_EDGE_SINKS_STORY_H

#include "goodhart/error.h"
#include "goodhart/finding.h"

#include <stdbool.h>

/* Texts point into the story; none is NULL. {0} is empty. */
struct gh_story {
    uint64_t sequence;
    const char *id, *change; /* "opened", "updated", "escalated", "closed" */
    const char *finding, *detector, *actor, *team, *explanation, *question;
    uint32_t revision;
    enum gh_severity severity;
    enum gh_track track;
    int64_t from_ms;
    double excess_tokens, excess_cost_usd; /* NAN: not known */
    char *body;                            /* as it was published */
    void *root;                            /* what was read of it */
    char *hidden[2];                       /* texts without the name */
};

/* Reads a published body (copied). GH_EFORMAT: it is no alert; GH_EMEMORY; *story is empty.
 * The caller frees it with gh_story_free. */
GH_MUST_USE enum gh_status gh_story_read(struct gh_story *story, uint64_t sequence,
                                         struct gh_text body);
/* Takes the person's name out of the texts, for agents are called after those who run them:
 * the actor, and what stands before its '@', become "…" where they are words of their own.
 * false: memory ran out. */
bool gh_story_hide(struct gh_story *story);
void gh_story_free(struct gh_story *story);

static inline bool gh_story_closed(const struct gh_story *story)
{
    return story->change[0] == 'c';
}

/* The severity or track called so; false: there is none. */
bool gh_severity_read(const char *name, size_t size, enum gh_severity *severity);
bool gh_track_read(const char *name, size_t size, enum gh_track *track);

/* "To review: output churn (warning), escalated" */
enum { GH_STORY_TITLE_SIZE = 150 };
void gh_story_title(const struct gh_story *story, char title[GH_STORY_TITLE_SIZE]);
/* What the track promises, as people say it: how often such a finding is mistaken. */
const char *gh_story_standing(enum gh_track track);
/* "$12.50 above what was expected", "4.1 million tokens above …", or "". */
enum { GH_STORY_EXCESS_SIZE = 80 };
void gh_story_excess(const struct gh_story *story, char excess[GH_STORY_EXCESS_SIZE]);

/* How many findings there are of each track and behaviour, when they are too many to tell one
 * by one. {0} is empty. */
struct gh_tidings {
    uint32_t findings, other; /* other: of a behaviour that this build does not know */
    uint32_t count[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
};
void gh_tidings_add(struct gh_tidings *digest, const struct gh_story *story);
/* A line for each that there is, "3 × output churn, to review\n"; cut where it does not fit. */
enum { GH_TIDINGS_TEXT_SIZE = 2400 };
void gh_tidings_text(const struct gh_tidings *digest, char text[GH_TIDINGS_TEXT_SIZE]);

#endif
