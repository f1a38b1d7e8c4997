/* ask.h - what commands that are operators of a service have in common: asking control.bind,
 * and telling what it answered. */
#ifndef GOODHART_APP_ASK_H
#define GOODHART_APP_ASK_H

#include "app/client.h"

#include <jansson.h>

/* The flags of such a command, for its table. */
#define GH_ASK_FLAGS                                                                       \
    {"endpoint", "ENDPOINT", NULL, "where the service listens; else control.bind", false}, \
        GH_CREDENTIALS_FLAGS

/* Sends `request` (edge/control_server.h), which is taken, and adds `who` to it where it asks
 * for a change. The caller owns *answer (json_decref). GH_EIO: nobody answers; GH_ECONFIG:
 * refused, for the reason that the service gives. */
GH_MUST_USE enum gh_status gh_ask(const struct gh_arguments *a, json_t *request,
                                  json_t **answer, struct gh_error *error);

/* A change that one or several settings are to take, as 'goodhart set' asks for it. */
struct gh_ask_change {
    const char *const *set; /* "group.option=value" */
    size_t set_count;
    const char *const *unset; /* "group.option" */
    size_t unset_count;
    const char *scope;  /* "team:NAME", "role:NAME"; "": for all */
    const char *until;  /* a time or a date; "": no end */
    const char *reason; /* not empty */
    const char *via;    /* "set" or "propose" */
    bool check;         /* say what would be changed, change nothing */
};
GH_MUST_USE enum gh_status gh_ask_change(const struct gh_arguments *a,
                                         const struct gh_ask_change *change, json_t **answer,
                                         struct gh_error *error);

/* A change as the service has answered it: a line of JSON on standard output with `json`, else
 * a few lines for people. GH_EIO: standard output takes no more. */
GH_MUST_USE enum gh_status gh_ask_tell(const json_t *change, bool json, struct gh_error *error);
/* One line of JSON on standard output. */
GH_MUST_USE enum gh_status gh_ask_line(const json_t *value, struct gh_error *error);

#endif
