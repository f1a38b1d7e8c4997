/* service_http.h - the HTTP side of a service: its servers, what they hand over, and files that
 * are read again while it runs. */
#ifndef GOODHART_APP_SERVICE_HTTP_H
#define GOODHART_APP_SERVICE_HTTP_H

#include "app/service.h"
#include "edge/hooks/endpoint.h"
#include "edge/http/health.h"

enum { GH_SERVICE_WEB_ROUTES = 5, GH_SERVICE_OTLP_ROUTES = 5 };
struct gh_service_http {
    struct gh_handover *handover;
    struct gh_sources *sources;
    bool profiles_due; /* people were read, and what is said of them is not in the log yet */
    struct gh_http_intake intake;
    struct gh_hooks *hooks;
    struct gh_hook_intake hook_intake;
    struct gh_http_server *web, *otlp; /* NULL: not wanted, or not yet */
    struct gh_http_route web_route[GH_SERVICE_WEB_ROUTES];
    struct gh_http_route otlp_route[GH_SERVICE_OTLP_ROUTES];
};

/* What operators ask: before the recovery, so that they see it. After the guard. */
GH_MUST_USE enum gh_status gh_service_web(struct gh_service *service,
                                          const struct gh_config *config,
                                          struct gh_error *error);
/* Where producers hand in: last, so that nobody connects to a service that cannot start. */
GH_MUST_USE enum gh_status gh_service_otlp(struct gh_service *service,
                                           const struct gh_config *config,
                                           struct gh_error *error);
/* All that wait are told that the service ends. */
void gh_service_http_close(struct gh_service *service);

/* Takes what was handed over, as far as there is room; *frames counts them. It stays until
 * gh_handover_tell. */
GH_MUST_USE enum gh_status gh_service_hands(struct gh_service *service, size_t *frames,
                                            struct gh_error *error);
/* The same of what the people file says, once an event has told what time it is. */
GH_MUST_USE enum gh_status gh_service_profiles(struct gh_service *service, size_t *frames,
                                               struct gh_error *error);
/* Reads maps and people, secrets of hooks, and the files of sinks again, says so on stderr.
 * GH_OK: all are in force; else *error is about the first that is wrong, and of that sort what
 * was read before stays. Only between two batches. */
GH_MUST_USE enum gh_status gh_service_sources(struct gh_service *service,
                                              struct gh_error *error);
/* What is due by the clock. */
void gh_service_http_turn(struct gh_service *service);

#endif
