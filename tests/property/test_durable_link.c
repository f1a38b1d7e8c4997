/* test_durable_link.c - producers and a server over a link that drops, doubles and reorders
 * messages, while either side may die at any time. For each seed: nothing is acknowledged that
 * is not in the log, nothing is in it twice or out of turn, and in the end all is there. */
#include "edge/durable_inside.h"
#include "edge/durable_queue.h"
#include "support/gh_test.h"

enum { PRODUCERS = 3, EVENTS = 300, FLYING = 400, FRAME = 1024, SILENCE = 40, SEEDS = 3000 };
enum { STEPS_BAD = 1500, STEPS_GOOD = 4000, REFUSED_EVERY = 37 };

struct flying {
    unsigned route;
    size_t size;
    unsigned char at[FRAME];
};

struct link {
    struct flying message[FLYING];
    size_t count;
};

struct producer {
    struct world *world;
    struct gh_durable_queue *queue;
    unsigned char id[GH_DURABLE_STREAM];
    unsigned route;   /* of its connection */
    unsigned silent;  /* steps since it heard something or said HELLO */
    uint64_t durable; /* as it was told, by whichever life of it */
    /* Of the log: */
    uint64_t appended, mark;
    uint64_t refused; /* times that it was told */
};

struct world {
    uint64_t random;
    struct gh_durable_options options;
    struct gh_durable_server *server;
    struct link up, down;
    struct producer producer[PRODUCERS];
    unsigned routes;
    uint64_t taken[PRODUCERS]; /* by the server, not in the log yet: up to this number */
    unsigned drop, twice, die; /* in 1,000 */
    bool broken;
};

static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

static bool chance(struct world *w, unsigned in_1000)
{
    return draw(w, 1000) < in_1000;
}

static void hold(struct world *w, bool law, const char *what)
{
    if (!law && !w->broken)
        printf("# %s\n", what);
    w->broken = w->broken || !law;
}

/* --- the link --- */

static bool link_put(struct world *w, struct link *link, unsigned route, const void *frame,
                     size_t size)
{
    if (link->count == FLYING || size > FRAME)
        return false;
    for (int copies = chance(w, w->drop)    ? 0
                      : chance(w, w->twice) ? 2
                                            : 1;
         copies > 0; copies--) {
        if (link->count == FLYING)
            return true;
        struct flying *m = &link->message[link->count++];
        m->route = route;
        m->size = size;
        memcpy(m->at, frame, size);
    }
    return true;
}

/* Any one while things are bad, else the oldest. */
static bool link_get(struct world *w, struct link *link, struct flying *m)
{
    if (link->count == 0)
        return false;
    const size_t at = w->drop > 0 && chance(w, 300) ? draw(w, link->count) : 0;
    *m = link->message[at];
    memmove(&link->message[at], &link->message[at + 1],
            (--link->count - at) * sizeof link->message[0]);
    return true;
}

static bool server_say(void *context, const struct gh_durable_route *route, const void *frame,
                       size_t size)
{
    struct world *w = context;

    return link_put(w, &w->down, (unsigned)route->at[1] << 8 | route->at[2], frame, size);
}

static bool producer_write(void *context, const void *frame, size_t size)
{
    struct producer *p = context;

    return link_put(p->world, &p->world->up, p->route, frame, size);
}

static void producer_refused(void *context, uint64_t number, const char *body, size_t size)
{
    struct producer *p = context;

    p->refused++;
    hold(p->world, number % REFUSED_EVERY == 0, "a good event was refused");
    hold(p->world, number <= p->mark, "a refusal was told before it was in the log");
    hold(p->world, memmem(body, size, "\"range\"", 7) != NULL, "a refusal without reason");
}

/* --- the two sides --- */

static struct producer *producer_of(struct world *w, const unsigned char *id)
{
    for (size_t i = 0; i < PRODUCERS; i++)
        if (memcmp(w->producer[i].id, id, GH_DURABLE_STREAM) == 0)
            return &w->producer[i];
    return NULL;
}

static enum gh_status log_find(void *context, struct gh_mark *mark, struct gh_error *error)
{
    (void)error;
    mark->sequence = producer_of(context, mark->stream)->mark;
    return GH_OK;
}

