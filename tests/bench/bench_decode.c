/* bench_decode.c - nanoseconds per event of the decoders, as JSON lines
 * {"name": ..., "ns_per_event": ..., "bytes": ...}. The event has 20 keys in somewhat over
 * 300 bytes. Each figure is the best of several rounds: noise only ever adds. */
#include "edge/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVENTS = 4096, PER_FRAME = 64, ROUNDS = 15, EVENT_SIZE = 512 };

typedef bool decode_fn(struct gh_decoder *, const struct gh_piece *, struct gh_event *,
                       struct gh_refused *);

struct frames {
    char *at;
    size_t size[EVENTS], offset[EVENTS], count, bytes;
};

static size_t event_write(char *at, unsigned i, const char *end)
{
    return (size_t)snprintf(
        at, EVENT_SIZE,
        "{\"v\":1,\"id\":\"e%06u\",\"ts\":%" PRIu64 ",\"actor\":\"d%u\",\"team\":\"t%u\","
        "\"session\":\"s%u\",\"agent\":\"a%u\",\"caller\":\"a%u\",\"trace\":\"t%u\","
        "\"origin\":\"ci\",\"provider\":\"p\",\"model\":\"m1\",\"input_tokens\":%u,"
        "\"output_tokens\":%u,\"cost_usd\":0.%04u,"
        "\"prompt_hash\":\"%016" PRIx64 "\",\"user_tokens\":%u,\"tool_calls\":%u,"
        "\"status\":\"ok\",\"duration_ms\":%u}%s",
        i, UINT64_C(1795166400000) + i * 37, i * 7 % 5000, i % 40, i / 9, i % 5, i % 3, i / 3,
        1000 + i * 31 % 9000, 10 + i * 17 % 900, i % 10000, i * UINT64_C(0x9e3779b97f4a7c15),
        i % 300, i % 4, 100 + i * 3 % 900, end);
}

static void frames_write(struct frames *frames, unsigned per_frame)
{
    size_t used = 0;

    frames->count = 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        if (i % per_frame == 0) {
            frames->offset[frames->count] = used;
            frames->size[frames->count++] = 0;
        }
        const size_t size = event_write(frames->at + used, i, per_frame > 1 ? "\n" : "");
        frames->size[frames->count - 1] += size;
        used += size;
    }
    frames->bytes = used;
}

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Decodes all frames once; every event must be taken. */
static int64_t frames_decode(const struct frames *frames, struct gh_decoder *decoder,
                             decode_fn *decode)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < frames->count; i++) {
        struct gh_frame frame;
        struct gh_piece piece;
        gh_frame_init(&frame, frames->at + frames->offset[i], frames->size[i]);
        while (gh_frame_next(&frame, &piece)) {
            struct gh_event event;
            struct gh_refused refused;
            if (!decode(decoder, &piece, &event, &refused)) {
                fprintf(stderr, "bench_decode: %s\n", refused.text);
                exit(1);
            }
            tokens += event.input_tokens;
        }
        gh_decoder_reset(decoder);
    }
    return tokens;
}

static void measure(const char *name, const struct frames *frames, decode_fn *decode)
{
    struct gh_decoder *decoder = gh_decoder_new();
    double best = 0.0;
    int64_t tokens = 0;

    if (!decoder)
        exit(1);
    for (int round = 0; round < ROUNDS; round++) {
        const double start = now_ns();
        tokens = frames_decode(frames, decoder, decode);
        const double ns = (now_ns() - start) / EVENTS;
        best = round == 0 || ns < best ? ns : best;
    }
    printf("{\"name\": \"%s\", \"ns_per_event\": %.0f, \"bytes\": %.0f, \"tokens\": %" PRId64
           "}\n",
           name, best, (double)frames->bytes / EVENTS, tokens);
    gh_decoder_free(decoder);
}

int main(void)
{
    static struct frames frames;

    frames.at = malloc((size_t)EVENTS * EVENT_SIZE);
    if (!frames.at)
        return 1;
    frames_write(&frames, 1);
    measure("decode pull single", &frames, gh_decode);
    measure("decode jansson single", &frames, gh_decode_reference);
    frames_write(&frames, PER_FRAME);
    measure("decode pull ndjson 64", &frames, gh_decode);
    free(frames.at);
    return 0;
}
