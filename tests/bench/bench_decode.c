/* bench_decode.c - the decoders on an event of 20 keys. */
#include "bench/bench.h"
#include "edge/wire.h"

#include <inttypes.h>
#include <string.h>

enum { EVENTS = 4096, PER_FRAME = 64, ROUNDS = 15, EVENT_SIZE = 512 };

typedef bool decode_fn(struct gh_decoder *, const struct gh_piece *, struct gh_event *,
                       struct gh_refused *);

struct frames {
    char *at;
    size_t size[EVENTS], offset[EVENTS], count;
};

static size_t event_write(char *at, unsigned i, const char *end)
{
    return (size_t)snprintf(
        at, EVENT_SIZE,
        "{\"v\":1,\"id\":\"e%08u\",\"ts\":%" PRIu64 ",\"actor\":\"dev-%04u\",\"team\":\"t%u\","
        "\"session\":\"s%06u\",\"agent\":\"a%u\",\"model\":\"large-1\","
        "\"input_tokens\":%u,\"cache_read_tokens\":%u,\"cache_write_tokens\":%u,"
        "\"output_tokens\":%u,\"cost_usd\":0.%04u,\"prompt_hash\":\"%016" PRIx64 "\","
        "\"user_tokens\":%u,\"tool_calls\":%u,\"status\":\"ok\",\"origin\":\"ci\","
        "\"trace\":\"t%u\",\"duration_ms\":%u}%s",
        i, UINT64_C(1795166400000) + i * 37, i * 7 % 5000, i % 40, i / 9, i % 5,
        1000 + i * 31 % 9000, i * 977 % 90000, i * 13 % 800, 10 + i * 17 % 900, i % 10000,
        i * UINT64_C(0x9e3779b97f4a7c15), i % 300, i % 4, i / 3, 100 + i * 3 % 900, end);
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
}

/* The next event of the frame; both in one, or apart. */
static enum gh_next next_decode(struct gh_frame *frame, struct gh_decoder *decoder,
                                decode_fn *decode, struct gh_event *event,
                                struct gh_refused *refused)
{
    struct gh_piece piece;

    if (decode == NULL)
        return gh_frame_decode(frame, decoder, &piece, event, refused);
    if (!gh_frame_next(frame, &piece))
        return GH_NEXT_NONE;
    return decode(decoder, &piece, event, refused) ? GH_NEXT_TAKEN : GH_NEXT_REFUSED;
}

/* Decodes all frames once; every event must be taken. */
static int64_t frames_decode(const struct frames *frames, struct gh_decoder *decoder,
                             decode_fn *decode)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < frames->count; i++) {
        struct gh_frame frame;
        struct gh_event event;
        struct gh_refused refused;
        enum gh_next next;
        gh_frame_init(&frame, frames->at + frames->offset[i], frames->size[i]);
        while ((next = next_decode(&frame, decoder, decode, &event, &refused)) == GH_NEXT_TAKEN)
            tokens += event.input_tokens;
        if (next == GH_NEXT_REFUSED) {
            fprintf(stderr, "bench_decode: %s\n", refused.text);
            exit(1);
        }
        gh_decoder_reset(decoder);
    }
    return tokens;
}

/* The same events in as many frames of the other form. */
static void frames_binary(struct frames *frames)
{
    char *const at = bench_memory(EVENTS, EVENT_SIZE);
    struct gh_decoder *decoder = gh_decoder_new();
    size_t used = 0;

    if (!decoder)
        exit(1);
    for (size_t i = 0; i < frames->count; i++) {
        struct gh_frame frame;
        struct gh_piece piece;
        gh_frame_init(&frame, frames->at + frames->offset[i], frames->size[i]);
        frames->offset[i] = used;
        memcpy(at + used, GH_MARKER, GH_MARKER_SIZE);
        used += GH_MARKER_SIZE;
        while (gh_frame_next(&frame, &piece)) {
            struct gh_event event;
            struct gh_refused refused;
            if (!gh_decode(decoder, &piece, &event, &refused))
                exit(1);
            used += gh_encode_binary(&event, at + used, EVENT_SIZE);
        }
        frames->size[i] = used - frames->offset[i];
    }
    gh_decoder_free(decoder);
    free(frames->at);
    frames->at = at;
}

struct run {
    const struct frames *frames;
    struct gh_decoder *decoder;
    decode_fn *decode; /* NULL: gh_frame_decode */
    int64_t tokens;
};

static void run_once(void *context)
{
    struct run *r = context;

    r->tokens += frames_decode(r->frames, r->decoder, r->decode);
}

/* Of an event. */
static double frames_bytes(const struct frames *frames)
{
    const size_t last = frames->count - 1;

    return (double)(frames->offset[last] + frames->size[last]) / EVENTS;
}

static void measure(const char *name, const struct frames *frames, decode_fn *decode)
{
    struct run r = {frames, gh_decoder_new(), decode, 0};

    if (!r.decoder)
        exit(1);
    bench_event(name, bench_best_ns(ROUNDS, run_once, &r) / EVENTS, frames_bytes(frames));
    gh_decoder_free(r.decoder);
}

int main(void)
{
    static struct frames frames;

    frames.at = bench_memory(EVENTS, EVENT_SIZE);
    frames_write(&frames, 1);
    measure("decode pull single", &frames, NULL);
    measure("decode jansson single", &frames, gh_decode_reference);
    frames_write(&frames, PER_FRAME);
    measure("decode pull ndjson 64", &frames, NULL);
    measure("decode pull ndjson 64, split before", &frames, gh_decode);
    frames_binary(&frames);
    measure("decode binary 64", &frames, NULL);
    free(frames.at);
    return 0;
}
