/* zap.c - see zap.h. */
#include "edge/zap.h"

#include "edge/socket.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

/* Of a request: version, id, domain, address, routing id, mechanism, credentials. */
enum { ZAP_VERSION, ZAP_ID, ZAP_DOMAIN, ZAP_MECHANISM = 5, ZAP_KEY, ZAP_PARTS };
enum { ZAP_PART_BYTES = 256, ZAP_METADATA_BYTES = 128, ZAP_KEY_BYTES = 32 };

struct gh_zap {
    void *context;
    struct gh_keyring *ring;
    struct gh_error error;
    enum gh_status status; /* of opening, in the thread */
    sem_t opened;
    int stop; /* readable: the thread is to end */
    pthread_t thread;
};

#define DOMAIN_NAME(code, name, roles) [code] = name,
#define DOMAIN_ROLES(code, name, roles) [code] = roles,

const char *gh_domain_name(enum gh_domain domain)
{
    static const char *const name[] = {GH_DOMAIN_LIST(DOMAIN_NAME)};
    assert(domain < GH_DOMAINS);
    return name[domain];
}

uint32_t gh_domain_roles(enum gh_domain domain)
{
    static const uint32_t roles[] = {GH_DOMAIN_LIST(DOMAIN_ROLES)};
    assert(domain < GH_DOMAINS);
    return roles[domain];
}

struct request {
    size_t parts;
    struct part {
        unsigned char at[ZAP_PART_BYTES];
        size_t size; /* may be more than was kept */
    } part[ZAP_PARTS];
};

static bool part_is(const struct request *request, size_t index, const char *text)
{
    const struct part *part = &request->part[index];
    return part->size == strlen(text) && !memcmp(part->at, text, part->size);
}

static bool request_receive(void *socket, struct request *request)
{
    struct part surplus;
    int more = 1;
    size_t more_size = sizeof(more);
    request->parts = 0;
    while (more) {
        struct part *part =
            request->parts < ZAP_PARTS ? &request->part[request->parts] : &surplus;
        const int got = zmq_recv(socket, part->at, sizeof(part->at), ZMQ_DONTWAIT);
        if (got < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size) != 0)
            return false;
        part->size = (size_t)got;
        request->parts++;
    }
    return true;
}

/* The roles that the domain asks for; 0, which no key has: it is none of ours. */
static uint32_t request_roles(const struct request *request)
{
    for (unsigned i = 0; i < GH_DOMAINS; i++) {
        if (part_is(request, ZAP_DOMAIN, gh_domain_name((enum gh_domain)i)))
            return gh_domain_roles((enum gh_domain)i);
    }
    return 0;
}

/* Whom the answer names. */
struct admitted {
    char name[GH_KEY_NAME_SIZE];
    char public_key[GH_KEY_TEXT_SIZE];
};

static bool request_admit(struct gh_zap *zap, const struct request *request,
                          struct admitted *who)
{
    if (request->parts != ZAP_PARTS || !part_is(request, ZAP_VERSION, "1.0") ||
        !part_is(request, ZAP_MECHANISM, "CURVE") ||
        request->part[ZAP_KEY].size != ZAP_KEY_BYTES)
        return false;
    zmq_z85_encode(who->public_key, request->part[ZAP_KEY].at, ZAP_KEY_BYTES);
    return gh_keyring_admit(zap->ring, who->public_key, request_roles(request), who->name) ==
           GH_KEY_GOOD;
}

/* One property: size of the name, name, size of the value in 4 bytes, value. */
static size_t metadata_write(unsigned char at[ZAP_METADATA_BYTES],
                             const char value[GH_KEY_TEXT_SIZE])
{
    enum { NAME = sizeof(GH_ZAP_KEY) - 1, VALUE = GH_KEY_TEXT_SIZE - 1 };
    static const unsigned char value_size[4] = {0, 0, 0, VALUE};
    _Static_assert(NAME + VALUE + 5 <= ZAP_METADATA_BYTES && NAME < 256, "it fits");
    at[0] = NAME;
    memcpy(at + 1, GH_ZAP_KEY, NAME);
    memcpy(at + 1 + NAME, value_size, sizeof(value_size));
    memcpy(at + 5 + NAME, value, VALUE);
    return NAME + VALUE + 5;
}

/* `who` NULL: refused. */
static void reply_send(void *socket, const struct request *request, const struct admitted *who)
{
    unsigned char metadata[ZAP_METADATA_BYTES];
    const bool named = request->parts > ZAP_ID && request->part[ZAP_ID].size <= ZAP_PART_BYTES;
    const struct {
        const void *at;
        size_t size;
    } part[] = {
        {"1.0", 3},
        {request->part[ZAP_ID].at, named ? request->part[ZAP_ID].size : 0},
        {who ? "200" : "400", 3},
        {who ? "OK" : "refused", who ? 2 : 7},
        {who ? who->name : "", who ? strlen(who->name) : 0},
        {metadata, who ? metadata_write(metadata, who->public_key) : 0},
    };
    const size_t count = sizeof(part) / sizeof(part[0]);
    /* Nobody waits for an answer that cannot be sent: the handshake times out. */
    for (size_t i = 0; i < count; i++) {
        if (zmq_send(socket, part[i].at, part[i].size,
                     i + 1 < count ? ZMQ_SNDMORE | ZMQ_DONTWAIT : ZMQ_DONTWAIT) < 0)
            return;
    }
}

static void *zap_open(struct gh_zap *zap)
{
    const struct gh_socket_setup setup = {.type = ZMQ_REP, .frame_bytes = -1};
    void *socket = gh_socket_new(zap->context, &setup, &zap->error);
    if (socket &&
        gh_socket_bind(socket, GH_ZAP_ENDPOINT, "identity.keys", &zap->error) != GH_OK) {
        gh_socket_free(socket);
        socket = NULL;
    }
    zap->status = socket ? GH_OK : GH_EIO;
    return socket;
}

static void *zap_main(void *argument)
{
    struct gh_zap *zap = argument;
    void *socket = zap_open(zap);
    uint64_t stopped = 0;
    sem_post(&zap->opened);
    while (socket && read(zap->stop, &stopped, sizeof(stopped)) < 0) {
        struct request request;
        struct admitted who;
        gh_socket_wait(&socket, 1, zap->stop, -1);
        while (request_receive(socket, &request))
            reply_send(socket, &request, request_admit(zap, &request, &who) ? &who : NULL);
    }
    gh_socket_free(socket);
    return NULL;
}

enum gh_status gh_zap_new(struct gh_zap **zap, void *context, struct gh_keyring *ring,
                          struct gh_error *error)
{
    struct gh_zap *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "identity.keys: out of memory");
    made->context = context;
    made->ring = ring;
    sem_init(&made->opened, 0, 0);
    made->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->stop < 0 || pthread_create(&made->thread, NULL, zap_main, made) != 0) {
        if (made->stop >= 0)
            close(made->stop);
        sem_destroy(&made->opened);
        free(made);
        return gh_error_set(error, GH_EMEMORY, "identity.keys: no thread to be had");
    }
    while (sem_wait(&made->opened) != 0 && errno == EINTR) {
    }
    if (made->status != GH_OK) {
        const enum gh_status status = gh_error_set(error, GH_EIO, "%s", made->error.text);
        gh_zap_free(made);
        return status;
    }
    *zap = made;
    return GH_OK;
}

void gh_zap_free(struct gh_zap *zap)
{
    const uint64_t one = 1;
    if (!zap)
        return;
    while (write(zap->stop, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    pthread_join(zap->thread, NULL);
    close(zap->stop);
    sem_destroy(&zap->opened);
    free(zap);
}
