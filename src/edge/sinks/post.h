/* post.h - one message to one sink, by libcurl, over HTTP or SMTP.
 *
 * Certificates are checked, redirects are not followed, the environment's proxies are not used,
 * and an answer is read up to a bound. Nothing of an address or a password gets into `why`. */
#ifndef GOODHART_EDGE_SINKS_POST_H
#define GOODHART_EDGE_SINKS_POST_H

#include "edge/sinks/sink.h"

#include <curl/curl.h>

struct gh_post;

/* Ready to be performed; `sink` and `parcel` are lent while it lives. NULL: out of memory. */
struct gh_post *gh_post_new(const struct gh_sink *sink, const struct gh_parcel *parcel,
                            int64_t wall_ms);
void gh_post_free(struct gh_post *post); /* NULL is legal; not while a multi handle has it */
CURL *gh_post_easy(struct gh_post *post);

/* What came of it. REFUSED: the other side will never take it, a status of 4xx but 408 and 429,
 * or of 5xx from a mail server that is not about the login. */
enum gh_post_outcome { GH_POST_TAKEN, GH_POST_LATER, GH_POST_REFUSED };
struct gh_posted {
    enum gh_post_outcome outcome;
    uint32_t code;                     /* of HTTP or SMTP; 0: there was no answer */
    int64_t asked_s;                   /* Retry-After; 0: none */
    char why[GH_SINK_TROUBLE_SIZE];    /* "" when it was taken */
    char answer[GH_SINK_TROUBLE_SIZE]; /* beginning of what the other side said; may echo what
                                        * was sent, so it is never logged */
};
void gh_post_judge(struct gh_post *post, CURLcode result, struct gh_posted *posted);

#endif
