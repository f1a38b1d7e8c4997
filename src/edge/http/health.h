/* health.h - what operators and their tools ask a service.
 *
 *     GET  /-/healthy   200 as long as the program answers
 *     GET  /-/ready     200 while it serves; 503 while it recovers, waits for the disk or ends
 *     POST /-/reload    reads the configuration file, key file, maps and people, secrets of
 *                       hooks and the files of sinks again: 200 all are in force; 422 and why,
 *                       then of what is wrong that which was read before stays in force (500:
 *                       there was no memory, or the disk failed). SIGHUP does the same. Where
 *                       there are keys it asks for one with the role control. */
#ifndef GOODHART_EDGE_HTTP_HEALTH_H
#define GOODHART_EDGE_HTTP_HEALTH_H

#include "edge/http/endpoints.h"

/* Handlers; `context` is a struct gh_http_intake. */
void gh_http_healthy(void *context, struct gh_http_request *request);
void gh_http_ready(void *context, struct gh_http_request *request);
void gh_http_reload(void *context, struct gh_http_request *request);
/* GET /-/coverage: what of each person's telling arrived, a line of JSON each: actor, calls,
 * missing, call_tokens, total_tokens, newest. Names people: admitted as reload is. */
void gh_http_coverage(void *context, struct gh_http_request *request);
/* gh_http_route.admit of the last two. */
unsigned gh_http_admit_control(void *context, struct gh_http_request *request,
                               char text[GH_HTTP_TEXT_SIZE]);

#endif
