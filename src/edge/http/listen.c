/* listen.c - see listen.h. */
#include "edge/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 128, PORT_MAX = 65535 };

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool port_parse(const char *text, in_port_t *port)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    const unsigned long value = strtoul(text, &end, 10);
    *port = htons((in_port_t)value);
    return *end == '\0' && value <= PORT_MAX;
}

static bool host_parse(const char *host, in_port_t port, union address *address)
{
    const size_t size = strlen(host);
    memset(address, 0, sizeof(*address));
    if (!strcmp(host, "*"))
        host = "0.0.0.0";
    if (inet_pton(AF_INET, host, &address->four.sin_addr) == 1) {
        address->four.sin_family = AF_INET;
        address->four.sin_port = port;
        return true;
    }
    char inside[GH_HTTP_ADDRESS_SIZE];
    if (size < 3 || size >= sizeof(inside) || host[0] != '[' || host[size - 1] != ']')
        return false;
    snprintf(inside, sizeof(inside), "%.*s", (int)size - 2, host + 1);
    if (inet_pton(AF_INET6, inside, &address->six.sin6_addr) != 1)
        return false;
    address->six.sin6_family = AF_INET6;
    address->six.sin6_port = port;
    return true;
}

static bool address_parse(const char *text, union address *address)
{
    char host[GH_HTTP_ADDRESS_SIZE];
    in_port_t port;
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof(host) || !port_parse(colon + 1, &port))
        return false;
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    return host_parse(host, port, address);
}

static bool address_local(const union address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->four.sin_addr.s_addr) >> 24 == 127;
    return !memcmp(&address->six.sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback));
}

static socklen_t address_size(const union address *address)
{
    return address->any.sa_family == AF_INET ? sizeof(address->four) : sizeof(address->six);
}

static void address_print(const union address *address, char bound[GH_HTTP_ADDRESS_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "";
    const bool four = address->any.sa_family == AF_INET;
    const void *from = four ? (const void *)&address->four.sin_addr : &address->six.sin6_addr;
    inet_ntop(address->any.sa_family, from, host, sizeof(host));
    snprintf(bound, GH_HTTP_ADDRESS_SIZE, four ? "%s:%u" : "[%s]:%u", host,
             (unsigned)ntohs(four ? address->four.sin_port : address->six.sin6_port));
}

bool gh_http_local(int listening)
{
    union address address = {.six = {.sin6_family = AF_UNSPEC}};
    socklen_t size = sizeof(address);
    return getsockname(listening, &address.any, &size) == 0 && address_local(&address);
}

/* What a person can do about it. */
static const char *listen_advice(int code)
{
    switch (code) {
    case EADDRINUSE:
        return "another program has it: stop that one, or choose another port";
    case EADDRNOTAVAIL:
        return "no such address on this machine: use 127.0.0.1, one of its own, or *";
    case EACCES:
        return "not allowed: choose a port above 1023";
    default:
        return "an address is HOST:PORT, HOST a number such as 127.0.0.1 or [::1], or *";
    }
}

static enum gh_status listen_failure(const struct gh_http_address *wish, int code,
                                     struct gh_error *error)
{
    return gh_error_set(error, code == EINVAL ? GH_ECONFIG : GH_EIO, "%s: %s: %s: %s",
                        wish->option, wish->address, strerror(code), listen_advice(code));
}

static bool listen_bind(int made, union address *address)
{
    const int yes = 1;
    socklen_t size = address_size(address);
    return setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
           bind(made, &address->any, size) == 0 && listen(made, LISTEN_BACKLOG) == 0 &&
           getsockname(made, &address->any, &size) == 0;
}

enum gh_status gh_http_listen(int *listening, char bound[GH_HTTP_ADDRESS_SIZE],
                              const struct gh_http_address *wish, struct gh_error *error)
{
    union address address;
    if (!address_parse(wish->address, &address))
        return listen_failure(wish, EINVAL, error);
    if (wish->local && !address_local(&address))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: plain HTTP may be reached from this machine alone: set "
                            "http.certificate and http.key, or identity.insecure=true where "
                            "the network may be trusted",
                            wish->option, wish->address);
    const int made =
        socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return listen_failure(wish, errno, error);
    if (!listen_bind(made, &address)) {
        const enum gh_status status = listen_failure(wish, errno, error);
        close(made);
        return status;
    }
    address_print(&address, bound);
    *listening = made;
    return GH_OK;
}
