/* keys.c - see keys.h. */
#include "edge/keys_inside.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void gh_keys_free(struct gh_keys *keys)
{
    if (!keys)
        return;
    for (uint32_t i = 0; i < keys->count; i++) {
        free(keys->key[i].actors.id);
        free(keys->key[i].teams.id);
        free(keys->key[i].topics.id);
    }
    free(keys->key);
    gh_intern_free(&keys->heap, &keys->names);
    gh_intern_free(&keys->heap, &keys->publics);
    gh_intern_free(&keys->heap, &keys->tokens);
    gh_intern_free(&keys->heap, &keys->words);
    free(keys);
}

uint32_t gh_keys_count(const struct gh_keys *keys)
{
    return keys->count;
}

const struct gh_access_key *gh_keys_at(const struct gh_keys *keys, uint32_t index)
{
    assert(index < keys->count);
    return &keys->key[index];
}

static const struct gh_access_key *key_find(const struct gh_keys *keys,
                                            const struct gh_intern *intern, const char *text)
{
    const uint32_t id = gh_intern_find(intern, (struct gh_text){text, (uint32_t)strlen(text)});
    return id ? &keys->key[id - 1] : NULL;
}

const struct gh_access_key *gh_keys_by_public(const struct gh_keys *keys,
                                              const char *public_key)
{
    return key_find(keys, &keys->publics, public_key);
}

const struct gh_access_key *gh_keys_by_name(const struct gh_keys *keys, const char *name)
{
    return key_find(keys, &keys->names, name);
}

const struct gh_access_key *gh_keys_by_token(const struct gh_keys *keys,
                                             const char hash[GH_TOKEN_HASH_SIZE])
{
    const struct gh_access_key *found = NULL;
    for (uint32_t i = 0; i < keys->count; i++) {
        const bool same = gh_token_hash_same(keys->key[i].token, hash);
        found = same ? &keys->key[i] : found;
    }
    return found;
}

enum gh_key_state gh_key_state(const struct gh_access_key *key, int64_t now_ms)
{
    if (!key)
        return GH_KEY_UNKNOWN;
    if (now_ms >= key->revoked_ms)
        return GH_KEY_REVOKED;
    if (now_ms >= key->not_after_ms)
        return GH_KEY_EXPIRED;
    return now_ms < key->not_before_ms ? GH_KEY_EARLY : GH_KEY_GOOD;
}

enum gh_key_state gh_key_state_for(const struct gh_access_key *key, uint32_t roles,
                                   int64_t now_ms)
{
    const enum gh_key_state state = gh_key_state(key, now_ms);
    return state == GH_KEY_GOOD && !(key->roles & roles) ? GH_KEY_ROLE : state;
}

#define STATE_NAME(code, name, text) [code] = #name,
#define STATE_TEXT(code, name, text) [code] = text,

const char *gh_key_state_name(enum gh_key_state state)
{
    static const char *const name[] = {GH_KEY_STATE_LIST(STATE_NAME)};
    assert(state < GH_KEY_STATES);
    return name[state];
}

const char *gh_key_state_text(enum gh_key_state state)
{
    static const char *const text[] = {GH_KEY_STATE_LIST(STATE_TEXT)};
    assert(state < GH_KEY_STATES);
    return text[state];
}

static int id_compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool list_has(const struct gh_keys *keys, const struct gh_id_list *list,
                     struct gh_text text)
{
    if (list->all)
        return true;
    const uint32_t id = list->count ? gh_intern_find(&keys->words, text) : 0;
    return id && bsearch(&id, list->id, list->count, sizeof(id), id_compare);
}

bool gh_key_may_speak(const struct gh_access_key *key, struct gh_text actor,
                      struct gh_text team)
{
    return (!actor.at || list_has(key->keys, &key->actors, actor)) &&
           (!team.at || list_has(key->keys, &key->teams, team));
}

const char *gh_key_permits(const struct gh_access_key *key, const struct gh_event *event,
                           const char **name)
{
    static const struct gh_text nobody = {NULL, 0};
    const bool verdict = event->kind == GH_VERDICT;
    *name = "kind";
    if (!(key->roles & (verdict ? GH_ROLE_CONTROL : GH_ROLE_PRODUCE)))
        return verdict ? "a verdict needs a key with the role control"
                       : "needs a key with the role produce";
    if (event->kind == GH_TICK && !key->actors.all)
        return "a tick needs a key whose actors are \"*\"";
    if (verdict && !key->actors.all)
        return "a verdict needs a key whose actors are \"*\"";
    *name = "actor";
    if (!gh_key_may_speak(key, event->actor, nobody))
        return "not among the actors of the key";
    *name = "team";
    if (!gh_key_may_speak(key, nobody, event->team))
        return "not among the teams of the key";
    *name = "";
    return NULL;
}

bool gh_key_may_hear(const struct gh_access_key *key, struct gh_text prefix)
{
    static const char beat[] = "heartbeat/";
    const size_t beat_size = sizeof(beat) - 1;
    const char *end = prefix.at + prefix.size;
    if (prefix.size >= beat_size && !memcmp(prefix.at, beat, beat_size))
        return true;
    if (key->topics.all)
        return true;
    /* What is granted is KIND/NAME/: a prefix that ends before would select others, too. */
    const char *at = prefix.size ? memchr(prefix.at, '/', prefix.size) : NULL;
    at = at && at + 1 < end ? memchr(at + 1, '/', (size_t)(end - at - 1)) : NULL;
    if (!at)
        return false;
    return list_has(key->keys, &key->topics,
                    (struct gh_text){prefix.at, (uint32_t)(at + 1 - prefix.at)});
}

uint64_t gh_key_hears(const struct gh_access_key *key)
{
    uint64_t sum = key->topics.all;
    /* A sum: ids, and with them the order, differ from set to set. */
    for (uint32_t i = 0; i < key->topics.count; i++) {
        const struct gh_text topic = gh_intern_text(&key->keys->words, key->topics.id[i]);
        sum += gh_hash(topic.at, topic.size);
    }
    return gh_hash_pair(sum, key->topics.count);
}
