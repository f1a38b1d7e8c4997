/* metrics.c - values, and the text that is made of them. */
#include "edge/operate/metrics.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 512, START = GH_METRIC_start_time_seconds - GH_METRIC_OWN_COUNT };

struct gh_metrics {
    size_t slot[GH_METRIC_OWN_COUNT + 1]; /* of each metric's first value */
    double set[SLOTS];                    /* the service's own */
    double start_s; /* asked for once: two clocks make it, and it must not seem to move */
    pthread_mutex_t lock;
    double published[SLOTS];
};

static size_t slots_of(const struct gh_metric_row *row)
{
    /* The last one of a histogram is its sum. */
    return gh_label_count(row->first) * gh_label_count(row->second) +
           (row->type == GH_HISTOGRAM);
}

enum gh_status gh_metrics_new(struct gh_metrics **metrics, struct gh_error *error)
{
    double process[GH_PROCESS_METRIC_COUNT];
    struct gh_metrics *m = calloc(1, sizeof *m);
    if (!m || pthread_mutex_init(&m->lock, NULL) != 0) {
        free(m);
        return gh_error_set(error, GH_EMEMORY, "metrics: out of memory");
    }
    for (size_t i = 0; i < GH_METRIC_OWN_COUNT; i++)
        m->slot[i + 1] = m->slot[i] + slots_of(gh_metric_row((enum gh_metric)i));
    assert(m->slot[GH_METRIC_OWN_COUNT] <= SLOTS);
    for (size_t i = 0; i < SLOTS; i++)
        m->set[i] = m->published[i] = NAN;
    gh_metrics_process(process);
    m->start_s = process[START];
    *metrics = m;
    return GH_OK;
}

void gh_metrics_free(struct gh_metrics *metrics)
{
    if (metrics)
        pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

static double *slot_at(struct gh_metrics *m, struct gh_metric_place place)
{
    const struct gh_metric_row *row = gh_metric_row(place.metric);
    assert(place.metric < GH_METRIC_OWN_COUNT && row->type != GH_HISTOGRAM);
    assert(place.first < gh_label_count(row->first));
    assert(place.second < gh_label_count(row->second));
    return &m->set[m->slot[place.metric] + place.first * gh_label_count(row->second) +
                   place.second];
}

void gh_metrics_set(struct gh_metrics *m, struct gh_metric_place place, double value)
{
    *slot_at(m, place) = value;
}

void gh_metrics_add(struct gh_metrics *m, struct gh_metric_place place, double value)
{
    double *at = slot_at(m, place);
    *at = isnan(*at) ? value : *at + value;
}

void gh_metrics_observe(struct gh_metrics *m, enum gh_metric metric, double value)
{
    const struct gh_metric_row *row = gh_metric_row(metric);
    const size_t count = gh_label_count(row->first);
    double *at = &m->set[m->slot[metric]];
    size_t i = 0;
    assert(metric < GH_METRIC_OWN_COUNT && row->type == GH_HISTOGRAM && isfinite(value));
    if (isnan(at[0]))
        memset(at, 0, (count + 1) * sizeof *at);
    while (i + 1 < count && value > strtod(gh_label_value(row->first, i), NULL))
        i++;
    at[i]++;
    at[count] += value;
}

void gh_metrics_publish(struct gh_metrics *m)
{
    pthread_mutex_lock(&m->lock);
    memcpy(m->published, m->set, sizeof m->published);
    pthread_mutex_unlock(&m->lock);
}

/* What is being written, and how. */
struct page {
    FILE *out;
    bool open; /* OpenMetrics */
};

/* As few digits as read back the same. */
static void value_write(FILE *out, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fprintf(out, " %s\n", text);
}

/* OpenMetrics names a family without what its samples add. */
static int family_size(const struct page *page, const struct gh_metric_row *row)
{
    const size_t size = strlen(row->name);
    const char *added = row->type == GH_COUNTER ? "_total" : "_info";
    const bool adds = row->type == GH_COUNTER || row->type == GH_INFO;
    assert(!adds || strcmp(row->name + size - strlen(added), added) == 0);
    return (int)(page->open && adds ? size - strlen(added) : size);
}

static void head_write(const struct page *page, const struct gh_metric_row *row)
{
    const int size = family_size(page, row);
    const bool info = row->type == GH_INFO && !page->open;
    if (page->open && row->unit[0])
        fprintf(page->out, "# UNIT %.*s %s\n", size, row->name, row->unit);
    fprintf(page->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", size, row->name, row->help, size,
            row->name, info ? "gauge" : gh_metric_type_name(row->type));
}

static void label_write(FILE *out, enum gh_label label, size_t index, const char *before)
{
    fprintf(out, "%s%s=\"%s\"", before, gh_label_name(label), gh_label_value(label, index));
}

static void sample_write(FILE *out, const struct gh_metric_row *row, size_t at, double value)
{
    const size_t seconds = gh_label_count(row->second);
    fputs(row->name, out);
    if (row->first != GH_LABEL_none) {
        label_write(out, row->first, at / seconds, "{");
        if (row->second != GH_LABEL_none)
            label_write(out, row->second, at % seconds, ",");
        fputc('}', out);
    }
    value_write(out, value);
}

static void histogram_write(FILE *out, const struct gh_metric_row *row, const double *value)
{
    const size_t count = gh_label_count(row->first);
    double below = 0;
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s_bucket", row->name);
        label_write(out, row->first, i, "{");
        fputc('}', out);
        value_write(out, below += value[i]);
    }
    fprintf(out, "%s_sum", row->name);
    value_write(out, value[count]);
    fprintf(out, "%s_count", row->name);
    value_write(out, below);
}

static void family_write(const struct page *page, const struct gh_metric_row *row,
                         const double *value)
{
    const size_t count = gh_label_count(row->first) * gh_label_count(row->second);
    bool headed = false;
    for (size_t i = 0; i < count; i++) {
        if (isnan(value[i]))
            continue;
        if (!headed)
            head_write(page, row);
        headed = true;
        if (row->type != GH_HISTOGRAM)
            sample_write(page->out, row, i, value[i]);
    }
    if (headed && row->type == GH_HISTOGRAM)
        histogram_write(page->out, row, value);
}

char *gh_metrics_text(struct gh_metrics *m, bool open)
{
    double value[SLOTS], process[GH_PROCESS_METRIC_COUNT];
    char *text = NULL;
    size_t size = 0;
    const struct page page = {open_memstream(&text, &size), open};
    if (!page.out)
        return NULL;
    pthread_mutex_lock(&m->lock);
    memcpy(value, m->published, sizeof value);
    pthread_mutex_unlock(&m->lock);
    gh_metrics_process(process);
    process[START] = m->start_s;
    for (size_t i = 0; i < GH_METRIC_OWN_COUNT; i++)
        family_write(&page, gh_metric_row((enum gh_metric)i), &value[m->slot[i]]);
    for (size_t i = GH_METRIC_OWN_COUNT; i < GH_METRIC_COUNT; i++)
        family_write(&page, gh_metric_row((enum gh_metric)i),
                     &process[i - GH_METRIC_OWN_COUNT]);
    if (open)
        fputs("# EOF\n", page.out);
    const bool bad = ferror(page.out) != 0;
    if (fclose(page.out) == 0 && !bad)
        return text;
    free(text);
    return NULL;
}
