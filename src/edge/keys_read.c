/* keys_read.c - the key file from JSON. Strict: what is not understood might have been meant
 * to take something away. */
#include "edge/keys_inside.h"

#include "base/civil.h"
#include "base/write.h"
#include "edge/alert.h"
#include "edge/json.h"
#include "edge/json_place.h"
#include "edge/json_read.h"
#include "edge/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

struct reading {
    const char *path;
    struct gh_json_place key_place, place; /* of the key; of what is looked at */
    char where[GH_KEY_NAME_SIZE + 40];     /* "key 3 (ada)" */
    struct gh_keys *keys;
    struct gh_error *error;
};

#define NAME_LEGAL "1 to 64 bytes of UTF-8 without control characters and * ? /"
#define WHO_LEGAL "1 to 256 bytes of UTF-8 without control characters, or \"*\" alone"
#define TIME_LEGAL "a time such as 2026-11-20T09:31:05Z"

/* `member` NULL: the whole object. */
static enum gh_status refuse(const struct reading *r, const char *member, const char *what)
{
    unsigned line, column;
    gh_json_line(r->place, &line, &column);
    return gh_error_set(r->error, GH_ECONFIG, "%s:%u:%u: %s%s%s: %s", r->path, line, column,
                        r->where, member ? ": " : "", member ? member : "", what);
}

static enum gh_status refuse_memory(const struct reading *r)
{
    return gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->path);
}

static struct gh_text text_of(const json_t *value)
{
    return (struct gh_text){json_string_value(value), (uint32_t)json_string_length(value)};
}

/* C0, DEL and, as U+0080 to U+009F, C1. */
static bool text_controls(struct gh_text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.at[i];
        if (c < ' ' || c == 0x7f)
            return true;
        if (c == 0xc2 && i + 1 < text.size && (unsigned char)text.at[i + 1] < 0xa0)
            return true;
    }
    return false;
}

static bool text_legal(const json_t *value, size_t size_max)
{
    const size_t size = json_string_length(value);
    return json_is_string(value) && size > 0 && size <= size_max &&
           !text_controls(text_of(value));
}

bool gh_key_name_legal(const char *name)
{
    const struct gh_text text = {name, (uint32_t)strlen(name)};
    size_t at = 0, size = 1;
    while (at < text.size && (size = gh_utf8_size(name + at, text.size - at)) > 0)
        at += size;
    return size > 0 && text.size > 0 && text.size < GH_KEY_NAME_SIZE && !text_controls(text) &&
           !strpbrk(name, "*?/");
}

static enum gh_status name_read(struct reading *r, struct gh_access_key *key,
                                const json_t *value)
{
    if (!json_is_string(value) || !gh_key_name_legal(json_string_value(value)))
        return refuse(r, "name", NAME_LEGAL);
    snprintf(key->name, sizeof(key->name), "%s", json_string_value(value));
    return GH_OK;
}

static enum gh_status public_read(struct reading *r, struct gh_access_key *key,
                                  const json_t *value)
{
    static const uint8_t zero[32];
    uint8_t bytes[32];
    const char *text = json_string_value(value);
    /* Not every text of the alphabet is the Z85 of anything, and some are of the same. */
    if (!text || strlen(text) != GH_KEY_TEXT_SIZE - 1 || !zmq_z85_decode(bytes, text) ||
        !zmq_z85_encode(key->public_key, bytes, sizeof(bytes)) ||
        strcmp(key->public_key, text) != 0 || !memcmp(bytes, zero, sizeof(zero)))
        return refuse(r, "public", "40 characters of Z85, as `goodhart key` writes them");
    return GH_OK;
}

static enum gh_status token_read(struct reading *r, struct gh_access_key *key,
                                 const json_t *value)
{
    const char *text = json_string_value(value);
    if (!text || !gh_token_hash_legal(text))
        return refuse(r, "token", "the SHA-256 of a token, 64 lower-case hex digits");
    memcpy(key->token, text, sizeof(key->token));
    return GH_OK;
}

