/* service_settings.h - settings of a service that runs: what holds, and how another comes to.
 *
 *     defaults < file < live layer < --set of the command line
 *
 * A change is checked whole before anything of it holds: file, layer and command line are put
 * together, model and prices loaded, what is kept for later derivations (app/basis.h) written.
 * Then, between two batches, its record goes into the log at one position, and it holds from
 * the next event on. What fails, fails before the record, and nothing has changed.
 *
 * The shell keeps the options that it was opened with, but for those whose effect is at once
 * (gh_config_effect); of the others a reload tells that they wait for the next start. */
#ifndef GOODHART_APP_SERVICE_SETTINGS_H
#define GOODHART_APP_SERVICE_SETTINGS_H

#include "app/live.h"
#include "app/service.h"
#include "edge/control_server.h"

struct gh_service_settings {
    const struct gh_config *boot; /* what the service was opened with; lent */
    struct gh_config *base;       /* file, as it was read last, and command line */
    struct gh_config *current;    /* with the layer: what holds */
    struct gh_resource_hash hash; /* of its model and prices */
    struct gh_live live;
    struct gh_control_server *control; /* NULL: not wanted */
    bool file_bad;                     /* the file could not be taken over */
    bool broken;                       /* the engine is no longer usable: the service ends */
    uint64_t changes;                  /* since the start */
    double pause_s, pause_max_s;       /* that the last one, and the longest, took */
};

/* Before the engine is made: *service->settings, and what holds as long as no record is known.
 * `config` is not settled yet, and lent. */
GH_MUST_USE enum gh_status gh_service_settings_new(struct gh_service *service,
                                                   const struct gh_config *config,
                                                   struct gh_error *error);
void gh_service_settings_free(struct gh_service *service);
/* After the recovery: the layer of the last record holds again, and where something is other
 * than it was when the log ended, a record says so. Makes the pipeline where there is none. */
GH_MUST_USE enum gh_status gh_service_settings_start(struct gh_service *service,
                                                     const struct gh_hooks *hooks,
                                                     struct gh_error *error);
/* Binds control.bind, where it is set. */
GH_MUST_USE enum gh_status gh_service_control_open(struct gh_service *service,
                                                   struct gh_error *error);
void gh_service_control_close(struct gh_service *service);

/* --- only between two batches --- */
/* Reads the file again, whole; `who`: name of the key that asked, or "". */
GH_MUST_USE enum gh_status gh_service_settings_reload(struct gh_service *service,
                                                      const char *who, struct gh_error *error);
/* Answers what is asked, a few requests at a time. */
void gh_service_control_turn(struct gh_service *service);

/* What is to hold, and what the record of it says. */
struct gh_settings_wish {
    const char *via, *who, *reason;
    bool stated;            /* `who` is what somebody said */
    bool check;             /* nothing is changed */
    struct gh_config *base; /* NULL: the one there is; else taken, whatever comes of it */
    struct gh_live *live;   /* the layer that is to be; taken on success alone */
};
/* *answer: the record as control_server.h has it, with `check` its changes alone; NULL: nothing
 * is to be changed. The caller owns it (json_decref). Not GH_OK: nothing has changed, unless
 * settings->broken is set. */
GH_MUST_USE enum gh_status gh_service_settings_apply(struct gh_service *service,
                                                     struct gh_settings_wish *wish,
                                                     json_t **answer, struct gh_error *error);

#endif
