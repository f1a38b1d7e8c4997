/* key_pair.c - see key_pair.h. */
#include "edge/key_pair.h"
#include "edge/json_read.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { PAIR_FILE_BYTES = 4096 };

enum gh_status gh_key_pair_new(struct gh_key_pair *pair, const char *name,
                               struct gh_error *error)
{
    *pair = (struct gh_key_pair){.name = ""};
    snprintf(pair->name, sizeof(pair->name), "%s", name);
    if (zmq_curve_keypair(pair->public_key, pair->secret_key) != 0)
        return gh_error_set(error, GH_EIO, "no key pair: %s", zmq_strerror(errno));
    return GH_OK;
}

void gh_key_pair_wipe(struct gh_key_pair *pair)
{
    explicit_bzero(pair->secret_key, sizeof(pair->secret_key));
    explicit_bzero(pair->token, sizeof(pair->token));
}

static enum gh_status file_write(const char *path, const char *text, mode_t mode,
                                 struct gh_error *error)
{
    const size_t size = strlen(text);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        return gh_error_set(error, GH_EIO, "%s: %s%s", path, strerror(errno),
                            errno == EEXIST ? ": a key is never overwritten: choose another "
                                              "name, or move that file away"
                                            : "");
    const bool written = write(file, text, size) == (ssize_t)size && fsync(file) == 0;
    const int code = errno;
    if (close(file) == 0 && written)
        return GH_OK;
    unlink(path);
    return gh_error_set(error, GH_EIO, "%s: could not be written: %s", path, strerror(code));
}

static enum gh_status pair_write(const struct gh_key_pair *pair, bool secret, const char *path,
                                 struct gh_error *error)
{
    json_t *object = json_pack("{s:s, s:s}", "name", pair->name, "public", pair->public_key);
    if (object && secret)
        json_object_set_new(object, "secret", json_string(pair->secret_key));
    if (object && secret && pair->token[0])
        json_object_set_new(object, "token", json_string(pair->token));
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
    char text[PAIR_FILE_BYTES];
    enum gh_status status = GH_EMEMORY;
    json_decref(object);
    if (line && snprintf(text, sizeof(text), "%s\n", line) < (int)sizeof(text))
        status = file_write(path, text, secret ? 0600 : 0644, error);
    else
        gh_error_set(error, status, "%s: out of memory", path);
    if (line)
        explicit_bzero(line, strlen(line));
    explicit_bzero(text, sizeof(text));
    free(line);
    return status;
}

enum gh_status gh_key_pair_write(const struct gh_key_pair *pair, const char *path,
                                 struct gh_error *error)
{
    return pair_write(pair, true, path, error);
}

enum gh_status gh_key_public_write(const struct gh_key_pair *pair, const char *path,
                                   struct gh_error *error)
{
    return pair_write(pair, false, path, error);
}

static bool key_copy(const json_t *object, const char *member, char key[GH_KEY_TEXT_SIZE])
{
    const char *text = json_string_value(json_object_get(object, member));
    uint8_t bytes[32];
    if (!text || strlen(text) != GH_KEY_TEXT_SIZE - 1 || !zmq_z85_decode(bytes, text))
        return false;
    explicit_bzero(bytes, sizeof(bytes));
    snprintf(key, GH_KEY_TEXT_SIZE, "%s", text);
    return true;
}

/* `wanted`: members that must be there, others must not. */
static const char *pair_trouble(struct gh_key_pair *pair, const json_t *object, bool secret)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    char derived[GH_KEY_TEXT_SIZE];
    if (!name || strlen(name) >= GH_KEY_NAME_SIZE)
        return "name: a text of at most 64 bytes";
    snprintf(pair->name, sizeof(pair->name), "%s", name);
    if (!key_copy(object, "public", pair->public_key))
        return "public: 40 characters of Z85";
    if (!secret)
        return json_object_get(object, "secret")
                   ? "holds a secret key, and a public one is asked for"
                   : NULL;
    if (!key_copy(object, "secret", pair->secret_key))
        return json_object_get(object, "secret")
                   ? "secret: 40 characters of Z85"
                   : "holds no secret key: give the file that has one";
    if (zmq_curve_public(derived, pair->secret_key) != 0 ||
        strcmp(derived, pair->public_key) != 0)
        return "public and secret are not of one pair";
    return NULL;
}

static enum gh_status secret_private(int file, const char *path, const char *option,
                                     struct gh_error *error)
{
    struct stat state;
    if (fstat(file, &state) == 0 && !(state.st_mode & 077))
        return GH_OK;
    return gh_error_set(error, GH_ECONFIG,
                        "%s: %s: others may read it: a secret is its owner's alone: "
                        "chmod 600",
                        option, path);
}

static enum gh_status pair_read(struct gh_key_pair *pair, bool secret, const char *const at[2],
                                struct gh_error *error)
{
    const char *path = at[0], *option = at[1];
    json_error_t trouble = {0};
    enum gh_status status = GH_OK;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    *pair = (struct gh_key_pair){.name = ""};
    if (file < 0)
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", option, path,
                            strerror(errno));
    if (secret)
        status = secret_private(file, path, option, error);
    gh_json_begin();
    json_t *object =
        status == GH_OK ? json_loadfd(file, JSON_REJECT_DUPLICATES, &trouble) : NULL;
    if (status == GH_OK && gh_json_loaded(&object, path, &trouble, NULL) == GH_EMEMORY)
        status = gh_error_set(error, GH_EMEMORY, "%s: %s: out of memory", option, path);
    close(file);
    if (status != GH_OK)
        return status;
    const char *what = object ? pair_trouble(pair, object, secret) : "not a JSON object";
    if (what)
        status = gh_error_set(error, GH_ECONFIG, "%s: %s: %s", option, path, what);
    json_decref(object);
    return status;
}

enum gh_status gh_key_pair_read(struct gh_key_pair *pair, const char *path, const char *option,
                                struct gh_error *error)
{
    return pair_read(pair, true, (const char *const[]){path, option}, error);
}

enum gh_status gh_key_public_read(struct gh_key_pair *pair, const char *path,
                                  const char *option, struct gh_error *error)
{
    return pair_read(pair, false, (const char *const[]){path, option}, error);
}

enum gh_status gh_credentials_read(struct gh_credentials *credentials, const char *secret,
                                   const char *server, struct gh_error *error)
{
    *credentials = (struct gh_credentials){.given = false};
    if (!secret[0] && !server[0])
        return GH_OK;
    if (!secret[0] || !server[0])
        return gh_error_set(error, GH_ECONFIG,
                            "%s: empty, but %s is given: a connection with keys needs both, "
                            "the own secret and the public key of the service",
                            secret[0] ? "identity.server" : "identity.secret",
                            secret[0] ? "identity.secret" : "identity.server");
    enum gh_status status =
        gh_key_pair_read(&credentials->own, secret, "identity.secret", error);
    if (status == GH_OK)
        status = gh_key_public_read(&credentials->server, server, "identity.server", error);
    credentials->given = status == GH_OK;
    if (status != GH_OK)
        gh_key_pair_wipe(&credentials->own);
    return status;
}
