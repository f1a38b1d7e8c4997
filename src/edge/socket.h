/* socket.h - what all ZeroMQ sockets of the program have in common: endpoints, limits set
 * before use, errors in words, waiting. One thread opens, uses and closes a socket. */
#ifndef GOODHART_EDGE_SOCKET_H
#define GOODHART_EDGE_SOCKET_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "tcp://HOST:PORT", "ipc://PATH" or "inproc://NAME": other transports are refused, for
 * they are rarely used and so rarely tested parts of the library. */
enum { GH_ENDPOINT_SIZE = 256 };

struct gh_socket_setup {
    int type;        /* ZMQ_PULL, ... */
    int send_frames; /* high-water marks; 0: not a sender, not a receiver */
    int receive_frames;
    int64_t frame_bytes; /* largest frame taken in; -1: any */
    int linger_ms;       /* what the end waits for unsent frames; -1: for ever */
    bool unread;         /* frames may wait unread for long: see socket.c */
};

/* The caller owns *context and ends it with gh_context_free, after its sockets. */
GH_MUST_USE enum gh_status gh_context_new(void **context, struct gh_error *error);
void gh_context_free(void *context); /* waits out the lingering; NULL is legal */

/* NULL: *error says why. */
GH_MUST_USE void *gh_socket_new(void *context, const struct gh_socket_setup *setup,
                                struct gh_error *error);
void gh_socket_free(void *socket); /* NULL is legal */

/* `option` is what a person would change, e.g. "alerts.publish"; it opens the error text. */
GH_MUST_USE enum gh_status gh_socket_bind(void *socket, const char *endpoint,
                                          const char *option, struct gh_error *error);
GH_MUST_USE enum gh_status gh_socket_connect(void *socket, const char *endpoint,
                                             const char *option, struct gh_error *error);
/* The endpoint last bound, a wildcard port filled in. */
void gh_socket_endpoint(void *socket, char endpoint[GH_ENDPOINT_SIZE]);

/* Waits until one of the sockets (NULL is skipped) has something to read, `fd` (-1: none)
 * is readable, or time is up. True: something is. Negative `timeout_ms`: for ever. */
enum { GH_WAIT_MAX = 8 };
bool gh_socket_wait(void *const *socket, size_t count, int fd, int64_t timeout_ms);
/* The same with several descriptors. */
enum { GH_WAIT_FDS = 4 };
bool gh_socket_wait_all(void *const *socket, size_t count, const int *fd, size_t fds,
                        int64_t timeout_ms);

#endif
