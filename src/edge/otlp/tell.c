/* tell.c - the walk over a request. What resource and scope say is gathered once for the
 * records of a scope, and memory for made texts is given back after each record. */
#include "edge/otlp/tell.h"

#include <math.h>
#include <string.h>

static struct gh_text text_of(const struct gh_otlp_fields *fields, const char *name)
{
    const size_t size = strlen(name);

    for (uint32_t i = 0; i < fields->count; i++) {
        const struct gh_field *const f = &fields->field[i];
        if (f->name.size == size && memcmp(f->name.at, name, size) == 0)
            return f->type == GH_FIELD_TEXT ? f->as.text : (struct gh_text){0};
    }
    return (struct gh_text){0};
}

static int64_t time_ms(uint64_t time_ns)
{
    return time_ns == 0 ? GH_TOLD_NO_TIME : (int64_t)(time_ns / 1000000);
}

/* Absent where it is empty. */
static struct gh_text filled(ProtobufCBinaryData bytes)
{
    return bytes.len > 0 ? gh_otlp_text(bytes) : (struct gh_text){0};
}

static void refuse(struct gh_otlp_teller *t, const char *why)
{
    if (t->counts->refused++ == 0)
        t->counts->why = why;
}

static void scope_enter(struct gh_otlp_teller *t, const Otlp__Resource *resource,
                        const Otlp__Scope *scope)
{
    struct gh_otlp_fields *const shared = &t->shared;

    *shared = (struct gh_otlp_fields){t->shared_field, 0, GH_OTLP_SHARED_MAX, NULL};
    t->scope = scope ? filled(scope->name) : (struct gh_text){0};
    if (t->scope.at != NULL && !gh_otlp_utf8(t, t->scope))
        shared->odd = "a scope's name is not UTF-8";
    if (scope != NULL)
        gh_otlp_fields_add(t, shared, scope->attributes, scope->n_attributes);
    const uint32_t first = shared->count;
    if (resource != NULL)
        gh_otlp_fields_add(t, shared, resource->attributes, resource->n_attributes);
    const struct gh_otlp_fields own = {shared->field + first, shared->count - first, 0, NULL};
    t->source = text_of(&own, "service.name");
}

static void own_begin(struct gh_otlp_teller *t, Otlp__KeyValue *const *attribute, size_t count)
{
    t->own = (struct gh_otlp_fields){t->own_field, 0, GH_OTLP_OWN_MAX, t->shared.odd};
    gh_otlp_fields_add(t, &t->own, attribute, count);
}

/* Tells a record of which all is filled but what its scope and its attributes are. */
static void record_tell(struct gh_otlp_teller *t, struct gh_told *told)
{
    struct gh_otlp_fields *const own = &t->own;

    if (told->name.at != NULL && !gh_otlp_utf8(t, told->name))
        own->odd = "a name is not UTF-8";
    if (own->odd != NULL) {
        refuse(t, own->odd);
        return;
    }
    memcpy(own->field + own->count, t->shared.field, t->shared.count * sizeof *own->field);
    told->source = t->source;
    told->scope = t->scope;
    told->field = own->field;
    told->count = own->count + t->shared.count;
    t->stopped = !t->taker->take(t->taker->context, told);
    t->counts->told += !t->stopped;
}

static void log_tell(struct gh_otlp_teller *t, const Otlp__LogRecord *record)
{
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);
    const uint64_t time_ns =
        record->time_unix_nano ? record->time_unix_nano : record->observed_time_unix_nano;
    const Otlp__AnyValue *const body = record->body;

    own_begin(t, record->attributes, record->n_attributes);
    struct gh_told told = {.kind = GH_TOLD_LOG,
                           .name = filled(record->event_name),
                           .time_ms = time_ms(time_ns),
                           .start_ms = GH_TOLD_NO_TIME,
                           .trace = gh_otlp_id(t, record->trace_id, 16),
                           .span = gh_otlp_id(t, record->span_id, 8)};
    if (told.name.at == NULL)
        told.name = text_of(&t->own, "event.name");
    if (told.name.at == NULL && body != NULL &&
        body->value_case == OTLP__ANY_VALUE__VALUE_STRING_VALUE)
        told.name = filled(body->string_value);
    record_tell(t, &told);
    gh_otlp_arena_back(t->arena, mark);
}

