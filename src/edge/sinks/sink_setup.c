/* sink_setup.c - sinks from options; see sink.h. Whatever is wrong is found here, before the
 * service takes its first event. */
#include "edge/sinks/sink.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES_MIN = 24 };

struct url_parts {
    char *scheme, *host, *user, *password;
};

static void parts_free(struct url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->user);
    curl_free(parts->password);
}

/* *text stays NULL where the address has no such part. */
static bool part_get(CURLU *url, CURLUPart part, char **text)
{
    const CURLUcode code = curl_url_get(url, part, text, 0);
    return code == CURLUE_OK || code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD;
}

/* NULL, or what is wrong. `schemes`: two that are allowed, the encrypted one second. */
static const char *url_trouble(const struct url_parts *parts, const char *const schemes[2],
                               bool login)
{
    const bool plain = strcmp(parts->scheme, schemes[0]) == 0;
    const bool here = strcmp(parts->host, "127.0.0.1") == 0 ||
                      strcmp(parts->host, "[::1]") == 0 ||
                      strcmp(parts->host, "localhost") == 0;

    if (!plain && strcmp(parts->scheme, schemes[1]) != 0)
        return "another sort of address";
    if (parts->user || parts->password)
        return "holds a user or a password: they belong in a file";
    if (login && plain && !here)
        return "a password would be sent in the clear";
    return NULL;
}

/* Never names the address: it may be the secret. */
static enum gh_status url_check(const char *text, const char *const schemes[2], bool login,
                                const char *option, struct gh_error *error)
{
    struct url_parts parts = {NULL, NULL, NULL, NULL};
    CURLU *url = curl_url();
    const char *trouble = "not an address";

    if (url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        part_get(url, CURLUPART_SCHEME, &parts.scheme) &&
        part_get(url, CURLUPART_HOST, &parts.host) &&
        part_get(url, CURLUPART_USER, &parts.user) &&
        part_get(url, CURLUPART_PASSWORD, &parts.password) && parts.scheme && parts.host &&
        parts.host[0])
        trouble = url_trouble(&parts, schemes, login);
    parts_free(&parts);
    curl_url_cleanup(url);
    if (!trouble)
        return GH_OK;
    return gh_error_set(error, GH_ECONFIG, "%s: %s: %s://HOST… or %s://HOST…", option, trouble,
                        schemes[0], schemes[1]);
}

/* The names of a list; each is handed out once. *at moves behind it. */
static bool list_next(const char **at, const char **name, size_t *size)
{
    while (**at == ',' || **at == ' ')
        ++*at;
    *name = *at;
    *size = strcspn(*at, ",");
    *at += *size;
    while (*size > 0 && (*name)[*size - 1] == ' ')
        --*size;
    return *size > 0;
}

