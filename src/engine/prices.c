/* prices.c - cost of a call by the row of the price table that held at its time. */
#include "base/hash.h"
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>
#include <string.h>

/* By pattern and provider, then by date. */
static int row_compare(const void *left, const void *right)
{
    const struct gh_price *a = left, *b = right;
    int order = strcmp(a->model, b->model);

    if (order == 0)
        order = strcmp(a->provider, b->provider);
    if (order == 0)
        order = (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
    return order;
}

enum gh_status gh_price_init(struct gh_engine *e)
{
    const size_t size = e->prices.count * sizeof *e->price;

    gh_cells_init(&e->price_spans, sizeof(struct gh_price_span), 65536, INT64_MAX / 4);
    if (e->prices.count == 0)
        return GH_OK;
    e->price = gh_heap_resize(&e->heap, NULL, 0, size);
    if (e->price == NULL)
        return GH_EMEMORY;
    memcpy(e->price, e->prices.row, size);
    gh_sort_any(e->price, e->prices.count, sizeof *e->price, row_compare);
    return GH_OK;
}

/* How well a row fits: 0 not at all; an exact name beats the longest prefix, a named
 * provider beats any. */
static size_t row_fit(const struct gh_price *row, struct gh_text model, struct gh_text provider)
{
    const size_t length = strlen(row->model);
    const bool prefix = length > 0 && row->model[length - 1] == '*';
    const size_t fixed = prefix ? length - 1 : length;
    const bool named = row->provider[0] != '\0';

    if (prefix ? model.size < fixed : model.size != fixed)
        return 0;
    if (memcmp(row->model, model.at, fixed) != 0)
        return 0;
    if (named && provider.at != NULL &&
        (strlen(row->provider) != provider.size ||
         memcmp(row->provider, provider.at, provider.size) != 0))
        return 0;
    return 4 * fixed + (prefix ? 0u : 2u) + (named && provider.at != NULL ? 2u : 1u);
}

static struct gh_price_span span_search(const struct gh_engine *e, const struct gh_event *event)
{
    struct gh_price_span span = {.known = 1};
    size_t best = 0;

    for (uint32_t i = 0; i < e->prices.count; i++) {
        const size_t fit = row_fit(&e->price[i], event->model, event->provider);
        const bool same = i > 0 && span.count > 0 && span.first + span.count == i &&
                          strcmp(e->price[i].model, e->price[span.first].model) == 0 &&
                          strcmp(e->price[i].provider, e->price[span.first].provider) == 0;
        if (fit > best) {
            best = fit;
            span.first = i;
            span.count = 1;
        } else if (fit == best && same) {
            span.count++;
        }
    }
    return span;
}

static double class_price(double price, double input)
{
    return isnan(price) ? input : price;
}

/* The row of the price table that holds for the call; NULL: none. */
static const struct gh_price *row_find(struct gh_engine *e, const struct gh_event *event,
                                       uint32_t model)
{
    const struct gh_price *row = NULL;

    if (model == 0 || e->prices.count == 0)
        return NULL;
    const uint64_t key = gh_hash_seeded(event->provider.at, event->provider.size, model);
    struct gh_price_span *kept =
        gh_cells_touch(&e->heap, &e->price_spans, key + (key == 0), event->ts_ms);
    /* With more names than are kept, the others are searched each time. */
    const struct gh_price_span span =
        kept != NULL && kept->known ? *kept : span_search(e, event);
    if (kept != NULL)
        *kept = span;
    for (uint32_t i = 0; i < span.count; i++)
        if (e->price[span.first + i].from_ms <= event->ts_ms)
            row = &e->price[span.first + i];
    return row;
}

struct gh_cost gh_price_cost(struct gh_engine *e, const struct gh_event *event, uint32_t model)
{
    const struct gh_price *row = row_find(e, event, model);
    struct gh_cost cost = {NAN, NAN};

    if (row != NULL) {
        cost.output = fmin((double)event->output_tokens * row->output / 1e6, GH_AMOUNT_MAX);
        const double usd =
            ((double)event->input_tokens * row->input +
             (double)event->cache_read_tokens * class_price(row->cache_read, row->input) +
             (double)event->cache_write_tokens * class_price(row->cache_write, row->input) +
             (double)event->output_tokens * row->output) /
            1e6;
        cost.usd = fmin(usd, GH_AMOUNT_MAX);
    }
    if (GH_HAS(event, cost_usd))
        cost.usd = fmin(event->cost_usd, GH_AMOUNT_MAX);
    return cost;
}
