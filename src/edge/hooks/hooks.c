/* hooks.c - which hook a request is for, whether it is signed, and what is counted. */
#include "base/hash.h"
#include "edge/hooks/hooks_inside.h"
#include "edge/hooks/proof.h"
#include "edge/json_read.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_SIZE = 65, HOOKS_MAX = 66, HEADER_SIZE = 64, SECRET_BYTES_MIN = 16 };

struct hook {
    char name[NAME_MAX_SIZE];
    enum gh_hook_service service;
    struct gh_secret secret;
};

struct gh_hooks {
    struct hook hook[HOOKS_MAX]; /* these do not change */
    uint32_t count;
    char signature_headers[GH_OPTION_TEXT_SIZE];
    double units[GH_ARTIFACT_COUNT]; /* < 0: not told */
    pthread_mutex_t lock;            /* of what follows */
    struct gh_hook_memory *memory;
    struct gh_hooks_counters counters;
};

struct outcome_row {
    const char *name, *text;
    unsigned status;
};
#define OUTCOME_ROW(code, name, status, text) [code] = {#name, text, status},
static const struct outcome_row outcomes[GH_HOOK_OUTCOMES] = {
    GH_HOOK_OUTCOME_LIST(OUTCOME_ROW)};

const char *gh_hook_outcome_name(enum gh_hook_outcome outcome)
{
    return outcomes[outcome].name;
}

const char *gh_hook_outcome_text(enum gh_hook_outcome outcome)
{
    return outcomes[outcome].text;
}

unsigned gh_hook_outcome_status(enum gh_hook_outcome outcome)
{
    return outcomes[outcome].status;
}

static enum gh_hook_service service_of(const char *name)
{
    if (strcmp(name, "github") == 0)
        return GH_HOOK_GITHUB;
    return strcmp(name, "gitlab") == 0 ? GH_HOOK_GITLAB : GH_HOOK_GENERIC;
}

/* --- secrets --- */

static enum gh_status hook_add(struct gh_hooks *hooks, const char *name, const char *path,
                               const char *option, struct gh_error *error)
{
    struct hook *hook = &hooks->hook[hooks->count];
    const enum gh_status status =
        gh_secret_read(&hook->secret, path, option, SECRET_BYTES_MIN, error);

    if (status != GH_OK)
        return status;
    if (!gh_secret_legal(&hook->secret)) {
        gh_secret_wipe(&hook->secret);
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: a signing token is whsec_ and base64 after it", option,
                            path);
    }
    snprintf(hook->name, sizeof(hook->name), "%s", name);
    hook->service = service_of(name);
    hooks->count++;
    return GH_OK;
}

static bool name_legal(const char *name)
{
    return strlen(name) < NAME_MAX_SIZE &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0' &&
           service_of(name) == GH_HOOK_GENERIC;
}

static enum gh_status folder_read(struct gh_hooks *hooks, const char *folder,
                                  struct gh_error *error)
{
    static const char option[] = "hooks.generic_secrets";
    enum gh_status status = GH_OK;
    char path[2 * GH_OPTION_TEXT_SIZE];
    DIR *files = folder[0] ? opendir(folder) : NULL;

    if (folder[0] && !files)
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", option, folder,
                            strerror(errno));
    for (const struct dirent *file; files && status == GH_OK && (file = readdir(files));) {
        if (file->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
        if (!name_legal(file->d_name))
            status = gh_error_set(error, GH_ECONFIG,
                                  "%s: %s: the name of a hook: 1 to 64 of a-z 0-9 - _, and "
                                  "neither github nor gitlab",
                                  option, path);
        else if (hooks->count == HOOKS_MAX)
            status = gh_error_set(error, GH_ELIMIT, "%s: %s: more than %d secrets", option,
                                  folder, HOOKS_MAX - 2);
        else
            status = hook_add(hooks, file->d_name, path, option, error);
    }
    if (files)
        closedir(files);
    return status;
}

static enum gh_status secrets_read(struct gh_hooks *hooks,
                                   const struct gh_hooks_options *options,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (options->github_secret.text[0])
        status = hook_add(hooks, "github", options->github_secret.text, "hooks.github_secret",
                          error);
    if (status == GH_OK && options->gitlab_secret.text[0])
        status = hook_add(hooks, "gitlab", options->gitlab_secret.text, "hooks.gitlab_secret",
                          error);
    return status == GH_OK ? folder_read(hooks, options->generic_secrets.text, error) : status;
}

