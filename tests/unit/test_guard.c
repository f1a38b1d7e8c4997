/* test_guard.c - which endpoints may be plain, and the self-test against doors that stand open:
 * a handler that is not there, one that admits everybody, sockets that do not ask. */
#include "edge/guard.h"

#include "support/gh_test.h"

#include <pthread.h>
#include <unistd.h>
#include <zmq.h>

static struct gh_error error;

static enum gh_status bound(const struct gh_guard *guard, const char *endpoint)
{
    const struct gh_socket_setup setup = {.type = ZMQ_PULL, .frame_bytes = -1};
    const struct gh_listen listen = {GH_DOMAIN_INTAKE, "intake.pull", endpoint};
    void *context = NULL, *socket = NULL;
    error = (struct gh_error){0};
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK((socket = gh_socket_new(context, &setup, &error)) != NULL);
    const enum gh_status status = gh_guard_bind(guard, socket, &listen, &error);
    gh_socket_free(socket);
    gh_context_free(context);
    return status;
}

static void plain_sockets_are_for_this_machine_alone(void)
{
    static const char *const local[] = {"tcp://127.0.0.1:*", "tcp://127.9.8.7:*", "inproc://x"};
    static const char *const open_to_all[] = {"tcp://0.0.0.0:*",
                                              "tcp://*:*",
                                              "tcp://lo:*",
                                              "tcp://localhost:*",
                                              "tcp://1.2.3.4:*",
                                              "tcp://127.0.0.1.x:*",
                                              "tcp://127.1:*",
                                              "tcp://[::]:*",
                                              "tcp://[::2]:*",
                                              "tcp://:*",
                                              "tcp://[127.0.0.1:*",
                                              "tcp://128.0.0.1:*",
                                              "tcp://*",
                                              "tcp://",
                                              "tcp://2130706433:*",
                                              "tcp://127.0.0.1 :*"};
    const struct gh_guard plain = {.insecure = false}, insecure = {.insecure = true};
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        CHECK(bound(&plain, local[i]) == GH_OK);
    for (size_t i = 0; i < sizeof(open_to_all) / sizeof(open_to_all[0]); i++) {
        CHECK(bound(&plain, open_to_all[i]) == GH_ECONFIG);
        CHECK(strstr(error.text, "intake.pull: tcp://") == error.text);
        CHECK(strstr(error.text, "identity.insecure=true"));
    }
    CHECK(bound(&insecure, "tcp://0.0.0.0:*") == GH_OK);
    /* This socket speaks no IPv6, but it was not the guard that said no. */
    CHECK(bound(&plain, "tcp://[::1]:*") != GH_OK && !strstr(error.text, "plain sockets"));
}

/* A guard with an empty key file, its handler not started. */
static struct gh_guard guard_new(void)
{
    char path[] = "/tmp/goodhart-guard-XXXXXX";
    struct gh_guard guard = {.insecure = false};
    const int file = mkstemp(path);
    error = (struct gh_error){0};
    CHECK(file >= 0 && write(file, "{\"keys\": []}", 12) == 12 && close(file) == 0);
    CHECK(gh_keyring_new(&guard.ring, path, &error) == GH_OK);
    CHECK(gh_key_pair_new(&guard.own, "server", &error) == GH_OK);
    unlink(path);
    return guard;
}

/* What the self-test says of a socket of this guard, with the handler that `start` starts. */
static enum gh_status tested(void (*start)(struct gh_guard *guard, void *context),
                             void (*stop)(struct gh_guard *guard), bool asks)
{
    const struct gh_socket_setup setup = {.type = ZMQ_PULL, .frame_bytes = -1};
    struct gh_listen listen = {GH_DOMAIN_INTAKE, "intake.pull", "tcp://127.0.0.1:*"};
    char endpoint[GH_ENDPOINT_SIZE];
    const int yes = 1;
    void *context = NULL;
    struct gh_guard guard = guard_new();
    CHECK(gh_context_new(&context, &error) == GH_OK);
    void *socket = gh_socket_new(context, &setup, &error);
    if (start)
        start(&guard, context);
    if (asks) {
        CHECK(gh_guard_bind(&guard, socket, &listen, &error) == GH_OK);
    } else { /* CURVE alone, which authenticates nobody */
        CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof(yes)) == 0);
        CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, guard.own.secret_key,
                             GH_KEY_TEXT_SIZE) == 0);
        CHECK(zmq_bind(socket, listen.endpoint) == 0);
    }
    gh_socket_endpoint(socket, endpoint);
    listen.endpoint = endpoint;
    const enum gh_status status = gh_guard_test(&guard, ZMQ_PUSH, &listen, &error);
    gh_socket_free(socket);
    if (stop)
        stop(&guard);
    gh_guard_close(&guard);
    gh_context_free(context);
    return status;
}

