/* fuzz_durable_server.c - libFuzzer target: what two hostile peers say to the durable server,
 * and when it commits, stalls and dies, comes from the input; a third peer is honest. Marks
 * stay in their range, the honest one's events are in the log once and in order, and when the
 * hostile ones have gone quiet it gets the rest through. */
#include "edge/durable_inside.h"
#include "edge/durable_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HONEST = 2, STREAMS = 3, BODY_MAX = 600, LETTERS = 64, LETTER = 1024, SILENCE = 8 };
enum { EVENTS = 40, AFTERWARDS = 2000, FOREIGN = 8 };

struct letter {
    size_t size;
    unsigned char at[LETTER];
};

struct letters {
    struct letter letter[LETTERS];
    size_t count;
};

struct world {
    const uint8_t *at;
    size_t left;
    struct gh_durable_options options;
    struct gh_durable_server *server;
    struct gh_durable_queue *queue;
    struct letters up, down;   /* of the honest one */
    uint64_t taken, mark;      /* its events: with the server, in the log */
    uint64_t foreign[FOREIGN]; /* marks of the others, by the first byte of their id */
    unsigned silent;
};

static const unsigned char honest_id[GH_DURABLE_STREAM] = "an honest stream";

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_durable_server: %s\n", what);
    abort();
}

static uint64_t input(struct world *w, size_t bytes)
{
    uint64_t value = 0;

    for (; bytes > 0 && w->left > 0; bytes--, w->left--)
        value = value << 8 | *w->at++;
    return value;
}

static bool letter_put(struct letters *box, const void *at, size_t size)
{
    if (box->count == LETTERS || size > LETTER)
        return false;
    box->letter[box->count].size = size;
    memcpy(box->letter[box->count++].at, at, size);
    return true;
}

static bool letter_get(struct letters *box, struct letter *letter)
{
    if (box->count == 0)
        return false;
    *letter = box->letter[0];
    memmove(&box->letter[0], &box->letter[1], --box->count * sizeof *letter);
    return true;
}

static bool say(void *context, const struct gh_durable_route *route, const void *frame,
                size_t size)
{
    struct world *w = context;
    struct gh_durable_message m;

    if (gh_durable_read(&m, frame, size) != NULL)
        fail("the server says what is no message");
    return route->at[1] != HONEST || letter_put(&w->down, frame, size);
}

static bool honest_write(void *context, const void *frame, size_t size)
{
    return letter_put(&((struct world *)context)->up, frame, size);
}

static void honest_refused(void *context, uint64_t number, const char *body, size_t size)
{
    (void)context;
    (void)number;
    (void)body;
    (void)size;
    fail("an event of the honest one was refused");
}

static enum gh_status find(void *context, struct gh_mark *mark, struct gh_error *error)
{
    const struct world *w = context;

    (void)error;
    mark->sequence = memcmp(mark->stream, honest_id, sizeof honest_id) == 0
                         ? w->mark
                         : w->foreign[mark->stream[0] % FOREIGN];
    return GH_OK;
}

static void server_start(struct world *w)
{
    gh_durable_server_free(w->server);
    w->server = gh_durable_server_bare(&w->options, say, w);
    gh_durable_server_ask(w->server, find, w);
    w->taken = w->mark;
}

static void take(struct world *w, const struct gh_durable_batch *batch)
{
    const unsigned char *id = w->server->stream[batch->stream].id;
    const char *at = batch->at, *end = batch->at + batch->size;
    uint64_t number = batch->first;
    const bool honest = memcmp(id, honest_id, sizeof honest_id) == 0;

    for (; at < end; number++, at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1) {
        if (honest && (number != ++w->taken || strtoull(at, NULL, 10) != number))
            fail("an event was taken twice, out of turn or under another number");
        if (!honest && number % 3 == 0)
            gh_durable_refuse(w->server, batch->stream, number, "range", "no");
    }
    if (number != batch->first + batch->count)
        fail("not as many lines as it says");
}

