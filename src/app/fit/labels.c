/* labels.c - the truth about simulated people, as `goodhart simulate` writes it. */
#include "app/fit/fit.h"

#include "edge/resources.h"

#include <jansson.h>
#include <string.h>

static enum gh_status label_add(struct gh_fit_labels *labels, const char *path, size_t index,
                                const json_t *row, struct gh_error *error)
{
    const json_t *actor = json_object_get(row, "actor"), *gamer = json_object_get(row, "gamer");

    if (!json_is_string(actor) || !json_is_boolean(gamer))
        return gh_error_set(error, GH_EFORMAT,
                            "%s: actors[%zu]: must be an object with \"actor\", a text, and "
                            "\"gamer\", true or false",
                            path, index);
    const struct gh_text name = {json_string_value(actor), (uint32_t)json_string_length(actor)};
    if (json_is_true(gamer) && gh_intern_add(&labels->heap, &labels->gamers, name) == 0)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    return GH_OK;
}

enum gh_status gh_fit_labels_read(struct gh_fit_labels *labels, const char *path,
                                  struct gh_error *error)
{
    json_error_t trouble;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &trouble), *row;
    const json_t *actors = json_object_get(root, "actors");
    enum gh_status status = GH_OK;
    size_t index;

    if (root == NULL)
        status = trouble.line > 0 ? gh_error_set(error, GH_EFORMAT, "%s:%d:%d: %s", path,
                                                 trouble.line, trouble.column, trouble.text)
                                  : gh_error_set(error, GH_EIO, "%s", trouble.text);
    else if (!json_is_array(actors))
        status =
            gh_error_set(error, GH_EFORMAT,
                         "%s: actors: must be an array, as goodhart simulate writes it", path);
    json_array_foreach(actors, index, row) if (status == GH_OK) status =
        label_add(labels, path, index, row, error);
    json_decref(root);
    return status;
}

void gh_fit_labels_free(struct gh_fit_labels *labels)
{
    gh_intern_free(&labels->heap, &labels->gamers);
}