static void server_start(struct world *w)
{
    gh_durable_server_free(w->server);
    memset(w->taken, 0, sizeof w->taken);
    w->server = gh_durable_server_bare(&w->options, server_say, w);
    gh_durable_server_ask(w->server, log_find, w);
}

static void server_take(struct world *w, const struct gh_durable_batch *batch)
{
    uint64_t number = batch->first;
    const unsigned char *id = w->server->stream[batch->stream].id;
    struct producer *p = producer_of(w, id);
    uint64_t *taken = &w->taken[p - w->producer];

    *taken = *taken ? *taken : p->appended;
    for (const char *at = batch->at; at < batch->at + batch->size; number++) {
        char *end;
        hold(w, strtoull(at, &end, 10) == number, "an event under a number not its own");
        hold(w, number == *taken + 1, "an event was taken twice or out of turn");
        *taken = number;
        if (number % REFUSED_EVERY == 0)
            gh_durable_refuse(w->server, batch->stream, number, "range", "");
        at = end + 1;
    }
}

static void server_hear(struct world *w)
{
    struct gh_durable_batch batch;
    struct flying m;

    for (uint64_t i = draw(w, 6); i > 0 && link_get(w, &w->up, &m); i--) {
        struct gh_durable_route route = {
            .size = 3, .at = {0, (unsigned char)(m.route >> 8), (unsigned char)m.route}};
        if (gh_durable_hear(w->server, &route, m.at, m.size, &batch))
            server_take(w, &batch);
    }
}

/* What was taken is appended with its marks; either side of that the server may die. */
static void server_commit(struct world *w)
{
    const struct gh_mark *mark;
    struct gh_text losses;

    if (chance(w, 100)) {
        gh_durable_stall(w->server);
        return;
    }
    const size_t count = gh_durable_marks(w->server, &mark);
    for (size_t i = 0; i < count; i++) {
        struct producer *p = producer_of(w, mark[i].stream);
        const uint64_t taken = w->taken[p - w->producer];
        hold(w, mark[i].sequence == (taken ? taken : p->appended), "a mark that is not so");
        p->appended = p->mark = mark[i].sequence;
    }
    hold(w, gh_durable_losses(w->server, &losses) == 0, "a loss where nothing was lost");
    memset(w->taken, 0, sizeof w->taken);
    if (chance(w, w->die)) {
        server_start(w);
        return;
    }
    gh_durable_marked(w->server);
    if (chance(w, 500))
        server_hear(w);
    gh_durable_committed(w->server);
}

static void server_step(struct world *w)
{
    if (chance(w, w->die))
        server_start(w);
    server_hear(w);
    if (chance(w, 300))
        server_commit(w);
}

static void producer_start(struct world *w, struct producer *p)
{
    struct gh_durable_queue_setup setup = {
        .write = producer_write, .reject = producer_refused, .context = p};

    memcpy(setup.stream, p->id, sizeof setup.stream);
    gh_durable_queue_free(p->queue);
    p->queue = gh_durable_queue_new(&setup);
    p->route = ++w->routes;
    p->silent = SILENCE;
}

static void producer_send(struct world *w, struct producer *p)
{
    const uint64_t first = gh_durable_queue_state(p->queue).progress.sent + 1;
    uint32_t count = 1 + (uint32_t)draw(w, 8);
    char lines[FRAME];
    size_t size = 0;

    count = first + count - 1 > EVENTS ? (uint32_t)(EVENTS - first + 1) : count;
    if (first > EVENTS || !gh_durable_queue_room(p->queue, count))
        return;
    for (uint32_t i = 0; i < count; i++)
        size += (size_t)snprintf(lines + size, sizeof lines - size, "%llu\n",
                                 (unsigned long long)(first + i));
    gh_durable_queue_add(p->queue, lines, size, count);
}

static void producer_hear(struct producer *p, const struct flying *m)
{
    p->silent = gh_durable_queue_hear(p->queue, m->at, m->size) ? 0 : p->silent;
    const uint64_t durable = gh_durable_queue_state(p->queue).progress.durable;

    hold(p->world, durable <= p->mark, "acknowledged, and not in the log");
    p->durable = durable > p->durable ? durable : p->durable;
    hold(p->world, p->mark >= p->durable, "what was durable has gone back");
}

