/* post.c - see post.h. */
#include "edge/sinks/post.h"

#include "base/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of an answer: what is kept, and what is read at all. */
enum { ANSWER_READ_MAX = 65536, HEADER_SIZE = 1024 };

struct gh_post {
    CURL *easy;
    struct curl_slist *headers, *receivers;
    curl_mime *mime;
    bool mail, failed;
    size_t read;
    struct gh_posted so_far;
    size_t answered;
    char trouble[CURL_ERROR_SIZE];
};

static void header_add(struct gh_post *post, const char *name, const char *value)
{
    char line[HEADER_SIZE];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *grown = curl_slist_append(post->headers, line);
    post->failed |= !grown;
    post->headers = grown ? grown : post->headers;
}

static size_t answer_take(char *at, size_t size, size_t count, void *context)
{
    struct gh_post *post = context;
    char *answer = post->so_far.answer;
    const size_t bytes = size * count;

    for (size_t i = 0; i < bytes && post->answered + 1 < sizeof post->so_far.answer; i++)
        answer[post->answered++] = at[i] >= 0x20 && at[i] < 0x7f ? at[i] : ' ';
    post->read += bytes;
    return post->read > ANSWER_READ_MAX ? 0 : bytes;
}

static void set_text(struct gh_post *post, CURLoption option, const char *text)
{
    post->failed |= curl_easy_setopt(post->easy, option, text) != CURLE_OK;
}
static void set_number(struct gh_post *post, CURLoption option, long number)
{
    post->failed |= curl_easy_setopt(post->easy, option, number) != CURLE_OK;
}

static void common_set(struct gh_post *post, const struct gh_sink *sink)
{
    const struct gh_sinks_options *options = sink->options;

    set_text(post, CURLOPT_PROTOCOLS_STR, post->mail ? "smtp,smtps" : "http,https");
    set_text(post, CURLOPT_URL, sink->url);
    set_number(post, CURLOPT_NOSIGNAL, 1);
    set_number(post, CURLOPT_FOLLOWLOCATION, 0);
    set_number(post, CURLOPT_SSL_VERIFYPEER, 1);
    set_number(post, CURLOPT_SSL_VERIFYHOST, 2);
    set_number(post, CURLOPT_CONNECTTIMEOUT, (long)options->timeout);
    set_number(post, CURLOPT_TIMEOUT, (long)options->timeout);
    set_text(post, CURLOPT_PROXY, options->proxy.text); /* "" rules out the environment's */
    if (options->ca.text[0])
        set_text(post, CURLOPT_CAINFO, options->ca.text);
    if (sink->login) {
        char *colon = strchr(sink->login, ':');
        *colon = '\0';
        set_text(post, CURLOPT_USERNAME, sink->login);
        set_text(post, CURLOPT_PASSWORD, colon + 1);
        *colon = ':';
    }
    post->failed |=
        curl_easy_setopt(post->easy, CURLOPT_ERRORBUFFER, post->trouble) != CURLE_OK;
    post->failed |= curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post) != CURLE_OK;
    post->failed |=
        curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, answer_take) != CURLE_OK;
    post->failed |= curl_easy_setopt(post->easy, CURLOPT_WRITEDATA, post) != CURLE_OK;
}

/* standardwebhooks.com; the time is that of the try, so that an old one cannot be sent anew. */
static void webhook_set(struct gh_post *post, const struct gh_sink *sink,
                        const struct gh_parcel *parcel, int64_t wall_ms)
{
    char signature[GH_SIGNATURE_SIZE], time[32];

    snprintf(time, sizeof time, "%" PRId64, wall_ms / 1000);
    header_add(post, "webhook-id", parcel->id);
    header_add(post, "webhook-timestamp", time);
    if (sink->secret.size > 0) {
        gh_webhook_sign(&sink->secret, parcel->id, wall_ms / 1000, parcel->body, signature);
        header_add(post, "webhook-signature", signature);
    }
}

static void http_set(struct gh_post *post, const struct gh_sink *sink,
                     const struct gh_parcel *parcel, int64_t wall_ms)
{
    header_add(post, "Content-Type",
               sink->kind == GH_SINK_WEBHOOK ? "application/cloudevents+json; charset=utf-8"
                                             : "application/json");
    header_add(post, "User-Agent", "goodhart/" GH_VERSION);
    post->headers = post->failed ? post->headers : curl_slist_append(post->headers, "Expect:");
    if (sink->kind == GH_SINK_WEBHOOK)
        webhook_set(post, sink, parcel, wall_ms);
    set_number(post, CURLOPT_POSTFIELDSIZE, (long)strlen(parcel->body));
    set_text(post, CURLOPT_POSTFIELDS, parcel->body);
    if (sink->login)
        set_number(post, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    post->failed |= curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers) != CURLE_OK;
}

static void mail_receivers(struct gh_post *post, const char *to)
{
    char address[GH_OPTION_TEXT_SIZE + 2];

    while (*to) {
        const size_t size = strcspn(to, ", ");
        if (size > 0) {
            snprintf(address, sizeof address, "<%.*s>", (int)size, to);
            struct curl_slist *grown = curl_slist_append(post->receivers, address);
            post->failed |= !grown;
            post->receivers = grown ? grown : post->receivers;
        }
        to += size + (to[size] != '\0');
    }
    post->failed |=
        curl_easy_setopt(post->easy, CURLOPT_MAIL_RCPT, post->receivers) != CURLE_OK;
}

