/* coverage.c - see coverage.h. */
#include "edge/fields/coverage.h"

#include "base/cells.h"
#include "base/civil.h"
#include "base/intern.h"
#include "edge/resources.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1024, WORD = 64, WAIT_MS = 60000 };

/* Of a session: the window is of the WINDOW numbers up to `top`, which stand in it by their
 * remainder. */
struct stream {
    uint64_t top, window[WINDOW / WORD];
    uint64_t records, calls;
    int64_t fresh_ms; /* when the first of `fresh` was noted */
    double fresh;     /* calls that may still come */
    double unsaid;    /* calls; below 0: more was said than is lost by now */
};

struct gh_coverage {
    pthread_mutex_t lock;
    struct gh_memory memory;
    struct gh_heap heap;
    struct gh_cells streams;
    struct gh_intern actors;
    struct gh_array covered; /* of gh_covered without the actor, by id of the name less 1 */
    struct gh_coverage_counts counts;
};

struct gh_coverage *gh_coverage_new(void)
{
    struct gh_coverage *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->heap.memory = gh_memory_system();
    gh_cells_init(&c->streams, sizeof(struct stream), GH_COVERAGE_STREAMS, GH_MS_PER_DAY);
    gh_intern_init(&c->actors, GH_COVERAGE_ACTORS);
    c->covered.element_size = sizeof(struct gh_covered);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void gh_coverage_free(struct gh_coverage *c)
{
    if (c == NULL)
        return;
    gh_cells_free(&c->heap, &c->streams);
    gh_intern_free(&c->heap, &c->actors);
    gh_array_free(&c->heap, &c->covered);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool window_has(const struct stream *s, uint64_t number)
{
    return s->window[number % WINDOW / WORD] >> number % WORD & 1;
}

static void window_set(struct stream *s, uint64_t number, bool here)
{
    uint64_t *word = &s->window[number % WINDOW / WORD];
    const uint64_t bit = UINT64_C(1) << number % WORD;

    *word = here ? *word | bit : *word & ~bit;
}

/* How many more records are lost (below 0: one has come after all), now that this one is
 * there. */
static int64_t stream_note(struct stream *s, uint64_t number)
{
    if (s->records == 0 || number > s->top + GH_COVERAGE_GAP_MAX ||
        number + GH_COVERAGE_GAP_MAX < s->top) {
        s->top = number;
        memset(s->window, 0xff, sizeof s->window);
        return 0;
    }
    if (number > s->top) {
        const uint64_t on = number - s->top;
        for (uint64_t i = on > WINDOW ? number - WINDOW : s->top + 1; i < number; i++)
            window_set(s, i, false);
        window_set(s, number, true);
        s->top = number;
        return (int64_t)on - 1;
    }
    if (s->top - number >= WINDOW || window_has(s, number))
        return 0;
    window_set(s, number, true);
    return -1;
}

/* What may still come, for ways to us overtake each other, is not said at once. */
static int64_t stream_take(struct gh_coverage *c, struct stream *s,
                           const struct gh_numbered *record)
{
    const int64_t lost = stream_note(s, record->number);

    s->records++;
    s->calls += record->call;
    c->counts.lost += (uint64_t)lost;
    const double calls = (double)lost * (double)s->calls / (double)s->records;
    if (lost > 0 && s->fresh <= 0.0)
        s->fresh_ms = record->time_ms;
    *(lost > 0 || s->fresh > 0.0 ? &s->fresh : &s->unsaid) += calls;
    if (record->time_ms >= s->fresh_ms + WAIT_MS) {
        s->unsaid += s->fresh;
        s->fresh = 0.0;
    }
    if (!record->call || s->unsaid < 1.0)
        return 0;
    const int64_t said = (int64_t)s->unsaid;
    s->unsaid -= (double)said;
    c->counts.calls_missing += (uint64_t)said;
    return said;
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

/* NULL: there is no room for another person. */
static struct gh_covered *covered_of(struct gh_coverage *c, struct gh_text actor)
{
    const uint32_t id = gh_intern_add(&c->heap, &c->actors, actor);
    if (id == 0)
        return NULL;
    if (id > c->covered.count && gh_array_add(&c->heap, &c->covered, 1) == NULL)
        return NULL;
    return gh_array_at(&c->covered, id - 1);
}

void gh_coverage_note(struct gh_coverage *c, const struct gh_event *event, bool total)
{
    const double tokens = (double)event->input_tokens + (double)event->cache_read_tokens +
                          (double)event->cache_write_tokens + (double)event->output_tokens;

    pthread_mutex_lock(&c->lock);
    *(total ? &c->counts.total_tokens : &c->counts.call_tokens) += tokens;
    struct gh_covered *covered = covered_of(c, event->actor);
    c->counts.unwatched += covered == NULL;
    if (covered != NULL) {
        covered->calls += !total;
        covered->missing += total ? 0 : (uint64_t)event->missing;
        *(total ? &covered->total_tokens : &covered->call_tokens) += tokens;
        if (event->ts_ms > covered->newest_ms)
            covered->newest_ms = event->ts_ms;
    }
    pthread_mutex_unlock(&c->lock);
}

void gh_coverage_each(struct gh_coverage *c,
                      bool (*show)(void *context, const struct gh_covered *covered),
                      void *context)
{
    bool more = true;

    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < c->covered.count && more; i++) {
        struct gh_covered covered = *(struct gh_covered *)gh_array_at(&c->covered, i);
        covered.actor = gh_intern_text(&c->actors, i + 1);
        more = show(context, &covered);
    }
    pthread_mutex_unlock(&c->lock);
}

void gh_coverage_counts(struct gh_coverage *c, struct gh_coverage_counts *counts)
{
    pthread_mutex_lock(&c->lock);
    *counts = c->counts;
    pthread_mutex_unlock(&c->lock);
}
