/* metrics_accept.c - which of the two formats somebody would rather have. */
#include "edge/operate/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char open_type[] = "application/openmetrics-text";
static const char plain_type[] = "text/plain";

/* Weight of one item of the header, which ends at `end`. */
static double weight(const char *at, const char *end)
{
    const char *q;
    for (q = at; q < end; q++) {
        if (*q != ';')
            continue;
        const char *name = q + 1 + strspn(q + 1, " \t");
        if (strncasecmp(name, "q=", 2) == 0)
            return fmin(fmax(strtod(name + 2, NULL), 0), 1);
    }
    return 1;
}

static double wanted(const char *accept, const char *type)
{
    const size_t size = strlen(type);
    double best = 0;
    while (*accept) {
        const char *at = accept + strspn(accept, " \t,"), *end = at + strcspn(at, ",");
        if (strncasecmp(at, type, size) == 0 && (at + size == end || strchr("; \t", at[size])))
            best = fmax(best, weight(at, end));
        accept = end;
    }
    return best;
}

bool gh_metrics_open_wanted(const char *accept)
{
    if (!accept)
        return false;
    const double open = wanted(accept, open_type);
    return open > 0 && open >= wanted(accept, plain_type);
}

const char *gh_metrics_content_type(bool open)
{
    return open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
}
