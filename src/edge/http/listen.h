/* listen.h - "HOST:PORT" becomes a listening TCP socket. */
#ifndef GOODHART_EDGE_HTTP_LISTEN_H
#define GOODHART_EDGE_HTTP_LISTEN_H

#include "goodhart/error.h"

#include <stdbool.h>

/* HOST is a number, of IPv6 in brackets, or * for all of IPv4: names may change what they mean.
 * PORT 0: any free one. `option` opens the error text, e.g. "otlp.bind". Where `local` is set,
 * an address that other machines reach is an error. The caller closes *socket; `bound` is the
 * real HOST:PORT. */
enum { GH_HTTP_ADDRESS_SIZE = 64 };
struct gh_http_address {
    const char *option, *address;
    bool local;
};
GH_MUST_USE enum gh_status gh_http_listen(int *socket, char bound[GH_HTTP_ADDRESS_SIZE],
                                          const struct gh_http_address *wish,
                                          struct gh_error *error);
/* Whether only this machine reaches a socket that listens. */
bool gh_http_local(int socket);

#endif
