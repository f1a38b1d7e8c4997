/* test_durable_sockets.c - server and client of durable intake over real sockets on loopback,
 * with a log that the test plays. Every wait has a bound. */
#include "edge/clock.h"
#include "edge/durable_client.h"
#include "support/durable_kit.h"

#include <pthread.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, WAIT_MS = 20 };

static struct gh_durable_options options = {.streams = 10, .credit = 64, .budget = 1000};
static const struct gh_guard plain; /* no keys, this machine alone */

/* --- strangers: a DEALER that says what it likes --- */

struct peer {
    void *context, *socket;
    struct gh_durable_server *server;
};

static struct peer peer_open(const char *name)
{
    struct gh_error error = {0};
    struct peer p = {.context = zmq_ctx_new()};

    snprintf(options.bind.text, sizeof options.bind.text, "tcp://127.0.0.1:*");
    CHECK(gh_durable_server_new(&p.server, p.context, &options, &plain, &error) == GH_OK);
    p.socket = zmq_socket(p.context, ZMQ_DEALER);
    if (name)
        zmq_setsockopt(p.socket, ZMQ_ROUTING_ID, name, strlen(name));
    CHECK(zmq_connect(p.socket, gh_durable_endpoint(p.server)) == 0);
    return p;
}

static void peer_close(struct peer *p)
{
    gh_socket_free(p->socket);
    gh_durable_server_free(p->server);
    gh_context_free(p->context);
}

static void peer_say(struct peer *p, struct kit_frame frame)
{
    CHECK(zmq_send(p->socket, frame.at, frame.size, 0) == (int)frame.size);
}

/* What comes next for the server; true: a batch. */
static bool peer_served(struct peer *p, struct gh_durable_batch *batch)
{
    void *const socket[] = {gh_durable_socket(p->server)};

    gh_socket_wait(socket, 1, -1, PATIENCE_MS);
    return gh_durable_next(p->server, batch);
}

static bool peer_told(struct peer *p, enum gh_durable_type type, const char *words)
{
    void *const socket[] = {p->socket};
    struct gh_durable_message m;
    unsigned char frame[KIT_FRAME];

    if (!gh_socket_wait(socket, 1, -1, PATIENCE_MS))
        return false;
    const int size = zmq_recv(p->socket, frame, sizeof frame, 0);
    return size > 0 && gh_durable_read(&m, frame, (size_t)size) == NULL && m.type == type &&
           kit_body_has(&m, words);
}

static void a_batch_stays_as_it_came_until_it_is_released(void)
{
    struct peer p = peer_open(NULL);
    struct gh_durable_batch one, two;

    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(!peer_served(&p, &one) && peer_told(&p, GH_DURABLE_WELCOME, ""));
    peer_say(&p, kit_batch(3, 1, 2)); /* a small frame lies inside its message */
    peer_say(&p, kit_batch(3, 2, 200));
    CHECK(peer_served(&p, &one) && peer_served(&p, &two));
    CHECK(one.size == 4 && memcmp(one.at, "1\n2\n", 4) == 0);
    CHECK(two.first == 3 && two.count == 199 && memcmp(two.at, "3\n4\n", 4) == 0);
    gh_durable_marked(p.server);
    gh_durable_committed(p.server);
    gh_durable_release(p.server);
    CHECK(peer_told(&p, GH_DURABLE_ACK, ""));
    peer_close(&p);
}

static void a_routing_id_of_ones_own_is_refused(void)
{
    struct peer p = peer_open("alice");
    struct gh_durable_batch batch;

    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(!peer_served(&p, &batch) && peer_told(&p, GH_DURABLE_ERROR, "routing id"));
    CHECK(gh_durable_counters(p.server).streams == 0);
    peer_close(&p);
}

static void what_is_not_one_frame_of_the_protocol_is_refused(void)
{
    struct peer p = peer_open(NULL);
    struct gh_durable_batch batch;

    CHECK(zmq_send(p.socket, "noise", 5, 0) == 5);
    CHECK(!peer_served(&p, &batch) && peer_told(&p, GH_DURABLE_ERROR, "GHP1"));
    for (int i = 0; i < 5000; i++)
        zmq_send(p.socket, "x", 1, ZMQ_SNDMORE);
    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(!peer_served(&p, &batch) && peer_told(&p, GH_DURABLE_ERROR, "one frame"));
    CHECK(zmq_send(p.socket, "", 0, 0) == 0);
    CHECK(!peer_served(&p, &batch) && peer_told(&p, GH_DURABLE_ERROR, "GHP1"));
    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(!peer_served(&p, &batch) && peer_told(&p, GH_DURABLE_WELCOME, ""));
    CHECK(gh_durable_counters(p.server).errors == 3);
    peer_close(&p);
}