static void handler_start(struct gh_guard *guard, void *context)
{
    CHECK(gh_zap_new(&guard->zap, context, guard->ring, &error) == GH_OK);
}

static void the_self_test_passes_where_strangers_are_refused(void)
{
    CHECK(tested(handler_start, NULL, true) == GH_OK);
    CHECK(error.status == GH_OK);
}

static void it_fails_where_nobody_answers(void)
{
    CHECK(tested(NULL, NULL, true) == GH_EIO);
    CHECK(strstr(error.text, "intake.pull: self-test: nobody answered"));
}

static void it_fails_where_the_socket_does_not_ask(void)
{
    /* The library asks a handler that is there, even so; of a domain that is none of ours. */
    CHECK(tested(handler_start, NULL, false) == GH_OK);
    CHECK(tested(NULL, NULL, false) == GH_EIO);
    CHECK(strstr(error.text, "intake.pull: self-test: a key that nobody knows was let in"));
}

/* A handler that says 200 to everybody. */
static pthread_t yes_thread;

static void *yes_main(void *argument)
{
    void *socket = argument;
    char part[256], id[256];
    int id_size = 0, more = 1, at = 0;
    size_t size = sizeof(more);
    while (more) {
        const int got = zmq_recv(socket, at == 1 ? id : part, sizeof(part), 0);
        if (got < 0)
            return NULL;
        if (at++ == 1)
            id_size = got;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
    }
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, id, (size_t)id_size, ZMQ_SNDMORE);
    zmq_send(socket, "200", 3, ZMQ_SNDMORE);
    zmq_send(socket, "OK", 2, ZMQ_SNDMORE);
    zmq_send(socket, "anybody", 7, ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
    return NULL;
}

static void *yes_socket;

static void yes_start(struct gh_guard *guard, void *context)
{
    (void)guard;
    yes_socket = zmq_socket(context, ZMQ_REP);
    CHECK(zmq_bind(yes_socket, GH_ZAP_ENDPOINT) == 0);
    CHECK(pthread_create(&yes_thread, NULL, yes_main, yes_socket) == 0);
}

static void yes_stop(struct gh_guard *guard)
{
    (void)guard;
    CHECK(pthread_join(yes_thread, NULL) == 0);
    gh_socket_free(yes_socket);
}

static void it_fails_where_everybody_is_let_in(void)
{
    CHECK(tested(yes_start, yes_stop, true) == GH_EIO);
    CHECK(strstr(error.text, "intake.pull: self-test: a key that nobody knows was let in"));
}

static void two_handlers_in_one_context_are_an_error(void)
{
    void *context = NULL;
    struct gh_zap *first = NULL, *second = NULL;
    struct gh_guard guard = guard_new();
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_zap_new(&first, context, guard.ring, &error) == GH_OK);
    CHECK(gh_zap_new(&second, context, guard.ring, &error) == GH_EIO && !second);
    gh_zap_free(first);
    gh_guard_close(&guard);
    gh_context_free(context);
}

static void a_socket_with_keys_is_never_inproc(void)
{
    struct gh_guard guard = guard_new();
    CHECK(bound(&guard, "inproc://x") == GH_ECONFIG);
    CHECK(strstr(error.text, "inproc has no keys"));
    CHECK(bound(&guard, "tcp://0.0.0.0:*") == GH_OK);
    gh_guard_close(&guard);
}

static void keys_without_a_key_of_ones_own_are_an_error(void)
{
    struct gh_identity_options options = {.insecure = true};
    struct gh_guard guard;
    error = (struct gh_error){0};
    CHECK(gh_guard_open(&guard, NULL, &options, &error) == GH_OK && !guard.ring);
    CHECK(guard.insecure);
    snprintf(options.keys.text, sizeof(options.keys.text), "keys.json");
    CHECK(gh_guard_open(&guard, NULL, &options, &error) == GH_ECONFIG);
    CHECK(!strncmp(error.text, "identity.secret: empty", 22));
    gh_guard_close(&guard);
}

static const struct gh_test tests[] = {
    GH_TEST(plain_sockets_are_for_this_machine_alone),
    GH_TEST(the_self_test_passes_where_strangers_are_refused),
    GH_TEST(it_fails_where_nobody_answers),
    GH_TEST(it_fails_where_the_socket_does_not_ask),
    GH_TEST(it_fails_where_everybody_is_let_in),
    GH_TEST(two_handlers_in_one_context_are_an_error),
    GH_TEST(a_socket_with_keys_is_never_inproc),
    GH_TEST(keys_without_a_key_of_ones_own_are_an_error),
};
GH_TEST_MAIN(tests)
