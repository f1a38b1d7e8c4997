/* sink_check.c - see sink_check.h. */
#include "edge/sinks/sink_check.h"

#include <curl/curl.h>
#include <string.h>

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

enum gh_status gh_sink_url_check(const char *text, const char *const schemes[2], bool login,
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

bool gh_sink_list_next(const char **at, const char **name, size_t *size)
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

bool gh_sink_address_legal(const char *text, size_t size)
{
    const char *at = memchr(text, '@', size);

    if (size > GH_SINK_ADDRESS_BYTES)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f || strchr("<>,;\"\\", text[i]))
            return false;
    return at && at > text && at + 1 < text + size &&
           !memchr(at + 1, '@', size - (size_t)(at + 1 - text));
}