static void span_tell(struct gh_otlp_teller *t, const Otlp__Span *span)
{
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);

    own_begin(t, span->attributes, span->n_attributes);
    struct gh_told told = {.kind = GH_TOLD_SPAN,
                           .name = filled(span->name),
                           .time_ms = time_ms(span->end_time_unix_nano),
                           .start_ms = time_ms(span->start_time_unix_nano),
                           .trace = gh_otlp_id(t, span->trace_id, 16),
                           .span = gh_otlp_id(t, span->span_id, 8),
                           .parent = gh_otlp_id(t, span->parent_span_id, 8),
                           .failed = span->status && span->status->code ==
                                                         OTLP__STATUS_CODE__STATUS_CODE_ERROR};
    record_tell(t, &told);
    gh_otlp_arena_back(t->arena, mark);
}

static void point_tell(struct gh_otlp_teller *t, struct gh_told *told, double value)
{
    told->value = value;
    if (isfinite(value))
        record_tell(t, told);
    else
        refuse(t, "a data point's value is not finite");
}

static void number_tell(struct gh_otlp_teller *t, struct gh_told told,
                        const Otlp__NumberDataPoint *point)
{
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);

    if (point->value_case == OTLP__NUMBER_DATA_POINT__VALUE__NOT_SET)
        return; /* it says that nothing was recorded */
    own_begin(t, point->attributes, point->n_attributes);
    told.time_ms = time_ms(point->time_unix_nano);
    told.start_ms = time_ms(point->start_time_unix_nano);
    point_tell(t, &told,
               point->value_case == OTLP__NUMBER_DATA_POINT__VALUE_AS_INT
                   ? (double)point->as_int
                   : point->as_double);
    gh_otlp_arena_back(t->arena, mark);
}

/* What a point of either kind of histogram says. */
struct summed {
    uint64_t time_ns, start_ns, count;
    const double *sum; /* NULL: none */
    Otlp__KeyValue *const *attribute;
    size_t attribute_count;
};

static void ending_tell(struct gh_otlp_teller *t, struct gh_told told, struct gh_text ending,
                        double value)
{
    const uint32_t name_size = told.name.size;
    char *const name = gh_otlp_arena_take(t->arena, (size_t)name_size + ending.size);

    if (name == NULL) {
        refuse(t, "out of memory");
        return;
    }
    if (name_size > 0)
        memcpy(name, told.name.at, name_size);
    memcpy(name + name_size, ending.at, ending.size);
    told.name = (struct gh_text){name, name_size + ending.size};
    point_tell(t, &told, value);
}

static void summed_tell(struct gh_otlp_teller *t, struct gh_told told,
                        const struct summed *point)
{
    const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);

    own_begin(t, point->attribute, point->attribute_count);
    told.time_ms = time_ms(point->time_ns);
    told.start_ms = time_ms(point->start_ns);
    ending_tell(t, told, (struct gh_text){".count", 6}, (double)point->count);
    if (point->sum != NULL && !t->stopped)
        ending_tell(t, told, (struct gh_text){".sum", 4}, *point->sum);
    gh_otlp_arena_back(t->arena, mark);
}

static void histogram_tell(struct gh_otlp_teller *t, struct gh_told told,
                           const Otlp__Histogram *h)
{
    told.cumulative = h->aggregation_temporality ==
                      OTLP__AGGREGATION_TEMPORALITY__AGGREGATION_TEMPORALITY_CUMULATIVE;
    for (size_t i = 0; i < h->n_data_points && !t->stopped; i++) {
        const Otlp__HistogramDataPoint *const p = h->data_points[i];
        const bool sum = p->total_case == OTLP__HISTOGRAM_DATA_POINT__TOTAL_SUM;
        summed_tell(t, told,
                    &(struct summed){p->time_unix_nano, p->start_time_unix_nano, p->count,
                                     sum ? &p->sum : NULL, p->attributes, p->n_attributes});
    }
}

static void exponential_tell(struct gh_otlp_teller *t, struct gh_told told,
                             const Otlp__ExponentialHistogram *h)
{
    told.cumulative = h->aggregation_temporality ==
                      OTLP__AGGREGATION_TEMPORALITY__AGGREGATION_TEMPORALITY_CUMULATIVE;
    for (size_t i = 0; i < h->n_data_points && !t->stopped; i++) {
        const Otlp__ExponentialHistogramDataPoint *const p = h->data_points[i];
        const bool sum = p->total_case == OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__TOTAL_SUM;
        summed_tell(t, told,
                    &(struct summed){p->time_unix_nano, p->start_time_unix_nano, p->count,
                                     sum ? &p->sum : NULL, p->attributes, p->n_attributes});
    }
}

