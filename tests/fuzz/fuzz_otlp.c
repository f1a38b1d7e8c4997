/* fuzz_otlp.c - libFuzzer target: the first byte chooses signal and encoding of a request. What
 * is told of JSON is what jansson reads. What is told of protobuf is what protobuf-c unpacks,
 * and is told once more when it has packed it anew, and when it is written as JSON. */
#include "support/otlp_reference.h"
#include "support/otlp_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gh_otlp_reader *reader;

static void fail(const char *what, const struct gh_otlp_heard *a, const char *other)
{
    fprintf(stderr, "fuzz_otlp: %s\n%s\n%s\nother:\n%s\n", what, a->error.text, a->lines,
            other ? other : "");
    abort();
}

static void json_check(const struct gh_otlp_request *request)
{
    struct gh_otlp_heard heard = gh_otlp_hear(reader, request);
    char *lines;
    const enum gh_otlp_verdict verdict =
        gh_otlp_reference(request->signal, request->body, request->size, &lines);

    if (heard.status == GH_OK && verdict == GH_OTLP_REFUSED)
        fail("taken, and jansson refuses it", &heard, lines);
    if (heard.status == GH_OK && verdict == GH_OTLP_SAME && strcmp(heard.lines, lines) != 0)
        fail("jansson reads something else", &heard, lines);
    if (heard.status == GH_EFORMAT && verdict == GH_OTLP_SAME)
        fail("refused, and jansson takes it", &heard, lines);
    if (heard.status != GH_OK && heard.lines[0] != '\0')
        fail("refused, and something is told", &heard, lines);
    free(lines);
    gh_otlp_heard_free(&heard);
}

/* Where memory is not bounded. */
static void unpacked_check(const struct gh_otlp_heard *heard,
                           const struct gh_otlp_request *request)
{
    struct gh_otlp_heard must = gh_otlp_hear_unpacked(request);
    const bool bounded = strstr(heard->error.text, "needs more memory") != NULL;

    if (!bounded && (heard->status != must.status || strcmp(heard->lines, must.lines) != 0 ||
                     heard->counts.refused != must.counts.refused ||
                     heard->counts.fields_dropped != must.counts.fields_dropped))
        fail("protobuf-c unpacks something else", heard, must.lines);
    gh_otlp_heard_free(&must);
}

/* The same request in other bytes. */
static void again(const struct gh_otlp_heard *heard, const struct gh_otlp_request *request)
{
    struct gh_otlp_heard other = gh_otlp_hear(reader, request);

    if (other.status != GH_OK || strcmp(other.lines, heard->lines) != 0)
        fail(other.error.text, heard, other.lines);
    gh_otlp_heard_free(&other);
}

static void binary_check(const struct gh_otlp_request *request)
{
    struct gh_otlp_heard heard = gh_otlp_hear(reader, request);
    const ProtobufCMessageDescriptor *const message = gh_otlp_message(request->signal);

    if (heard.status != GH_OK && heard.lines[0] != '\0')
        fail("refused, and something is told", &heard, NULL);
    unpacked_check(&heard, request);
    if (heard.status == GH_OK) {
        struct gh_json json = {0};
        ProtobufCMessage *const m = protobuf_c_message_unpack(message, NULL, request->size,
                                                              (const uint8_t *)request->body);
        if (m == NULL)
            fail("taken, and protobuf-c refuses it", &heard, NULL);
        const size_t size = protobuf_c_message_get_packed_size(m);
        char *const packed = malloc(size + 1);
        if (packed == NULL)
            abort();
        protobuf_c_message_pack(m, (uint8_t *)packed);
        again(&heard, &(struct gh_otlp_request){request->signal, false, packed, size});
        gh_otlp_write(&json, m, NULL);
        if (heard.counts.refused == 0)
            again(&heard, &(struct gh_otlp_request){request->signal, true, json.at, json.used});
        gh_json_free(&json);
        free(packed);
        protobuf_c_message_free_unpacked(m, NULL);
    }
    gh_otlp_heard_free(&heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (reader == NULL && (reader = gh_otlp_reader_new()) == NULL)
        abort();
    if (size == 0)
        return 0;
    const struct gh_otlp_request request = {.signal = data[0] % 3,
                                            .json = data[0] & 0x10,
                                            .body = (const char *)data + 1,
                                            .size = size - 1};
    if (request.json)
        json_check(&request);
    else
        binary_check(&request);
    return 0;
}
