/* guard.c - see guard.h. */
#include "edge/guard.h"

#include "edge/clock.h"
#include "edge/monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

/* In 4.3.4 the stable header leaves it out, but the library has it. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* A stranger may hold a half-open connection for so long, and so many may wait. */
enum { GUARD_HANDSHAKE_MS = 5000, GUARD_BACKLOG = 128 };
enum { GUARD_TEST_STEP_MS = 50 };

enum gh_status gh_guard_open(struct gh_guard *guard, void *context,
                             const struct gh_identity_options *options, struct gh_error *error)
{
    *guard = (struct gh_guard){.insecure = options->insecure};
    if (!options->keys.text[0])
        return GH_OK;
    if (!options->secret.text[0])
        return gh_error_set(error, GH_ECONFIG,
                            "identity.secret: empty, but identity.keys is set: the service "
                            "needs a key of its own: `goodhart key server` makes one");
    if (!zmq_has("curve"))
        return gh_error_set(error, GH_ECONFIG,
                            "identity.keys: this libzmq was built without CURVE");
    enum gh_status status =
        gh_key_pair_read(&guard->own, options->secret.text, "identity.secret", error);
    if (status == GH_OK)
        status = gh_keyring_new(&guard->ring, options->keys.text, error);
    if (status == GH_OK)
        status = gh_zap_new(&guard->zap, context, guard->ring, error);
    return status;
}

void gh_guard_close(struct gh_guard *guard)
{
    gh_zap_free(guard->zap);
    gh_keyring_free(guard->ring);
    gh_key_pair_wipe(&guard->own);
    *guard = (struct gh_guard){.ring = NULL};
}

/* 127.0.0.0/8 and ::1 as numbers: names may change what they mean. */
static bool host_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &six) == 1 &&
           !memcmp(&six, &in6addr_loopback, sizeof(six));
}

static bool endpoint_local(const char *endpoint)
{
    char host[GH_ENDPOINT_SIZE];
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return true; /* ipc and inproc; others are refused when bound */
    snprintf(host, sizeof(host), "%s", endpoint + 6);
    char *port = strrchr(host, ':');
    if (port)
        *port = '\0';
    const size_t size = strlen(host);
    if (size > 2 && host[0] == '[' && host[size - 1] == ']') {
        host[size - 1] = '\0';
        return host_loopback(host + 1);
    }
    return host_loopback(host);
}

static bool guard_number(void *socket, int option, int value)
{
    int got = ~value;
    size_t size = sizeof(got);
    return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0 &&
           zmq_getsockopt(socket, option, &got, &size) == 0 && got == value;
}

static bool guard_domain(void *socket, const char *domain)
{
    char got[64] = "";
    size_t size = sizeof(got);
    return zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 &&
           zmq_getsockopt(socket, ZMQ_ZAP_DOMAIN, got, &size) == 0 && !strcmp(got, domain);
}

static bool guard_curve(void *socket)
{
    int mechanism = ZMQ_NULL;
    size_t size = sizeof(mechanism);
    return zmq_getsockopt(socket, ZMQ_MECHANISM, &mechanism, &size) == 0 &&
           mechanism == ZMQ_CURVE;
}

/* Each of these is needed: with any one missing the library admits every key. */
static enum gh_status guard_keyed(const struct gh_guard *guard, void *socket,
                                  const struct gh_listen *listen, struct gh_error *error)
{
    if (!strncmp(listen->endpoint, "inproc://", 9))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: inproc has no keys, and identity.keys asks for them: "
                            "tcp:// or ipc://",
                            listen->option, listen->endpoint);
    if (!guard_number(socket, ZMQ_CURVE_SERVER, 1) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, guard->own.secret_key, GH_KEY_TEXT_SIZE) !=
            0 ||
        !guard_domain(socket, gh_domain_name(listen->domain)) ||
        !guard_number(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1) || !guard_curve(socket))
        return gh_error_set(error, GH_EIO,
                            "%s: this libzmq does not let a socket ask for keys: %s",
                            listen->option, zmq_strerror(errno));
    return GH_OK;
}

enum gh_status gh_guard_bind(const struct gh_guard *guard, void *socket,
                             const struct gh_listen *listen, struct gh_error *error)
{
    if (!guard_number(socket, ZMQ_HANDSHAKE_IVL, GUARD_HANDSHAKE_MS) ||
        !guard_number(socket, ZMQ_BACKLOG, GUARD_BACKLOG))
        return gh_error_set(error, GH_EIO, "%s: %s", listen->option, zmq_strerror(errno));
    if (guard->ring) {
        const enum gh_status status = guard_keyed(guard, socket, listen, error);
        if (status != GH_OK)
            return status;
    } else if (!guard->insecure && !endpoint_local(listen->endpoint)) {
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: plain sockets are for this machine alone: 127.0.0.1, "
                            "[::1] or ipc://; to be reached from others set identity.keys, or "
                            "identity.insecure=true where the network is guarded",
                            listen->option, listen->endpoint);
    }
    return gh_socket_bind(socket, listen->endpoint, listen->option, error);
}

