/* otlp_endpoint.h - OTLP/HTTP: what exporters of telemetry send becomes events.
 *
 *     POST /v1/logs   /v1/traces   /v1/metrics   in JSON or protobuf, answered in the same
 *
 * The answer comes when the events are kept: 200 with nothing to say, or with partialSuccess
 * where records were refused, which are not to be sent again. A record that no map knows, or
 * that tells of nothing but totals, is taken and counted. Errors are google.rpc.Status; 503 and
 * 429 may be sent again, after Retry-After, others not. */
#ifndef GOODHART_EDGE_HTTP_OTLP_ENDPOINT_H
#define GOODHART_EDGE_HTTP_OTLP_ENDPOINT_H

#include "edge/http/endpoints.h"

/* Handlers; `context` is a struct gh_http_intake with `sources`. */
void gh_http_logs(void *context, struct gh_http_request *request);
void gh_http_traces(void *context, struct gh_http_request *request);
void gh_http_metrics(void *context, struct gh_http_request *request);
/* gh_http_route.refuse of all three. */
void gh_http_otlp_refuse(struct gh_http_request *request, unsigned status, const char *text);

#endif