/* Its options as texts; `option` opens error texts. */
struct filter {
    const char *option, *severity, *tracks, *teams;
};
#define FILTER(o, sink)                                                                   \
    (&(struct filter){"sinks." #sink, (o)->sink##_severity.text, (o)->sink##_tracks.text, \
                      (o)->sink##_teams.text})

static enum gh_status filter_read(struct gh_sink *sink, const struct filter *filter,
                                  struct gh_error *error)
{
    const char *tracks = filter->tracks, *name;
    enum gh_track track;
    size_t size;

    sink->teams = filter->teams;
    if (!gh_severity_read(filter->severity, strlen(filter->severity), &sink->floor))
        return gh_error_set(error, GH_ECONFIG, "%s_severity: %s: notice, warning or critical",
                            filter->option, filter->severity);
    while (list_next(&tracks, &name, &size)) {
        if (!gh_track_read(name, size, &track))
            return gh_error_set(error, GH_ECONFIG,
                                "%s_tracks: %.*s: a list of incident, review, case",
                                filter->option, (int)size, name);
        sink->tracks |= 1U << track;
    }
    if (sink->tracks == 0)
        sink->tracks = (1U << GH_TRACK_COUNT) - 1;
    return GH_OK;
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

    while (size > 0 && base[size - 1] == '/')
        size--;
    sink->kind = GH_SINK_ALERTMANAGER;
    sink->manner.actor = o->alertmanager_actor;
    if (asprintf(&sink->url, "%.*s/api/v2/alerts", (int)size, base) < 0)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    snprintf(sink->counts.name, sizeof sink->counts.name, "alertmanager %.*s", (int)size, base);
    enum gh_status status =
        url_check(sink->url, http, o->alertmanager_login.text[0], "sinks.alertmanager", error);
    if (status == GH_OK)
        status =
            login_read(sink, o->alertmanager_login.text, "sinks.alertmanager_login", error);
    return status == GH_OK ? filter_read(sink, FILTER(o, alertmanager), error) : status;
}

static enum gh_status slack_setup(struct gh_sink *sink, struct gh_error *error)
{
    const struct gh_sinks_options *o = sink->options;
    struct gh_secret url;
    enum gh_status status = gh_secret_read(&url, o->slack.text, "sinks.slack", 1, error);

    sink->kind = GH_SINK_SLACK;
    sink->manner.actor = o->slack_actor;
    sink->window_ms = (int64_t)o->slack_window * 1000;
    sink->rate = o->slack_rate;
    snprintf(sink->counts.name, sizeof sink->counts.name, "slack");
    if (status != GH_OK)
        return status;
    sink->url = (char *)url.at;
    status = url_check(sink->url, http, false, "sinks.slack", error);
    return status == GH_OK ? filter_read(sink, FILTER(o, slack), error) : status;
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

static enum gh_status webhook_secret(struct gh_sink *sink, struct gh_error *error)
{
    static const char prefix[] = "whsec_";
    const char *path = sink->options->webhook_secret.text;
    struct gh_secret *secret = &sink->secret;
    enum gh_status status =
        path[0] ? gh_secret_read(secret, path, "sinks.webhook_secret", 1, error) : GH_OK;

    if (status != GH_OK || !path[0])
        return status;
    const char *text = (const char *)secret->at;
    if (strncmp(text, prefix, sizeof prefix - 1) == 0 &&
        !secret_decode(secret, text + sizeof prefix - 1))
        return gh_error_set(error, GH_ECONFIG,
                            "sinks.webhook_secret: %s: whsec_ and then base64", path);
    if (secret->size < SECRET_BYTES_MIN)
        return gh_error_set(error, GH_ECONFIG, "sinks.webhook_secret: %s: at least %d bytes",
                            path, SECRET_BYTES_MIN);
    return GH_OK;
}

static enum gh_status webhook_setup(struct gh_sink *sink, struct gh_error *error)
{
    const struct gh_sinks_options *o = sink->options;

    sink->kind = GH_SINK_WEBHOOK;
    snprintf(sink->counts.name, sizeof sink->counts.name, "webhook");
    if (!(sink->url = strdup(o->webhook.text)))
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    enum gh_status status = url_check(sink->url, http, false, "sinks.webhook", error);
    if (status == GH_OK)
        status = webhook_secret(sink, error);
    return status == GH_OK ? filter_read(sink, FILTER(o, webhook), error) : status;
}

/* What would shape the headers, or end an address. */
static bool address_legal(const char *text, size_t size)
{
    const char *at = memchr(text, '@', size);

    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f || strchr("<>,;\"\\", text[i]))
            return false;
    return at && at > text && at + 1 < text + size &&
           !memchr(at + 1, '@', size - (size_t)(at + 1 - text));
}

static enum gh_status addresses_check(const struct gh_sinks_options *o, struct gh_error *error)
{
    const char *at = o->mail_to.text, *name;
    size_t size;
    unsigned count = 0;

    if (!address_legal(o->mail_from.text, strlen(o->mail_from.text)))
        return gh_error_set(error, GH_ECONFIG, "sinks.mail_from: %s: name@host",
                            o->mail_from.text);
    for (; list_next(&at, &name, &size); count++)
        if (!address_legal(name, size))
            return gh_error_set(error, GH_ECONFIG, "sinks.mail_to: %.*s: a list of name@host",
                                (int)size, name);
    if (count == 0)
        return gh_error_set(error, GH_ECONFIG, "sinks.mail_to: empty: a list of name@host");
    return GH_OK;
}

static enum gh_status mail_setup(struct gh_sink *sink, struct gh_error *error)
{
    static const char *const smtp[2] = {"smtp", "smtps"};
    const struct gh_sinks_options *o = sink->options;

    sink->kind = GH_SINK_MAIL;
    sink->manner.actor = o->mail_actor;
    sink->window_ms = (int64_t)o->mail_interval * 1000;
    snprintf(sink->counts.name, sizeof sink->counts.name, "mail");
    if (!(sink->url = strdup(o->mail.text)))
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    /* With mail_tls nothing is said before STARTTLS. */
    enum gh_status status =
        url_check(sink->url, smtp, o->mail_login.text[0] && !o->mail_tls, "sinks.mail", error);
    if (status == GH_OK)
        status = addresses_check(o, error);
    if (status == GH_OK)
        status = login_read(sink, o->mail_login.text, "sinks.mail_login", error);
    return status == GH_OK ? filter_read(sink, FILTER(o, mail), error) : status;
}

bool gh_sinks_wanted(const struct gh_sinks_options *o)
{
    return o->alertmanager.text[0] || o->slack.text[0] || o->webhook.text[0] || o->mail.text[0];
}

static struct gh_sink *sink_next(struct gh_sink *sink, size_t *count,
                                 const struct gh_sinks_options *options)
{
    struct gh_sink *next = &sink[(*count)++];
    *next = (struct gh_sink){.options = options, .manner = {.link = options->link.text}};
    return next;
}

enum gh_status gh_sink_setup(struct gh_sink *sink, size_t *count,
                             const struct gh_sinks_options *options, struct gh_error *error)
{
    enum { SINGLE = 3 };
    const char *at = options->alertmanager.text, *name;
    enum gh_status status = GH_OK;
    size_t size;

    *count = 0;
    if (options->link.text[0])
        status = url_check(options->link.text, http, false, "sinks.link", error);
    if (status == GH_OK && strchr(options->proxy.text, '@'))
        status = gh_error_set(error, GH_ECONFIG,
                              "sinks.proxy: holds a user or a password: HOST:PORT alone");
    while (status == GH_OK && list_next(&at, &name, &size)) {
        if (*count == GH_SINKS_MAX - SINGLE)
            return gh_error_set(error, GH_ECONFIG, "sinks.alertmanager: at most %d addresses",
                                GH_SINKS_MAX - SINGLE);
        status = alertmanager_setup(sink_next(sink, count, options), name, size, error);
    }
    if (status == GH_OK && options->slack.text[0])
        status = slack_setup(sink_next(sink, count, options), error);
    if (status == GH_OK && options->webhook.text[0])
        status = webhook_setup(sink_next(sink, count, options), error);
    if (status == GH_OK && options->mail.text[0])
        status = mail_setup(sink_next(sink, count, options), error);
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
    gh_secret_wipe(&sink->secret);
    *sink = (struct gh_sink){.url = NULL};
}