/* Where a client on this machine finds what listens everywhere. */
static void test_endpoint(const char *endpoint, char found[GH_ENDPOINT_SIZE])
{
    static const char any[] = "tcp://0.0.0.0:";
    if (strncmp(endpoint, any, sizeof(any) - 1) == 0)
        snprintf(found, GH_ENDPOINT_SIZE, "tcp://127.0.0.1:%s", endpoint + sizeof(any) - 1);
    else
        snprintf(found, GH_ENDPOINT_SIZE, "%s", endpoint);
}

/* GH_LINK_TOUCHED: no answer in time. */
static enum gh_link test_answer(void *monitor)
{
    const int64_t end_ms = gh_clock_ms() + GH_GUARD_TEST_MS;
    while (gh_clock_ms() < end_ms) {
        enum gh_link link;
        gh_socket_wait(&monitor, 1, -1, GUARD_TEST_STEP_MS);
        while (gh_monitor_next(monitor, &link)) {
            if (link == GH_LINK_REFUSED || link == GH_LINK_READY)
                return link;
        }
    }
    return GH_LINK_TOUCHED;
}

static enum gh_status test_judge(enum gh_link link, const struct gh_listen *listen,
                                 struct gh_error *error)
{
    if (link == GH_LINK_REFUSED)
        return GH_OK;
    if (link == GH_LINK_READY)
        return gh_error_set(error, GH_EIO,
                            "%s: self-test: a key that nobody knows was let in: the service "
                            "does not start",
                            listen->option);
    return gh_error_set(error, GH_EIO,
                        "%s: self-test: nobody answered whether an unknown key may come in: "
                        "the service does not start",
                        listen->option);
}

enum gh_status gh_guard_test(const struct gh_guard *guard, int type,
                             const struct gh_listen *listen, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = type, .frame_bytes = -1};
    struct gh_credentials stranger = {.given = true};
    char endpoint[GH_ENDPOINT_SIZE];
    void *context = NULL, *socket = NULL, *monitor = NULL;
    if (!guard->ring)
        return GH_OK;
    memcpy(stranger.server.public_key, guard->own.public_key, GH_KEY_TEXT_SIZE);
    /* A context of its own: the question must come from outside, as everybody's does. */
    enum gh_status status = gh_key_pair_new(&stranger.own, "self-test", error);
    if (status == GH_OK)
        status = gh_context_new(&context, error);
    if (status == GH_OK && !(socket = gh_socket_new(context, &setup, error)))
        status = GH_EIO;
    if (status == GH_OK && !(monitor = gh_monitor_new(context, socket, error)))
        status = GH_EIO;
    if (status == GH_OK)
        status = gh_guard_client(socket, &stranger, error);
    test_endpoint(listen->endpoint, endpoint);
    if (status == GH_OK)
        status = gh_socket_connect(socket, endpoint, listen->option, error);
    if (status == GH_OK)
        status = test_judge(test_answer(monitor), listen, error);
    gh_monitor_free(monitor, socket);
    gh_socket_free(socket);
    gh_context_free(context);
    gh_key_pair_wipe(&stranger.own);
    return status;
}

struct gh_speaker gh_guard_speaker_of(enum gh_domain domain, const struct gh_access_key *key,
                                      const char *name)
{
    const enum gh_key_state state =
        gh_key_state_for(key, gh_domain_roles(domain), gh_clock_wall_ms());
    return (struct gh_speaker){.owner = key ? key->name : name,
                               .key = state == GH_KEY_GOOD ? key : NULL,
                               .state = state};
}

struct gh_speaker gh_guard_speaker(const struct gh_guard *guard, enum gh_domain domain,
                                   void *message)
{
    if (!guard->ring)
        return (struct gh_speaker){.owner = NULL};
    const char *name = zmq_msg_gets(message, "User-Id");
    const char *public_key = zmq_msg_gets(message, GH_ZAP_KEY);
    const struct gh_access_key *key =
        public_key ? gh_keys_by_public(gh_keyring_keys(guard->ring), public_key) : NULL;
    return gh_guard_speaker_of(domain, key, name ? name : "");
}

uint64_t gh_speaker_owner(const struct gh_speaker *speaker, uint64_t nobody)
{
    const char *name = speaker->owner;
    return name ? gh_owner_of((struct gh_text){name, (uint32_t)strlen(name)}) : nobody;
}

enum gh_status gh_guard_client(void *socket, const struct gh_credentials *credentials,
                               struct gh_error *error)
{
    if (!credentials || !credentials->given)
        return GH_OK;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, credentials->server.public_key,
                       GH_KEY_TEXT_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, credentials->own.public_key,
                       GH_KEY_TEXT_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, credentials->own.secret_key,
                       GH_KEY_TEXT_SIZE) == 0)
        return GH_OK;
    return gh_error_set(error, GH_EIO, "identity.secret: %s", zmq_strerror(errno));
}
