/* hooks.h - what GitHub, GitLab and other services tell by webhook becomes events.
 *
 *     POST /hooks/github   X-Hub-Signature-256 over the body
 *     POST /hooks/gitlab   X-Gitlab-Token, or webhook-signature where the secret is a signing
 *                          token (whsec_...)
 *     POST /hooks/NAME     the HMAC-SHA256 of the body in one of hooks.signature_headers, in
 *                          hex, with or without "sha256=" before it; webhook-signature where
 *                          the secret is a signing token; or Authorization: Bearer SECRET.
 *                          Map files say what a document means: their source is NAME
 *
 * Artifacts and their refs:
 *     pull_request  OWNER/REPO#N, GROUP/PROJECT!N    ticket  OWNER/REPO#N, GROUP/PROJECT#N
 *     commit        OWNER/REPO@SHA                   deploy  OWNER/REPO/deploy/ID
 *     review        REF/review/ACCOUNT: one for each reviewer of a request
 * The id of an event follows from ref, state and time, that of a commit from the SHA: what is
 * delivered twice is one event. Times are the payload's; only a push to GitLab tells none.
 *
 * An actor is the account as the service names it, `github:LOGIN`, `gitlab:USERNAME`; or the
 * e-mail of a commit whose author has no account. Whoever knows the people puts the person in
 * its place. A pull request, its merge and its revert belong to its author, a ticket to its
 * assignee, else to who closed it.
 *
 * Where identity.keys is set, hooks speak as one key of that file, hooks.key: it needs no
 * connection of its own, only `produce` and the actors that hooks may tell of (after people
 * are put in). */
#ifndef GOODHART_EDGE_HOOKS_HOOKS_H
#define GOODHART_EDGE_HOOKS_HOOKS_H

#include "edge/edge_options.h"
#include "edge/fields/map.h"
#include "edge/json.h"

// clang-format off
/*    code, name in counters, status of HTTP, text for whoever sent it */
#define GH_HOOK_OUTCOME_LIST(X)                                                              \
    X(GH_HOOK_TOLD, told, 200, "taken")                                                      \
    X(GH_HOOK_IDLE, idle, 200, "nothing in it is output")                                    \
    X(GH_HOOK_SEEN, seen, 200, "this delivery was taken before")                             \
    X(GH_HOOK_UNMAPPED, unmapped, 200, "no map file knows such a document")                  \
    X(GH_HOOK_OFF, off, 404, "no such hook is configured")                                   \
    X(GH_HOOK_UNSIGNED, unsigned, 401, "it shows neither a signature nor a token")           \
    X(GH_HOOK_FORGED, forged, 403, "signature or token is not of the configured secret")     \
    X(GH_HOOK_BAD, bad, 400, "not what this service sends")                                  \
    X(GH_HOOK_LARGE, large, 413, "over 8 MiB")                                               \
    X(GH_HOOK_STARVED, starved, 503, "out of memory")
// clang-format on
#define GH_HOOK_OUTCOME_ENUM(code, name, status, text) code,
enum gh_hook_outcome { GH_HOOK_OUTCOME_LIST(GH_HOOK_OUTCOME_ENUM) GH_HOOK_OUTCOMES };
const char *gh_hook_outcome_name(enum gh_hook_outcome outcome);
const char *gh_hook_outcome_text(enum gh_hook_outcome outcome);
unsigned gh_hook_outcome_status(enum gh_hook_outcome outcome);

enum { GH_HOOK_BYTES_MAX = 8388608 };

/* Whether any hook is configured. */
bool gh_hooks_wanted(const struct gh_hooks_options *options);

/* Secrets and memory of all hooks; any number of threads may use it. */
struct gh_hooks;
/* Reads the secrets; copies the options. The caller owns *hooks. */
GH_MUST_USE enum gh_status gh_hooks_new(struct gh_hooks **hooks,
                                        const struct gh_hooks_options *options,
                                        struct gh_error *error);
/* Remembers makers from an earlier run, and from now on beyond this one, in hooks.db of
 * `folder` (store/makers.h); before any request comes. What the disk does not take is
 * remembered until the end of this run, told of and counted. */
GH_MUST_USE enum gh_status gh_hooks_remember(struct gh_hooks *hooks, const char *folder,
                                             struct gh_error *error);
void gh_hooks_free(struct gh_hooks *hooks); /* overwrites the secrets; NULL is legal */
/* Reads the secrets again: all of them are in force, or those from before stay. A secret that
 * was there before is good for nothing from then on. */
GH_MUST_USE enum gh_status gh_hooks_reload(struct gh_hooks *hooks, struct gh_error *error);

/* gh_hooks_wanted of its options. */
bool gh_hooks_any(const struct gh_hooks *hooks);

/* One request. Everything is lent for the call. */
struct gh_hook_call {
    const char *name; /* what follows /hooks/ */
    const char *body;
    size_t size;
    const char *(*header)(const void *request, const char *name); /* NULL: it has none such */
    const void *request;
    int64_t arrived_ms; /* for what happened just now and does not say when: pushes of GitLab */
    const struct gh_maps *maps; /* for generic hooks; NULL: none */
    /* Who has this account, at NULL: nobody, it stays as it is; so do all where this is NULL.
     * The text is copied at once. */
    struct gh_text (*person)(void *people, struct gh_text account);
    void *people;
};

/* What the request tells is added to `lines`: events, one a line, which gh_decode takes;
 * nothing unless GH_HOOK_TOLD. BAD: *error says where and what. Counted. */
enum gh_hook_outcome gh_hooks_take(struct gh_hooks *hooks, const struct gh_hook_call *call,
                                   struct gh_json *lines, struct gh_error *error);
/* What the request is, equal when it comes again; what the sender calls a delivery is not
 * signed. To be handed to _kept when its events are: from then on it is SEEN, as long as it is
 * among the last GH_HOOK_DELIVERIES. */
enum { GH_HOOK_DELIVERIES = 4096 };
uint64_t gh_hooks_delivery(const struct gh_hook_call *call);
void gh_hooks_kept(struct gh_hooks *hooks, uint64_t delivery);

enum gh_hook_service { GH_HOOK_GITHUB, GH_HOOK_GITLAB, GH_HOOK_GENERIC, GH_HOOK_SERVICES };
struct gh_hooks_counters {
    uint64_t outcome[GH_HOOK_SERVICES][GH_HOOK_OUTCOMES];
    uint64_t events;
    uint64_t nameless;  /* outputs that name no account */
    uint64_t forgotten; /* reverted or opened again, and who made it is not remembered */
    uint64_t unkept;    /* makers that hooks.db did not take */
};
struct gh_hooks_counters gh_hooks_counters(struct gh_hooks *hooks);

#endif