static enum gh_status roles_read(struct reading *r, struct gh_access_key *key,
                                 const json_t *value)
{
#define ROLE_ROW(name, code, bit, help) {#name, bit},
    static const struct {
        const char *name;
        uint32_t bit;
    } role[] = {GH_ROLE_LIST(ROLE_ROW)};
    static const char legal[] = "a list of produce, subscribe, replay, control";
    const struct gh_json_place list = r->place;
    size_t index;
    json_t *one;
    if (!json_is_array(value) || json_array_size(value) == 0)
        return refuse(r, "roles", legal);
    json_array_foreach(value, index, one)
    {
        const char *text = json_string_value(one);
        size_t i = 0;
        while (text && i < sizeof(role) / sizeof(role[0]) && strcmp(text, role[i].name) != 0)
            i++;
        r->place = gh_json_element(list, index);
        if (!text || i == sizeof(role) / sizeof(role[0]))
            return refuse(r, "roles", legal);
        if (key->roles & role[i].bit)
            return refuse(r, "roles", "twice the same: each role once");
        key->roles |= role[i].bit;
    }
    return GH_OK;
}

static int id_compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void list_sort(struct gh_id_list *list)
{
    uint32_t kept = 0;
    if (list->count == 0)
        return;
    qsort(list->id, list->count, sizeof(list->id[0]), id_compare);
    for (uint32_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->id[kept - 1] != list->id[i])
            list->id[kept++] = list->id[i];
    }
    list->count = kept;
}

/* "team/NAME/" and "actor/NAME/", the name as gh_topic_part writes it. */
static bool topic_legal(struct gh_text topic)
{
    static const char *const kind[] = {"team/", "actor/"};
    for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
        const size_t size = strlen(kind[i]);
        if (topic.size > size + 1 && !memcmp(topic.at, kind[i], size))
            return memchr(topic.at + size, '/', topic.size - size) == topic.at + topic.size - 1;
    }
    return false;
}

/* What one list of texts is called and may hold. */
struct list_rule {
    const char *member, *legal;
    size_t size_max;
    bool topics;
};

static enum gh_status list_read(struct reading *r, const struct list_rule *rule,
                                struct gh_id_list *list, const json_t *value)
{
    const struct gh_json_place whole = r->place;
    size_t index;
    json_t *one;
    if (!json_is_array(value))
        return refuse(r, rule->member, "a list of texts");
    list->id = calloc(json_array_size(value) + 1, sizeof(list->id[0]));
    if (!list->id)
        return refuse_memory(r);
    json_array_foreach(value, index, one)
    {
        r->place = gh_json_element(whole, index);
        const bool all = json_is_string(one) && !strcmp(json_string_value(one), "*");
        if (all && json_array_size(value) > 1)
            return refuse(r, rule->member, "\"*\" among others: it stands alone");
        if (all) {
            list->all = true;
            return GH_OK;
        }
        if (!text_legal(one, rule->size_max) || (rule->topics && !topic_legal(text_of(one))))
            return refuse(r, rule->member, rule->legal);
        list->id[list->count] = gh_intern_add(&r->keys->heap, &r->keys->words, text_of(one));
        if (!list->id[list->count++])
            return refuse_memory(r);
    }
    list_sort(list);
    return GH_OK;
}

static enum gh_status time_read(struct reading *r, const char *member, int64_t *time_ms,
                                const json_t *value)
{
    if (!json_is_string(value) ||
        !gh_time_parse(json_string_value(value), json_string_length(value), time_ms))
        return refuse(r, member, TIME_LEGAL);
    return GH_OK;
}

static enum gh_status member_read(struct reading *r, struct gh_access_key *key,
                                  const char *member, const json_t *value)
{
    static const struct list_rule actors = {"actors", WHO_LEGAL, GH_STRING_BYTES_MAX, false};
    static const struct list_rule teams = {"teams", WHO_LEGAL, GH_STRING_BYTES_MAX, false};
    static const struct list_rule topics = {
        "topics", "\"team/NAME/\", \"actor/NAME/\" ('/' in a name as %2F), or \"*\" alone",
        GH_TOPIC_SIZE - 1, true};
    r->place = gh_json_member(r->key_place, member);
    if (!strcmp(member, "name"))
        return name_read(r, key, value);
    if (!strcmp(member, "public"))
        return public_read(r, key, value);
    if (!strcmp(member, "token"))
        return token_read(r, key, value);
    if (!strcmp(member, "roles"))
        return roles_read(r, key, value);
    if (!strcmp(member, "actors"))
        return list_read(r, &actors, &key->actors, value);
    if (!strcmp(member, "teams"))
        return list_read(r, &teams, &key->teams, value);
    if (!strcmp(member, "topics"))
        return list_read(r, &topics, &key->topics, value);
    if (!strcmp(member, "not_before"))
        return time_read(r, member, &key->not_before_ms, value);
    if (!strcmp(member, "not_after"))
        return time_read(r, member, &key->not_after_ms, value);
    if (!strcmp(member, "revoked"))
        return time_read(r, member, &key->revoked_ms, value);
    char quoted[48];
    struct gh_writer w = gh_writer_on(quoted, sizeof(quoted));
    gh_write_text(&w, (struct gh_text){member, (uint32_t)strlen(member)});
    return refuse(r, quoted,
                  "not a member; members are name, public, token, roles, actors, teams, "
                  "topics, not_before, not_after, revoked");
}

