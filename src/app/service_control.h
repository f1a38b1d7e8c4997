/* service_control.h - what the files that answer control.bind share. */
#ifndef GOODHART_APP_SERVICE_CONTROL_H
#define GOODHART_APP_SERVICE_CONTROL_H

#include "app/service_settings.h"

#include <string.h>

/* A request on its way to its answer, which is NULL where it was refused or there was no
 * memory. */
struct gh_control {
    struct gh_service *service;
    const struct gh_control_request *request;
    json_t *answer;
};
/* Names that one request may have. */
enum { GH_CONTROL_NAMES = 64 };

/* The members of a request are there, and nothing else is; see edge/control_server.h. */
GH_MUST_USE enum gh_status gh_control_get(struct gh_control *control, struct gh_error *error);
GH_MUST_USE enum gh_status gh_control_set(struct gh_control *control, struct gh_error *error);
GH_MUST_USE enum gh_status gh_control_revert(struct gh_control *control,
                                             struct gh_error *error);
GH_MUST_USE enum gh_status gh_control_history(struct gh_control *control,
                                              struct gh_error *error);

/* A member that is a text, or "". */
static inline const char *gh_control_text(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));

    return text ? text : "";
}

#endif
