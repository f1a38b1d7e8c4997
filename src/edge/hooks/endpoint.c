/* endpoint.c - see endpoint.h. */
#include "edge/hooks/endpoint.h"

#include "edge/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines and the request that waits for them. */
struct hook_hand {
    struct gh_hand hand; /* first: one is the other */
    struct gh_http_request *request;
    struct gh_hooks *hooks;
    uint64_t delivery;
    char *lines;
};

static const char *request_header(const void *request, const char *name)
{
    return gh_http_header(request, name);
}

/* What was refused may be let in later, so it may come again. */
static void hand_tell(struct gh_hand *hand, enum gh_hand_end end)
{
    struct hook_hand *made = (struct hook_hand *)hand;
    char text[GH_HTTP_TEXT_SIZE];

    if (end != GH_HAND_DONE) {
        gh_http_say(made->request, gh_http_status_of(end), gh_hand_end_text(end));
        return;
    }
    if (hand->refused == 0)
        gh_hooks_kept(made->hooks, made->delivery);
    snprintf(text, sizeof(text), "%" PRIu64 " taken, %" PRIu64 " refused%s%s",
             hand->events - hand->refused, hand->refused, hand->refused ? ": " : "",
             hand->refusals ? hand->refusal[0].text : "");
    gh_http_say(made->request, 200, text);
}

static void hand_drop(struct gh_hand *hand)
{
    free(((struct hook_hand *)hand)->lines);
    free(hand);
}

static void lines_give(const struct gh_hook_intake *intake, struct gh_http_request *request,
                       uint64_t delivery, struct gh_json *lines)
{
    const size_t size = lines->used;
    const bool fits = size <= intake->http->frame_bytes;
    struct hook_hand *made = fits ? calloc(1, sizeof(*made)) : NULL;

    if (!made) {
        gh_json_free(lines);
        gh_http_say(request, fits ? 503 : 413,
                    fits ? gh_hook_outcome_text(GH_HOOK_STARVED)
                         : "more events than http.body_bytes holds");
        return;
    }
    made->hand = (struct gh_hand){.source = request->route->path,
                                  .asked = intake->http->ring != NULL,
                                  .size = size,
                                  .tell = hand_tell,
                                  .drop = hand_drop};
    snprintf(made->hand.owner, sizeof(made->hand.owner), "%s", intake->key);
    made->request = request;
    made->hooks = intake->hooks;
    made->delivery = delivery;
    made->lines = gh_json_take(lines);
    made->hand.at = made->lines;
    const enum gh_hand_end end = gh_handover_give(intake->http->handover, &made->hand);
    if (end == GH_HAND_DONE)
        return; /* the request may be gone by now */
    hand_drop(&made->hand);
    gh_http_say(request, gh_http_status_of(end), gh_hand_end_text(end));
}

void gh_hook_endpoint(void *context, struct gh_http_request *request)
{
    const struct gh_hook_intake *intake = context;
    struct gh_json lines = {0};
    struct gh_error error = {0};
    struct gh_source_work *work = gh_sources_begin(intake->http->sources);
    if (!work) {
        gh_http_say(request, 503, gh_hook_outcome_text(GH_HOOK_STARVED));
        return;
    }
    const struct gh_hook_call call = {
        .name = request->rest,
        .body = request->body ? request->body : "",
        .size = request->size,
        .header = request_header,
        .request = request,
        .arrived_ms = gh_clock_wall_ms(),
        .maps = work->maps,
        .person = gh_source_person,
        .people = work,
    };
    const enum gh_hook_outcome outcome = gh_hooks_take(intake->hooks, &call, &lines, &error);

    gh_sources_end(work);
    if (outcome == GH_HOOK_TOLD) {
        lines_give(intake, request, gh_hooks_delivery(&call), &lines);
        return;
    }
    gh_json_free(&lines);
    gh_http_say(request, gh_hook_outcome_status(outcome),
                error.text[0] ? error.text : gh_hook_outcome_text(outcome));
}