static void no_more_is_held_than_the_bound(void)
{
    struct peer p = peer_open(NULL);
    struct gh_durable_batch batch;
    uint64_t taken = 0;

    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(!peer_served(&p, &batch));
    for (uint64_t i = 1; i <= GH_DURABLE_HELD + 1; i++)
        peer_say(&p, kit_batch(3, i, 1));
    for (int i = 0; i < GH_DURABLE_HELD; i++)
        taken += peer_served(&p, &batch);
    CHECK(taken == GH_DURABLE_HELD && !peer_served(&p, &batch));
    gh_durable_stall(p.server); /* what is held is held, but everybody is answered */
    CHECK(!peer_served(&p, &batch));
    gh_durable_marked(p.server);
    gh_durable_committed(p.server);
    gh_durable_release(p.server);
    peer_say(&p, kit_batch(3, GH_DURABLE_HELD + 1, 1));
    CHECK(peer_served(&p, &batch) && batch.first == GH_DURABLE_HELD + 1);
    peer_close(&p);
}

static void a_flood_of_noise_leaves_others_their_turn(void)
{
    struct peer p = peer_open(NULL);
    struct gh_durable_batch batch;

    for (int i = 0; i < GH_DURABLE_TURN + 200; i++)
        zmq_send(p.socket, "noise", 5, 0);
    const int64_t until_ms = gh_clock_ms() + PATIENCE_MS;
    uint64_t before = 0, most = 0;
    while (before < GH_DURABLE_TURN + 200 && gh_clock_ms() < until_ms) {
        peer_served(&p, &batch);
        const uint64_t now = gh_durable_counters(p.server).errors;
        most = now - before > most ? now - before : most;
        before = now;
    }
    CHECK(before == GH_DURABLE_TURN + 200 && most <= GH_DURABLE_TURN);
    peer_close(&p);
}

/* --- a service in a thread of its own, which the test restarts and whose log it plays --- */

struct service {
    pthread_t thread;
    pthread_mutex_t lock;
    char endpoint[GH_ENDPOINT_SIZE];
    bool stop;           /* under the lock, as all below */
    bool stall;          /* the disk takes nothing */
    uint64_t refuse;     /* number that is refused; 0: none */
    uint64_t mark, next; /* the log: how far the stream is; the event it must have next */
    uint64_t twice, holes;
};

static enum gh_status service_find(void *context, struct gh_mark *mark, struct gh_error *error)
{
    struct service *s = context;

    (void)error;
    mark->sequence = s->mark;
    return GH_OK;
}

static void service_log(struct service *s, struct gh_durable_server *server,
                        const struct gh_durable_batch *batch)
{
    uint64_t number = batch->first;

    for (const char *at = batch->at; at < batch->at + batch->size; number++) {
        char *end;
        const uint64_t told = strtoull(at, &end, 10);
        s->holes += told != number || number > s->next;
        s->twice += number < s->next;
        s->next = number + 1;
        if (number == s->refuse)
            gh_durable_refuse(server, batch->stream, number, "range", "too much");
        at = end + 1;
    }
}

static void service_turn(struct service *s, struct gh_durable_server *server)
{
    struct gh_durable_batch batch;
    const struct gh_mark *mark;

    if (s->stall) {
        gh_durable_stall(server);
        (void)gh_durable_next(server, &batch);
        return;
    }
    while (gh_durable_next(server, &batch))
        service_log(s, server, &batch);
    if (gh_durable_marks(server, &mark) > 0)
        s->mark = mark->sequence;
    gh_durable_marked(server);
    gh_durable_committed(server);
    gh_durable_release(server);
}

static void *service_run(void *context)
{
    struct service *s = context;
    struct gh_error error = {0};
    struct gh_durable_server *server = NULL;
    void *zmq = zmq_ctx_new();
    bool stop = false;

    CHECK(gh_durable_server_new(&server, zmq, &options, &plain, &error) == GH_OK);
    gh_durable_server_ask(server, service_find, s);
    pthread_mutex_lock(&s->lock);
    snprintf(s->endpoint, sizeof s->endpoint, "%s", gh_durable_endpoint(server));
    pthread_mutex_unlock(&s->lock);
    while (!stop) {
        void *const socket[] = {gh_durable_socket(server)};
        gh_socket_wait(socket, 1, -1, WAIT_MS);
        pthread_mutex_lock(&s->lock);
        stop = s->stop;
        if (!stop)
            service_turn(s, server);
        pthread_mutex_unlock(&s->lock);
    }
    gh_durable_server_free(server);
    gh_context_free(zmq);
    return NULL;
}