enum gh_status gh_hooks_new(struct gh_hooks **hooks, const struct gh_hooks_options *options,
                            struct gh_error *error)
{
    struct gh_hooks *made = calloc(1, sizeof(*made));

    *hooks = NULL;
    if (made)
        made->memory = gh_hook_memory_new();
    if (!made || !made->memory) {
        free(made);
        return gh_error_set(error, GH_EMEMORY, "hooks: out of memory");
    }
    pthread_mutex_init(&made->lock, NULL);
    snprintf(made->signature_headers, sizeof(made->signature_headers), "%s",
             options->signature_headers.text);
    enum gh_status status =
        sodium_init() < 0 ? gh_error_set(error, GH_EIO, "hooks: no libsodium") : GH_OK;
    if (status == GH_OK)
        status = gh_hook_units(options->units.text, made->units, error);
    if (status == GH_OK)
        status = secrets_read(made, options, error);
    if (status == GH_OK)
        *hooks = made;
    else
        gh_hooks_free(made);
    return status;
}

void gh_hooks_free(struct gh_hooks *hooks)
{
    if (!hooks)
        return;
    for (uint32_t i = 0; i < hooks->count; i++)
        gh_secret_wipe(&hooks->hook[i].secret);
    gh_hook_memory_free(hooks->memory);
    pthread_mutex_destroy(&hooks->lock);
    free(hooks);
}

bool gh_hooks_any(const struct gh_hooks *hooks)
{
    return hooks->count > 0;
}

/* --- who sent it --- */

static const char *header(const struct gh_hook_call *call, const char *name)
{
    return call->header(call->request, name);
}

static enum gh_proof proof_standard(const struct hook *hook, const struct gh_hook_call *call)
{
    const char *id = header(call, "webhook-id"), *time = header(call, "webhook-timestamp");
    const struct gh_signed bytes = {{id, time, call->body},
                                    {id ? strlen(id) : 0, time ? strlen(time) : 0, call->size}};

    if (!id || !time)
        return GH_PROOF_NONE;
    return gh_proof_standard(&hook->secret, &bytes, header(call, "webhook-signature"));
}

static enum gh_proof proof_listed(const struct gh_hooks *hooks, const struct hook *hook,
                                  const struct gh_hook_call *call)
{
    const struct gh_signed bytes = {{call->body}, {call->size}};
    enum gh_proof best = GH_PROOF_NONE;

    for (const char *at = hooks->signature_headers; *at && best != GH_PROOF_GOOD;) {
        const size_t size = strcspn(at, ", ");
        char name[HEADER_SIZE];
        snprintf(name, sizeof(name), "%.*s", (int)size, at);
        if (size > 0 && size < sizeof(name)) {
            const enum gh_proof proof = gh_proof_hex(&hook->secret, &bytes, header(call, name));
            best = proof == GH_PROOF_NONE ? best : proof;
        }
        at += size + strspn(at + size, ", ");
    }
    return best;
}

static enum gh_proof proof_of(const struct gh_hooks *hooks, const struct hook *hook,
                              const struct gh_hook_call *call)
{
    const struct gh_signed bytes = {{call->body}, {call->size}};

    if (hook->service == GH_HOOK_GITHUB)
        return gh_proof_hex(&hook->secret, &bytes, header(call, "X-Hub-Signature-256"));
    if (gh_secret_signs(&hook->secret))
        return proof_standard(hook, call);
    if (hook->service == GH_HOOK_GITLAB)
        return gh_proof_token(&hook->secret, header(call, "X-Gitlab-Token"));
    const enum gh_proof listed = proof_listed(hooks, hook, call);
    const char *bearer = header(call, "Authorization");
    if (listed != GH_PROOF_NONE || !bearer || strncasecmp(bearer, "Bearer ", 7) != 0)
        return listed;
    return gh_proof_token(&hook->secret, bearer + 7);
}

/* --- what it tells --- */

/* A service sends the same bytes again, under the same name of an event. */
uint64_t gh_hooks_delivery(const struct gh_hook_call *call)
{
    const char *event = header(call, "X-GitHub-Event");
    const uint64_t name = gh_hash_pair(gh_hash(call->name, strlen(call->name)),
                                       event ? gh_hash(event, strlen(event)) : 0);

    return gh_hash_pair(name, gh_hash(call->body, call->size));
}

static void body_tell(struct gh_hooks *hooks, const struct hook *hook,
                      struct gh_hook_tale *tale)
{
    static void (*const tell[GH_HOOK_SERVICES])(struct gh_hook_tale * tale) = {
        [GH_HOOK_GITHUB] = gh_hook_github,
        [GH_HOOK_GITLAB] = gh_hook_gitlab,
        [GH_HOOK_GENERIC] = gh_hook_generic,
    };

