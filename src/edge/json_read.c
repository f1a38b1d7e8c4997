/* json_read.c - see json_read.h. errno would not do: jansson resets it. */
#include "edge/json_read.h"

#include <stdlib.h>

static _Thread_local bool starved;

static void *json_take(size_t size)
{
    void *const taken = malloc(size);

    starved |= taken == NULL;
    return taken;
}

void gh_json_begin(void)
{
    json_set_alloc_funcs(json_take, free);
    starved = false;
}

bool gh_json_starved(void)
{
    return starved;
}

enum gh_status gh_json_loaded(json_t **root, const char *where, const json_error_t *trouble,
                              struct gh_error *error)
{
    if (starved) {
        json_decref(*root);
        *root = NULL;
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", where);
    }
    if (*root)
        return GH_OK;
    if (json_error_code(trouble) == json_error_cannot_open_file)
        return gh_error_set(error, GH_EIO, "%s: cannot be read", where);
    return gh_error_set(error, GH_ECONFIG, "%s:%d:%d: %s", where, trouble->line,
                        trouble->column, trouble->text);
}