/* The same endpoint again once it has had one. */
static void service_start(struct service *s)
{
    if (!s->endpoint[0])
        pthread_mutex_init(&s->lock, NULL);
    s->next = s->next ? s->next : 1;
    s->stop = false;
    snprintf(options.bind.text, sizeof options.bind.text, "%s",
             s->endpoint[0] ? s->endpoint : "tcp://127.0.0.1:*");
    s->endpoint[0] = '\0';
    CHECK(pthread_create(&s->thread, NULL, service_run, s) == 0);
    const int64_t until_ms = gh_clock_ms() + PATIENCE_MS;
    bool ready = false;
    while (!ready && gh_clock_ms() < until_ms) {
        gh_clock_sleep_ms(1);
        pthread_mutex_lock(&s->lock);
        ready = s->endpoint[0] != '\0';
        pthread_mutex_unlock(&s->lock);
    }
    CHECK(ready);
}

static void service_stop(struct service *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
}

static void service_set(struct service *s, bool stall)
{
    pthread_mutex_lock(&s->lock);
    s->stall = stall;
    pthread_mutex_unlock(&s->lock);
}

struct rejections {
    uint64_t count, last;
    char body[256];
};

static void rejected(void *context, uint64_t number, const char *body, size_t size)
{
    struct rejections *r = context;

    r->count++;
    r->last = number;
    snprintf(r->body, sizeof r->body, "%.*s", (int)size, body);
}

static struct gh_durable_client *client_open(const char *endpoint, int64_t timeout_ms,
                                             struct rejections *r, struct gh_error *error)
{
    struct gh_durable_client_setup setup = {.endpoint = endpoint,
                                            .stream = {5},
                                            .timeout_ms = timeout_ms,
                                            .signals = -1,
                                            .on_reject = r ? rejected : NULL,
                                            .context = r};
    struct gh_durable_client *client = NULL;

    return gh_durable_client_new(&client, &setup, error) == GH_OK ? client : NULL;
}

/* The next `count` events. */
static bool client_send(struct gh_durable_client *client, uint32_t count,
                        struct gh_error *error)
{
    const uint64_t first = gh_durable_client_progress(client).sent + 1;
    const struct kit_frame frame = kit_batch(5, first, count);

    return gh_durable_client_send(client, (const char *)frame.at + GH_DURABLE_HEAD,
                                  frame.size - GH_DURABLE_HEAD, count, error) == GH_OK;
}

static void all_is_durable_when_it_has_finished(void)
{
    struct service s = {.refuse = 7};
    struct rejections r = {0};
    struct gh_error error = {0};

    service_start(&s);
    struct gh_durable_client *client = client_open(s.endpoint, PATIENCE_MS, &r, &error);
    for (int i = 0; client && i < 500; i++)
        CHECK(client_send(client, 10, &error));
    CHECK(client && gh_durable_client_finish(client, &error) == GH_OK);
    const struct gh_durable_progress p = gh_durable_client_progress(client);
    CHECK(p.known == 0 && p.sent == 5000 && p.durable == 5000 && p.rejected == 1);
    CHECK(r.count == 1 && r.last == 7 && strstr(r.body, "\"range\""));
    gh_durable_client_free(client);
    client = client_open(s.endpoint, PATIENCE_MS, NULL, &error); /* goes on */
    CHECK(client && gh_durable_client_progress(client).known == 5000);
    CHECK(client_send(client, 1, &error));
    CHECK(gh_durable_client_finish(client, &error) == GH_OK);
    CHECK(gh_durable_client_progress(client).durable == 5001);
    gh_durable_client_free(client);
    service_stop(&s);
    CHECK(s.next == 5002 && s.mark == 5001 && s.twice == 0 && s.holes == 0);
}

static void a_restart_of_the_server_costs_nothing(void)
{
    struct service s = {.stop = false};
    struct gh_error error = {0};

    service_start(&s);
    struct gh_durable_client *client = client_open(s.endpoint, 2 * PATIENCE_MS, NULL, &error);
    for (int round = 0; client && round < 3; round++) {
        for (int i = 0; i < 60; i++) /* small ones, so that many are on their way */
            CHECK(client_send(client, 1, &error));
        service_stop(&s);
        service_start(&s);
    }
    CHECK(client && gh_durable_client_finish(client, &error) == GH_OK);
    CHECK(gh_durable_client_progress(client).durable == 180);
    gh_durable_client_free(client);
    service_stop(&s);
    CHECK(s.next == 181 && s.mark == 180 && s.twice == 0 && s.holes == 0);
}

