/* otlp_reference.h - requests in JSON as jansson reads them, walked by hand: slow, written
 * apart from what it is held against. */
#ifndef GH_OTLP_REFERENCE_H
#define GH_OTLP_REFERENCE_H

#include "support/otlp_kit.h"

enum gh_otlp_verdict {
    GH_OTLP_SAME,    /* it is a request; *lines as gh_otlp_hear has them */
    GH_OTLP_REFUSED, /* it is none */
    GH_OTLP_NO_SAY   /* names that stand twice, numbers and escapes that jansson refuses */
};
/* The caller frees *lines, which is NULL unless SAME. */
enum gh_otlp_verdict gh_otlp_reference(enum gh_otlp_signal signal, const char *at, size_t size,
                                       char **lines);

#endif
