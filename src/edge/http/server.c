/* server.c - the daemon of libmicrohttpd and who is connected to it. */
#include "edge/http/server_inside.h"

#include "edge/clock.h"
#include "edge/text_file.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What a connection may take for first line and headers; how long the end waits. */
enum { HEADER_BYTES = 32768, END_WAIT_S = 2, MS = 1000 };
static const char tls_versions[] = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1";

/* Of IPv6 the network, for one sender may have any address in it. */
static void address_from(const struct sockaddr *address, unsigned char from[16])
{
    memset(from, 0, 16);
    if (address->sa_family == AF_INET)
        memcpy(from, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    else if (address->sa_family == AF_INET6)
        memcpy(from + 8, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 8);
}

static enum MHD_Result connection_admit(void *context, const struct sockaddr *address,
                                        socklen_t size)
{
    struct gh_http_server *s = context;
    unsigned char from[16];
    size_t same = 0;
    (void)size;
    address_from(address, from);
    pthread_mutex_lock(&s->lock);
    for (const struct gh_http_connection *c = s->connection; c; c = c->after)
        same += !memcmp(c->from, from, sizeof(from));
    const bool good = same < s->options->per_address;
    s->counters.turned_away += !good;
    pthread_mutex_unlock(&s->lock);
    return good ? MHD_YES : MHD_NO;
}

static struct gh_http_connection *connection_new(const struct gh_http_server *s,
                                                 struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct gh_http_connection *made = socket && peer ? calloc(1, sizeof(*made)) : NULL;
    if (!made)
        return NULL;
    made->socket = socket->connect_fd;
    made->due_ms = gh_clock_ms() + (int64_t)s->options->timeout * MS;
    address_from(peer->client_addr, made->from);
    return made;
}

static void connection_link(struct gh_http_server *s, struct gh_http_connection *c)
{
    pthread_mutex_lock(&s->lock);
    c->after = s->connection;
    if (c->after)
        c->after->before = c;
    s->connection = c;
    s->counters.connections++;
    pthread_mutex_unlock(&s->lock);
}

/* Before the library closes the socket, so that its number is nobody else's yet. */
static void connection_unlink(struct gh_http_server *s, struct gh_http_connection *c)
{
    pthread_mutex_lock(&s->lock);
    if (c->after)
        c->after->before = c->before;
    if (c->before)
        c->before->after = c->after;
    else
        s->connection = c->after;
    s->counters.connections--;
    pthread_mutex_unlock(&s->lock);
    free(c);
}

static void connection_notify(void *context, struct MHD_Connection *connection, void **slot,
                              enum MHD_ConnectionNotificationCode code)
{
    struct gh_http_server *s = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct gh_http_connection *made = connection_new(s, connection);
        *slot = made; /* without one nothing but the library watches its time */
        if (made)
            connection_link(s, made);
    } else if (*slot) {
        connection_unlink(s, *slot);
        *slot = NULL;
    }
}

void gh_http_connection_due(struct gh_http_exchange *x, int64_t wait_ms)
{
    const union MHD_ConnectionInfo *slot =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct gh_http_connection *c = slot ? slot->socket_context : NULL;
    if (!c)
        return;
    pthread_mutex_lock(&x->server->lock);
    c->due_ms = wait_ms < 0 ? INT64_MAX : gh_clock_ms() + wait_ms;
    pthread_mutex_unlock(&x->server->lock);
}

