/* folder.c - see folder.h. */
#include "edge/import/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 16 };
#define ENDING ".jsonl"
#define PROJECTS "projects"

static char *path_join(const char *folder, const char *name)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* Takes over `path`; NULL: there was no memory for it. */
static enum gh_status path_keep(struct gh_paths *paths, char *path, struct gh_error *error)
{
    if (path != NULL && paths->count == paths->room) {
        const uint32_t room = paths->room > 0 ? 2 * paths->room : 64;
        char **grown = realloc(paths->path, room * sizeof *grown);
        if (grown != NULL) {
            paths->path = grown;
            paths->room = room;
        }
    }
    if (path == NULL || paths->count == paths->room) {
        free(path);
        return gh_error_set(error, GH_EMEMORY, "folders: out of memory");
    }
    paths->path[paths->count++] = path;
    return GH_OK;
}

static bool is_folder(const char *path, bool link)
{
    struct stat about;

    return (link ? stat(path, &about) : lstat(path, &about)) == 0 && S_ISDIR(about.st_mode);
}

static bool ends_well(const char *name)
{
    const size_t size = strlen(name), ending = sizeof ENDING - 1;

    return size > ending && strcmp(name + size - ending, ENDING) == 0;
}

static int is_visible(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static enum gh_status folder_add(struct gh_paths *paths, const char *folder, unsigned deep,
                                 struct gh_error *error);

static enum gh_status entry_add(struct gh_paths *paths, char *path, unsigned deep,
                                struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (path == NULL)
        return path_keep(paths, path, error);
    if (!is_folder(path, false)) {
        if (ends_well(path))
            return path_keep(paths, path, error);
    } else if (deep == FOLDERS_DEEP) {
        status =
            gh_error_set(error, GH_ELIMIT, "%s: more than %d folders deep", path, FOLDERS_DEEP);
    } else {
        status = folder_add(paths, path, deep + 1, error);
    }
    free(path);
    return status;
}

static enum gh_status folder_add(struct gh_paths *paths, const char *folder, unsigned deep,
                                 struct gh_error *error)
{
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, is_visible, alphasort);
    enum gh_status status = GH_OK;

    if (count < 0)
        return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == GH_OK)
            status = entry_add(paths, path_join(folder, entry[i]->d_name), deep, error);
        free(entry[i]);
    }
    free(entry);
    return status;
}

enum gh_status gh_paths_keep(struct gh_paths *paths, const char *path, struct gh_error *error)
{
    return path_keep(paths, strdup(path), error);
}

enum gh_status gh_paths_add(struct gh_paths *paths, const char *path, struct gh_error *error)
{
    if (strcmp(path, "-") == 0 || !is_folder(path, true))
        return gh_paths_keep(paths, path, error);
    char *projects = path_join(path, PROJECTS);
    if (projects == NULL)
        return path_keep(paths, projects, error);
    const enum gh_status status =
        folder_add(paths, is_folder(projects, true) ? projects : path, 0, error);
    free(projects);
    return status;
}

/* Those of a list that are there. */
static enum gh_status list_add(struct gh_paths *paths, const char *list, struct gh_error *error)
{
    char *copy = strdup(list), *rest = copy;
    enum gh_status status = GH_OK;

    if (copy == NULL)
        return gh_error_set(error, GH_EMEMORY, "folders: out of memory");
    for (char *one; status == GH_OK && (one = strsep(&rest, ",")) != NULL;) {
        one += strspn(one, " ");
        if (one[0] != '\0' && is_folder(one, true))
            status = gh_paths_add(paths, one, error);
    }
    free(copy);
    return status;
}

enum gh_status gh_paths_usual(struct gh_paths *paths, struct gh_error *error)
{
    const char *list = getenv("CLAUDE_CONFIG_DIR"), *home = getenv("HOME");
    const uint32_t before = paths->count;
    char usual[2 * 4096];
    enum gh_status status = GH_OK;

    if (list == NULL || list[0] == '\0') {
        snprintf(usual, sizeof usual, "%s/.config/claude,%s/.claude", home != NULL ? home : "",
                 home != NULL ? home : "");
        list = usual;
    }
    status = list_add(paths, list, error);
    if (status == GH_OK && paths->count == before)
        return gh_error_set(error, GH_EUSAGE, "no transcripts in %s: name files or folders",
                            list);
    return status;
}

void gh_paths_free(struct gh_paths *paths)
{
    for (uint32_t i = 0; i < paths->count; i++)
        free(paths->path[i]);
    free(paths->path);
    *paths = (struct gh_paths){0};
}