/* The topics of the actors or teams that the key may speak for. */
static bool topics_derive(struct gh_keys *keys, struct gh_id_list *topics, const char *kind,
                          const struct gh_id_list *who)
{
    char topic[GH_TOPIC_SIZE];
    topics->all = topics->all || who->all;
    for (uint32_t i = 0; i < who->count; i++) {
        size_t size = gh_topic_part(topic, 0, (struct gh_text){kind, (uint32_t)strlen(kind)});
        size = gh_topic_part(topic, size, gh_intern_text(&keys->words, who->id[i]));
        topics->id[topics->count] =
            gh_intern_add(&keys->heap, &keys->words, (struct gh_text){topic, (uint32_t)size});
        if (!topics->id[topics->count++])
            return false;
    }
    return true;
}

static enum gh_status topics_default(struct reading *r, struct gh_access_key *key)
{
    key->topics.id = calloc(key->actors.count + key->teams.count + 1, sizeof(uint32_t));
    if (!key->topics.id || !topics_derive(r->keys, &key->topics, "actor", &key->actors) ||
        !topics_derive(r->keys, &key->topics, "team", &key->teams))
        return refuse_memory(r);
    if (key->topics.all)
        key->topics.count = 0;
    list_sort(&key->topics);
    return GH_OK;
}

/* A place in the table of names, of public keys: the next one, unless it is there already. */
static enum gh_status unique_add(struct reading *r, struct gh_intern *intern,
                                 const char *member, const char *text)
{
    const uint32_t before = gh_intern_count(intern);
    const uint32_t id =
        gh_intern_add(&r->keys->heap, intern, (struct gh_text){text, (uint32_t)strlen(text)});
    char what[64];
    if (!id)
        return refuse_memory(r);
    if (gh_intern_count(intern) != before)
        return GH_OK;
    if (intern == &r->keys->tokens) /* not every key has one, so its id is no place */
        snprintf(what, sizeof(what), "the same as that of another key: unique");
    else
        snprintf(what, sizeof(what), "the same as that of key %u: unique", id);
    r->place = gh_json_member(r->key_place, member);
    return refuse(r, member, what);
}

static enum gh_status key_finish(struct reading *r, struct gh_access_key *key,
                                 const json_t *object)
{
    static const char *const required[] = {"name", "public", "roles"};
    r->place = r->key_place;
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
        if (!json_object_get(object, required[i]))
            return refuse(r, required[i], "missing");
    enum gh_status status = unique_add(r, &r->keys->names, "name", key->name);
    if (status == GH_OK)
        status = unique_add(r, &r->keys->publics, "public", key->public_key);
    if (status == GH_OK && key->token[0])
        status = unique_add(r, &r->keys->tokens, "token", key->token);
    if (status == GH_OK && !json_object_get(object, "topics"))
        status = topics_default(r, key);
    return status;
}

static enum gh_status key_read(struct reading *r, struct gh_access_key *key, json_t *object)
{
    const json_t *name = json_object_get(object, "name");
    const char *member;
    enum gh_status status = GH_OK;
    json_t *value;
    *key = (struct gh_access_key){.not_before_ms = INT64_MIN,
                                  .not_after_ms = INT64_MAX,
                                  .revoked_ms = INT64_MAX,
                                  .keys = r->keys};
    struct gh_writer w = gh_writer_on(r->where, sizeof(r->where));
    gh_write(&w, "key ");
    gh_write_count(&w, (double)r->keys->count);
    if (text_legal(name, GH_KEY_NAME_SIZE - 1)) {
        gh_write(&w, " (");
        gh_write_text(&w, text_of(name));
        gh_write(&w, ")");
    }
    r->place = r->key_place;
    if (!json_is_object(object))
        return refuse(r, NULL, "an object with the members name, public, roles");
    json_object_foreach(object, member, value)
    {
        if (status == GH_OK)
            status = member_read(r, key, member, value);
    }
    return status == GH_OK ? key_finish(r, key, object) : status;
}

