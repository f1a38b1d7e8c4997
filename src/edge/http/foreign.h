/* foreign.h - whether a request comes from a page of somebody else's in somebody's browser.
 *
 * A browser reaches 127.0.0.1 for any page, and where no key is asked for such a request would
 * speak as everybody. Two things it cannot help but tell, by which it is known:
 *
 *   Host    the name in the page's own address. A page may let its name point to our address
 *           (DNS rebinding), and then everything is its own, but the name stays its name. Names
 *           of ours: every number (an address is nobody's name), localhost, and those of
 *           http.hosts; in either case, with or without port and last dot. Another one is
 *           refused with 421. At an address beyond this machine any name is good while
 *           http.hosts is empty, for names there are the operator's.
 *   Origin  which page asks: it has to be one of the same name and port, and that one ours by
 *           the list above; and Sec-Fetch-Site, where it is there, same-origin or none. Else
 *           403. Browsers send Origin with every POST, forms included. Whoever is no browser
 *           sends neither, and is not asked.
 *
 * HTTP/1.0 has no Host, and no browser speaks it: without Host nothing is looked for. */
#ifndef GOODHART_EDGE_HTTP_FOREIGN_H
#define GOODHART_EDGE_HTTP_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/* What a request shows; NULL: no such header. */
struct gh_http_shown {
    const char *host, *origin, *site; /* Host, Origin, Sec-Fetch-Site */
    const char *names;                /* http.hosts */
    bool local;                       /* it came to an address of this machine alone */
};
/* 0: it is none; else 421 or 403, and `text` (of `size` bytes) says why and what to do. */
unsigned gh_http_foreign(const struct gh_http_shown *shown, char *text, size_t size);

#endif
