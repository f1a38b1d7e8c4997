/* cmd_key.c - `goodhart key`: makes, lists and revokes keys. */
#include "app/command.h"
#include "app/outfile.h"
#include "base/civil.h"
#include "edge/clock.h"
#include "edge/edge_options.h"
#include "edge/json.h"
#include "edge/key_pair.h"
#include "edge/keys_edit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_PATH_SIZE = 512 };

/* The key file: --keys, else identity.keys. */
static enum gh_status keys_path(const struct gh_arguments *a, const char **path,
                                struct gh_error *error)
{
    const struct gh_identity_options *options = gh_config_group(a->config, "identity");
    const char *given = gh_argument(a, "keys");

    *path = given ? given : options->keys.text;
    if (**path)
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "key: no key file: name it with --keys FILE or identity.keys");
}

static enum gh_status name_check(const char *name, struct gh_error *error)
{
    if (gh_key_name_legal(name))
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "key: a name is 1 to 64 bytes of UTF-8 without control characters and "
                        "* ? /");
}

static enum gh_status out_path(const struct gh_arguments *a, const char *fallback,
                               char path[KEY_PATH_SIZE], struct gh_error *error)
{
    const char *out = gh_argument(a, "out");
    const int size = out ? snprintf(path, KEY_PATH_SIZE, "%s", out)
                         : snprintf(path, KEY_PATH_SIZE, "%s.key", fallback);

    if (size > 0 && size < KEY_PATH_SIZE - (int)sizeof(".public"))
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE, "--out: a path of at most 500 bytes");
}

/* The secret first: a key that is known but that nobody can use is worse than a file of no
 * use, which is removed again. */
static enum gh_status pair_keep(const struct gh_arguments *a, const struct gh_key_pair *pair,
                                const char *keys, const char *path, struct gh_error *error)
{
    char hash[GH_TOKEN_HASH_SIZE];
    const struct gh_key_entry entry = {.name = pair->name,
                                       .public_key = pair->public_key,
                                       .roles = gh_argument(a, "roles"),
                                       .actors = gh_argument(a, "actors"),
                                       .teams = gh_argument(a, "teams"),
                                       .topics = gh_argument(a, "topics"),
                                       .not_after = gh_argument(a, "not-after"),
                                       .token = pair->token[0] ? hash : NULL};
    gh_token_hash(pair->token, strlen(pair->token), hash);
    enum gh_status status = gh_key_pair_write(pair, path, error);

    if (status != GH_OK)
        return status;
    status = gh_keys_add(keys, &entry, error);
    if (status != GH_OK)
        unlink(path);
    return status;
}

static enum gh_status key_new(const struct gh_arguments *a, const char *name,
                              struct gh_error *error)
{
    struct gh_key_pair pair;
    char path[KEY_PATH_SIZE];
    const char *keys;
    enum gh_status status = keys_path(a, &keys, error);

    if (status == GH_OK)
        status = name_check(name, error);
    if (status == GH_OK)
        status = out_path(a, name, path, error);
    if (status == GH_OK)
        status = gh_key_pair_new(&pair, name, error);
    if (status != GH_OK)
        return status;
    if (gh_argument(a, "token") && !gh_token_new(pair.token))
        status = gh_error_set(error, GH_EIO, "key: no randomness is to be had");
    if (status == GH_OK)
        status = pair_keep(a, &pair, keys, path, error);
    gh_key_pair_wipe(&pair);
    if (status == GH_OK)
        fprintf(stderr, "key: %s is in %s; its secret is in %s, for its owner alone\n", name,
                keys, path);
    return status;
}

static enum gh_status key_server(const struct gh_arguments *a, const char *name,
                                 struct gh_error *error)
{
    struct gh_key_pair pair;
    char path[KEY_PATH_SIZE], public_path[KEY_PATH_SIZE];
    enum gh_status status = name_check(name, error);

    if (status == GH_OK)
        status = out_path(a, name, path, error);
    if (status == GH_OK)
        status = gh_key_pair_new(&pair, name, error);
    if (status != GH_OK)
        return status;
    snprintf(public_path, sizeof(public_path), "%.500s.public", path);
    status = gh_key_public_write(&pair, public_path, error);
    if (status == GH_OK) {
        status = gh_key_pair_write(&pair, path, error);
        if (status != GH_OK)
            unlink(public_path);
    }
    gh_key_pair_wipe(&pair);
    if (status == GH_OK)
        fprintf(stderr, "key: the service's secret is in %s; give clients %s\n", path,
                public_path);
    return status;
}

