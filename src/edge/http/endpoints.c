/* endpoints.c - see endpoints.h. */
#include "edge/http/endpoints.h"

#include "edge/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

unsigned gh_http_admit_role(struct gh_keyring *ring, uint32_t roles,
                            struct gh_http_request *request, char text[GH_HTTP_TEXT_SIZE])
{
    static const char scheme[] = "Bearer ";
    const size_t skip = sizeof(scheme) - 1;
    if (!ring)
        return 0;
    request->asked = true;
    const char *shown = gh_http_header(request, "Authorization");
    if (!shown || strncasecmp(shown, scheme, skip) != 0 || strlen(shown) > GH_TOKEN_BYTES_MAX) {
        snprintf(text, GH_HTTP_TEXT_SIZE, "a key is asked for: Authorization: Bearer TOKEN");
        return 401;
    }
    while (shown[skip] == ' ')
        shown++;
    const struct gh_text token = {shown + skip, (uint32_t)strlen(shown + skip)};
    const enum gh_key_state state = gh_keyring_admit_token(ring, token, roles, request->owner);
    if (state == GH_KEY_GOOD)
        return 0;
    snprintf(text, GH_HTTP_TEXT_SIZE, "the key %s",
             state == GH_KEY_UNKNOWN ? "of this token is not known"
             : state == GH_KEY_ROLE  ? "lacks the role that this path asks for"
                                     : gh_key_state_text(state));
    return state == GH_KEY_ROLE ? 403 : 401;
}

unsigned gh_http_admit(void *context, struct gh_http_request *request,
                       char text[GH_HTTP_TEXT_SIZE])
{
    const struct gh_http_intake *intake = context;
    return gh_http_admit_role(intake->ring, GH_ROLE_PRODUCE | GH_ROLE_CONTROL, request, text);
}

unsigned gh_http_status_of(enum gh_hand_end end)
{
    return end == GH_HAND_DONE ? 200 : 503;
}

static void json_answer(struct gh_http_request *request, unsigned status, struct gh_json *json)
{
    const size_t size = json->used;
    char *text = gh_json_take(json);
    /* Kept or not, it may be sent again. */
    const struct gh_http_reply reply = {text ? status : 503, "application/json",
                                        text ? text : "{}", text ? size : 2};
    gh_http_answer(request, &reply);
    free(text);
}

void gh_http_events_refuse(struct gh_http_request *request, unsigned status, const char *text)
{
    struct gh_json json = {0};
    gh_json_open(&json, '{');
    gh_json_key(&json, "error");
    gh_json_string(&json, text);
    gh_json_close(&json, '}');
    json_answer(request, status, &json);
}

static void refusals_write(struct gh_json *json, const struct gh_hand *hand)
{
    gh_json_key(json, "refusals");
    gh_json_open(json, '[');
    for (uint32_t i = 0; i < hand->refusals; i++) {
        const struct gh_hand_refusal *refusal = &hand->refusal[i];
        gh_json_open(json, '{');
        gh_json_key(json, "index");
        gh_json_count(json, refusal->index);
        gh_json_key(json, "line");
        gh_json_count(json, refusal->line);
        gh_json_key(json, "reason");
        gh_json_string(json, refusal->reason);
        gh_json_key(json, "text");
        gh_json_string(json, refusal->text);
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

/* A frame and the request that waits for it. */
struct events_hand {
    struct gh_hand hand; /* first: one is the other */
    struct gh_http_request *request;
    char *body;
};

static void events_tell(struct gh_hand *hand, enum gh_hand_end end)
{
    struct gh_http_request *request = ((struct events_hand *)hand)->request;
    struct gh_json json = {0};
    if (end != GH_HAND_DONE) {
        gh_http_refuse(request, gh_http_status_of(end), gh_hand_end_text(end));
        return;
    }
    gh_json_open(&json, '{');
    gh_json_key(&json, "accepted");
    gh_json_count(&json, hand->events - hand->refused);
    gh_json_key(&json, "refused");
    gh_json_count(&json, hand->refused);
    if (hand->refused > 0)
        refusals_write(&json, hand);
    gh_json_close(&json, '}');
    json_answer(request, 200, &json);
}

static void events_drop(struct gh_hand *hand)
{
    free(((struct events_hand *)hand)->body);
    free(hand);
}

void gh_http_events(void *context, struct gh_http_request *request)
{
    const struct gh_http_intake *intake = context;
    struct events_hand *made = calloc(1, sizeof(*made));
    if (!made) {
        gh_http_refuse(request, 503, gh_hand_end_text(GH_HAND_FULL));
        return;
    }
    made->request = request;
    made->hand = (struct gh_hand){.source = request->route->path,
                                  .asked = request->asked,
                                  .size = request->size,
                                  .tell = events_tell,
                                  .drop = events_drop};
    made->body = gh_http_body_take(request);
    made->hand.at = made->body ? made->body : "";
    memcpy(made->hand.owner, request->owner, sizeof(request->owner));
    const enum gh_hand_end end = gh_handover_give(intake->handover, &made->hand);
    if (end == GH_HAND_DONE)
        return; /* the request may be gone by now */
    events_drop(&made->hand);
    gh_http_refuse(request, gh_http_status_of(end), gh_hand_end_text(end));
}
