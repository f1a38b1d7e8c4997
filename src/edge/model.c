/* model.c - a model file (models/README.md has its format) from JSON. Strict: every number
 * that the engine reads must be there and make sense, or the model is refused. */
#include "engine/model.h"
#include "edge/embedded.h"
#include "edge/resources.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_FORMAT = 1 };

struct model_reader {
    const char *path;
    struct gh_error *error;
    bool failed;
};

static void model_refuse(struct model_reader *r, const char *place, const char *key,
                         const char *trouble)
{
    r->failed = true;
    gh_error_set(r->error, GH_ECONFIG, "%s: %s.%s: %s", r->path, place, key, trouble);
}

static double model_number(struct model_reader *r, const json_t *object, const char *place,
                           const char *key, double max)
{
    const json_t *value = json_object_get(object, key);
    const double number = json_number_value(value);

    if (!json_is_number(value) || !isfinite(number) || number < 0.0 || number > max) {
        char legal[64];
        snprintf(legal, sizeof legal, "a number from 0 to %g", max);
        model_refuse(r, place, key, legal);
        return 0.0;
    }
    return number;
}

static void model_score(struct model_reader *r, struct gh_score_bounds *score, const json_t *at,
                        const char *name)
{
    score->low = model_number(r, at, name, "low", 1000.0);
    score->high = model_number(r, at, name, "high", 1000.0);
    score->people = model_number(r, at, name, "people", 1e12);
    score->index = model_number(r, at, name, "index", 100.0);
    if (!(score->low <= score->high) || !(score->people >= 1.0) || !(score->index > 0.0))
        model_refuse(r, name, "low, high, people, index",
                     "low <= high, people >= 1, index > 0");
}

static void model_behaviours(struct model_reader *r, struct gh_model *m, const json_t *root)
{
    const json_t *share = json_object_get(root, "share");
    const json_t *level = json_object_get(root, "level");
    const json_t *score = json_object_get(root, "score");
    const json_t *fast = json_object_get(root, "fast");
    const json_t *eta = json_object_get(root, "eta");

    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++) {
        const char *name = gh_behaviour_name((enum gh_behaviour)b);
        const json_t *at = json_object_get(share, name);
        m->share[b] = (struct gh_share_prior){0.01, 0.05, 0.5};
        m->level[b] = (struct gh_level_prior){.center = 10.0, .sd = 0.5, .cap = 100.0};
        m->score[b] = (struct gh_score_bounds){9.0, 11.0, 4000.0, 0.17};
        if (at != NULL)
            m->share[b] = (struct gh_share_prior){model_number(r, at, name, "mean", 1.0),
                                                  model_number(r, at, name, "clip", 1.0),
                                                  model_number(r, at, name, "cap", 1.0)};
        if ((at = json_object_get(level, name)) != NULL)
            m->level[b] =
                (struct gh_level_prior){.center = model_number(r, at, name, "center", 100.0),
                                        .sd = model_number(r, at, name, "sd", 100.0),
                                        .cap = model_number(r, at, name, "cap", 100.0)};
        if ((at = json_object_get(score, name)) != NULL)
            model_score(r, &m->score[b], at, name);
        m->fast[b] = (struct gh_score_bounds){10.0, 20.0, 4000.0, 0.5};
        if ((at = json_object_get(fast, name)) != NULL)
            model_score(r, &m->fast[b], at, name);
        m->eta[b] = json_object_get(eta, name) ? model_number(r, eta, "eta", name, 1.0) : 1.0;
    }
}

static void model_tail(struct model_reader *r, struct gh_tail *tail, const json_t *at,
                       const char *name)
{
    const json_t *knots = json_object_get(at, "knots");

    tail->p_u = model_number(r, at, name, "p_start", 1.0);
    tail->g = model_number(r, at, name, "index", 100.0);
    tail->n = (uint64_t)model_number(r, at, name, "people", 1e12);
    if (json_array_size(knots) != GH_TAIL_KNOTS || !(tail->g > 0.0) || tail->n < 100) {
        model_refuse(r, name, "knots", "64 ascending numbers, index > 0, people >= 100");
        return;
    }
    for (size_t i = 0; i < GH_TAIL_KNOTS; i++) {
        tail->knot[i] = json_number_value(json_array_get(knots, i));
        if (i > 0 && tail->knot[i] < tail->knot[i - 1])
            model_refuse(r, name, "knots", "must ascend");
    }
    tail->log_u = tail->knot[GH_TAIL_KNOTS - 1];
}

static void model_read(struct model_reader *r, struct gh_model *m, const json_t *root)
{
    const json_t *tails = json_object_get(root, "tail");
    const char *name = json_string_value(json_object_get(root, "name"));
    const char *version = json_string_value(json_object_get(root, "version"));

    if (json_integer_value(json_object_get(root, "format")) != MODEL_FORMAT)
        model_refuse(r, "model", "format", "must be 1");
    if (name == NULL || version == NULL || strlen(name) >= sizeof m->name ||
        strlen(version) >= sizeof m->version) {
        model_refuse(r, "model", "name, version", "short texts");
        return;
    }
    memcpy(m->name, name, strlen(name));
    memcpy(m->version, version, strlen(version));
    m->units_per_usd = model_number(r, root, "model", "units_per_usd", 1e6);
    model_behaviours(r, m, root);
    model_tail(r, &m->tail[GH_REVIEW], json_object_get(tails, "review"), "tail.review");
    model_tail(r, &m->tail[GH_CASE], json_object_get(tails, "case"), "tail.case");
}

static json_t *model_parse(const char *path, json_error_t *trouble)
{
    size_t size = 0;
    const char *at = path[0] == '\0' ? gh_embedded("default.json", &size) : NULL;

    return path[0] == '\0' ? json_loadb(at, size, JSON_REJECT_DUPLICATES, trouble)
                           : json_load_file(path, JSON_REJECT_DUPLICATES, trouble);
}

enum gh_status gh_model_load(struct gh_model **model, const char *path, struct gh_error *error)
{
    struct model_reader r = {path[0] ? path : "models/default.json", error, false};
    json_error_t trouble;
    json_t *root = model_parse(path, &trouble);
    struct gh_model *m = calloc(1, sizeof *m);

    if (root == NULL) {
        r.failed = true;
        gh_error_set(error, GH_ECONFIG, "%s:%d:%d: %s", r.path, trouble.line, trouble.column,
                     trouble.text);
    } else if (m != NULL) {
        model_read(&r, m, root);
    }
    json_decref(root);
    if (m == NULL || r.failed) {
        free(m);
        return m == NULL ? gh_error_set(error, GH_EMEMORY, "%s: out of memory", r.path)
                         : GH_ECONFIG;
    }
    *model = m;
    return GH_OK;
}

void gh_model_free(struct gh_model *model)
{
    free(model);
}