void gh_http_server_turn(struct gh_http_server *server)
{
    const int64_t now_ms = gh_clock_ms();
    pthread_mutex_lock(&server->lock);
    for (struct gh_http_connection *c = server->connection; c; c = c->after) {
        if (now_ms < c->due_ms)
            continue;
        c->due_ms = INT64_MAX;
        server->counters.cut_off++;
        shutdown(c->socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&server->lock);
}

/* What the library has to say is about single connections: those are counted. */
static void log_nothing(void *context, const char *format, va_list arguments)
{
    (void)context, (void)format, (void)arguments;
}

static struct MHD_Daemon *daemon_start(struct gh_http_server *s, unsigned threads)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_ERROR_LOG | (s->key ? MHD_USE_TLS : 0);
    const uint32_t connections = s->options->connections;
    const bool pool = threads > 1 && connections >= threads;
    const struct MHD_OptionItem more[] = {
        {s->key ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, s->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, s->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_versions},
        {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem shared[] = {
        {pool ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(
        flags, 0, connection_admit, s, gh_http_exchange_go_on, s, MHD_OPTION_EXTERNAL_LOGGER,
        log_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, s->listening, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)s->options->timeout,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, gh_http_exchange_new, s,
        MHD_OPTION_NOTIFY_COMPLETED, gh_http_exchange_end, s, MHD_OPTION_NOTIFY_CONNECTION,
        connection_notify, s, MHD_OPTION_ARRAY, shared, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

static enum gh_status tls_read(struct gh_http_server *s, struct gh_error *error)
{
    const char *certificate = s->options->certificate.text, *key = s->options->key.text;
    if (!certificate[0] && !key[0])
        return GH_OK;
    if (!certificate[0] || !key[0])
        return gh_error_set(error, GH_ECONFIG,
                            "%s: empty, but %s is given: TLS needs both, the certificate and "
                            "its secret key",
                            key[0] ? "http.certificate" : "http.key",
                            key[0] ? "http.key" : "http.certificate");
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return gh_error_set(error, GH_ECONFIG,
                            "http.certificate: this libmicrohttpd was built without TLS");
    enum gh_status status =
        gh_text_file_read(&s->certificate, certificate, "http.certificate", error);
    if (status == GH_OK)
        status = gh_secret_file_read(&s->key, key, "http.key", error);
    return status;
}

static enum gh_status server_start(struct gh_http_server *s, const struct gh_http_setup *setup,
                                   struct gh_error *error)
{
    char bound[GH_HTTP_ADDRESS_SIZE];
    enum gh_status status = tls_read(s, error);
    const struct gh_http_address address = {setup->option, setup->address,
                                            !setup->insecure && !s->key};
    if (status == GH_OK && s->options->body_bytes > s->options->buffer_bytes)
        status = gh_error_set(error, GH_ECONFIG,
                              "http.buffer_bytes: %u: at least http.body_bytes, %u",
                              s->options->buffer_bytes, s->options->body_bytes);
    if (status == GH_OK)
        status = gh_http_listen(&s->listening, bound, &address, error);
    if (status != GH_OK)
        return status;
    s->local = gh_http_local(s->listening);
    snprintf(s->endpoint, sizeof(s->endpoint), "%s://%s", s->key ? "https" : "http", bound);
    s->daemon = daemon_start(s, setup->threads);
    if (!s->daemon)
        return gh_error_set(error, GH_EIO, "%s: %s: libmicrohttpd does not start%s%s",
                            setup->option, setup->address, s->key ? ": see the files of " : "",
                            s->key ? "http.certificate and http.key" : "");
    return GH_OK;
}

enum gh_status gh_http_server_new(struct gh_http_server **server,
                                  const struct gh_http_setup *setup, struct gh_error *error)
{
    pthread_condattr_t monotonic;
    struct gh_http_server *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", setup->option);
    made->option = setup->option;
    made->options = setup->options;
    made->route = setup->route;
    made->routes = setup->routes;
    made->listening = -1;
    made->budget.most = setup->options->buffer_bytes;
    pthread_mutex_init(&made->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    const enum gh_status status = server_start(made, setup, error);
    if (status == GH_OK)
        *server = made;
    else
        gh_http_server_free(made);
    return status;
}

/* The library must not be stopped while a connection is suspended. */
static void server_end(struct gh_http_server *s)
{
    struct timespec end;
    int waited = 0;
    MHD_quiesce_daemon(s->daemon);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += END_WAIT_S;
    pthread_mutex_lock(&s->lock);
    while (s->open > 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&s->quiet, &s->lock, &end);
    pthread_mutex_unlock(&s->lock);
    MHD_stop_daemon(s->daemon);
    assert(!s->connection);
}

void gh_http_server_free(struct gh_http_server *server)
{
    if (!server)
        return;
    if (server->daemon)
        server_end(server);
    if (server->listening >= 0)
        close(server->listening);
    if (server->key)
        explicit_bzero(server->key, strlen(server->key));
    free(server->key);
    free(server->certificate);
    pthread_cond_destroy(&server->quiet);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *gh_http_server_endpoint(const struct gh_http_server *server)
{
    return server->endpoint;
}

struct gh_http_counters gh_http_server_counters(struct gh_http_server *server)
{
    pthread_mutex_lock(&server->lock);
    struct gh_http_counters counters = server->counters;
    pthread_mutex_unlock(&server->lock);
    counters.buffer_bytes = atomic_load(&server->budget.used);
    return counters;
}
