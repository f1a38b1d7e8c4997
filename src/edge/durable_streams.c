/* durable_streams.c - the streams of the durable server and how far they are. */
#include "edge/durable_inside.h"

#include "base/hash.h"
#include "edge/clock.h"
#include "edge/decode.h"

#include <stdio.h>
#include <string.h>

static uint64_t stream_key(const char *owner, const unsigned char id[GH_DURABLE_STREAM])
{
    return gh_hash_pair(gh_hash(owner, strlen(owner)), gh_hash(id, GH_DURABLE_STREAM));
}

static struct gh_durable_stream *stream_find(struct gh_durable_server *s, const char *owner,
                                             const unsigned char id[GH_DURABLE_STREAM])
{
    const uint64_t key = stream_key(owner, id);

    for (uint32_t i = 0; i < s->used; i++) {
        struct gh_durable_stream *stream = &s->stream[i];
        if (stream->key == key && memcmp(stream->id, id, sizeof stream->id) == 0 &&
            strcmp(stream->owner, owner) == 0)
            return stream;
    }
    return NULL;
}

/* A free place, or that of the stream that has been quiet longest and owes nothing. */
static struct gh_durable_stream *stream_place(struct gh_durable_server *s)
{
    struct gh_durable_stream *quiet = NULL;

    for (uint32_t i = 0; i < s->options->streams; i++) {
        struct gh_durable_stream *stream = &s->stream[i];
        if (stream->key == 0) {
            s->used = i >= s->used ? i + 1 : s->used;
            s->open++;
            return stream;
        }
        if (stream->received == stream->durable &&
            (!quiet || stream->heard_ms < quiet->heard_ms))
            quiet = stream;
    }
    s->counters.forgotten += quiet != NULL;
    return quiet;
}

static struct gh_durable_stream *stream_open(struct gh_durable_server *s, const char *owner,
                                             const unsigned char id[GH_DURABLE_STREAM],
                                             struct gh_error *error)
{
    struct gh_mark mark = {.owner = {owner, (uint32_t)strlen(owner)}};

    memcpy(mark.stream, id, sizeof mark.stream);
    if (s->find && s->find(s->find_context, &mark, error) != GH_OK)
        return NULL;
    struct gh_durable_stream *stream = stream_place(s);
    if (!stream)
        return NULL;
    *stream = (struct gh_durable_stream){
        .key = stream_key(owner, id), .durable = mark.sequence, .received = mark.sequence};
    memcpy(stream->id, id, sizeof stream->id);
    snprintf(stream->owner, sizeof stream->owner, "%s", owner);
    return stream;
}

/* What a producer no longer has is written down, so that it is never missing in silence. */
static void loss_note(struct gh_durable_server *s, struct gh_durable_stream *stream,
                      uint64_t oldest)
{
    char id[2 * GH_DURABLE_STREAM + 1];

    if (oldest <= stream->received + 1 || s->losses.used >= GH_DURABLE_HELD_LOSSES)
        return;
    for (size_t i = 0; i < GH_DURABLE_STREAM; i++)
        snprintf(id + 2 * i, 3, "%02x", stream->id[i]);
    gh_json_open(&s->losses, '{');
    gh_json_key(&s->losses, "stream");
    gh_json_string(&s->losses, id);
    gh_json_key(&s->losses, "from");
    gh_json_count(&s->losses, stream->received + 1);
    gh_json_key(&s->losses, "until");
    gh_json_count(&s->losses, oldest - 1);
    gh_json_close(&s->losses, '}');
    gh_json_raw(&s->losses, "\n", 1);
    s->loss_count++;
    s->counters.lost += oldest - 1 - stream->received;
    stream->received = oldest - 1;
    stream->tell = true;
}

