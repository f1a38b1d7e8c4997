/* durable_queue.c - see durable_queue.h. */
#include "edge/durable_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is not known to be durable; head and body in one piece. */
struct batch {
    struct batch *next;
    uint64_t first;
    uint32_t count;
    bool written; /* once at least */
    size_t size;
    unsigned char frame[];
};

struct gh_durable_queue {
    struct gh_durable_queue_setup setup;
    struct batch *oldest, **end;
    struct batch *unsent; /* the next to be written */
    struct gh_durable_progress progress;
    uint64_t credit; /* events after the durable ones that may be on their way; 0: stop */
    bool open, asked;
    uint32_t errors;
    char trouble[200];
};

struct gh_durable_queue *gh_durable_queue_new(const struct gh_durable_queue_setup *setup)
{
    struct gh_durable_queue *q = calloc(1, sizeof *q);

    if (!q)
        return NULL;
    q->setup = *setup;
    q->end = &q->oldest;
    return q;
}

static uint64_t batch_last(const struct batch *b)
{
    return b->first + b->count - 1;
}

static void batches_drop(struct gh_durable_queue *q, uint64_t durable)
{
    while (q->oldest && batch_last(q->oldest) <= durable) {
        struct batch *gone = q->oldest;
        q->oldest = gone->next;
        q->unsent = q->unsent == gone ? gone->next : q->unsent;
        free(gone);
    }
    if (!q->oldest)
        q->end = &q->oldest;
}

void gh_durable_queue_free(struct gh_durable_queue *queue)
{
    if (!queue)
        return;
    batches_drop(queue, UINT64_MAX);
    free(queue);
}

static bool queue_say(struct gh_durable_queue *q, enum gh_durable_type type, uint64_t number)
{
    struct gh_durable_message m = {.type = type, .number = number};
    unsigned char head[GH_DURABLE_HEAD];

    memcpy(m.stream, q->setup.stream, sizeof m.stream);
    gh_durable_head(&m, head);
    return q->setup.write(q->setup.context, head, sizeof head);
}

bool gh_durable_queue_hello(struct gh_durable_queue *q)
{
    q->open = false;
    q->asked =
        queue_say(q, GH_DURABLE_HELLO, q->oldest ? q->oldest->first : q->progress.sent + 1);
    return q->asked;
}

void gh_durable_queue_bye(struct gh_durable_queue *q)
{
    if (q->open && !q->unsent)
        queue_say(q, GH_DURABLE_BYE, q->progress.sent);
}

/* One batch may always be on its way, however small the credit, but at "stop". */
static bool credit_covers(const struct gh_durable_queue *q, uint64_t last, bool alone)
{
    return q->open && q->credit > 0 && (alone || last <= q->progress.durable + q->credit);
}

bool gh_durable_queue_room(const struct gh_durable_queue *q, uint32_t count)
{
    return credit_covers(q, q->progress.sent + count, q->oldest == NULL);
}

static bool queue_unsent(const struct gh_durable_queue *q)
{
    return q->unsent && credit_covers(q, batch_last(q->unsent), q->unsent == q->oldest);
}

void gh_durable_queue_pump(struct gh_durable_queue *q)
{
    while (queue_unsent(q)) {
        struct batch *b = q->unsent;
        if (!q->setup.write(q->setup.context, b->frame, b->size))
            return;
        q->progress.resent += b->written ? b->count : 0;
        b->written = true;
        q->unsent = b->next;
    }
}

bool gh_durable_queue_add(struct gh_durable_queue *q, const char *body, size_t size,
                          uint32_t count)
{
    struct gh_durable_message m = {.type = GH_DURABLE_BATCH,
                                   .number = q->progress.sent + 1,
                                   .count = count,
                                   .body = body,
                                   .body_size = size};

    assert(count >= 1 && count <= GH_DURABLE_BATCH_EVENTS && size <= GH_DURABLE_BATCH_BYTES);
    struct batch *b = malloc(sizeof *b + GH_DURABLE_HEAD + size);
    if (!b)
        return false;
    *b = (struct batch){.first = m.number, .count = count, .size = GH_DURABLE_HEAD + size};
    memcpy(m.stream, q->setup.stream, sizeof m.stream);
    gh_durable_head(&m, b->frame);
    memcpy(b->frame + GH_DURABLE_HEAD, body, size);
    *q->end = b;
    q->end = &b->next;
    q->unsent = q->unsent ? q->unsent : b;
    q->progress.sent += count;
    return true;
}

/* From the batch that holds `number` on. */
static void queue_rewind(struct gh_durable_queue *q, uint64_t number)
{
    q->unsent = q->oldest;
    while (q->unsent && batch_last(q->unsent) < number)
        q->unsent = q->unsent->next;
}

static void queue_durable(struct gh_durable_queue *q, const struct gh_durable_message *m)
{
    if (m->number > q->progress.durable)
        q->progress.durable = m->number;
    q->credit = m->count;
    q->errors = 0;
    batches_drop(q, q->progress.durable);
}

/* A slow server answers several HELLOs: what follows the first answer is on its way. */
static void queue_welcome(struct gh_durable_queue *q, const struct gh_durable_message *m)
{
    queue_durable(q, m);
    if (!q->asked)
        return;
    q->open = true;
    q->asked = false;
    if (q->progress.sent < q->progress.durable) /* of an earlier run */
        q->progress.sent = q->progress.known = q->progress.durable;
    queue_rewind(q, q->progress.durable + 1);
}

static void queue_refused(struct gh_durable_queue *q, const struct gh_durable_message *m)
{
    q->progress.rejected++;
    if (q->setup.reject)
        q->setup.reject(q->setup.context, m->number, m->body, m->body_size);
}

/* A stream that was closed meanwhile answers every batch that was on its way: they count as
 * nothing, only what is said to a HELLO does. */
static void queue_error(struct gh_durable_queue *q, const struct gh_durable_message *m)
{
    const size_t room = sizeof q->trouble - 1, size = m->body_size < room ? m->body_size : room;

    memcpy(q->trouble, m->body, size);
    q->trouble[size] = '\0';
    q->errors += q->asked;
    q->asked = q->open = false;
}

bool gh_durable_queue_hear(struct gh_durable_queue *q, const void *frame, size_t size)
{
    static const unsigned char none[GH_DURABLE_STREAM];
    struct gh_durable_message m;

    if (gh_durable_read(&m, frame, size) != NULL ||
        (memcmp(m.stream, q->setup.stream, sizeof m.stream) != 0 &&
         (m.type != GH_DURABLE_ERROR || memcmp(m.stream, none, sizeof none) != 0)))
        return false;
    switch (m.type) {
    case GH_DURABLE_WELCOME:
        queue_welcome(q, &m);
        break;
    case GH_DURABLE_ACK:
        queue_durable(q, &m);
        break;
    case GH_DURABLE_NACK: /* what came before it may still be lost with the server */
        queue_rewind(q, m.number);
        break;
    case GH_DURABLE_REJECT:
        queue_refused(q, &m);
        break;
    case GH_DURABLE_ERROR:
        queue_error(q, &m);
        break;
    case GH_DURABLE_HELLO:
    case GH_DURABLE_BATCH:
    case GH_DURABLE_BYE:
        break;
    }
    gh_durable_queue_pump(q);
    return true;
}

struct gh_durable_state gh_durable_queue_state(const struct gh_durable_queue *q)
{
    return (struct gh_durable_state){.progress = q->progress,
                                     .open = q->open,
                                     .empty = q->oldest == NULL,
                                     .unsent = queue_unsent(q),
                                     .errors = q->errors,
                                     .trouble = q->trouble};
}