static enum gh_status root_check(struct reading *r, const json_t *root)
{
    const json_t *list = json_object_get(root, "keys");
    snprintf(r->where, sizeof(r->where), "keys");
    if (!json_is_object(root) || !json_is_array(list) || json_object_size(root) != 1)
        return refuse(r, NULL, "the file is one object, {\"keys\": [...]}, and nothing else");
    r->place = gh_json_member(r->place, "keys");
    if (json_array_size(list) > GH_KEYS_MAX)
        return refuse(r, NULL, "more than 10000 keys: at most 10000");
    return GH_OK;
}

static enum gh_status root_read(struct reading *r, const json_t *root)
{
    const enum gh_status status = root_check(r, root);
    const json_t *list = json_object_get(root, "keys");
    const struct gh_json_place whole = r->place;
    const char *next = NULL;
    if (status != GH_OK)
        return status;
    r->keys->key = calloc(json_array_size(list) + 1, sizeof(r->keys->key[0]));
    if (!r->keys->key)
        return refuse_memory(r);
    for (size_t i = 0; i < json_array_size(list); i++) {
        /* From one to the next, for a walk from the first each time is a walk squared. */
        r->key_place = gh_json_after(whole, next);
        next = r->key_place.value;
        struct gh_access_key *key = &r->keys->key[r->keys->count++];
        if (key_read(r, key, json_array_get(list, i)) != GH_OK)
            return r->error ? r->error->status : GH_ECONFIG;
    }
    return GH_OK;
}

static enum gh_status text_read(struct reading *r, const char *at, size_t size)
{
    json_error_t trouble;
    if (size > GH_KEYS_BYTES_MAX)
        return gh_error_set(r->error, GH_ECONFIG, "%s: more than 1 MiB: at most 1048576 bytes",
                            r->path);
    gh_json_begin();
    json_t *root = json_loadb(at, size, JSON_REJECT_DUPLICATES, &trouble);
    enum gh_status status = gh_json_loaded(&root, r->path, &trouble, r->error);
    if (status != GH_OK)
        return status;
    r->place = gh_json_place(at, size);
    status = root_read(r, root);
    json_decref(root);
    return status;
}

enum gh_status gh_keys_read(struct gh_keys **keys, const char *path, const char *at,
                            size_t size, struct gh_error *error)
{
    struct gh_error ours = {0};
    struct gh_keys *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    made->heap.memory = gh_memory_system();
    gh_intern_init(&made->names, 0);
    gh_intern_init(&made->publics, 0);
    gh_intern_init(&made->tokens, 0);
    gh_intern_init(&made->words, 0);
    struct reading r = {.path = path, .keys = made, .error = &ours};
    const enum gh_status status = text_read(&r, at, size);
    if (status == GH_OK) {
        *keys = made;
        return GH_OK;
    }
    gh_keys_free(made);
    return gh_error_set(error, status, "%s", ours.text);
}

/* The bytes of a file, one more than may be at most; NULL: errno says why. */
static char *file_bytes(const char *path, size_t *size)
{
    char *bytes = malloc(GH_KEYS_BYTES_MAX + 1);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 || !bytes ? -1 : 1;
    *size = 0;
    while (got > 0 && *size <= GH_KEYS_BYTES_MAX) {
        got = read(file, bytes + *size, GH_KEYS_BYTES_MAX + 1 - *size);
        *size += got > 0 ? (size_t)got : 0;
    }
    const int code = errno;
    if (file >= 0)
        close(file);
    if (got >= 0)
        return bytes;
    free(bytes);
    errno = code;
    return NULL;
}

enum gh_status gh_keys_load(struct gh_keys **keys, const char *path, struct gh_error *error)
{
    size_t size = 0;
    char *bytes = file_bytes(path, &size);
    if (!bytes)
        return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", path, strerror(errno));
    const enum gh_status status = gh_keys_read(keys, path, bytes, size, error);
    free(bytes);
    return status;
}
