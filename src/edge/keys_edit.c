/* keys_edit.c - see keys_edit.h. */
#include "edge/keys_edit.h"

#include "base/civil.h"
#include "edge/json.h"
#include "edge/json_read.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EDIT_PATH_SIZE = 4096 };

/* The file while it is changed. The lock is on the folder, for the file itself is replaced. */
struct edit {
    const char *path;
    int folder;
    json_t *root;
    struct gh_error *error;
};

static enum gh_status edit_errno(const struct edit *e, const char *what)
{
    return gh_error_set(e->error, GH_EIO, "%s: %s: %s", e->path, what, strerror(errno));
}

static enum gh_status edit_memory(const struct edit *e)
{
    return gh_error_set(e->error, GH_EMEMORY, "%s: out of memory", e->path);
}

static enum gh_status edit_lock(struct edit *e)
{
    char copy[EDIT_PATH_SIZE];
    if (snprintf(copy, sizeof(copy), "%s", e->path) >= (int)sizeof(copy)) {
        errno = ENAMETOOLONG;
        return edit_errno(e, "cannot be opened");
    }
    e->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (e->folder < 0)
        return edit_errno(e, "the folder cannot be opened");
    while (flock(e->folder, LOCK_EX) != 0) {
        if (errno != EINTR)
            return edit_errno(e, "the folder cannot be locked");
    }
    return GH_OK;
}

/* What is there must be legal before it is changed, or the fault would seem to be ours. */
static enum gh_status edit_open(struct edit *e)
{
    struct gh_keys *keys = NULL;
    json_error_t trouble;
    enum gh_status status = edit_lock(e);
    if (status != GH_OK)
        return status;
    if (access(e->path, F_OK) != 0 && errno == ENOENT) {
        e->root = json_pack("{s:[]}", "keys");
        return e->root ? GH_OK : edit_memory(e);
    }
    status = gh_keys_load(&keys, e->path, e->error);
    if (status != GH_OK)
        return status;
    gh_keys_free(keys);
    gh_json_begin();
    e->root = json_load_file(e->path, JSON_REJECT_DUPLICATES, &trouble);
    return gh_json_loaded(&e->root, e->path, &trouble, e->error);
}

static void edit_close(struct edit *e)
{
    json_decref(e->root);
    if (e->folder >= 0)
        close(e->folder);
}

/* A key on a line, so that a person can read, compare and search it. */
static char *edit_text(const struct edit *e, size_t *size)
{
    struct gh_json text = {0};
    const json_t *list = json_object_get(e->root, "keys");
    size_t index;
    json_t *key;
    gh_json_begin();
    gh_json_raw(&text, "{\"keys\": [", 10);
    json_array_foreach(list, index, key)
    {
        char *line = json_dumps(key, 0);
        text.failed |= !line;
        gh_json_raw(&text, index ? ",\n" : "\n", index ? 2 : 1);
        gh_json_raw(&text, line ? line : "", line ? strlen(line) : 0);
        free(line);
    }
    gh_json_raw(&text, "\n]}\n", 4);
    text.failed |= gh_json_starved();
    *size = text.used;
    return gh_json_take(&text);
}

