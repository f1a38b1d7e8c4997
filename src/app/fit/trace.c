/* trace.c - single calls of public traces, by class: references that no company can move. */
#include "app/fit/fit.h"

#include "base/hash.h"
#include "edge/import/trace.h"
#include "stat/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_CALLS = 200 };
static const double quantiles[GH_REFERENCE_QUANTILES] = {0.5, 0.9, 0.99};

struct sizes {
    double *value;
    size_t count, capacity;
};
struct gh_fit_traces {
    struct sizes context[GH_CALL_CLASS_COUNT], output[GH_CALL_CLASS_COUNT];
    uint64_t hash;
};

static bool size_add(struct sizes *s, double tokens)
{
    if (s->count == s->capacity) {
        const size_t capacity = 2 * s->capacity + 1024;
        double *more = realloc(s->value, capacity * sizeof *more);
        if (more == NULL)
            return false;
        s->value = more;
        s->capacity = capacity;
    }
    s->value[s->count++] = log(fmax(1.0, tokens));
    return true;
}

static enum gh_call_class class_of(const struct gh_event *event)
{
    if (GH_HAS(event, caller) ||
        (GH_HAS(event, origin) && (event->origin == GH_SCHEDULED || event->origin == GH_CI)))
        return GH_CLASS_CALLED;
    if (GH_HAS(event, agent))
        return GH_CLASS_AGENT;
    return GH_HAS(event, session) ? GH_CLASS_CHAT : GH_CLASS_COMPLETION;
}

static bool call_add(struct gh_fit_traces *t, const struct gh_event *event)
{
    const enum gh_call_class class = class_of(event);
    const int64_t context =
        event->input_tokens + event->cache_read_tokens + event->cache_write_tokens;
    const int64_t fact[] = {context, event->output_tokens, (int64_t) class};

    t->hash = gh_hash_pair(t->hash, gh_hash(fact, sizeof fact));
    return size_add(&t->context[class], (double)context) &&
           size_add(&t->output[class], (double)event->output_tokens);
}

static void complaint_ignore(void *context, const char *text)
{
    (void)context;
    (void)text;
}

static enum gh_status trace_take(struct gh_fit_traces *t, struct gh_trace *import,
                                 const char *trace, struct gh_error *error)
{
    struct gh_event event;
    size_t calls = 0;

    while (gh_trace_next(import, &event)) {
        if (event.kind != GH_USAGE)
            continue;
        calls++;
        if (!call_add(t, &event))
            return gh_error_set(error, GH_EMEMORY, "--trace: out of memory");
    }
    if (calls == 0)
        return gh_error_set(error, GH_EFORMAT,
                            "--trace: %s: no call could be read (goodhart import tells why)",
                            trace);
    return GH_OK;
}

enum gh_status gh_fit_trace_read(struct gh_fit_traces **traces, const char *trace,
                                 struct gh_error *error)
{
    const char *colon = strchr(trace, ':');
    char format[32] = "";
    struct gh_trace_plan plan = {.start_ms = -1, .complain = complaint_ignore};
    struct gh_trace *import = NULL;

    if (colon != NULL && (size_t)(colon - trace) < sizeof format)
        memcpy(format, trace, (size_t)(colon - trace));
    plan.format = gh_trace_format_find(format);
#define TRACE_LEGAL(symbol, name, needs, gives, example) " " name ":FILE"
    if (plan.format == NULL)
        return gh_error_set(error, GH_EUSAGE,
                            "--trace: %s: must be one of" GH_TRACE_FORMATS(TRACE_LEGAL), trace);
    if (*traces == NULL && (*traces = calloc(1, sizeof **traces)) == NULL)
        return gh_error_set(error, GH_EMEMORY, "--trace: out of memory");
    enum gh_status status = gh_trace_new(&import, &plan, error);
    if (status == GH_OK)
        status = gh_trace_file(import, colon + 1, error);
    if (status == GH_OK)
        status = gh_trace_finish(import, error);
    if (status == GH_OK)
        status = trace_take(*traces, import, trace, error);
    gh_trace_free(import);
    return status;
}

static void quantiles_fill(struct sizes *s, double quantile[GH_REFERENCE_QUANTILES])
{
    gh_sort(s->value, s->count);
    for (size_t i = 0; i < GH_REFERENCE_QUANTILES; i++)
        quantile[i] = gh_quantile_sorted(s->value, s->count, quantiles[i]);
}

void gh_fit_references(struct gh_fit_traces *traces, struct gh_fit_result *r)
{
    for (size_t i = 0; traces != NULL && i < GH_CALL_CLASS_COUNT; i++) {
        struct gh_call_reference *reference = &r->model.reference[i];
        r->origin.calls += traces->context[i].count;
        if (traces->context[i].count < FEWEST_CALLS)
            continue;
        reference->calls = (double)traces->context[i].count;
        quantiles_fill(&traces->context[i], reference->context);
        quantiles_fill(&traces->output[i], reference->output);
        r->reference[i] = (struct gh_fit_note){true, traces->context[i].count, 0.0};
    }
    gh_model_round(&r->model);
}

uint64_t gh_fit_trace_hash(const struct gh_fit_traces *traces)
{
    return traces ? traces->hash : 0;
}

void gh_fit_traces_free(struct gh_fit_traces *traces)
{
    for (size_t i = 0; traces != NULL && i < GH_CALL_CLASS_COUNT; i++) {
        free(traces->context[i].value);
        free(traces->output[i].value);
    }
    free(traces);
}
