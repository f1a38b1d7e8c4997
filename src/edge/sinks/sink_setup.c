/* sink_setup.c - sinks from options; see sink.h. Whatever is wrong is found here, before the
 * service takes its first event. */
#include "edge/sinks/sink.h"
#include "edge/sinks/sink_check.h"
#include "edge/sinks/sink_routes.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of receivers: what a line of a mail may have. */
enum { SECRET_BYTES_MIN = 24, TO_BYTES_MAX = 900 };

/* What a sink is to be: by the options of its sort, or by a route. */
struct wish {
    const struct gh_sinks_options *options;
    const struct gh_sink_routes *routes;
    const struct gh_sink_route *route; /* NULL: by the options */
    const char *option;                /* "sinks.slack" */
    const char *address, *secret;      /* secret: path of a file */
    const char *severity, *tracks, *teams;
    bool actor;
};
#define WISH(o, sort)                                     \
    ((struct wish){.options = (o),                        \
                   .option = "sinks." #sort,              \
                   .severity = (o)->sort##_severity.text, \
                   .tracks = (o)->sort##_tracks.text,     \
                   .teams = (o)->sort##_teams.text})

/* How an error text begins: where a person would change it. */
struct place {
    char text[GH_ROUTE_PLACE_SIZE];
};

/* `suffix` behind the option. */
static struct place place_of(const struct wish *wish, enum gh_route_member member,
                             const char *suffix)
{
    struct place place;

    if (wish->route)
        gh_sink_route_place(wish->routes, wish->route, member, place.text);
    else
        snprintf(place.text, sizeof place.text, "%s%s", wish->option, suffix);
    return place;
}

static void name_set(struct gh_sink *sink, const struct wish *wish, const char *sort)
{
    const char *name = wish->route ? wish->route->value[GH_ROUTE_name].text : "";

    snprintf(sink->counts.name, sizeof sink->counts.name, "%s%s%.64s", sort, name[0] ? " " : "",
             name);
}

static enum gh_status text_keep(char **copy, const char *text, struct gh_error *error)
{
    *copy = strdup(text);
    return *copy ? GH_OK : gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
}

static enum gh_status filter_read(struct gh_sink *sink, const struct wish *wish,
                                  struct gh_error *error)
{
    const char *tracks = wish->tracks, *name;
    enum gh_track track;
    size_t size;

    if (!gh_severity_read(wish->severity, strlen(wish->severity), &sink->floor))
        return gh_error_set(error, GH_ECONFIG, "%s: %s: notice, warning or critical",
                            place_of(wish, GH_ROUTE_severity, "_severity").text,
                            wish->severity);
    while (gh_sink_list_next(&tracks, &name, &size)) {
        if (!gh_track_read(name, size, &track))
            return gh_error_set(error, GH_ECONFIG, "%s: %.*s: a list of incident, review, case",
                                place_of(wish, GH_ROUTE_tracks, "_tracks").text, (int)size,
                                name);
        sink->tracks |= 1U << track;
    }
    if (sink->tracks == 0)
        sink->tracks = (1U << GH_TRACK_COUNT) - 1;
    return text_keep(&sink->teams, wish->teams, error);
}

static enum gh_status login_read(struct gh_sink *sink, const char *path, const char *option,
                                 struct gh_error *error)
{
    struct gh_secret secret;

    if (!path[0])
        return GH_OK;
    const enum gh_status status = gh_secret_read(&secret, path, option, 1, error);
    if (status == GH_OK && !strchr((const char *)secret.at, ':')) {
        gh_secret_wipe(&secret);
        return gh_error_set(error, GH_ECONFIG, "%s: %s: one line, user:password", option, path);
    }
    sink->login = (char *)secret.at;
    return status;
}

static const char *const http[2] = {"http", "https"};

static enum gh_status alertmanager_setup(struct gh_sink *sink, const char *base, size_t size,
                                         struct gh_error *error)
{
    const struct gh_sinks_options *o = sink->options;
    const struct wish wish = WISH(o, alertmanager);

    while (size > 0 && base[size - 1] == '/')
        size--;
    sink->kind = GH_SINK_ALERTMANAGER;
    sink->manner.actor = o->alertmanager_actor;
    if (asprintf(&sink->url, "%.*s/api/v2/alerts", (int)size, base) < 0)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    snprintf(sink->counts.name, sizeof sink->counts.name, "alertmanager %.*s", (int)size, base);
    enum gh_status status =
        gh_sink_url_check(sink->url, http, o->alertmanager_login.text[0], wish.option, error);
    if (status == GH_OK)
        status =
            login_read(sink, o->alertmanager_login.text, "sinks.alertmanager_login", error);
    return status == GH_OK ? filter_read(sink, &wish, error) : status;
}

static enum gh_status slack_setup(struct gh_sink *sink, const struct wish *wish,
                                  struct gh_error *error)
{
    const struct place place = place_of(wish, GH_ROUTE_secret, "");
    struct gh_secret url;
    enum gh_status status = gh_secret_read(&url, wish->secret, place.text, 1, error);

    sink->kind = GH_SINK_SLACK;
    sink->manner.actor = wish->actor;
    sink->window_ms = (int64_t)wish->options->slack_window * 1000;
    sink->rate = wish->options->slack_rate;
    name_set(sink, wish, "slack");
    if (status != GH_OK)
        return status;
    sink->url = (char *)url.at;
    status = gh_sink_url_check(sink->url, http, false, place.text, error);
    return status == GH_OK ? filter_read(sink, wish, error) : status;
}

/* "whsec_" and base64, as the standard has it; false: it is not. */
static bool secret_decode(struct gh_secret *secret, const char *base64)
{
    unsigned char *at = calloc(1, secret->size);
    size_t size = 0;
    const bool fits = at && sodium_base642bin(at, secret->size, base64, strlen(base64), NULL,
                                              &size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;

    gh_secret_wipe(secret);
    *secret = (struct gh_secret){at, size};
    return fits;
}

static enum gh_status webhook_secret(struct gh_sink *sink, const struct wish *wish,
                                     struct gh_error *error)
{
    static const char prefix[] = "whsec_";
    const struct place place = place_of(wish, GH_ROUTE_secret, "_secret");
    struct gh_secret *secret = &sink->secret;
    enum gh_status status =
        wish->secret[0] ? gh_secret_read(secret, wish->secret, place.text, 1, error) : GH_OK;

    if (status != GH_OK || !wish->secret[0])
        return status;
    const char *text = (const char *)secret->at;
    if (strncmp(text, prefix, sizeof prefix - 1) == 0 &&
        !secret_decode(secret, text + sizeof prefix - 1))
        return gh_error_set(error, GH_ECONFIG, "%s: %s: whsec_ and then base64", place.text,
                            wish->secret);
    if (secret->size < SECRET_BYTES_MIN)
        return gh_error_set(error, GH_ECONFIG, "%s: %s: at least %d bytes", place.text,
                            wish->secret, SECRET_BYTES_MIN);
    return GH_OK;
}

static enum gh_status webhook_setup(struct gh_sink *sink, const struct wish *wish,
                                    struct gh_error *error)
{
    sink->kind = GH_SINK_WEBHOOK;
    name_set(sink, wish, "webhook");
    enum gh_status status = text_keep(&sink->url, wish->address, error);
    if (status == GH_OK)
        status = gh_sink_url_check(sink->url, http, false,
                                   place_of(wish, GH_ROUTE_address, "").text, error);
    if (status == GH_OK)
        status = webhook_secret(sink, wish, error);
    return status == GH_OK ? filter_read(sink, wish, error) : status;
}

static enum gh_status addresses_check(const struct wish *wish, struct gh_error *error)
{
    const char *from = wish->options->mail_from.text, *at = wish->address, *name;
    const struct place place = place_of(wish, GH_ROUTE_address, "_to");
    size_t size;
    unsigned count = 0;

    if (!gh_sink_address_legal(from, strlen(from)))
        return gh_error_set(error, GH_ECONFIG, "sinks.mail_from: %s: name@host", from);
    for (; gh_sink_list_next(&at, &name, &size); count++)
        if (!gh_sink_address_legal(name, size))
            return gh_error_set(error, GH_ECONFIG, "%s: %.*s: a list of name@host", place.text,
                                (int)size, name);
    if (count == 0)
        return gh_error_set(error, GH_ECONFIG, "%s: empty: a list of name@host", place.text);
    if (strlen(wish->address) > TO_BYTES_MAX)
        return gh_error_set(error, GH_ECONFIG, "%s: at most %d bytes", place.text,
                            TO_BYTES_MAX);
    return GH_OK;
}

static enum gh_status mail_setup(struct gh_sink *sink, const struct wish *wish,
                                 struct gh_error *error)
{
    static const char *const smtp[2] = {"smtp", "smtps"};
    const struct gh_sinks_options *o = wish->options;

    sink->kind = GH_SINK_MAIL;
    sink->manner.actor = wish->actor;
    sink->window_ms = (int64_t)o->mail_interval * 1000;
    name_set(sink, wish, "mail");
    enum gh_status status = text_keep(&sink->url, o->mail.text, error);
    /* With mail_tls nothing is said before STARTTLS. */
    if (status == GH_OK)
        status = gh_sink_url_check(sink->url, smtp, o->mail_login.text[0] && !o->mail_tls,
                                   "sinks.mail", error);
    if (status == GH_OK)
        status = addresses_check(wish, error);
    if (status == GH_OK)
        status = text_keep(&sink->to, wish->address, error);
    if (status == GH_OK)
        status = login_read(sink, o->mail_login.text, "sinks.mail_login", error);
    return status == GH_OK ? filter_read(sink, wish, error) : status;
}

bool gh_sinks_wanted(const struct gh_sinks_options *o)
{
    return o->alertmanager.text[0] || o->slack.text[0] || o->webhook.text[0] ||
           o->mail.text[0] || o->routes.text[0];
}

static struct gh_sink *sink_next(struct gh_sink *sink, size_t *count,
                                 const struct gh_sinks_options *options)
{
    struct gh_sink *next = &sink[(*count)++];
    *next = (struct gh_sink){.options = options, .manner = {.link = options->link.text}};
    return next;
}

static enum gh_status singles_setup(struct gh_sink *sink, size_t *count,
                                    const struct gh_sinks_options *o, struct gh_error *error)
{
    struct wish slack = WISH(o, slack), webhook = WISH(o, webhook), mail = WISH(o, mail);
    enum gh_status status = GH_OK;

    slack.secret = o->slack.text;
    slack.actor = o->slack_actor;
    webhook.address = o->webhook.text;
    webhook.secret = o->webhook_secret.text;
    mail.address = o->mail_to.text;
    mail.actor = o->mail_actor;
    if (o->slack.text[0])
        status = slack_setup(sink_next(sink, count, o), &slack, error);
    if (status == GH_OK && o->webhook.text[0])
        status = webhook_setup(sink_next(sink, count, o), &webhook, error);
    /* Where there are routes, the server alone may be meant. */
    if (status == GH_OK && o->mail.text[0] && (o->mail_to.text[0] || !o->routes.text[0]))
        status = mail_setup(sink_next(sink, count, o), &mail, error);
    return status;
}

/* --- routes --- */

static enum gh_status route_refuse(const struct wish *wish, enum gh_route_member member,
                                   const char *what, struct gh_error *error)
{
    return gh_error_set(error, GH_ECONFIG, "%s: %s", place_of(wish, member, "").text, what);
}

/* What the route says in the place of what the options say. */
static enum gh_status route_wish(struct wish *wish, const struct gh_sink_routes *routes,
                                 const struct gh_sink_route *route, struct gh_error *error)
{
    const struct gh_route_value *value = route->value;
    const char *actor = value[GH_ROUTE_actor].text;

    wish->routes = routes;
    wish->route = route;
    wish->address = value[GH_ROUTE_address].text ? value[GH_ROUTE_address].text : "";
    wish->secret = value[GH_ROUTE_secret].text ? value[GH_ROUTE_secret].text : "";
    wish->teams = value[GH_ROUTE_teams].text ? value[GH_ROUTE_teams].text : "";
    if (value[GH_ROUTE_severity].text)
        wish->severity = value[GH_ROUTE_severity].text;
    if (value[GH_ROUTE_tracks].text)
        wish->tracks = value[GH_ROUTE_tracks].text;
    if (actor && strcmp(actor, "true") != 0 && strcmp(actor, "false") != 0)
        return route_refuse(wish, GH_ROUTE_actor, "true or false", error);
    if (actor)
        wish->actor = actor[0] == 't';
    return GH_OK;
}

static enum gh_status slack_route(struct gh_sink *sink, const struct wish *wish,
                                  struct gh_error *error)
{
    if (wish->address[0])
        return route_refuse(wish, GH_ROUTE_address,
                            "of slack it is a secret, and stands in the file that secret names",
                            error);
    if (!wish->secret[0])
        return route_refuse(wish, GH_ROUTE_secret,
                            "missing: a file with the address of the incoming webhook", error);
    return slack_setup(sink, wish, error);
}

static enum gh_status webhook_route(struct gh_sink *sink, const struct wish *wish,
                                    struct gh_error *error)
{
    if (wish->route->value[GH_ROUTE_actor].text)
        return route_refuse(wish, GH_ROUTE_actor, "a webhook carries the whole alert", error);
    if (!wish->address[0])
        return route_refuse(wish, GH_ROUTE_address,
                            "missing: http://HOST... or https://HOST...", error);
    return webhook_setup(sink, wish, error);
}

static enum gh_status mail_route(struct gh_sink *sink, const struct wish *wish,
                                 struct gh_error *error)
{
    if (wish->secret[0])
        return route_refuse(wish, GH_ROUTE_secret, "of mail it is sinks.mail_login", error);
    if (!wish->options->mail.text[0])
        return route_refuse(wish, GH_ROUTE_sink, "mail goes by the server of sinks.mail: empty",
                            error);
    return mail_setup(sink, wish, error);
}

static enum gh_status route_setup(struct gh_sink *sink, const struct gh_sink_routes *routes,
                                  const struct gh_sink_route *route, struct gh_error *error)
{
    const struct gh_sinks_options *o = sink->options;
    struct wish slack = WISH(o, slack), webhook = WISH(o, webhook), mail = WISH(o, mail);

    slack.actor = o->slack_actor;
    mail.actor = o->mail_actor;
    const struct {
        const char *sort;
        enum gh_status (*setup)(struct gh_sink *, const struct wish *, struct gh_error *);
        struct wish wish;
    } row[] = {{"slack", slack_route, slack},
               {"webhook", webhook_route, webhook},
               {"mail", mail_route, mail}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct wish wish = row[i].wish;
        if (strcmp(route->value[GH_ROUTE_sink].text, row[i].sort) != 0)
            continue;
        const enum gh_status status = route_wish(&wish, routes, route, error);
        return status == GH_OK ? row[i].setup(sink, &wish, error) : status;
    }
    const struct wish unknown = {.routes = routes, .route = route};
    return route_refuse(&unknown, GH_ROUTE_sink, "slack, webhook or mail", error);
}

static enum gh_status routes_setup(struct gh_sink *sink, size_t *count,
                                   const struct gh_sinks_options *options,
                                   struct gh_error *error)
{
    struct gh_sink_routes *routes = NULL;
    enum gh_status status = gh_sink_routes_read(&routes, options->routes.text, error);

    for (size_t i = 0; status == GH_OK && i < routes->count; i++)
        status = route_setup(sink_next(sink, count, options), routes, &routes->route[i], error);
    gh_sink_routes_free(routes);
    return status;
}

enum gh_status gh_sink_setup(struct gh_sink *sink, size_t *count,
                             const struct gh_sinks_options *options, struct gh_error *error)
{
    const char *at = options->alertmanager.text, *name;
    enum gh_status status = GH_OK;
    size_t size;

    *count = 0;
    if (options->link.text[0])
        status = gh_sink_url_check(options->link.text, http, false, "sinks.link", error);
    if (status == GH_OK && strchr(options->proxy.text, '@'))
        status = gh_error_set(error, GH_ECONFIG,
                              "sinks.proxy: holds a user or a password: HOST:PORT alone");
    while (status == GH_OK && gh_sink_list_next(&at, &name, &size)) {
        if (*count == GH_ALERTMANAGERS_MAX)
            return gh_error_set(error, GH_ECONFIG, "sinks.alertmanager: at most %d addresses",
                                GH_ALERTMANAGERS_MAX);
        status = alertmanager_setup(sink_next(sink, count, options), name, size, error);
    }
    if (status == GH_OK)
        status = singles_setup(sink, count, options, error);
    if (status == GH_OK && options->routes.text[0])
        status = routes_setup(sink, count, options, error);
    return status;
}

void gh_sink_wipe(struct gh_sink *sink)
{
    if (sink->url)
        explicit_bzero(sink->url, strlen(sink->url));
    if (sink->login)
        explicit_bzero(sink->login, strlen(sink->login));
    free(sink->url);
    free(sink->login);
    free(sink->teams);
    free(sink->to);
    gh_secret_wipe(&sink->secret);
    *sink = (struct gh_sink){.url = NULL};
}
