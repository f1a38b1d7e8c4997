/* labels.c - see labels.h. */
#include "app/tune/labels.h"

#include "base/civil.h"

#include <jansson.h>
#include <string.h>

struct gh_tune_labels {
    GHashTable *by_actor; /* name -> struct label */
};

struct label {
    bool gamer;
    int64_t from_ms, until_ms;
};

void gh_tune_labels_free(struct gh_tune_labels *labels)
{
    if (!labels)
        return;
    g_hash_table_destroy(labels->by_actor);
    g_free(labels);
}

static bool time_of(const json_t *row, const char *key, int64_t *time_ms)
{
    const json_t *text = json_object_get(row, key);

    return json_is_string(text) &&
           gh_time_parse(json_string_value(text), json_string_length(text), time_ms);
}

static bool label_add(struct gh_tune_labels *labels, const json_t *row)
{
    const json_t *actor = json_object_get(row, "actor"), *gamer = json_object_get(row, "gamer");
    struct label label = {.gamer = json_is_true(gamer)};

    if (!json_is_string(actor) || !json_is_boolean(gamer) ||
        (label.gamer &&
         !(time_of(row, "from", &label.from_ms) && time_of(row, "until", &label.until_ms))))
        return false;
    g_hash_table_replace(labels->by_actor, g_strdup(json_string_value(actor)),
                         g_memdup2(&label, sizeof label));
    return true;
}

static enum gh_status rows_read(struct gh_tune_labels *labels, const char *path,
                                const json_t *root, struct gh_error *error)
{
    const json_t *actors = json_object_get(root, "actors");

    if (!json_is_array(actors))
        return gh_error_set(error, GH_EFORMAT,
                            "%s: actors: must be an array, as goodhart simulate writes it",
                            path);
    for (size_t i = 0; i < json_array_size(actors); i++)
        if (!label_add(labels, json_array_get(actors, i)))
            return gh_error_set(error, GH_EFORMAT,
                                "%s: actors[%zu]: must be an object with \"actor\", a text, "
                                "\"gamer\", true or false, and for who games \"from\" and "
                                "\"until\", times",
                                path, i);
    return GH_OK;
}

enum gh_status gh_tune_labels_read(struct gh_tune_labels **labels, const char *path,
                                   struct gh_error *error)
{
    json_error_t trouble;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &trouble);
    enum gh_status status;

    *labels = g_new0(struct gh_tune_labels, 1);
    (*labels)->by_actor = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!root)
        status = trouble.line > 0 ? gh_error_set(error, GH_EFORMAT, "%s:%d:%d: %s", path,
                                                 trouble.line, trouble.column, trouble.text)
                                  : gh_error_set(error, GH_EIO, "%s", trouble.text);
    else
        status = rows_read(*labels, path, root, error);
    json_decref(root);
    return status;
}

static const struct label *label_of(const struct gh_tune_labels *labels, struct gh_text actor)
{
    gchar *name = g_strndup(actor.at, actor.size);
    const struct label *label = g_hash_table_lookup(labels->by_actor, name);

    g_free(name);
    return label;
}

void gh_tune_labels_judge(const struct gh_tune_labels *labels,
                          const struct gh_tune_outcome *outcome, struct gh_verdicts *verdicts)
{
    for (size_t i = 0; i < gh_tune_count(outcome); i++) {
        const struct gh_tune_finding *f = gh_tune_at(outcome, i);
        const struct label *label = label_of(labels, f->actor);

        if (!label)
            continue;
        const bool games =
            label->gamer && f->from_ms < label->until_ms && label->from_ms <= f->until_ms;
        gh_verdicts_hear(verdicts, &(struct gh_event){
                                       .kind = GH_VERDICT,
                                       .finding = {f->id, (uint32_t)strlen(f->id)},
                                       .verdict = games ? GH_GAMING : GH_LEGITIMATE,
                                   });
    }
}
