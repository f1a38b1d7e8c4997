/* sink_check.h - texts that say where a sink is: addresses of the web and of mail, lists. For
 * sink_setup.c. */
#ifndef GOODHART_EDGE_SINKS_SINK_CHECK_H
#define GOODHART_EDGE_SINKS_SINK_CHECK_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>

/* An address of one of two schemes, the encrypted one second, without user and password; and
 * where a `login` is sent there, encrypted or on this machine. `option` opens the error text,
 * which never names the address: it may be the secret. */
GH_MUST_USE enum gh_status gh_sink_url_check(const char *text, const char *const schemes[2],
                                             bool login, const char *option,
                                             struct gh_error *error);
/* The next name of a list, without blanks around it; false: there is none. *at moves behind
 * it. */
bool gh_sink_list_next(const char **at, const char **name, size_t *size);
/* name@host of at most so many bytes, without what would shape the headers of a mail or end an
 * address. */
enum { GH_SINK_ADDRESS_BYTES = 254 };
bool gh_sink_address_legal(const char *text, size_t size);

#endif
