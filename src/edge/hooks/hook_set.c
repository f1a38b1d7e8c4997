/* hook_set.c - which hooks there are, and their secrets. */
#include "edge/hooks/hooks_inside.h"
#include "edge/hooks/proof.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES_MIN = 16 };

enum gh_hook_service gh_hook_service_of(const char *name)
{
    if (strcmp(name, "github") == 0)
        return GH_HOOK_GITHUB;
    return strcmp(name, "gitlab") == 0 ? GH_HOOK_GITLAB : GH_HOOK_GENERIC;
}

static enum gh_status hook_add(struct gh_hook_set *set, const char *name, const char *path,
                               const char *option, struct gh_error *error)
{
    struct gh_hook *hook = &set->hook[set->count];
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
    hook->service = gh_hook_service_of(name);
    set->count++;
    return GH_OK;
}

static bool name_legal(const char *name)
{
    return strlen(name) < GH_HOOK_NAME_SIZE &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0' &&
           gh_hook_service_of(name) == GH_HOOK_GENERIC;
}

static enum gh_status folder_read(struct gh_hook_set *set, const char *folder,
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
        else if (set->count == GH_HOOKS_MAX)
            status = gh_error_set(error, GH_ELIMIT, "%s: %s: more than %d secrets", option,
                                  folder, GH_HOOKS_MAX - 2);
        else
            status = hook_add(set, file->d_name, path, option, error);
    }
    if (files)
        closedir(files);
    return status;
}

static enum gh_status secrets_read(struct gh_hook_set *set,
                                   const struct gh_hooks_options *options,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (options->github_secret.text[0])
        status =
            hook_add(set, "github", options->github_secret.text, "hooks.github_secret", error);
    if (status == GH_OK && options->gitlab_secret.text[0])
        status =
            hook_add(set, "gitlab", options->gitlab_secret.text, "hooks.gitlab_secret", error);
    return status == GH_OK ? folder_read(set, options->generic_secrets.text, error) : status;
}

enum gh_status gh_hook_set_read(struct gh_hook_set **set,
                                const struct gh_hooks_options *options, struct gh_error *error)
{
    struct gh_hook_set *const made = calloc(1, sizeof(*made));

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "hooks: out of memory");
    const enum gh_status status = secrets_read(made, options, error);
    if (status == GH_OK)
        *set = made;
    else
        gh_hook_set_free(made);
    return status;
}

void gh_hook_set_free(struct gh_hook_set *set)
{
    for (uint32_t i = 0; set && i < set->count; i++)
        gh_secret_wipe(&set->hook[i].secret);
    free(set);
}

const struct gh_hook *gh_hook_set_find(const struct gh_hook_set *set, const char *name)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->hook[i].name, name) == 0)
            return &set->hook[i];
    return NULL;
}
