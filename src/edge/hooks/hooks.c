/* hooks.c - which hook a request is for, whether it is signed, and what is counted. */
#include "base/hash.h"
#include "edge/hooks/hooks_inside.h"
#include "edge/hooks/proof.h"
#include "edge/json_read.h"
#include "edge/operate/note.h"
#include "edge/threads.h"
#include "store/makers.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_SIZE = 64 };

struct gh_hooks {
    struct gh_hooks_options options; /* these do not change */
    double units[GH_ARTIFACT_COUNT]; /* < 0: not told */
    pthread_rwlock_t secrets;        /* of `set`: proofs read, reading again writes */
    struct gh_hook_set *set;
    pthread_mutex_t lock; /* of what follows */
    struct gh_hook_memory *memory;
    struct gh_hooks_counters counters;
    pthread_mutex_t keeping;  /* of what follows; the other lock is not held meanwhile */
    struct gh_makers *makers; /* NULL: nothing outlives this run */
    bool told;                /* that it takes nothing */
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
    gh_threads_must(pthread_mutex_init(&made->lock, NULL));
    gh_threads_must(pthread_mutex_init(&made->keeping, NULL));
    gh_threads_fair_lock(&made->secrets);
    made->options = *options;
    enum gh_status status =
        sodium_init() < 0 ? gh_error_set(error, GH_EIO, "hooks: no libsodium") : GH_OK;
    if (status == GH_OK)
        status = gh_hook_units(options->units.text, made->units, error);
    if (status == GH_OK)
        status = gh_hook_set_read(&made->set, &made->options, error);
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
    gh_hook_set_free(hooks->set);
    gh_hook_memory_free(hooks->memory);
    pthread_rwlock_destroy(&hooks->secrets);
    gh_makers_close(hooks->makers);
    pthread_mutex_destroy(&hooks->keeping);
    pthread_mutex_destroy(&hooks->lock);
    free(hooks);
}

static void maker_recall(void *memory, const struct gh_maker *maker)
{
    const struct gh_hook_name ref = gh_hook_name("%.*s", (int)maker->ref.size, maker->ref.at);
    const struct gh_hook_name account =
        gh_hook_name("%.*s", (int)maker->account.size, maker->account.at);

    gh_hook_memory_keep(memory, ref.text, account.text, maker->ts_ms);
}

enum gh_status gh_hooks_remember(struct gh_hooks *hooks, const char *folder,
                                 struct gh_error *error)
{
    enum gh_status status = gh_makers_open(&hooks->makers, folder, error);

    if (status == GH_OK)
        status = gh_makers_each(hooks->makers, maker_recall, hooks->memory, error);
    gh_hook_memory_note(hooks->memory);
    return status;
}

enum gh_status gh_hooks_reload(struct gh_hooks *hooks, struct gh_error *error)
{
    struct gh_hook_set *set = NULL;
    const enum gh_status status = gh_hook_set_read(&set, &hooks->options, error);

    if (status != GH_OK)
        return status;
    pthread_rwlock_wrlock(&hooks->secrets);
    struct gh_hook_set *const before = hooks->set;
    hooks->set = set;
    pthread_rwlock_unlock(&hooks->secrets);
    gh_hook_set_free(before);
    return GH_OK;
}

bool gh_hooks_any(const struct gh_hooks *hooks)
{
    return gh_hooks_wanted(&hooks->options);
}

bool gh_hooks_wanted(const struct gh_hooks_options *o)
{
    return o->github_secret.text[0] || o->gitlab_secret.text[0] || o->generic_secrets.text[0];
}

/* --- who sent it --- */

static const char *header(const struct gh_hook_call *call, const char *name)
{
    return call->header(call->request, name);
}

static enum gh_proof proof_standard(const struct gh_hook *hook, const struct gh_hook_call *call)
{
    const char *id = header(call, "webhook-id"), *time = header(call, "webhook-timestamp");
    const struct gh_signed bytes = {{id, time, call->body},
                                    {id ? strlen(id) : 0, time ? strlen(time) : 0, call->size}};

    if (!id || !time)
        return GH_PROOF_NONE;
    return gh_proof_standard(&hook->secret, &bytes, header(call, "webhook-signature"));
}

