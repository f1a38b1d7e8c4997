/* client.h - the keys of commands that are clients of a service. */
#ifndef GOODHART_APP_CLIENT_H
#define GOODHART_APP_CLIENT_H

#include "app/command.h"
#include "edge/key_pair.h"

/* The two flags of such a command, for its table. */
#define GH_CREDENTIALS_FLAGS                                                             \
    {"key", "FILE", NULL, "own secret key; else the setting identity.secret", false},    \
    {                                                                                    \
        "server", "FILE", NULL, "public key of the service; else identity.server", false \
    }

/* What they, and else the settings, name. The caller wipes credentials->own. */
GH_MUST_USE enum gh_status gh_argument_credentials(const struct gh_arguments *a,
                                                   struct gh_credentials *credentials,
                                                   struct gh_error *error);

#endif
