/* service_hooks.h - webhooks of a service, on the server of otlp.bind. */
#ifndef GOODHART_APP_SERVICE_HOOKS_H
#define GOODHART_APP_SERVICE_HOOKS_H

#include "app/service_http.h"

struct gh_json;

/* Reads the secrets and fills the route; gh_service_http_close frees. */
GH_MUST_USE enum gh_status gh_service_hooks_open(struct gh_service *service,
                                                 const struct gh_config *config,
                                                 struct gh_http_route *route,
                                                 struct gh_error *error);
/* Reads the secrets again, says so on stderr. */
GH_MUST_USE enum gh_status gh_service_hooks_reload(struct gh_service *service,
                                                   struct gh_error *error);
/* Their counters as a member "hooks" of an object; nothing where none is configured. */
void gh_service_hooks_write(const struct gh_service_http *http, struct gh_json *json);

#endif