static void producer_step(struct world *w, struct producer *p)
{
    if (chance(w, w->die / 2))
        producer_start(w, p);
    if (chance(w, w->die))
        p->route = ++w->routes; /* another connection */
    if (chance(w, 500))
        producer_send(w, p);
    gh_durable_queue_pump(p->queue);
    if (++p->silent >= SILENCE && gh_durable_queue_hello(p->queue))
        p->silent = 0;
    if (chance(w, 20))
        gh_durable_queue_bye(p->queue);
}

static void world_step(struct world *w)
{
    struct flying m;

    for (size_t i = 0; i < PRODUCERS; i++)
        producer_step(w, &w->producer[i]);
    server_step(w);
    for (uint64_t i = draw(w, 8); i > 0 && link_get(w, &w->down, &m); i--)
        for (size_t k = 0; k < PRODUCERS; k++)
            if (w->producer[k].route == m.route)
                producer_hear(&w->producer[k], &m);
}

static bool world_done(const struct world *w)
{
    bool done = true;

    for (size_t i = 0; i < PRODUCERS; i++) {
        const struct gh_durable_state s = gh_durable_queue_state(w->producer[i].queue);
        done = done && s.empty && s.progress.durable == EVENTS;
    }
    return done;
}

static void world_end(struct world *w)
{
    for (size_t i = 0; i < PRODUCERS; i++)
        gh_durable_queue_free(w->producer[i].queue);
    gh_durable_server_free(w->server);
    free(w);
}

/* True: all laws held. *refused: how often a refusal was told. */
static bool world_run(uint64_t seed, unsigned drop, unsigned die, uint64_t *refused)
{
    struct world *w = calloc(1, sizeof *w);
    bool done = false;

    w->random = seed * 0x9e3779b97f4a7c15u + 1;
    w->drop = drop;
    w->twice = drop;
    w->die = die;
    w->options = (struct gh_durable_options){.streams = seed % 4 ? PRODUCERS : PRODUCERS - 1,
                                             .credit = 1 + (uint32_t)draw(w, 60),
                                             .budget = 1 + (uint32_t)draw(w, 100)};
    server_start(w);
    for (size_t i = 0; i < PRODUCERS; i++) {
        w->producer[i].world = w;
        memset(w->producer[i].id, (int)i + 1, GH_DURABLE_STREAM);
        producer_start(w, &w->producer[i]);
    }
    for (int i = 0; i < STEPS_BAD + STEPS_GOOD && !done && !w->broken; i++) {
        if (i == STEPS_BAD)
            w->drop = w->twice = w->die = 0;
        world_step(w);
        done = world_done(w);
    }
    hold(w, done, "not all has arrived");
    for (size_t i = 0; i < PRODUCERS; i++) {
        hold(w, w->broken || w->producer[i].appended == EVENTS, "the log lacks events");
        *refused += w->producer[i].refused;
    }
    const bool good = !w->broken;
    world_end(w);
    return good;
}

static void seeds_run(unsigned drop, unsigned die)
{
    uint64_t refused = 0, seed = 1;

    while (seed <= SEEDS / 3 && world_run(seed, drop, die, &refused))
        seed++;
    if (seed <= SEEDS / 3)
        printf("# seed %llu\n", (unsigned long long)seed);
    CHECK(seed > SEEDS / 3);
}

static void over_a_lossy_link_all_arrives_once(void)
{
    seeds_run(150, 0);
}

static void whoever_dies_nothing_acknowledged_is_lost(void)
{
    seeds_run(0, 15);
}

static void both_together_change_nothing(void)
{
    seeds_run(80, 8);
}

static void over_a_good_link_each_refusal_is_told_once(void)
{
    uint64_t refused = 0, seed = 0;

    while (seed < 100 && world_run(4 * seed + 1, 0, 0, &refused))
        seed++;
    CHECK(seed == 100);
    CHECK(refused == seed * PRODUCERS * (EVENTS / REFUSED_EVERY));
}

static const struct gh_test tests[] = {
    GH_TEST(over_a_lossy_link_all_arrives_once),
    GH_TEST(whoever_dies_nothing_acknowledged_is_lost),
    GH_TEST(both_together_change_nothing),
    GH_TEST(over_a_good_link_each_refusal_is_told_once),
};
GH_TEST_MAIN(tests)
