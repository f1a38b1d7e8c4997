/* hooks_inside.h - what the files of edge/hooks share; nobody else includes it. */
#ifndef GOODHART_EDGE_HOOKS_HOOKS_INSIDE_H
#define GOODHART_EDGE_HOOKS_HOOKS_INSIDE_H

#include "edge/decode.h"
#include "edge/hooks/hooks.h"
#include "edge/secret.h"

#include <jansson.h>
#include <stdarg.h>

/* --- memory.c: who made what, and which deliveries were taken; no lock of its own --- */
enum { GH_HOOK_TEXT_SIZE = 512 };
enum { GH_MAKER_SIZE = 120, GH_MAKERS_MAX = 65536 }; /* longer accounts are not remembered */
struct gh_hook_memory;
struct gh_hook_memory *gh_hook_memory_new(void); /* NULL: out of memory */
/* From now on what is kept is also put aside, for whoever writes it down. */
void gh_hook_memory_note(struct gh_hook_memory *memory);
struct gh_hook_made {
    char ref[GH_HOOK_TEXT_SIZE], account[GH_MAKER_SIZE];
    int64_t ts_ms;
};
struct gh_hook_notes {
    struct gh_hook_made *made;
    size_t count, room;
    uint64_t lost; /* for which there was no memory */
};
/* What was put aside since the last call; the caller frees notes.made (free). */
struct gh_hook_notes gh_hook_memory_noted(struct gh_hook_memory *memory);
void gh_hook_memory_free(struct gh_hook_memory *memory);
/* For 180 days of event time after the last of it, if there is room. */
void gh_hook_memory_keep(struct gh_hook_memory *memory, const char *ref, const char *account,
                         int64_t ts_ms);
/* False: not remembered. */
bool gh_hook_memory_maker(const struct gh_hook_memory *memory, const char *ref, int64_t ts_ms,
                          char account[GH_MAKER_SIZE]);
/* `delivery`: a hash of hook and delivery, not 0. */
bool gh_hook_memory_seen(const struct gh_hook_memory *memory, uint64_t delivery);
void gh_hook_memory_see(struct gh_hook_memory *memory, uint64_t delivery);

/* --- hook_set.c: which hooks there are, and their secrets --- */
enum { GH_HOOK_NAME_SIZE = 65, GH_HOOKS_MAX = 66 };
struct gh_hook {
    char name[GH_HOOK_NAME_SIZE];
    enum gh_hook_service service;
    struct gh_secret secret;
};
struct gh_hook_set {
    struct gh_hook hook[GH_HOOKS_MAX];
    uint32_t count;
};
enum gh_hook_service gh_hook_service_of(const char *name);
/* Reads all files that the options name. The caller frees *set. */
GH_MUST_USE enum gh_status gh_hook_set_read(struct gh_hook_set **set,
                                            const struct gh_hooks_options *options,
                                            struct gh_error *error);
void gh_hook_set_free(struct gh_hook_set *set); /* overwrites the secrets; NULL is legal */
/* NULL: there is none. */
const struct gh_hook *gh_hook_set_find(const struct gh_hook_set *set, const char *name);

/* --- tell.c: from what a payload says to lines --- */
/* One request while it is read. */
struct gh_hook_tale {
    const struct gh_hook_call *call;
    const char *service; /* "github": accounts and ids begin with it */
    const json_t *body;
    struct gh_hook_memory *memory; /* whoever tells holds its lock */
    const double *units;           /* by artifact; < 0: not told, the engine has a weight */
    struct gh_decoder *decoder;
    char *line; /* GH_HOOK_LINE_BYTES */
    struct gh_json *lines;
    struct gh_error *error;
    bool bad, starved, unmapped;
    uint64_t events, nameless, forgotten;
};
enum { GH_HOOK_LINE_BYTES = GH_EVENT_BYTES_MAX * 6 };

/* The value at "a.b.c"; NULL: not there, or null. */
const json_t *gh_hook_at(const json_t *value, const char *path);
/* The text there, or NULL. */
const char *gh_hook_text(const json_t *value, const char *path);
/* Whether it is there and equal, or true. */
bool gh_hook_is(const json_t *value, const char *path, const char *text);
bool gh_hook_true(const json_t *value, const char *path);
/* What must be there: else the tale is bad, and the answer "" or 0. */
const char *gh_hook_need_text(struct gh_hook_tale *tale, const json_t *value, const char *path);
int64_t gh_hook_need_count(struct gh_hook_tale *tale, const json_t *value, const char *path);
/* RFC 3339, whole seconds since 1970, or "2026-08-06 07:06:40 UTC", "… +0200". */
int64_t gh_hook_need_time(struct gh_hook_tale *tale, const json_t *value, const char *path);
bool gh_hook_time(const json_t *value, const char *path, int64_t *time_ms);
void gh_hook_bad(struct gh_hook_tale *tale, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Cut where it is too long: the contract will refuse the event. */
struct gh_hook_name {
    char text[GH_HOOK_TEXT_SIZE];
};
struct gh_hook_name gh_hook_name(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct gh_hook_output {
    enum gh_artifact artifact;
    enum gh_state state;
    const char *ref;
    const char *account; /* "github:ada"; NULL or "": nobody is named */
    const char *id;      /* NULL: from ref, state and time */
    int64_t ts_ms;
    int64_t lines_added, lines_removed; /* both there where `sized` */
    bool sized, service;                /* the account is known to be a program's */
};
/* Adds the event, and remembers who made it. Nothing is added to a tale that is bad. */
void gh_hook_tell(struct gh_hook_tale *tale, const struct gh_hook_output *output);
/* The same for whoever made what was told under this ref: output->account does not matter. */
void gh_hook_tell_maker(struct gh_hook_tale *tale, struct gh_hook_output output);
/* Adds an event that is filled but for people. */
void gh_hook_tell_event(struct gh_hook_tale *tale, const struct gh_event *event);

/* A commit that came to the branch that counts. */
struct gh_hook_commit {
    const char *repository, *sha, *message, *account;
    int64_t ts_ms;
};
/* Tells of it, and of those that its message takes back; merges are no work of their own. */
void gh_hook_tell_commit(struct gh_hook_tale *tale, const struct gh_hook_commit *commit);
/* Whether a title is that of a revert: "Revert "…". */
bool gh_hook_reverts(const char *title);
/* The digits after `sign` in the word that follows `lead`, which may name the repository before
 * it: of "Reverts acme/api#12" 12. 0: there is none, or it is of another repository. */
int64_t gh_hook_number_after(const char *text, const char *lead, char sign,
                             const char *repository);

/* --- units.c --- */
/* "ARTIFACT=NUMBER,..." of hooks.units; -1 for each that is not named. */
GH_MUST_USE enum gh_status gh_hook_units(const char *text, double units[GH_ARTIFACT_COUNT],
                                         struct gh_error *error);

/* --- one file each. What they are given is an object. --- */
void gh_hook_github(struct gh_hook_tale *tale);
void gh_hook_gitlab(struct gh_hook_tale *tale);
void gh_hook_generic(struct gh_hook_tale *tale); /* or an array */

#endif
