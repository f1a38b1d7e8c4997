/* scrape.h - GET /metrics. */
#ifndef GOODHART_EDGE_SCRAPE_H
#define GOODHART_EDGE_SCRAPE_H

#include "edge/http/server.h"

/* `context`: struct gh_metrics. In the format that Accept would rather have. */
void gh_http_scrape(void *context, struct gh_http_request *request);

#endif