static bool file_write(int file, const char *at, size_t size)
{
    while (size > 0) {
        const ssize_t wrote = write(file, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        size -= (size_t)wrote;
    }
    return fsync(file) == 0;
}

static enum gh_status edit_replace(const struct edit *e, const char *at, size_t size)
{
    char fresh[EDIT_PATH_SIZE + 8];
    struct stat old;
    snprintf(fresh, sizeof(fresh), "%s.XXXXXX", e->path);
    const int file = mkstemp(fresh);
    if (file < 0)
        return edit_errno(e, "no file can be made beside it");
    bool good = file_write(file, at, size);
    if (good && stat(e->path, &old) == 0)
        good = fchmod(file, old.st_mode & 07777) == 0;
    good = close(file) == 0 && good;
    if (good && rename(fresh, e->path) == 0 && fsync(e->folder) == 0)
        return GH_OK;
    const enum gh_status status = edit_errno(e, "could not be replaced");
    unlink(fresh);
    return status;
}

static enum gh_status edit_save(const struct edit *e)
{
    struct gh_keys *keys = NULL;
    size_t size = 0;
    char *text = edit_text(e, &size);
    if (!text)
        return edit_memory(e);
    enum gh_status status = gh_keys_read(&keys, e->path, text, size, e->error);
    if (status == GH_OK) {
        gh_keys_free(keys);
        status = edit_replace(e, text, size);
    }
    free(text);
    return status;
}

/* False: out of memory. */
static bool list_set(json_t *key, const char *member, const char *texts)
{
    if (!texts)
        return true;
    json_t *list = json_array();
    char *copy = strdup(texts), *rest = NULL;
    bool good = list && copy;
    for (char *one = good ? strtok_r(copy, ",", &rest) : NULL; one;
         one = strtok_r(NULL, ",", &rest))
        good = json_array_append_new(list, json_string(one)) == 0 && good;
    free(copy);
    return json_object_set_new(key, member, list) == 0 && good;
}

static json_t *key_find(const struct edit *e, const char *name)
{
    size_t index;
    json_t *key;
    json_array_foreach(json_object_get(e->root, "keys"), index, key)
    {
        if (!strcmp(json_string_value(json_object_get(key, "name")), name))
            return key;
    }
    return NULL;
}

static enum gh_status key_append(struct edit *e, const struct gh_key_entry *entry)
{
    if (key_find(e, entry->name))
        return gh_error_set(e->error, GH_ECONFIG,
                            "%s: %s: there is a key of that name: names are not used twice",
                            e->path, entry->name);
    json_t *key = json_object();
    const bool made =
        key && json_object_set_new(key, "name", json_string(entry->name)) == 0 &&
        json_object_set_new(key, "public", json_string(entry->public_key)) == 0 &&
        list_set(key, "roles", entry->roles) && list_set(key, "actors", entry->actors) &&
        list_set(key, "teams", entry->teams) && list_set(key, "topics", entry->topics) &&
        (!entry->token || json_object_set_new(key, "token", json_string(entry->token)) == 0) &&
        (!entry->not_after ||
         json_object_set_new(key, "not_after", json_string(entry->not_after)) == 0);
    if (!made)
        json_decref(key);
    if (!made || json_array_append_new(json_object_get(e->root, "keys"), key) != 0)
        return edit_memory(e);
    return edit_save(e);
}

enum gh_status gh_keys_add(const char *path, const struct gh_key_entry *entry,
                           struct gh_error *error)
{
    struct gh_error ours = {0};
    struct edit e = {.path = path, .folder = -1, .error = &ours};
    enum gh_status status = edit_open(&e);
    if (status == GH_OK)
        status = key_append(&e, entry);
    edit_close(&e);
    return status == GH_OK ? GH_OK : gh_error_set(error, status, "%s", ours.text);
}

static enum gh_status key_revoke(struct edit *e, const char *name, int64_t now_ms)
{
    char time[GH_TIME_TEXT_SIZE];
    json_t *key = key_find(e, name);
    if (!key)
        return gh_error_set(e->error, GH_ECONFIG, "%s: %s: there is no such key", e->path,
                            name);
    int64_t before_ms = INT64_MAX;
    const json_t *revoked = json_object_get(key, "revoked");
    if (revoked &&
        gh_time_parse(json_string_value(revoked), json_string_length(revoked), &before_ms) &&
        before_ms <= now_ms)
        return gh_error_set(e->error, GH_ECONFIG, "%s: %s: revoked already, at %s", e->path,
                            name, json_string_value(revoked));
    gh_time_format(now_ms, time);
    if (json_object_set_new(key, "revoked", json_string(time)) != 0)
        return edit_memory(e);
    return edit_save(e);
}

enum gh_status gh_keys_revoke(const char *path, const char *name, int64_t now_ms,
                              struct gh_error *error)
{
    struct gh_error ours = {0};
    struct edit e = {.path = path, .folder = -1, .error = &ours};
    enum gh_status status = edit_open(&e);
    if (status == GH_OK && access(path, F_OK) != 0)
        status = gh_error_set(&ours, GH_EIO, "%s: there is no such file", path);
    if (status == GH_OK)
        status = key_revoke(&e, name, now_ms);
    edit_close(&e);
    return status == GH_OK ? GH_OK : gh_error_set(error, status, "%s", ours.text);
}