/* "Sun, 22 Nov 2026 23:50:00 +0000", whatever the locale. */
static void mail_date(int64_t wall_ms, char date[48])
{
    static const char *const day[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct gh_civil at = gh_civil_of(wall_ms);

    snprintf(date, 48, "%s, %02d %s %04d %02d:%02d:%02d +0000",
             day[gh_civil_weekday(wall_ms / GH_MS_PER_DAY)], at.day, month[at.month - 1],
             (int)at.year, at.hour, at.minute, at.second);
}

static void mail_set(struct gh_post *post, const struct gh_sink *sink,
                     const struct gh_parcel *parcel, int64_t wall_ms)
{
    const struct gh_sinks_options *options = sink->options;
    char date[48], from[GH_OPTION_TEXT_SIZE + 2], id[HEADER_SIZE];

    mail_date(wall_ms, date);
    snprintf(from, sizeof from, "<%s>", options->mail_from.text);
    snprintf(id, sizeof id, "<%s.goodhart%s>", parcel->id,
             strchr(options->mail_from.text, '@'));
    header_add(post, "Date", date);
    header_add(post, "From", from);
    header_add(post, "To", sink->to);
    header_add(post, "Message-ID", id);
    header_add(post, "Subject", parcel->subject);
    header_add(post, "Auto-Submitted", "auto-generated");
    set_text(post, CURLOPT_MAIL_FROM, from);
    mail_receivers(post, sink->to);
    set_number(post, CURLOPT_USE_SSL,
               options->mail_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
    post->mime = curl_mime_init(post->easy);
    curl_mimepart *part = post->mime ? curl_mime_addpart(post->mime) : NULL;
    post->failed |= !part || curl_mime_data(part, parcel->body, CURL_ZERO_TERMINATED) ||
                    curl_mime_type(part, "text/plain; charset=utf-8") ||
                    curl_mime_encoder(part, "quoted-printable");
    post->failed |=
        curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers) != CURLE_OK ||
        curl_easy_setopt(post->easy, CURLOPT_MIMEPOST, post->mime) != CURLE_OK;
}

struct gh_post *gh_post_new(const struct gh_sink *sink, const struct gh_parcel *parcel,
                            int64_t wall_ms)
{
    struct gh_post *post = calloc(1, sizeof *post);

    if (!post || !(post->easy = curl_easy_init())) {
        free(post);
        return NULL;
    }
    post->mail = sink->kind == GH_SINK_MAIL;
    common_set(post, sink);
    if (post->mail)
        mail_set(post, sink, parcel, wall_ms);
    else
        http_set(post, sink, parcel, wall_ms);
    if (!post->failed)
        return post;
    gh_post_free(post);
    return NULL;
}

void gh_post_free(struct gh_post *post)
{
    if (!post)
        return;
    curl_easy_cleanup(post->easy);
    curl_mime_free(post->mime);
    curl_slist_free_all(post->headers);
    curl_slist_free_all(post->receivers);
    free(post);
}

CURL *gh_post_easy(struct gh_post *post)
{
    return post->easy;
}

static enum gh_post_outcome http_outcome(const struct gh_post *post, CURLcode result,
                                         uint32_t code)
{
    enum { TIMEOUT = 408, TOO_MANY = 429 };
    /* We hung up because the answer was too long: its head had come. */
    const bool answered =
        result == CURLE_OK || (result == CURLE_WRITE_ERROR && post->read > ANSWER_READ_MAX);

    if (!answered)
        return GH_POST_LATER;
    if (code >= 200 && code < 300)
        return GH_POST_TAKEN;
    return code >= 400 && code < 500 && code != TIMEOUT && code != TOO_MANY ? GH_POST_REFUSED
                                                                            : GH_POST_LATER;
}

/* A login that is turned down is the operator's to mend, and then the mail can go. */
static enum gh_post_outcome smtp_outcome(CURLcode result, uint32_t code)
{
    enum { LOGIN_FIRST = 530, LOGIN_LAST = 538 };

    if (result == CURLE_OK)
        return GH_POST_TAKEN;
    return code >= 500 && code < 600 && result != CURLE_LOGIN_DENIED &&
                   (code < LOGIN_FIRST || code > LOGIN_LAST)
               ? GH_POST_REFUSED
               : GH_POST_LATER;
}

void gh_post_judge(struct gh_post *post, CURLcode result, struct gh_posted *posted)
{
    long code = 0;
    curl_off_t asked_s = 0;

    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &code);
    *posted = post->so_far;
    posted->code = code > 0 ? (uint32_t)code : 0;
    posted->outcome = post->mail ? smtp_outcome(result, posted->code)
                                 : http_outcome(post, result, posted->code);
    if (posted->outcome == GH_POST_TAKEN)
        return;
    if (!post->mail &&
        curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &asked_s) == CURLE_OK)
        posted->asked_s = asked_s > 0 ? (int64_t)asked_s : 0;
    if (result != CURLE_OK && !(posted->code >= 300 && !post->mail))
        snprintf(posted->why, sizeof posted->why, "%.140s",
                 post->trouble[0] ? post->trouble : curl_easy_strerror(result));
    else
        snprintf(posted->why, sizeof posted->why, "answered with status %u",
                 (unsigned)posted->code);
}