    pthread_mutex_lock(&hooks->lock);
    tale->memory = hooks->memory;
    tell[hook->service](tale);
    if (!tale->bad && !tale->starved) {
        hooks->counters.events += tale->events;
        hooks->counters.nameless += tale->nameless;
        hooks->counters.forgotten += tale->forgotten;
    }
    pthread_mutex_unlock(&hooks->lock);
}

static enum gh_hook_outcome tale_outcome(const struct gh_hook_tale *tale)
{
    if (tale->starved || tale->lines->failed)
        return GH_HOOK_STARVED;
    if (tale->bad)
        return GH_HOOK_BAD;
    if (tale->events > 0)
        return GH_HOOK_TOLD;
    return tale->unmapped ? GH_HOOK_UNMAPPED : GH_HOOK_IDLE;
}

static enum gh_hook_outcome tale_make(struct gh_hooks *hooks, const struct hook *hook,
                                      struct gh_hook_tale *tale)
{
    json_error_t trouble = {0};

    gh_json_begin();
    json_t *body = json_loadb(tale->call->body, tale->call->size, 0, &trouble);
    const enum gh_status loaded = gh_json_loaded(&body, "body", &trouble, tale->error);
    if (loaded != GH_OK)
        return loaded == GH_EMEMORY ? GH_HOOK_STARVED : GH_HOOK_BAD;
    tale->body = body;
    if (hook->service != GH_HOOK_GENERIC && !json_is_object(body))
        gh_hook_bad(tale, "body: not an object");
    else if (!tale->decoder || !tale->line)
        tale->starved = true;
    else
        body_tell(hooks, hook, tale);
    json_decref(body);
    return tale_outcome(tale);
}

static enum gh_hook_outcome call_take(struct gh_hooks *hooks, const struct hook *hook,
                                      struct gh_hook_tale *tale)
{
    const struct gh_hook_call *call = tale->call;

    if (!hook)
        return GH_HOOK_OFF;
    if (call->size > GH_HOOK_BYTES_MAX)
        return GH_HOOK_LARGE;
    switch (proof_of(hooks, hook, call)) {
    case GH_PROOF_NONE:
        return GH_HOOK_UNSIGNED;
    case GH_PROOF_FALSE:
        return GH_HOOK_FORGED;
    case GH_PROOF_GOOD:
        break;
    }
    pthread_mutex_lock(&hooks->lock);
    const bool seen = gh_hook_memory_seen(hooks->memory, gh_hooks_delivery(call));
    pthread_mutex_unlock(&hooks->lock);
    return seen ? GH_HOOK_SEEN : tale_make(hooks, hook, tale);
}

enum gh_hook_outcome gh_hooks_take(struct gh_hooks *hooks, const struct gh_hook_call *call,
                                   struct gh_json *lines, struct gh_error *error)
{
    const struct hook *hook = NULL;
    const size_t before = lines->used;
    struct gh_hook_tale tale = {
        .call = call,
        .service = call->name,
        .units = hooks->units,
        .decoder = gh_decoder_new(),
        .line = malloc(GH_HOOK_LINE_BYTES),
        .lines = lines,
        .error = error,
    };

    for (uint32_t i = 0; i < hooks->count && !hook; i++)
        if (strcmp(hooks->hook[i].name, call->name) == 0)
            hook = &hooks->hook[i];
    const enum gh_hook_outcome outcome = call_take(hooks, hook, &tale);
    if (outcome != GH_HOOK_TOLD && lines->used > before)
        lines->at[lines->used = before] = '\0';
    gh_decoder_free(tale.decoder);
    free(tale.line);
    pthread_mutex_lock(&hooks->lock);
    hooks->counters.outcome[service_of(call->name)][outcome]++;
    pthread_mutex_unlock(&hooks->lock);
    return outcome;
}

void gh_hooks_kept(struct gh_hooks *hooks, uint64_t delivery)
{
    pthread_mutex_lock(&hooks->lock);
    gh_hook_memory_see(hooks->memory, delivery);
    pthread_mutex_unlock(&hooks->lock);
}

struct gh_hooks_counters gh_hooks_counters(struct gh_hooks *hooks)
{
    pthread_mutex_lock(&hooks->lock);
    const struct gh_hooks_counters counters = hooks->counters;
    pthread_mutex_unlock(&hooks->lock);
    return counters;
}
