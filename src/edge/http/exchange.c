/* exchange.c - one request, from its first line to its answer. */
#include "edge/http/foreign.h"
#include "edge/http/server_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MS = 1000 };

static struct gh_http_exchange *exchange_of(struct gh_http_request *request)
{
    return (struct gh_http_exchange *)request;
}

const char *gh_http_header(const struct gh_http_request *request, const char *name)
{
    const struct gh_http_exchange *x = (const struct gh_http_exchange *)request;
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

char *gh_http_body_take(struct gh_http_request *request)
{
    request->body = NULL;
    request->size = 0;
    return gh_body_take(&exchange_of(request)->body);
}

static int64_t timeout_ms(const struct gh_http_exchange *x)
{
    return (int64_t)x->server->options->timeout * MS;
}

void *gh_http_exchange_new(void *server, const char *uri, struct MHD_Connection *connection)
{
    struct gh_http_server *s = server;
    struct gh_http_exchange *x = calloc(1, sizeof(*x));
    (void)uri;
    if (!x)
        return NULL;
    x->server = s;
    x->connection = connection;
    pthread_mutex_init(&x->lock, NULL);
    pthread_mutex_lock(&s->lock);
    s->open++;
    s->counters.requests++;
    pthread_mutex_unlock(&s->lock);
    gh_http_connection_due(x, timeout_ms(x));
    return x;
}

void gh_http_exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                          enum MHD_RequestTerminationCode why)
{
    struct gh_http_server *s = server;
    struct gh_http_exchange *x = *exchange;
    (void)connection, (void)why;
    if (!x)
        return;
    /* The next request may take as long to begin as it may to arrive. */
    gh_http_connection_due(x, 2 * timeout_ms(x));
    gh_body_free(&x->body);
    pthread_mutex_destroy(&x->lock);
    free(x->reply_body);
    free(x);
    *exchange = NULL;
    pthread_mutex_lock(&s->lock);
    if (--s->open == 0)
        pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
}

static void trouble_set(struct gh_http_exchange *x, unsigned status, const char *text)
{
    if (x->trouble)
        return;
    x->trouble = status;
    if (text != x->text)
        snprintf(x->text, sizeof(x->text), "%s", text);
    gh_body_free(&x->body);
}

static bool method_is(const char *method, enum gh_http_method wanted)
{
    if (wanted == GH_HTTP_POST)
        return !strcmp(method, MHD_HTTP_METHOD_POST);
    return !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
}

/* NULL: it is not this route's; else what follows its path. */
static const char *route_rest(const struct gh_http_route *route, const char *path)
{
    const size_t size = strlen(route->path);
    const bool below = route->path[size - 1] == '/';
    if (strncmp(path, route->path, size) != 0 || (!below && path[size] != '\0'))
        return NULL;
    return path + size;
}

static void path_unknown(struct gh_http_exchange *x)
{
    const struct gh_http_server *s = x->server;
    char text[GH_HTTP_TEXT_SIZE] = "no such path; there are";
    size_t used = strlen(text);
    for (size_t i = 0; i < s->routes && used < sizeof(text); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s", i > 0 ? "," : "",
                                 s->route[i].path);
    trouble_set(x, MHD_HTTP_NOT_FOUND, text);
}

static void route_find(struct gh_http_exchange *x, const char *path, const char *method)
{
    const struct gh_http_server *s = x->server;
    for (size_t i = 0; i < s->routes; i++) {
        const struct gh_http_route *route = &s->route[i];
        const char *rest = route_rest(route, path);
        if (!rest)
            continue;
        x->request.route = route;
        x->request.path = path;
        x->request.rest = rest;
        if (method_is(method, route->method))
            return;
        x->allowed = route->method == GH_HTTP_POST ? "POST" : "GET, HEAD";
    }
    if (!x->allowed)
        path_unknown(x);
    else
        trouble_set(x, MHD_HTTP_METHOD_NOT_ALLOWED, "not this method: see Allow");
}

static enum gh_http_type type_parse(const char *header)
{
#define TYPE_ROW(code, bit, name) {name, bit},
    static const struct {
        const char *name;
        unsigned bit;
    } row[] = {GH_HTTP_TYPE_LIST(TYPE_ROW)};
    const size_t size = header ? strcspn(header, "; \t") : 0;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (size == strlen(row[i].name) && !strncasecmp(header, row[i].name, size))
            return (enum gh_http_type)row[i].bit;
    return GH_HTTP_NO_TYPE;
}

static bool encoding_known(const char *header, bool *gzip)
{
    *gzip = header && (!strcasecmp(header, "gzip") || !strcasecmp(header, "x-gzip"));
    return *gzip || !header || !header[0] || !strcasecmp(header, "identity");
}

