/* otlp_endpoint.c - see otlp_endpoint.h. */
#include "edge/http/otlp_endpoint.h"

#include "edge/frame_made.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request, the frame that it becomes, and who waits for what becomes of that. */
struct otlp_hand {
    struct gh_hand hand; /* first: one is the other */
    struct gh_http_request *request;
    struct gh_otlp_answer answer;
    struct gh_source_work *work;
    struct gh_frame_made frame;
    size_t most; /* bytes of it */
    bool starved;
    char text[sizeof(((struct gh_error *)NULL)->text)]; /* why the first was rejected */
};

static bool json_asked(const struct gh_http_request *request)
{
    return request->type != GH_HTTP_PROTOBUF;
}

static void otlp_answer(struct gh_http_request *request, unsigned status,
                        const struct gh_otlp_answer *answer)
{
    char body[GH_OTLP_REPLY_MAX];
    const size_t size = gh_otlp_reply(answer, body);
    gh_http_answer(request, &(struct gh_http_reply){status, gh_otlp_content_type(answer->json),
                                                    body, size});
}

static enum gh_otlp_code code_of(unsigned status)
{
    switch (status) {
    case 401:
        return GH_OTLP_UNKNOWN_KEY;
    case 403:
        return GH_OTLP_FORBIDDEN;
    case 413:
    case 429:
        return GH_OTLP_EXHAUSTED;
    case 503:
        return GH_OTLP_UNAVAILABLE;
    default:
        return status < 500 ? GH_OTLP_INVALID : GH_OTLP_INTERNAL;
    }
}

void gh_http_otlp_refuse(struct gh_http_request *request, unsigned status, const char *text)
{
    otlp_answer(request, status,
                &(struct gh_otlp_answer){
                    .json = json_asked(request), .code = code_of(status), .text = text});
}

static void otlp_tell(struct gh_hand *hand, enum gh_hand_end end)
{
    struct otlp_hand *o = (struct otlp_hand *)hand;
    if (end != GH_HAND_DONE) {
        gh_http_otlp_refuse(o->request, gh_http_status_of(end), gh_hand_end_text(end));
        return;
    }
    if (!o->answer.rejected && hand->refusals)
        snprintf(o->text, sizeof(o->text), "%s: %s", hand->refusal[0].reason,
                 hand->refusal[0].text);
    o->answer.rejected += hand->refused;
    o->answer.text = o->answer.rejected ? o->text : NULL;
    otlp_answer(o->request, 200, &o->answer);
}

static void otlp_drop(struct gh_hand *hand)
{
    gh_frame_made_free(&((struct otlp_hand *)hand)->frame);
    free(hand);
}

static bool otlp_take(void *context, const struct gh_told *told)
{
    struct otlp_hand *o = context;
    struct gh_error error = {0};
    struct gh_event event;
    switch (gh_source_map(o->work, told, &event, &error)) {
    case GH_MAPPED_EVENT:
        o->starved = !gh_frame_made_add(&o->frame, &event);
        return !o->starved && o->frame.size <= o->most;
    case GH_MAPPED_BAD:
        if (o->answer.rejected++ == 0)
            snprintf(o->text, sizeof(o->text), "%s", error.text);
        break;
    case GH_MAPPED_TOTAL:
    case GH_MAPPED_KNOWN:
    case GH_MAPPED_UNKNOWN:
        break;
    }
    return true;
}

static unsigned read_status(const struct otlp_hand *o, enum gh_status status)
{
    if (status == GH_EFULL && !o->starved)
        return 413;
    return status == GH_EFORMAT || status == GH_ELIMIT ? 400 : 503;
}

/* True: the frame is there. Else it is answered. */
static bool otlp_read(struct otlp_hand *o, struct gh_sources *sources)
{
    const struct gh_http_request *request = o->request;
    const struct gh_otlp_request asked = {o->answer.signal, o->answer.json,
                                          request->body ? request->body : "", request->size};
    const struct gh_otlp_taker taker = {otlp_take, o};
    struct gh_otlp_counts counts = {0};
    struct gh_error error = {0};
    o->work = gh_sources_begin(sources);
    const enum gh_status status =
        o->work ? gh_otlp_read(o->work->reader, &asked, &taker, &counts, &error) : GH_EMEMORY;
    if (o->work)
        gh_sources_end(o->work);
    if (status == GH_OK) {
        if (o->answer.rejected == 0 && counts.why)
            snprintf(o->text, sizeof(o->text), "%s", counts.why);
        o->answer.rejected += counts.refused;
        return true;
    }
    const unsigned code = read_status(o, status);
    gh_http_otlp_refuse(o->request, code,
                        code == 413   ? "its events are larger than http.body_bytes"
                        : code == 503 ? gh_hand_end_text(GH_HAND_FULL)
                                      : error.text);
    return false;
}

static struct otlp_hand *otlp_hand_new(struct gh_http_request *request,
                                       enum gh_otlp_signal signal, size_t most)
{
    struct otlp_hand *o = calloc(1, sizeof(*o));
    if (!o)
        return NULL;
    o->most = most;
    o->request = request;
    o->answer = (struct gh_otlp_answer){.signal = signal, .json = json_asked(request)};
    o->hand = (struct gh_hand){.source = request->route->path,
                               .asked = request->asked,
                               .tell = otlp_tell,
                               .drop = otlp_drop};
    memcpy(o->hand.owner, request->owner, sizeof(request->owner));
    return o;
}

static void otlp_handle(const struct gh_http_intake *intake, struct gh_http_request *request,
                        enum gh_otlp_signal signal)
{
    struct otlp_hand *o = otlp_hand_new(request, signal, intake->frame_bytes);
    if (!o) {
        gh_http_otlp_refuse(request, 503, gh_hand_end_text(GH_HAND_FULL));
        return;
    }
    if (!otlp_read(o, intake->sources)) {
        otlp_drop(&o->hand);
        return;
    }
    free(gh_http_body_take(request)); /* what waits is the frame alone */
    o->hand.at = o->frame.at;
    o->hand.size = o->frame.size;
    if (o->frame.size == 0) { /* nothing to keep */
        otlp_tell(&o->hand, GH_HAND_DONE);
        otlp_drop(&o->hand);
        return;
    }
    const enum gh_hand_end end = gh_handover_give(intake->handover, &o->hand);
    if (end == GH_HAND_DONE)
        return; /* the request may be gone by now */
    otlp_tell(&o->hand, end);
    otlp_drop(&o->hand);
}

void gh_http_logs(void *context, struct gh_http_request *request)
{
    otlp_handle(context, request, GH_OTLP_LOGS);
}

void gh_http_traces(void *context, struct gh_http_request *request)
{
    otlp_handle(context, request, GH_OTLP_TRACES);
}

void gh_http_metrics(void *context, struct gh_http_request *request)
{
    otlp_handle(context, request, GH_OTLP_METRICS);
}