static enum gh_proof proof_listed(const struct gh_hooks *hooks, const struct gh_hook *hook,
                                  const struct gh_hook_call *call)
{
    const struct gh_signed bytes = {{call->body}, {call->size}};
    enum gh_proof best = GH_PROOF_NONE;

    for (const char *at = hooks->options.signature_headers.text;
         *at && best != GH_PROOF_GOOD;) {
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

static enum gh_proof proof_of(const struct gh_hooks *hooks, const struct gh_hook *hook,
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

static void body_tell(struct gh_hooks *hooks, struct gh_hook_tale *tale)
{
    static void (*const tell[GH_HOOK_SERVICES])(struct gh_hook_tale * tale) = {
        [GH_HOOK_GITHUB] = gh_hook_github,
        [GH_HOOK_GITLAB] = gh_hook_gitlab,
        [GH_HOOK_GENERIC] = gh_hook_generic,
    };

    pthread_mutex_lock(&hooks->lock);
    tale->memory = hooks->memory;
    tell[gh_hook_service_of(tale->service)](tale);
    if (!tale->bad && !tale->starved) {
        hooks->counters.events += tale->events;
        hooks->counters.nameless += tale->nameless;
        hooks->counters.forgotten += tale->forgotten;
    }
    pthread_mutex_unlock(&hooks->lock);
}

static enum gh_status notes_write(struct gh_makers *makers, const struct gh_hook_notes *notes,
                                  struct gh_error *error)
{
    struct gh_maker *maker = calloc(notes->count, sizeof(*maker));

    if (!maker)
        return gh_error_set(error, GH_EMEMORY, "hooks.db: out of memory");
    for (size_t i = 0; i < notes->count; i++) {
        const struct gh_hook_made *made = &notes->made[i];
        maker[i] = (struct gh_maker){{made->ref, (uint32_t)strlen(made->ref)},
                                     {made->account, (uint32_t)strlen(made->account)},
                                     made->ts_ms};
    }
    const enum gh_status status = gh_makers_keep(makers, maker, notes->count, error);
    free(maker);
    return status;
}

/* Before the events are handed on: once they are kept, so is who made what they tell of. */
static void notes_keep(struct gh_hooks *hooks)
{
    struct gh_error error = {0};

    pthread_mutex_lock(&hooks->keeping);
    pthread_mutex_lock(&hooks->lock);
    const struct gh_hook_notes notes = gh_hook_memory_noted(hooks->memory);
    pthread_mutex_unlock(&hooks->lock);
    const bool bad = notes.count > 0 && notes_write(hooks->makers, &notes, &error) != GH_OK;
    if (bad && !hooks->told)
        gh_note(GH_NOTE_hooks_store, "%s: who made what is remembered until this run ends",
                error.text);
    hooks->told = bad;
    pthread_mutex_unlock(&hooks->keeping);
    pthread_mutex_lock(&hooks->lock);
    hooks->counters.unkept += notes.lost + (bad ? notes.count : 0);
    pthread_mutex_unlock(&hooks->lock);
    free(notes.made);
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

static enum gh_hook_outcome tale_make(struct gh_hooks *hooks, struct gh_hook_tale *tale)
{
    json_error_t trouble = {0};

    gh_json_begin();
    json_t *body = json_loadb(tale->call->body, tale->call->size, 0, &trouble);
    const enum gh_status loaded = gh_json_loaded(&body, "body", &trouble, tale->error);
    if (loaded != GH_OK)
        return loaded == GH_EMEMORY ? GH_HOOK_STARVED : GH_HOOK_BAD;
    tale->body = body;
    if (gh_hook_service_of(tale->service) != GH_HOOK_GENERIC && !json_is_object(body))
        gh_hook_bad(tale, "body: not an object");
    else if (!tale->decoder || !tale->line)
        tale->starved = true;
    else
        body_tell(hooks, tale);
    if (hooks->makers)
        notes_keep(hooks);
    json_decref(body);
    return tale_outcome(tale);
}

/* OFF: there is no such hook; UNSIGNED, FORGED; TOLD: it is its sender's. */
static enum gh_hook_outcome call_prove(struct gh_hooks *hooks, const struct gh_hook_call *call)
{
    enum gh_proof proof = GH_PROOF_NONE;

    pthread_rwlock_rdlock(&hooks->secrets);
    const struct gh_hook *hook = gh_hook_set_find(hooks->set, call->name);
    if (hook && call->size <= GH_HOOK_BYTES_MAX)
        proof = proof_of(hooks, hook, call);
    pthread_rwlock_unlock(&hooks->secrets);
    if (!hook)
        return GH_HOOK_OFF;
    if (call->size > GH_HOOK_BYTES_MAX)
        return GH_HOOK_LARGE;
    if (proof == GH_PROOF_GOOD)
        return GH_HOOK_TOLD;
    return proof == GH_PROOF_NONE ? GH_HOOK_UNSIGNED : GH_HOOK_FORGED;
}

static enum gh_hook_outcome call_take(struct gh_hooks *hooks, struct gh_hook_tale *tale)
{
    const enum gh_hook_outcome proven = call_prove(hooks, tale->call);

    if (proven != GH_HOOK_TOLD)
        return proven;
    pthread_mutex_lock(&hooks->lock);
    const bool seen = gh_hook_memory_seen(hooks->memory, gh_hooks_delivery(tale->call));
    pthread_mutex_unlock(&hooks->lock);
    return seen ? GH_HOOK_SEEN : tale_make(hooks, tale);
}

enum gh_hook_outcome gh_hooks_take(struct gh_hooks *hooks, const struct gh_hook_call *call,
                                   struct gh_json *lines, struct gh_error *error)
{
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

    const enum gh_hook_outcome outcome = call_take(hooks, &tale);
    if (outcome != GH_HOOK_TOLD && lines->used > before)
        lines->at[lines->used = before] = '\0';
    gh_decoder_free(tale.decoder);
    free(tale.line);
    pthread_mutex_lock(&hooks->lock);
    hooks->counters.outcome[gh_hook_service_of(call->name)][outcome]++;
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
