/* endpoints.h - where producers hand in events over HTTP.
 *
 *     POST /v1/events   a frame as decode.h knows it: a JSON object, an array, lines, or binary
 *
 * The answer is JSON, and comes when all is kept:
 *   200 {"accepted": N, "refused": N, "refusals": [{"index": N, "line": N, "reason": "...",
 *       "text": "..."}, ...]}: the first GH_HAND_REFUSALS of them. Events that were known are
 *       among the accepted. What is refused is refused for good: not to be sent again.
 *   4xx and 5xx {"error": "..."}; 503: the same may be sent again, after Retry-After.
 *
 * Where keys are asked for: `Authorization: Bearer TOKEN`, else 401; a key without the role
 * produce or control: 403. What it may say is judged event by event, as over ZeroMQ. */
#ifndef GOODHART_EDGE_HTTP_ENDPOINTS_H
#define GOODHART_EDGE_HTTP_ENDPOINTS_H

#include "edge/http/handover.h"
#include "edge/http/server.h"
#include "edge/http/sources.h"
#include "edge/keyring.h"

/* What endpoints need of the service. Lent while the server lives. */
struct gh_http_intake {
    struct gh_handover *handover;
    struct gh_keyring *ring;    /* NULL: nobody is asked */
    struct gh_sources *sources; /* for formats of others */
    size_t frame_bytes;         /* largest frame that a request of them may become */
};

/* --- routes of POST /v1/events; `context` is a struct gh_http_intake --- */
void gh_http_events(void *context, struct gh_http_request *request);
void gh_http_events_refuse(struct gh_http_request *request, unsigned status, const char *text);

/* --- for every endpoint --- */
/* gh_http_route.admit: whoever may hand in events; `context` as above. */
unsigned gh_http_admit(void *context, struct gh_http_request *request,
                       char text[GH_HTTP_TEXT_SIZE]);
/* The key that a request shows has one of `roles`, or there are no keys: 0 and its name in
 * `request`; else 401 or 403, and why. */
unsigned gh_http_admit_role(struct gh_keyring *ring, uint32_t roles,
                            struct gh_http_request *request, char text[GH_HTTP_TEXT_SIZE]);
/* 503 for what cannot be taken now; 200 for GH_HAND_DONE. */
unsigned gh_http_status_of(enum gh_hand_end end);

#endif
