/* server_inside.h - what the files of the HTTP server share; nobody else includes it. */
#ifndef GOODHART_EDGE_HTTP_SERVER_INSIDE_H
#define GOODHART_EDGE_HTTP_SERVER_INSIDE_H

#include "edge/http/body.h"
#include "edge/http/listen.h"
#include "edge/http/server.h"

#include <microhttpd.h>
#include <pthread.h>

/* Who is connected: from where, and until when what is due has to have arrived. */
struct gh_http_connection {
    struct gh_http_connection *before, *after;
    int socket;
    unsigned char from[16];
    int64_t due_ms; /* INT64_MAX: nothing is due */
};

struct gh_http_server {
    const char *option;
    const struct gh_http_options *options;
    const struct gh_http_route *route;
    size_t routes;
    char *certificate, *key; /* PEM; NULL: plain */
    int listening;
    bool local; /* only this machine reaches it */
    char endpoint[GH_HTTP_ADDRESS_SIZE + sizeof("https://")];
    struct MHD_Daemon *daemon;
    struct gh_body_budget budget;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t quiet; /* `open` became 0 */
    struct gh_http_connection *connection;
    size_t open; /* requests */
    struct gh_http_counters counters;
};

/* RUNNING: a handler has it, or the answer is being made; WAITING: the connection is suspended
 * until it is answered. */
enum gh_http_state { GH_HTTP_READING, GH_HTTP_RUNNING, GH_HTTP_WAITING, GH_HTTP_ANSWERED };

struct gh_http_exchange {
    struct gh_http_request request; /* first: one is the other */
    struct gh_http_server *server;
    struct MHD_Connection *connection;
    struct gh_body body;
    bool begun;
    unsigned trouble; /* status to refuse with; 0: none so far */
    char text[GH_HTTP_TEXT_SIZE];
    const char *allowed;  /* method that the path has, for 405 */
    size_t dropped;       /* bytes that came after a refusal */
    pthread_mutex_t lock; /* of what follows */
    enum gh_http_state state;
    struct gh_http_reply reply;
    char *reply_body;
};

/* --- exchange.c: one request, from its first line to its answer --- */
/* Callbacks of libmicrohttpd; `server` is the server. */
void *gh_http_exchange_new(void *server, const char *uri, struct MHD_Connection *connection);
/* The library chose these; `version` is of HTTP. */
#define GH_HTTP_ACCESS                                                                     \
    void *server, struct MHD_Connection *connection, const char *path, const char *method, \
        const char *version, const char *part, size_t *left, void **exchange
enum MHD_Result gh_http_exchange_go_on(GH_HTTP_ACCESS);
void gh_http_exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                          enum MHD_RequestTerminationCode why);

/* --- server.c --- */
/* What the connection of a request has time for now; < 0: for ever. */
void gh_http_connection_due(struct gh_http_exchange *exchange, int64_t wait_ms);

#endif