/* Two names would be one for us and another for whoever stands between. */
static enum MHD_Result host_count(void *count, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind, (void)value;
    *(unsigned *)count += !strcasecmp(name, MHD_HTTP_HEADER_HOST);
    return MHD_YES;
}

static void foreign_refuse(struct gh_http_exchange *x)
{
    struct gh_http_server *s = x->server;
    const struct gh_http_request *request = &x->request;
    const struct gh_http_shown shown = {.host = gh_http_header(request, MHD_HTTP_HEADER_HOST),
                                        .origin = gh_http_header(request, "Origin"),
                                        .site = gh_http_header(request, "Sec-Fetch-Site"),
                                        .names = s->options->hosts.text,
                                        .local = s->local};
    unsigned hosts = 0;
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, host_count, &hosts);
    const unsigned status = gh_http_foreign(&shown, x->text, sizeof(x->text));
    if (hosts > 1)
        trouble_set(x, MHD_HTTP_BAD_REQUEST, "more than one Host");
    else if (status)
        trouble_set(x, status, x->text);
    pthread_mutex_lock(&s->lock);
    s->counters.foreign += hosts <= 1 && status;
    pthread_mutex_unlock(&s->lock);
}

/* More than fits into any counter is more than is allowed. */
static bool length_large(const char *length, size_t most)
{
    unsigned long long value = 0;
    for (const char *at = length; *at >= '0' && *at <= '9' && value <= most; at++)
        value = value * 10 + (unsigned)(*at - '0');
    return value > most;
}

static void body_begin(struct gh_http_exchange *x)
{
    const size_t most = x->server->options->body_bytes;
    const char *length = gh_http_header(&x->request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *coding = gh_http_header(&x->request, MHD_HTTP_HEADER_CONTENT_ENCODING);
    bool gzip = false;
    if (!length && !gh_http_header(&x->request, MHD_HTTP_HEADER_TRANSFER_ENCODING))
        trouble_set(x, MHD_HTTP_LENGTH_REQUIRED,
                    "a body of unknown length: Content-Length or Transfer-Encoding: chunked");
    else if (!(x->request.route->types & x->request.type))
        trouble_set(x, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type: not one that this path takes");
    else if (!encoding_known(coding, &gzip))
        trouble_set(x, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                    "Content-Encoding: gzip, identity or none");
    else if (length && length_large(length, most))
        trouble_set(x, MHD_HTTP_CONTENT_TOO_LARGE, "larger than http.body_bytes");
    else
        gh_body_init(&x->body, most, &x->server->budget, gzip);
}

static void exchange_begin(struct gh_http_exchange *x, const char *path, const char *method)
{
    x->begun = true;
    x->request.rest = "";
    x->request.type = type_parse(gh_http_header(&x->request, MHD_HTTP_HEADER_CONTENT_TYPE));
    route_find(x, path, method);
    if (!x->trouble)
        foreign_refuse(x);
    if (x->trouble)
        return;
    const struct gh_http_route *route = x->request.route;
    const unsigned status =
        route->admit ? route->admit(route->context, &x->request, x->text) : 0;
    if (status)
        trouble_set(x, status, x->text);
    else if (route->types)
        body_begin(x);
}

static void body_judge(struct gh_http_exchange *x, enum gh_body_state state)
{
    switch (state) {
    case GH_BODY_GOOD:
        break;
    case GH_BODY_LARGE:
        trouble_set(x, MHD_HTTP_CONTENT_TOO_LARGE, "larger than http.body_bytes");
        break;
    case GH_BODY_FULL:
        pthread_mutex_lock(&x->server->lock);
        x->server->counters.too_full += !x->trouble;
        pthread_mutex_unlock(&x->server->lock);
        trouble_set(x, MHD_HTTP_SERVICE_UNAVAILABLE, "too much at once: try again");
        break;
    case GH_BODY_BROKEN:
        trouble_set(x, MHD_HTTP_BAD_REQUEST, "Content-Encoding: gzip, but the body is not");
        break;
    }
}

/* An answer cannot be sent while its request arrives, so what is refused is still read, as much
 * of it as a body may have. False: it is cut off. */
static bool part_take(struct gh_http_exchange *x, const char *part, size_t size)
{
    if (!x->trouble && x->request.route->types) {
        body_judge(x, gh_body_add(&x->body, part, size));
        return true;
    }
    x->dropped += size;
    if (x->dropped <= x->server->options->body_bytes)
        return true;
    pthread_mutex_lock(&x->server->lock);
    x->server->counters.cut_off++;
    pthread_mutex_unlock(&x->server->lock);
    return false;
}

void gh_http_answer(struct gh_http_request *request, const struct gh_http_reply *reply)
{
    struct gh_http_exchange *x = exchange_of(request);
    pthread_mutex_lock(&x->lock);
    assert(x->state == GH_HTTP_RUNNING || x->state == GH_HTTP_WAITING);
    x->reply = *reply;
    x->reply_body = malloc(reply->size + 1);
    if (x->reply_body && reply->size)
        memcpy(x->reply_body, reply->body, reply->size);
    const bool waiting = x->state == GH_HTTP_WAITING;
    struct MHD_Connection *connection = x->connection;
    x->state = GH_HTTP_ANSWERED;
    /* Its thread may end the exchange as soon as it goes on, but not before it has the lock. */
    if (waiting)
        MHD_resume_connection(connection);
    pthread_mutex_unlock(&x->lock);
}

void gh_http_say(struct gh_http_request *request, unsigned status, const char *text)
{
    char line[GH_HTTP_TEXT_SIZE + 2];
    const int size = snprintf(line, sizeof(line), "%.*s\n", GH_HTTP_TEXT_SIZE - 1, text);
    gh_http_answer(request, &(struct gh_http_reply){status, NULL, line, (size_t)size});
}

void gh_http_refuse(struct gh_http_request *request, unsigned status, const char *text)
{
    const struct gh_http_route *route = request->route;
    if (route && route->refuse)
        route->refuse(request, status, text);
    else
        gh_http_say(request, status, text);
}

static bool headers_add(const struct gh_http_exchange *x, struct MHD_Response *response)
{
    const unsigned status = x->reply.status;
    const char *type = x->reply.type ? x->reply.type : "text/plain; charset=utf-8";
    char retry[16];
    snprintf(retry, sizeof(retry), "%d", GH_HTTP_RETRY_S);
    const bool later =
        status == MHD_HTTP_SERVICE_UNAVAILABLE || status == MHD_HTTP_TOO_MANY_REQUESTS;
    return MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
           (!later ||
            MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, retry) == MHD_YES) &&
           (status != MHD_HTTP_UNAUTHORIZED ||
            MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer") ==
                MHD_YES) &&
           (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
            MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, x->allowed) == MHD_YES);
}

