/* service_hooks.c - webhooks of a service: secrets, whose permissions they have, their route,
 * and what they count. */
#include "app/service_hooks.h"
#include "app/service_inside.h"

#include "edge/json.h"
#include "edge/operate/note.h"
#include "store/store_options.h"

/* Where there are keys, what hooks tell is somebody's word as well. */
static enum gh_status key_check(const struct gh_service *s, const char *key,
                                struct gh_error *error)
{
    if (!s->guard.ring)
        return GH_OK;
    if (key[0] == '\0')
        return gh_error_set(error, GH_ECONFIG,
                            "hooks.key: where identity.keys is set, the name in the key file "
                            "whose permissions hooks have");
    if (!gh_keys_by_name(gh_keyring_keys(s->guard.ring), key))
        return gh_error_set(error, GH_ECONFIG, "hooks.key: %s: not in the key file", key);
    return GH_OK;
}

enum gh_status gh_service_hooks_open(struct gh_service *s, const struct gh_config *config,
                                     struct gh_http_route *route, struct gh_error *error)
{
    const struct gh_hooks_options *options = gh_config_group(config, "hooks");
    const struct gh_otlp_options *otlp = gh_config_group(config, "otlp");
    const struct gh_store_options *store = gh_config_group(config, "store");
    struct gh_service_http *h = s->http;
    enum gh_status status = gh_hooks_new(&h->hooks, options, error);

    if (status == GH_OK && gh_hooks_any(h->hooks))
        status =
            otlp->bind.text[0]
                ? key_check(s, options->key.text, error)
                : gh_error_set(error, GH_ECONFIG,
                               "otlp.bind: is empty, and hooks need an address: HOST:PORT");
    if (status == GH_OK && gh_hooks_any(h->hooks) && store->folder.text[0])
        status = gh_hooks_remember(h->hooks, store->folder.text, error);
    h->hook_intake = (struct gh_hook_intake){h->hooks, &h->intake, options->key.text};
    *route = (struct gh_http_route){.method = GH_HTTP_POST,
                                    .path = "/hooks/",
                                    .types = GH_HTTP_JSON,
                                    .handle = gh_hook_endpoint,
                                    .context = &h->hook_intake};
    return status;
}

enum gh_status gh_service_hooks_reload(struct gh_service *s, struct gh_error *error)
{
    struct gh_hooks *hooks = s->http->hooks;
    if (!hooks || !gh_hooks_any(hooks))
        return GH_OK;
    const enum gh_status status = gh_hooks_reload(hooks, error);
    if (status == GH_OK)
        gh_note(GH_NOTE_sources, "secrets of hooks: read again");
    else
        gh_note(GH_NOTE_sources_failed, "%s: the secrets from before stay in force",
                error->text);
    return status;
}

void gh_service_hooks_write(const struct gh_service_http *h, struct gh_json *json)
{
    static const char *const service[GH_HOOK_SERVICES] = {"github", "gitlab", "others"};

    if (!h->hooks || !gh_hooks_any(h->hooks))
        return;
    const struct gh_hooks_counters c = gh_hooks_counters(h->hooks);
    gh_json_key(json, "hooks");
    gh_json_open(json, '{');
    gh_json_key(json, "events");
    gh_json_count(json, c.events);
    gh_json_key(json, "nameless");
    gh_json_count(json, c.nameless);
    gh_json_key(json, "forgotten");
    gh_json_count(json, c.forgotten);
    gh_json_key(json, "unkept");
    gh_json_count(json, c.unkept);
    for (int i = 0; i < GH_HOOK_SERVICES; i++) {
        gh_json_key(json, service[i]);
        gh_json_open(json, '{');
        for (int k = 0; k < GH_HOOK_OUTCOMES; k++) {
            gh_json_key(json, gh_hook_outcome_name((enum gh_hook_outcome)k));
            gh_json_count(json, c.outcome[i][k]);
        }
        gh_json_close(json, '}');
    }
    gh_json_close(json, '}');
}
