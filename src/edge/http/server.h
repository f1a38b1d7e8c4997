/* server.h - HTTP/1.1 for producers and operators: libmicrohttpd, a table of routes, and limits
 * before anything is kept.
 *
 * A handler is called when the body is whole. It may answer at once, or later and from any
 * thread, for "taken" may only be said after a commit; the connection waits meanwhile.
 *
 * Refused without asking a handler, each with a text that says why (gh_http_route.refuse):
 *   400 the body is not the gzip that it says     404 no such path
 *   405 not this method                           411 a body of unknown length
 *   413 over http.body_bytes, packed or unpacked  415 another content type or encoding
 *   503 over http.buffer_bytes, with Retry-After  401, 403 as gh_http_route.admit says
 *   400 more than one Host                        421, 403 as foreign.h says
 * Who is slower than http.timeout with a request, or sends on after a refusal for longer than
 * http.body_bytes, is cut off. */
#ifndef GOODHART_EDGE_HTTP_SERVER_H
#define GOODHART_EDGE_HTTP_SERVER_H

#include "edge/edge_options.h"
#include "edge/keys.h"

enum gh_http_method { GH_HTTP_GET, GH_HTTP_POST }; /* whatever answers GET answers HEAD */

/* What a body is, by its Content-Type without parameters. */
// clang-format off
#define GH_HTTP_TYPE_LIST(X)                                  \
    X(GH_HTTP_JSON, 1, "application/json")                    \
    X(GH_HTTP_PROTOBUF, 2, "application/x-protobuf")          \
    X(GH_HTTP_NDJSON, 4, "application/x-ndjson")              \
    X(GH_HTTP_BINARY, 8, "application/octet-stream")          \
    X(GH_HTTP_FORM, 16, "application/x-www-form-urlencoded")
// clang-format on
#define GH_HTTP_TYPE_ENUM(code, bit, name) code = bit,
enum gh_http_type { GH_HTTP_NO_TYPE, GH_HTTP_TYPE_LIST(GH_HTTP_TYPE_ENUM) };

struct gh_http_route;
/* Valid until it is answered. */
struct gh_http_request {
    const struct gh_http_route *route;
    const char *path; /* without the query, %-escapes read */
    const char *rest; /* of a route that ends in '/': what follows it; else "" */
    enum gh_http_type type;
    char *body; /* NULL: none */
    size_t size;
    bool asked;                   /* whether who sends had to show a key */
    char owner[GH_KEY_NAME_SIZE]; /* its name, as `admit` wrote it */
};
/* A header of a request by its name, or NULL. Only within a handler or `admit`. */
const char *gh_http_header(const struct gh_http_request *request, const char *name);

/* The body becomes the caller's, who frees it (free). NULL: there is none. */
char *gh_http_body_take(struct gh_http_request *request);

struct gh_http_reply {
    unsigned status;
    const char *type; /* Content-Type; NULL: text/plain; charset=utf-8 */
    const char *body; /* copied */
    size_t size;
};
/* Exactly once for each request that a handler was called with; the request is gone then.
 * 429 and 503 are sent with Retry-After, 401 with WWW-Authenticate. For any thread. */
void gh_http_answer(struct gh_http_request *request, const struct gh_http_reply *reply);
/* The same with a line of text. */
void gh_http_say(struct gh_http_request *request, unsigned status, const char *text);
/* The same in the form of the route. */
void gh_http_refuse(struct gh_http_request *request, unsigned status, const char *text);

enum { GH_HTTP_RETRY_S = 2, GH_HTTP_TEXT_SIZE = 640 };
struct gh_http_route {
    enum gh_http_method method;
    const char *path; /* exact; one that ends in '/' also takes all that is below it */
    unsigned types;   /* bits of enum gh_http_type that a body may have; 0: there is no body */
    /* May be NULL: everybody is let in. 0: let in; else a status (401, 403), and `text` says
     * why. Asked before the body is read. */
    unsigned (*admit)(void *context, struct gh_http_request *request,
                      char text[GH_HTTP_TEXT_SIZE]);
    void (*handle)(void *context, struct gh_http_request *request);
    /* May be NULL: text as it is. Else answers with `text` in a form of its own. */
    void (*refuse)(struct gh_http_request *request, unsigned status, const char *text);
    void *context;
};

struct gh_http_setup {
    const char *option;  /* "otlp.bind": opens error texts */
    const char *address; /* HOST:PORT, see listen.h */
    const struct gh_http_options *options;
    bool insecure;                     /* plain HTTP beyond this machine is allowed */
    const struct gh_http_route *route; /* all of these are lent */
    size_t routes;
    unsigned threads;
};
struct gh_http_server;
/* Listens and serves on success; the caller owns *server. With http.certificate and http.key it
 * speaks TLS, else plain HTTP, which only this machine may reach unless `insecure`. */
GH_MUST_USE enum gh_status gh_http_server_new(struct gh_http_server **server,
                                              const struct gh_http_setup *setup,
                                              struct gh_error *error);
/* Takes no more connections, waits (2 s at most) until what is being answered is sent, ends.
 * Every request that a handler was called with must be answered by then, or soon be by another
 * thread. NULL is legal. */
void gh_http_server_free(struct gh_http_server *server);
/* Cuts off who is too slow. To be called every now and then, by any one thread. */
void gh_http_server_turn(struct gh_http_server *server);
/* "http://127.0.0.1:4318" */
const char *gh_http_server_endpoint(const struct gh_http_server *server);

struct gh_http_counters {
    uint64_t requests;     /* whose first line was read */
    uint64_t answered[6];  /* by class of status: [2]: 200 to 299 */
    uint64_t too_large;    /* 413 */
    uint64_t too_full;     /* 503 for http.buffer_bytes */
    uint64_t cut_off;      /* too slow, or sent on after a refusal */
    uint64_t foreign;      /* 421 and 403 of foreign.h */
    uint64_t turned_away;  /* connections over http.per_address */
    uint64_t connections;  /* open now */
    uint64_t buffer_bytes; /* held now */
};
struct gh_http_counters gh_http_server_counters(struct gh_http_server *server);

#endif