static enum MHD_Result reply_send(struct gh_http_exchange *x)
{
    struct gh_http_server *s = x->server;
    struct MHD_Response *response =
        x->reply_body ? MHD_create_response_from_buffer(x->reply.size, x->reply_body,
                                                        MHD_RESPMEM_MUST_FREE)
                      : NULL;
    if (!response)
        return MHD_NO;
    x->reply_body = NULL;
    gh_body_free(&x->body);
    enum MHD_Result done = MHD_NO;
    if (headers_add(x, response))
        done = MHD_queue_response(x->connection, x->reply.status, response);
    MHD_destroy_response(response);
    pthread_mutex_lock(&s->lock);
    s->counters.answered[x->reply.status / 100 % 6] += done == MHD_YES;
    s->counters.too_large += x->reply.status == MHD_HTTP_CONTENT_TOO_LARGE;
    pthread_mutex_unlock(&s->lock);
    return done;
}

/* The answer, or the connection waits until there is one. */
static enum MHD_Result exchange_finish(struct gh_http_exchange *x)
{
    bool answered;
    gh_http_connection_due(x, -1);
    x->state = GH_HTTP_RUNNING;
    if (!x->trouble && x->request.route->types)
        body_judge(x, gh_body_end(&x->body));
    x->request.body = x->body.at;
    x->request.size = x->body.size;
    if (x->trouble)
        gh_http_refuse(&x->request, x->trouble, x->text);
    else
        x->request.route->handle(x->request.route->context, &x->request);
    pthread_mutex_lock(&x->lock);
    answered = x->state == GH_HTTP_ANSWERED;
    if (!answered) {
        MHD_suspend_connection(x->connection);
        x->state = GH_HTTP_WAITING;
    }
    pthread_mutex_unlock(&x->lock);
    return answered ? reply_send(x) : MHD_YES;
}

enum MHD_Result gh_http_exchange_go_on(GH_HTTP_ACCESS)
{
    struct gh_http_exchange *x = *exchange;
    (void)server, (void)connection, (void)version;
    if (!x)
        return MHD_NO;
    if (!x->begun) {
        exchange_begin(x, path, method);
        /* Who says how long it is need not send what is too long. */
        return x->trouble == MHD_HTTP_CONTENT_TOO_LARGE ? exchange_finish(x) : MHD_YES;
    }
    if (*left > 0) {
        const size_t size = *left;
        *left = 0;
        return part_take(x, part, size) ? MHD_YES : MHD_NO;
    }
    if (x->state == GH_HTTP_READING)
        return exchange_finish(x);
    pthread_mutex_lock(&x->lock); /* until whoever resumed it is done with it */
    pthread_mutex_unlock(&x->lock);
    return reply_send(x);
}
