/* foreign.c - see foreign.h. */
#include "edge/http/foreign.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MISDIRECTED = 421, FORBIDDEN = 403, HOST_SIZE = 256 };

static bool number_is(const char *host, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    const bool six = size > 2 && host[0] == '[' && host[size - 1] == ']';

    if (six)
        host++, size -= 2;
    if (size >= sizeof(text))
        return false;
    memcpy(text, host, size);
    text[size] = '\0';
    return inet_pton(six ? AF_INET6 : AF_INET, text, address) == 1;
}

static bool name_is(const char *host, size_t size, const char *name, size_t name_size)
{
    return size == name_size && !strncasecmp(host, name, size);
}

static bool name_listed(const char *host, size_t size, const char *names)
{
    static const char here[] = "localhost";
    if (name_is(host, size, here, sizeof(here) - 1))
        return true;
    for (const char *at = names; *at;) {
        at += strspn(at, ", ");
        const size_t name_size = strcspn(at, ", ");
        if (name_size > 0 && name_is(host, size, at, name_size))
            return true;
        at += name_size;
    }
    return false;
}

/* Bytes of a host before its port; 0: there is none, or the port is no number. */
static size_t host_size(const char *host)
{
    const char *end = host[0] == '[' ? strchr(host, ']') : NULL;
    const size_t size = end ? (size_t)(end + 1 - host) : strcspn(host, ":");
    const char *rest = host + size;
    if (*rest == ':')
        rest += 1 + strspn(rest + 1, "0123456789");
    return *rest == '\0' ? size : 0;
}

static bool host_ours(const char *host, const char *names)
{
    size_t size = host_size(host);
    if (size == 0)
        return false;
    if (number_is(host, size))
        return true;
    size -= size > 1 && host[size - 1] == '.';
    return name_listed(host, size, names);
}

/* Whether a page of "SCHEME://HOST" is of the host that it asks. */
static bool origin_same(const char *origin, const char *host)
{
    const char *colon = strstr(origin, "://");
    return colon && !strcasecmp(colon + 3, host);
}

unsigned gh_http_foreign(const struct gh_http_shown *shown, char *text, size_t size)
{
    if (!shown->host)
        return 0;
    const bool ours = host_ours(shown->host, shown->names);
    if (!ours && (shown->local || shown->names[0])) {
        snprintf(text, size,
                 "Host: %.*s: not a name of this service: an address, localhost, or one of "
                 "http.hosts",
                 HOST_SIZE, shown->host);
        return MISDIRECTED;
    }
    if (shown->origin && !(ours && origin_same(shown->origin, shown->host))) {
        snprintf(text, size, "Origin: %.*s: pages of others may not ask here", HOST_SIZE,
                 shown->origin);
        return FORBIDDEN;
    }
    if (shown->site && strcasecmp(shown->site, "same-origin") &&
        strcasecmp(shown->site, "none")) {
        snprintf(text, size, "Sec-Fetch-Site: pages of others may not ask here");
        return FORBIDDEN;
    }
    return 0;
}
