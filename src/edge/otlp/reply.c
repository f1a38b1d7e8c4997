/* reply.c - what the sender hears. */
#include "edge/json.h"
#include "edge/otlp/otlp.h"
#include "edge/otlp/otlp.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* In JSON a byte takes six at most, and the rest is short. */
enum { TEXT_MAX = 500 };
_Static_assert(TEXT_MAX * 6 + 256 <= GH_OTLP_REPLY_MAX, "a reply fits");

/* Whole characters. */
static struct gh_text text_cut(const char *text)
{
    size_t size = strlen(text);

    if (size > TEXT_MAX)
        for (size = TEXT_MAX; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80; size--)
            ;
    return (struct gh_text){text, (uint32_t)size};
}

static size_t json_reply(const struct gh_otlp_answer *answer, struct gh_text text, char *to)
{
    static const char *const rejected[] = {[GH_OTLP_LOGS] = "rejectedLogRecords",
                                           [GH_OTLP_TRACES] = "rejectedSpans",
                                           [GH_OTLP_METRICS] = "rejectedDataPoints"};
    struct gh_json json = {0};
    char count[24];

    gh_json_open(&json, '{');
    if (answer->code != GH_OTLP_DONE) {
        gh_json_key(&json, "code");
        gh_json_count(&json, answer->code);
        gh_json_key(&json, "message");
        gh_json_text(&json, text);
    } else if (answer->rejected > 0 || text.size > 0) {
        gh_json_key(&json, "partialSuccess");
        gh_json_open(&json, '{');
        gh_json_key(&json, rejected[answer->signal]);
        /* 64 bits are a string in the JSON of protobuf */
        snprintf(count, sizeof count, "%" PRIu64, answer->rejected);
        gh_json_string(&json, count);
        gh_json_key(&json, "errorMessage");
        gh_json_text(&json, text);
        gh_json_close(&json, '}');
    }
    gh_json_close(&json, '}');
    const size_t size = json.failed ? 0 : json.used; /* an empty body is legal for senders */
    if (size > 0)
        memcpy(to, json.at, size);
    gh_json_free(&json);
    return size;
}

static size_t binary_reply(const struct gh_otlp_answer *answer, struct gh_text text, char *to)
{
    const ProtobufCBinaryData bytes = {text.size, (uint8_t *)(uintptr_t)text.at};
    Otlp__PartialSuccess partial = OTLP__PARTIAL_SUCCESS__INIT;
    Otlp__Response response = OTLP__RESPONSE__INIT;
    Otlp__RpcStatus status = OTLP__RPC_STATUS__INIT;

    if (answer->code != GH_OTLP_DONE) {
        status.code = (int32_t)answer->code;
        status.message = bytes;
        return otlp__rpc_status__pack(&status, (uint8_t *)to);
    }
    if (answer->rejected == 0 && text.size == 0)
        return 0;
    partial.rejected = (int64_t)answer->rejected;
    partial.error_message = bytes;
    response.partial_success = &partial;
    return otlp__response__pack(&response, (uint8_t *)to);
}

size_t gh_otlp_reply(const struct gh_otlp_answer *answer, char to[GH_OTLP_REPLY_MAX])
{
    const struct gh_text text = text_cut(answer->text ? answer->text : "");

    return answer->json ? json_reply(answer, text, to) : binary_reply(answer, text, to);
}

const char *gh_otlp_content_type(bool json)
{
    return json ? "application/json" : "application/x-protobuf";
}
