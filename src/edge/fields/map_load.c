/* map_load.c - map files from the program and from a folder, in the order in which they are
 * asked. */
#include "edge/fields/map_inside.h"

#include "edge/embedded.h"
#include "edge/json_read.h"
#include "edge/resources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMBEDDED_FOLDER "fields/"

static struct gh_maps *maps_new(void)
{
#define OWN_TEXT(name, text) {text, sizeof(text) - 1},
    static const struct gh_text own[] = {GH_MAP_OWN_LIST(OWN_TEXT)};
    struct gh_maps *const maps = calloc(1, sizeof(*maps));

    if (!maps)
        return NULL;
    maps->heap.memory = gh_memory_system();
    gh_intern_init(&maps->names, 0);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        (void)gh_intern_add(&maps->heap, &maps->names, own[i]);
    if (!maps->heap.failed)
        return maps;
    gh_maps_free(maps);
    return NULL;
}

void gh_maps_free(struct gh_maps *maps)
{
    if (!maps)
        return;
    for (uint32_t i = 0; i < maps->count; i++) {
        json_decref(maps->file[i].root);
        free(maps->file[i].name);
    }
    gh_intern_free(&maps->heap, &maps->names);
    gh_arena_free(&maps->heap, &maps->arena);
    free(maps);
}

/* `name` is what the file is called, `path` what messages call it. */
static enum gh_status bytes_add(struct gh_maps *maps, const char *name, const char *path,
                                struct gh_text bytes, struct gh_error *error)
{
    struct gh_error ours = {0};
    struct gh_map_reader r = {.maps = maps,
                              .path = path,
                              .place = gh_json_place(bytes.at, bytes.size),
                              .error = &ours};
    json_error_t trouble;

    if (maps->count == GH_MAP_FILES_MAX)
        return gh_error_set(error, GH_ECONFIG, "%s: more than 256 map files: at most 256",
                            path);
    struct gh_map_file *const file = &maps->file[maps->count];
    *file = (struct gh_map_file){.name = strdup(name)};
    if (!file->name)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    maps->count++;
    gh_json_begin();
    file->root = json_loadb(bytes.at, bytes.size, JSON_REJECT_DUPLICATES, &trouble);
    enum gh_status status = gh_json_loaded(&file->root, path, &trouble, &ours);
    if (status == GH_OK)
        status = gh_map_file_read(&r, file->root, file);
    if (status == GH_OK && !gh_json_starved())
        return GH_OK;
    if (status == GH_OK)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    return gh_error_set(error, ours.status, "%s", ours.text);
}

static enum gh_status file_add(struct gh_maps *maps, const char *name, const char *path,
                               struct gh_error *error)
{
    char *const bytes = malloc(GH_MAP_BYTES_MAX + 1);
    FILE *const file = bytes ? fopen(path, "re") : NULL;
    const size_t size = file ? fread(bytes, 1, GH_MAP_BYTES_MAX + 1, file) : 0;
    const bool failed = !file || ferror(file);
    const int code = errno;
    enum gh_status status;

    if (!bytes)
        status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    else if (failed)
        status = gh_error_set(error, GH_EIO, "%s: cannot be read: %s", path, strerror(code));
    else if (size > GH_MAP_BYTES_MAX)
        status =
            gh_error_set(error, GH_ECONFIG, "%s: more than 1 MiB: at most 1048576 bytes", path);
    else
        status = bytes_add(maps, name, path, (struct gh_text){bytes, (uint32_t)size}, error);
    if (file)
        fclose(file);
    free(bytes);
    return status;
}

static int is_map(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && !strcmp(dot, ".json");
}

static enum gh_status folder_add(struct gh_maps *maps, const char *folder,
                                 struct gh_error *error)
{
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, is_map, alphasort);
    enum gh_status status = GH_OK;

    if (count < 0)
        return gh_error_set(error, GH_EIO, "service.maps: %s: cannot be read: %s", folder,
                            strerror(errno));
    for (int i = 0; i < count; i++) {
        const size_t size = strlen(folder) + strlen(entry[i]->d_name) + 2;
        char *const path = status == GH_OK ? malloc(size) : NULL;
        if (status == GH_OK && !path)
            status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
        if (path) {
            snprintf(path, size, "%s/%s", folder, entry[i]->d_name);
            status = file_add(maps, entry[i]->d_name, path, error);
        }
        free(path);
        free(entry[i]);
    }
    free(entry);
    return status;
}

static bool is_there(const struct gh_maps *maps, const char *name)
{
    for (uint32_t i = 0; i < maps->count; i++)
        if (!strcmp(maps->file[i].name, name))
            return true;
    return false;
}

static enum gh_status embedded_add(struct gh_maps *maps, struct gh_error *error)
{
    const size_t folder = strlen(EMBEDDED_FOLDER);
    enum gh_status status = GH_OK;
    const char *name;

    for (size_t i = 0; status == GH_OK && (name = gh_embedded_name(i)); i++) {
        if (strncmp(name, EMBEDDED_FOLDER, folder) != 0 || is_there(maps, name + folder))
            continue;
        size_t size = 0;
        const char *at = gh_embedded(name, &size);
        status =
            bytes_add(maps, name + folder, name, (struct gh_text){at, (uint32_t)size}, error);
    }
    return status;
}

static int file_compare(const void *a, const void *b)
{
    const struct gh_map_file *x = a, *y = b;
    const int x_any = !x->sources.count && !x->scopes.count;
    const int y_any = !y->sources.count && !y->scopes.count;
    return x_any != y_any ? x_any - y_any : strcmp(x->name, y->name);
}

static enum gh_status loaded(struct gh_maps *made, enum gh_status status, struct gh_maps **maps)
{
    if (status != GH_OK) {
        gh_maps_free(made);
        return status;
    }
    qsort(made->file, made->count, sizeof(made->file[0]), file_compare);
    *maps = made;
    return GH_OK;
}

enum gh_status gh_maps_load(struct gh_maps **maps, const char *folder, struct gh_error *error)
{
    struct gh_maps *const made = maps_new();
    enum gh_status status = GH_OK;

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "map files: out of memory");
    if (folder[0])
        status = folder_add(made, folder, error);
    if (status == GH_OK)
        status = embedded_add(made, error);
    return loaded(made, status, maps);
}

enum gh_status gh_maps_load_file(struct gh_maps **maps, const char *path,
                                 struct gh_error *error)
{
    const char *slash = strrchr(path, '/');
    struct gh_maps *const made = maps_new();

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    return loaded(made, file_add(made, slash ? slash + 1 : path, path, error), maps);
}