static enum gh_status key_revoke(const struct gh_arguments *a, const char *name,
                                 struct gh_error *error)
{
    const char *keys;
    enum gh_status status = keys_path(a, &keys, error);

    if (status == GH_OK)
        status = gh_keys_revoke(keys, name, gh_clock_wall_ms(), error);
    if (status == GH_OK)
        fprintf(stderr, "key: %s is revoked; a service that runs knows within two seconds\n",
                name);
    return status;
}

static void key_print(struct gh_outfile *out, const struct gh_access_key *key, int64_t now_ms)
{
#define ROLE_WRITE(role, code, bit, help) \
    if (key->roles & (bit))               \
        gh_json_string(&json, #role);
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "name");
    gh_json_string(&json, key->name);
    gh_json_key(&json, "state");
    gh_json_string(&json, gh_key_state_name(gh_key_state(key, now_ms)));
    gh_json_key(&json, "roles");
    gh_json_open(&json, '[');
    GH_ROLE_LIST(ROLE_WRITE)
    gh_json_close(&json, ']');
    const struct {
        const char *name;
        const struct gh_id_list *list;
    } row[] = {{"actors", &key->actors}, {"teams", &key->teams}, {"topics", &key->topics}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(&json, row[i].name);
        if (row[i].list->all)
            gh_json_string(&json, "*");
        else
            gh_json_count(&json, row[i].list->count);
    }
    gh_json_key(&json, "public");
    gh_json_string(&json, key->public_key);
    gh_json_key(&json, "token");
    gh_json_bool(&json, key->token[0] != '\0');
    gh_json_close(&json, '}');
    gh_outfile_line(out, gh_json_take(&json));
}

static enum gh_status key_list(const struct gh_arguments *a, struct gh_error *error)
{
    struct gh_outfile out = {0};
    struct gh_keys *keys = NULL;
    const char *path;
    enum gh_status status = keys_path(a, &path, error);

    if (status == GH_OK)
        status = gh_keys_load(&keys, path, error);
    if (status == GH_OK)
        status = gh_outfile_open(&out, "-", error);
    for (uint32_t i = 0; status == GH_OK && i < gh_keys_count(keys); i++)
        key_print(&out, gh_keys_at(keys, i), gh_clock_wall_ms());
    gh_keys_free(keys);
    return status == GH_OK ? gh_outfile_close(&out, error) : status;
}

static enum gh_status key_run(const struct gh_arguments *a, struct gh_error *error)
{
    const char *what = a->positional[0];
    const char *name = a->positional_count > 1 ? a->positional[1] : NULL;

    if (!strcmp(what, "list") && !name)
        return key_list(a, error);
    if (!strcmp(what, "server"))
        return key_server(a, name ? name : "server", error);
    if (!strcmp(what, "new") && name)
        return key_new(a, name, error);
    if (!strcmp(what, "revoke") && name)
        return key_revoke(a, name, error);
    return gh_error_set(error, GH_EUSAGE,
                        "key: must be one of: new NAME, list, revoke NAME, server [NAME]");
}

static const struct gh_flag flags[] = {
    {"keys", "FILE", NULL, "the key file; else the setting identity.keys", false},
    {"out", "FILE", NULL, "where the secret goes; else NAME.key. Never overwritten", false},
    {"roles", "LIST", "produce", "of a new key: produce, subscribe, replay, control", false},
    {"actors", "LIST", NULL, "whom it may speak for; '*': everybody; absent: nobody", false},
    {"teams", "LIST", NULL, "the same for teams", false},
    {"topics", "LIST", NULL,
     "what it may subscribe to, as team/NAME/; '*': all; absent: its actors' and teams'",
     false},
    {"token", NULL, NULL, "make a bearer token for HTTP too, beside the secret", false},
    {"not-after", "TIME", NULL, "when it expires", false},
};

const struct gh_command gh_command_key = {
    .name = "key",
    .positional = "new|list|revoke|server [NAME]",
    .positional_min = 1,
    .positional_max = 2,
    .summary = "makes, lists and revokes the keys of producers and subscribers",
    .details =
        "  server [NAME]  a pair for the service: NAME.key, and NAME.key.public for clients\n"
        "  new NAME       a key for a client: into the key file, its secret into NAME.key\n"
        "  list           every key, its state and how much it may do, as lines of JSON\n"
        "  revoke NAME    ends a key; a service that runs sees it within two seconds\n"
        "Lists are separated by commas. A secret is written with mode 0600 and never shown.\n"
        "\n"
        "Example:\n"
        "  goodhart key new laptop-ada --keys keys.json --actors ada",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = key_run,
};
