/* client.c - see client.h. */
#include "app/client.h"

#include "edge/edge_options.h"

enum gh_status gh_argument_credentials(const struct gh_arguments *a,
                                       struct gh_credentials *credentials,
                                       struct gh_error *error)
{
    const struct gh_identity_options *options = gh_config_group(a->config, "identity");
    const char *secret = gh_argument(a, "key"), *server = gh_argument(a, "server");

    return gh_credentials_read(credentials, secret ? secret : options->secret.text,
                               server ? server : options->server.text, error);
}
