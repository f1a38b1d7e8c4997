/* model_keys.c - the rows of model_keys.h, and what numbers of a model must be together. */
#include "edge/model_keys.h"

#include "detect/registry.h"

#include <assert.h>
#include <string.h>

#define KEY_STRIDE_ONE(section) 0
#define KEY_STRIDE_BEHAVIOUR(section) sizeof(((struct gh_model *)NULL)->section[0])
#define KEY_STRIDE_TRACK(section) sizeof(((struct gh_model *)NULL)->section[0])
#define KEY_STRIDE_CLASS(section) sizeof(((struct gh_model *)NULL)->section[0])
#define KEY_WHOLE(section, member) \
    _Generic(((struct gh_model *)NULL)->section member, uint64_t : true, default : false)
#define KEY_ROW(section, rows, name, member, count, min, max, fallback, help) \
    {#section,                                                                \
     name,                                                                    \
     help,                                                                    \
     GH_ROWS_##rows,                                                          \
     offsetof(struct gh_model, section member),                               \
     KEY_STRIDE_##rows(section),                                              \
     count,                                                                   \
     KEY_WHOLE(section, member),                                              \
     min,                                                                     \
     max,                                                                     \
     fallback},

static const struct gh_model_key keys[] = {GH_MODEL_KEYS(KEY_ROW)};

size_t gh_model_key_count(void)
{
    return sizeof keys / sizeof *keys;
}

const struct gh_model_key *gh_model_key_at(size_t index)
{
    return &keys[index];
}

size_t gh_model_row_count(enum gh_model_rows rows)
{
    switch (rows) {
    case GH_ROWS_ONE:
        return 1;
    case GH_ROWS_BEHAVIOUR:
        return GH_BEHAVIOUR_COUNT;
    case GH_ROWS_TRACK:
        return GH_TRACK_COUNT;
    case GH_ROWS_CLASS:
        return GH_CALL_CLASS_COUNT;
    }
    return 0;
}

const char *gh_model_row_name(enum gh_model_rows rows, size_t row)
{
#define CLASS_NAME(name, value) [value] = #name,
    static const char *const class_name[] = {GH_CALL_CLASS_LIST(CLASS_NAME)};

    assert(row < gh_model_row_count(rows));
    switch (rows) {
    case GH_ROWS_BEHAVIOUR:
        return gh_behaviour_name((enum gh_behaviour)row);
    case GH_ROWS_TRACK:
        return gh_track_name((enum gh_track)row);
    case GH_ROWS_CLASS:
        return class_name[row];
    case GH_ROWS_ONE:
        break;
    }
    return "";
}

static bool detector_reads(const struct gh_detector *d, const char *section)
{
    if (strcmp(section, "fast") == 0 || strcmp(section, "score") == 0)
        return true;
    if (d->lane != GH_STRUCTURAL)
        return false;
    return strcmp(section, "eta") == 0 ||
           (strcmp(section, "share") == 0) == (d->measure == GH_SHARE);
}

bool gh_model_row_used(const struct gh_model_key *key, size_t row)
{
    if (key->rows == GH_ROWS_TRACK)
        return row != GH_INCIDENT;
    if (key->rows != GH_ROWS_BEHAVIOUR)
        return true;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_detectors[d]->behaviour == (enum gh_behaviour)row)
            return detector_reads(gh_detectors[d], key->section);
    return false;
}

static size_t number_at(const struct gh_model_key *key, size_t row, size_t index)
{
    assert(row < gh_model_row_count(key->rows) && index < key->count);
    return key->offset + row * key->stride + index * sizeof(double);
}

double gh_model_get(const struct gh_model *model, const struct gh_model_key *key, size_t row,
                    size_t index)
{
    const char *at = (const char *)model + number_at(key, row, index);
    uint64_t whole;
    double value;

    if (key->whole) {
        memcpy(&whole, at, sizeof whole);
        return (double)whole;
    }
    memcpy(&value, at, sizeof value);
    return value;
}

void gh_model_set(struct gh_model *model, const struct gh_model_key *key, size_t row,
                  size_t index, double value)
{
    const uint64_t whole = (uint64_t)(key->whole ? value : 0.0);
    char *at = (char *)model + number_at(key, row, index);

    if (key->whole)
        memcpy(at, &whole, sizeof whole);
    else
        memcpy(at, &value, sizeof value);
}

void gh_model_neutral(struct gh_model *model)
{
    *model = (struct gh_model){.name = "neutral", .version = "0"};
    for (size_t k = 0; k < gh_model_key_count(); k++)
        for (size_t row = 0; row < gh_model_row_count(keys[k].rows); row++)
            for (size_t i = 0; i < keys[k].count; i++)
                gh_model_set(model, &keys[k], row, i, keys[k].fallback);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_detector *of = gh_detectors[d];
        if (of->fast_low > 0.0)
            model->fast[of->behaviour] =
                (struct gh_score_bounds){of->fast_low, of->fast_high, 4000.0, 1.0};
        if (of->lane == GH_STRUCTURAL) /* a logarithm of evidence, not a score */
            model->score[of->behaviour] = (struct gh_score_bounds){2.3, 4.0, 4000.0, 0.8};
    }
}

static const char *ascending(const double *value, size_t count, const char *trouble)
{
    for (size_t i = 1; i < count; i++)
        if (value[i] < value[i - 1])
            return trouble;
    return NULL;
}

static const char *bounds_trouble(const struct gh_score_bounds *b)
{
    return b->low <= b->high ? NULL : "low: must be at most high";
}

const char *gh_model_trouble(const struct gh_model *model, const char *section, size_t row)
{
    if (strcmp(section, "tail") == 0)
        return ascending(model->tail[row].knot, GH_TAIL_KNOTS, "knots: must ascend");
    if (strcmp(section, "score") == 0)
        return bounds_trouble(&model->score[row]);
    if (strcmp(section, "fast") == 0)
        return bounds_trouble(&model->fast[row]);
    if (strcmp(section, "reference") != 0)
        return NULL;
    const struct gh_call_reference *r = &model->reference[row];
    const char *trouble = ascending(r->context, GH_REFERENCE_QUANTILES, "context: must ascend");
    return trouble ? trouble
                   : ascending(r->output, GH_REFERENCE_QUANTILES, "output: must ascend");
}