static void metric_tell(struct gh_otlp_teller *t, const Otlp__Metric *metric)
{
    struct gh_told told = {.kind = GH_TOLD_POINT, .name = filled(metric->name)};

    switch (metric->points_case) {
    case OTLP__METRIC__POINTS_GAUGE:
        for (size_t i = 0; i < metric->gauge->n_data_points && !t->stopped; i++)
            number_tell(t, told, metric->gauge->data_points[i]);
        return;
    case OTLP__METRIC__POINTS_SUM:
        told.cumulative = metric->sum->aggregation_temporality ==
                          OTLP__AGGREGATION_TEMPORALITY__AGGREGATION_TEMPORALITY_CUMULATIVE;
        for (size_t i = 0; i < metric->sum->n_data_points && !t->stopped; i++)
            number_tell(t, told, metric->sum->data_points[i]);
        return;
    case OTLP__METRIC__POINTS_HISTOGRAM:
        histogram_tell(t, told, metric->histogram);
        return;
    case OTLP__METRIC__POINTS_EXPONENTIAL_HISTOGRAM:
        exponential_tell(t, told, metric->exponential_histogram);
        return;
    case OTLP__METRIC__POINTS__NOT_SET:
    case _OTLP__METRIC__POINTS__CASE_IS_INT_SIZE:
    default:
        return;
    }
}

static void logs_tell(struct gh_otlp_teller *t, const Otlp__ResourceLogs *of)
{
    for (size_t i = 0; i < of->n_scope_logs && !t->stopped; i++) {
        const Otlp__ScopeLogs *const in = of->scope_logs[i];
        const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);
        scope_enter(t, of->resource, in->scope);
        for (size_t k = 0; k < in->n_log_records && !t->stopped; k++)
            log_tell(t, in->log_records[k]);
        gh_otlp_arena_back(t->arena, mark);
    }
}

static void spans_tell(struct gh_otlp_teller *t, const Otlp__ResourceSpans *of)
{
    for (size_t i = 0; i < of->n_scope_spans && !t->stopped; i++) {
        const Otlp__ScopeSpans *const in = of->scope_spans[i];
        const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);
        scope_enter(t, of->resource, in->scope);
        for (size_t k = 0; k < in->n_spans && !t->stopped; k++)
            span_tell(t, in->spans[k]);
        gh_otlp_arena_back(t->arena, mark);
    }
}

static void metrics_tell(struct gh_otlp_teller *t, const Otlp__ResourceMetrics *of)
{
    for (size_t i = 0; i < of->n_scope_metrics && !t->stopped; i++) {
        const Otlp__ScopeMetrics *const in = of->scope_metrics[i];
        const struct gh_otlp_arena_mark mark = gh_otlp_arena_mark(t->arena);
        scope_enter(t, of->resource, in->scope);
        for (size_t k = 0; k < in->n_metrics && !t->stopped; k++)
            metric_tell(t, in->metrics[k]);
        gh_otlp_arena_back(t->arena, mark);
    }
}

void gh_otlp_tell(struct gh_otlp_teller *teller, enum gh_otlp_signal signal,
                  const ProtobufCMessage *request)
{
    teller->stopped = false;
    if (signal == GH_OTLP_LOGS) {
        const Otlp__LogsRequest *const logs = (const void *)request;
        for (size_t i = 0; i < logs->n_resource_logs && !teller->stopped; i++)
            logs_tell(teller, logs->resource_logs[i]);
    } else if (signal == GH_OTLP_TRACES) {
        const Otlp__TraceRequest *const traces = (const void *)request;
        for (size_t i = 0; i < traces->n_resource_spans && !teller->stopped; i++)
            spans_tell(teller, traces->resource_spans[i]);
    } else {
        const Otlp__MetricsRequest *const metrics = (const void *)request;
        for (size_t i = 0; i < metrics->n_resource_metrics && !teller->stopped; i++)
            metrics_tell(teller, metrics->resource_metrics[i]);
    }
}
