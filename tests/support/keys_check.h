/* keys_check.h - what must hold of any key file: it is refused with its place, or every key in
 * it is found, and may do no more than what is written there. */
#ifndef GH_KEYS_CHECK_H
#define GH_KEYS_CHECK_H

#include "edge/keys.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Whether `member` of the key lists `text`, or "*" alone. */
static inline bool gh_listed(const json_t *key, const char *member, const char *text)
{
    const json_t *list = json_object_get(key, member);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one && (!strcmp(one, "*") || !strcmp(one, text)))
            return true;
    }
    return false;
}

static inline struct gh_text gh_text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

/* For every word of the file: the key may speak for it exactly when the file says so. */
static inline const char *gh_key_check(const struct gh_access_key *key, const json_t *object,
                                       const json_t *all)
{
    static const char *const member[] = {"name", "actors", "teams"};
    const struct gh_text nobody = {NULL, 0};

    if (strcmp(key->name, json_string_value(json_object_get(object, "name"))) != 0)
        return "another name";
    for (size_t k = 0; k < json_array_size(all); k++) {
        for (size_t m = 0; m < sizeof(member) / sizeof(member[0]); m++) {
            json_t *value = json_object_get(json_array_get(all, k), member[m]);
            for (size_t i = 0; m == 0 ? i < 1 : i < json_array_size(value); i++) {
                const char *word = json_string_value(m == 0 ? value : json_array_get(value, i));
                if (gh_key_may_speak(key, gh_text_of(word), nobody) !=
                    gh_listed(object, "actors", word))
                    return "speaks for others than its actors";
                if (gh_key_may_speak(key, nobody, gh_text_of(word)) !=
                    gh_listed(object, "teams", word))
                    return "speaks for others than its teams";
            }
        }
    }
    return NULL;
}

/* `path` as it was given to gh_keys_read. NULL: all holds; else what does not. */
static inline const char *gh_keys_check(const char *path, const char *at, size_t size)
{
    struct gh_error error = {0};
    struct gh_keys *keys = NULL;
    const char *trouble = NULL;
    unsigned line = 0, column = 0;

    if (gh_keys_read(&keys, path, at, size, &error) != GH_OK) {
        const char *place = error.text + strlen(path);
        if (keys || strncmp(error.text, path, strlen(path)) != 0)
            return "refused, but not cleanly";
        if (size <= GH_KEYS_BYTES_MAX && sscanf(place, ":%u:%u: ", &line, &column) != 2)
            return "refused without a place";
        return NULL;
    }
    json_t *root = json_loadb(at, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *all = json_object_get(root, "keys");
    if (json_array_size(all) != gh_keys_count(keys))
        trouble = "another number of keys";
    /* The check is squared: enough of a large file is checked by its beginning. */
    for (uint32_t i = 0; !trouble && i < gh_keys_count(keys) && i < 50; i++) {
        const struct gh_access_key *key = gh_keys_at(keys, i);
        trouble = gh_key_check(key, json_array_get(all, i), all);
        if (gh_keys_by_name(keys, key->name) != key ||
            gh_keys_by_public(keys, key->public_key) != key)
            trouble = "a key that is not found";
    }
    json_decref(root);
    gh_keys_free(keys);
    return trouble;
}

#endif