static void commit(struct world *w, bool dies)
{
    const struct gh_mark *mark;
    struct gh_text losses;

    for (size_t i = gh_durable_marks(w->server, &mark); i-- > 0;) {
        if (mark[i].sequence > INT64_MAX)
            fail("a mark of 2^63 or more");
        if (memcmp(mark[i].stream, honest_id, sizeof honest_id) == 0)
            w->mark = mark[i].sequence;
        else
            w->foreign[mark[i].stream[0] % FOREIGN] = mark[i].sequence;
    }
    if (gh_durable_losses(w->server, &losses) > 0 && losses.at[losses.size - 1] != '\n')
        fail("a loss that is no line");
    if (w->mark != w->taken)
        fail("a mark that is not what was taken");
    if (dies) {
        server_start(w);
        return;
    }
    gh_durable_marked(w->server);
    gh_durable_committed(w->server);
}

static void hear(struct world *w, unsigned char peer, const void *frame, size_t size)
{
    const struct gh_durable_route route = {.size = 2, .at = {0, peer}};
    struct gh_durable_batch batch;

    if (gh_durable_hear(w->server, &route, frame, size, &batch))
        take(w, &batch);
}

/* A whole message whose fields come from the input, or bytes as they are. */
static void hostile_step(struct world *w, unsigned char peer, bool whole)
{
    unsigned char frame[GH_DURABLE_HEAD + BODY_MAX];
    struct gh_durable_message m = {.type = (enum gh_durable_type)(input(w, 1) % 10)};

    m.stream[0] = (unsigned char)(input(w, 1) % FOREIGN);
    m.number = input(w, 1);
    if (m.number > 250)
        m.number = input(w, 8);
    m.count = (uint32_t)input(w, 1);
    m.body_size = input(w, 1) * 2;
    m.body_size = m.body_size < w->left ? m.body_size : w->left;
    m.body = (const char *)w->at;
    gh_durable_head(&m, frame);
    memcpy(frame + GH_DURABLE_HEAD, m.body, m.body_size);
    if (whole)
        hear(w, peer, frame, GH_DURABLE_HEAD + m.body_size);
    else
        hear(w, peer, m.body, m.body_size);
    w->at += m.body_size;
    w->left -= m.body_size;
}

static void honest_step(struct world *w)
{
    struct gh_durable_state state = gh_durable_queue_state(w->queue);
    struct letter letter;
    char line[32];

    if (state.progress.sent < EVENTS && gh_durable_queue_room(w->queue, 1)) {
        const int size =
            snprintf(line, sizeof line, "%llu\n", (unsigned long long)state.progress.sent + 1);
        if (!gh_durable_queue_add(w->queue, line, (size_t)size, 1))
            fail("out of memory");
    }
    gh_durable_queue_pump(w->queue);
    if (++w->silent >= SILENCE && gh_durable_queue_hello(w->queue))
        w->silent = 0;
    while (letter_get(&w->up, &letter))
        hear(w, HONEST, letter.at, letter.size);
    while (letter_get(&w->down, &letter))
        w->silent = gh_durable_queue_hear(w->queue, letter.at, letter.size) ? 0 : w->silent;
    state = gh_durable_queue_state(w->queue);
    if (state.progress.durable > w->mark)
        fail("acknowledged, and not in the log");
}

static void step(struct world *w)
{
    const unsigned what = (unsigned)input(w, 1);

    switch (what % 8) {
    case 0:
        honest_step(w);
        break;
    case 1:
        commit(w, false);
        break;
    case 2:
        gh_durable_stall(w->server);
        break;
    case 3:
        commit(w, true);
        break;
    case 4:
        hostile_step(w, what / 8 % 2, false);
        break;
    default:
        hostile_step(w, what / 8 % 2, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    struct world *w = &world;
    struct gh_durable_queue_setup setup = {
        .write = honest_write, .reject = honest_refused, .context = w};
    bool done = false;

    *w = (struct world){.at = data, .left = size, .silent = SILENCE};
    w->options = (struct gh_durable_options){
        .streams = STREAMS, .credit = 1 + (uint32_t)input(w, 1) % 20, .budget = 30};
    memcpy(setup.stream, honest_id, sizeof setup.stream);
    w->queue = gh_durable_queue_new(&setup);
    server_start(w);
    while (w->left > 0)
        step(w);
    for (int i = 0; i < AFTERWARDS && !done; i++) {
        honest_step(w);
        commit(w, false);
        const struct gh_durable_state state = gh_durable_queue_state(w->queue);
        done = state.empty && state.progress.durable == EVENTS;
    }
    if (!done)
        fail("the honest one is not served");
    gh_durable_queue_free(w->queue);
    gh_durable_server_free(w->server);
    w->server = NULL;
    return 0;
}