static void *stall_end(void *context)
{
    gh_clock_sleep_ms(300);
    service_set(context, false);
    return NULL;
}

static void at_stop_the_client_waits_and_then_goes_on(void)
{
    struct service s = {.stall = true};
    struct gh_error error = {0};
    pthread_t waker;

    service_start(&s);
    struct gh_durable_client *client = client_open(s.endpoint, PATIENCE_MS, NULL, &error);
    CHECK(client && gh_durable_client_progress(client).sent == 0);
    for (int round = 0; client && round < 3; round++) {
        CHECK(pthread_create(&waker, NULL, stall_end, &s) == 0);
        for (int i = 0; i < 10; i++)
            CHECK(client_send(client, 20, &error));
        pthread_join(waker, NULL);
        service_set(&s, true); /* with some on their way */
    }
    CHECK(pthread_create(&waker, NULL, stall_end, &s) == 0);
    CHECK(client && gh_durable_client_finish(client, &error) == GH_OK);
    pthread_join(waker, NULL);
    gh_durable_client_free(client);
    service_stop(&s);
    CHECK(s.next == 601 && s.mark == 600 && s.twice == 0 && s.holes == 0);
}

static void when_nobody_answers_it_gives_up_and_says_what_to_do(void)
{
    struct service s = {.stop = false};
    struct gh_error error = {0};

    CHECK(client_open("tcp://127.0.0.1:9", 300, NULL, &error) == NULL);
    CHECK(error.status == GH_EIO && strstr(error.text, "nothing was heard for 0.3 s"));
    CHECK(strstr(error.text, "goodhart run") && strstr(error.text, "store.folder"));
    service_start(&s);
    struct gh_durable_client *client = client_open(s.endpoint, 2000, NULL, &error);
    service_stop(&s);
    gh_clock_sleep_ms(2100); /* one's own idleness is no silence of the server's */
    error = (struct gh_error){0};
    CHECK(client && client_send(client, 1, &error));
    CHECK(client && gh_durable_client_finish(client, &error) == GH_EIO);
    CHECK(strstr(error.text, "nothing was heard") != NULL);
    gh_durable_client_free(client);
}

static void a_stream_that_was_forgotten_is_told_to_say_hello(void)
{
    struct service s = {.stop = false};
    struct gh_error error = {0};
    struct gh_durable_client *client;

    CHECK(client_open("5602", 300, NULL, &error) == NULL && error.status == GH_ECONFIG);
    options.streams = 1;
    service_start(&s);
    struct peer p = {.context = zmq_ctx_new()};
    p.socket = zmq_socket(p.context, ZMQ_DEALER);
    CHECK(zmq_connect(p.socket, s.endpoint) == 0);
    peer_say(&p, kit_plain(GH_DURABLE_HELLO, 3, 1));
    CHECK(peer_told(&p, GH_DURABLE_WELCOME, ""));
    client = client_open(s.endpoint, PATIENCE_MS, NULL, &error); /* takes the place */
    CHECK(client != NULL);
    peer_say(&p, kit_batch(3, 1, 1));
    CHECK(peer_told(&p, GH_DURABLE_ERROR, "say HELLO"));
    gh_durable_client_free(client);
    peer_close(&p);
    service_stop(&s);
    options.streams = 10;
}

static const struct gh_test tests[] = {
    GH_TEST(a_batch_stays_as_it_came_until_it_is_released),
    GH_TEST(a_routing_id_of_ones_own_is_refused),
    GH_TEST(what_is_not_one_frame_of_the_protocol_is_refused),
    GH_TEST(no_more_is_held_than_the_bound),
    GH_TEST(a_flood_of_noise_leaves_others_their_turn),
    GH_TEST(all_is_durable_when_it_has_finished),
    GH_TEST(a_restart_of_the_server_costs_nothing),
    GH_TEST(at_stop_the_client_waits_and_then_goes_on),
    GH_TEST(when_nobody_answers_it_gives_up_and_says_what_to_do),
    GH_TEST(a_stream_that_was_forgotten_is_told_to_say_hello),
};
GH_TEST_MAIN(tests)
