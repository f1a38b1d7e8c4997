/* coverage.c - see coverage.h. */
#include "edge/fields/coverage.h"

#include "base/cells.h"
#include "base/civil.h"
#include "edge/resources.h"

#include <pthread.h>
#include <stdlib.h>

/* Of a session: the window is of the 64 numbers up to `top`, bit 0 is `top` itself. */
struct stream {
    uint64_t top, window;
    uint64_t records, calls;
    double unsaid; /* calls; below 0: more was said than is lost by now */
};

struct gh_coverage {
    pthread_mutex_t lock;
    struct gh_memory memory;
    struct gh_heap heap;
    struct gh_cells streams;
    struct gh_coverage_counts counts;
};

struct gh_coverage *gh_coverage_new(void)
{
    struct gh_coverage *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->heap.memory = gh_memory_system();
    gh_cells_init(&c->streams, sizeof(struct stream), GH_COVERAGE_STREAMS, GH_MS_PER_DAY);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void gh_coverage_free(struct gh_coverage *c)
{
    if (c == NULL)
        return;
    gh_cells_free(&c->heap, &c->streams);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* How many more records are lost (below 0: one has come after all), now that this one is
 * there. */
static int64_t stream_note(struct stream *s, uint64_t number)
{
    if (s->records == 0 || number > s->top + GH_COVERAGE_GAP_MAX ||
        number + GH_COVERAGE_GAP_MAX < s->top) {
        s->top = number;
        s->window = ~UINT64_C(0);
        return 0;
    }
    if (number > s->top) {
        const uint64_t on = number - s->top;
        s->window = (on < 64 ? s->window << on : 0) | 1;
        s->top = number;
        return (int64_t)on - 1;
    }
    const uint64_t back = s->top - number;
    if (back >= 64 || (s->window >> back & 1))
        return 0;
    s->window |= UINT64_C(1) << back;
    return -1;
}

static int64_t stream_take(struct gh_coverage *c, struct stream *s,
                           const struct gh_numbered *record)
{
    const int64_t lost = stream_note(s, record->number);

    s->records++;
    s->calls += record->call;
    c->counts.lost += (uint64_t)lost;
    s->unsaid += (double)lost * (double)s->calls / (double)s->records;
    if (!record->call || s->unsaid < 1.0)
        return 0;
    const int64_t calls = (int64_t)s->unsaid;
    s->unsaid -= (double)calls;
    c->counts.calls_missing += (uint64_t)calls;
    return calls;
}

int64_t gh_coverage_take(struct gh_coverage *c, const struct gh_numbered *record)
{
    int64_t calls = 0;

    pthread_mutex_lock(&c->lock);
    c->counts.records++;
    struct stream *s = gh_cells_touch(&c->heap, &c->streams, record->stream, record->time_ms);
    if (s != NULL)
        calls = stream_take(c, s, record);
    else
        c->counts.unwatched++;
    pthread_mutex_unlock(&c->lock);
    return calls;
}

void gh_coverage_counts(struct gh_coverage *c, struct gh_coverage_counts *counts)
{
    pthread_mutex_lock(&c->lock);
    *counts = c->counts;
    pthread_mutex_unlock(&c->lock);
}