static void stream_hello(struct gh_durable_server *s, const struct gh_durable_route *route,
                         const char *owner, const struct gh_durable_message *m)
{
    struct gh_error error = {0};
    struct gh_durable_stream *stream = stream_find(s, owner, m->stream);

    if (!stream)
        stream = stream_open(s, owner, m->stream, &error);
    if (!stream) {
        gh_durable_error(s, route, m->stream,
                         error.status != GH_OK ? "the log cannot be read"
                                               : "too many streams are open");
        return;
    }
    stream->route = *route;
    stream->route.speaker =
        (struct gh_speaker){.owner = NULL}; /* it may be another one later */
    stream->heard_ms = gh_clock_ms();
    stream->asked = stream->bye = 0;
    stream->turned = false;
    stream->tell = stream->tell || s->stalled;
    loss_note(s, stream, m->number);
    /* What has been taken is durable soon: the producer need not send it again. */
    if (stream->received > stream->durable && !s->stalled)
        stream->welcome = stream->received;
    else
        gh_durable_welcome(s, stream);
}

/* Once for each number: what follows it on its way is missing it, too. */
static void stream_gap(struct gh_durable_server *s, struct gh_durable_stream *stream)
{
    if (stream->asked == stream->received + 1)
        return;
    stream->asked = stream->received + 1;
    s->counters.gaps++;
    gh_durable_tell(s, stream, GH_DURABLE_NACK, stream->asked);
}

static void stream_bye(struct gh_durable_server *s, struct gh_durable_stream *stream,
                       uint64_t number)
{
    stream->bye = number;
    if (stream->durable >= number)
        gh_durable_tell(s, stream, GH_DURABLE_BYE, number);
    else if (stream->received < number)
        stream_gap(s, stream);
}

/* The events that are new. False: there is nothing to do but to answer. */
static bool stream_take(struct gh_durable_server *s, struct gh_durable_stream *stream,
                        const struct gh_durable_message *m, struct gh_durable_batch *batch)
{
    uint64_t seen = stream->received >= m->number ? stream->received - m->number + 1 : 0;

    if (s->stalled) {
        stream->turned = stream->tell = true;
        gh_durable_tell(s, stream, GH_DURABLE_ACK, stream->durable);
        return false;
    }
    if (m->number > stream->received + 1) {
        stream_gap(s, stream);
        return false;
    }
    seen = seen > m->count ? m->count : seen;
    s->counters.repeated += seen;
    if (seen == m->count) {
        if (stream->durable >= m->number + m->count - 1)
            gh_durable_tell(s, stream, GH_DURABLE_ACK, stream->durable);
        return false;
    }
    const size_t known = gh_durable_skip(m, (uint32_t)seen);
    *batch = (struct gh_durable_batch){
        .speaker = batch->speaker,
        .stream = (uint32_t)(stream - s->stream),
        .first = m->number + seen,
        .count = m->count - (uint32_t)seen,
        .binary = gh_frame_is_binary(m->body, m->body_size),
        .at = m->body + known,
        .size = m->body_size - known,
    };
    stream->received = m->number + m->count - 1;
    stream->tell = true;
    s->counters.batches++;
    s->counters.events += batch->count;
    return true;
}

static bool route_is(const struct gh_durable_stream *stream,
                     const struct gh_durable_route *route)
{
    return stream->route.size == route->size &&
           memcmp(stream->route.at, route->at, route->size) == 0;
}

bool gh_durable_hear(struct gh_durable_server *s, const struct gh_durable_route *route,
                     const void *frame, size_t size, struct gh_durable_batch *batch)
{
    const char *owner = route->speaker.owner ? route->speaker.owner : "";
    struct gh_durable_message m;
    const char *problem = gh_durable_read(&m, frame, size);

    if (problem) {
        gh_durable_error(s, route, NULL, problem);
        return false;
    }
    if (m.type == GH_DURABLE_HELLO) {
        stream_hello(s, route, owner, &m);
        return false;
    }
    struct gh_durable_stream *stream = stream_find(s, owner, m.stream);
    if (!stream || !route_is(stream, route)) {
        gh_durable_error(s, route, m.stream, "this stream is not open here: say HELLO");
        return false;
    }
    stream->heard_ms = gh_clock_ms();
    batch->speaker = route->speaker;
    if (m.type == GH_DURABLE_BATCH)
        return stream_take(s, stream, &m, batch);
    if (m.type == GH_DURABLE_BYE)
        stream_bye(s, stream, m.number);
    else
        gh_durable_error(s, route, m.stream, "a message that only the server sends");
    return false;
}
