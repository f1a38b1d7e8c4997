/* durable_tell.c - what the durable server says: at once, or with the commit. */
#include "edge/durable_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Largest: a REJECT whose text is all escapes. */
enum { BODY_BYTES = 2048 };

/* A producer that is gone, or does not listen, opens its stream again and hears from WELCOME
 * how far it is. */
static void message_send(struct gh_durable_server *s, const struct gh_durable_route *route,
                         const struct gh_durable_message *m)
{
    unsigned char frame[GH_DURABLE_HEAD + BODY_BYTES];

    assert(m->body_size <= BODY_BYTES);
    gh_durable_head(m, frame);
    if (m->body_size > 0)
        memcpy(frame + GH_DURABLE_HEAD, m->body, m->body_size);
    if (!s->say(s->say_context, route, frame, GH_DURABLE_HEAD + m->body_size))
        s->counters.unheard++;
}

static uint32_t credit(const struct gh_durable_server *s)
{
    const uint32_t share = s->options->budget / (s->open ? s->open : 1);

    if (s->stalled)
        return 0;
    return share < 1 ? 1 : share < s->options->credit ? share : s->options->credit;
}

void gh_durable_tell(struct gh_durable_server *s, const struct gh_durable_stream *stream,
                     enum gh_durable_type type, uint64_t number)
{
    struct gh_durable_message m = {.type = type, .number = number, .count = credit(s)};

    memcpy(m.stream, stream->id, sizeof m.stream);
    message_send(s, &stream->route, &m);
}

void gh_durable_welcome(struct gh_durable_server *s, struct gh_durable_stream *stream)
{
    stream->welcome = 0;
    gh_durable_tell(s, stream, GH_DURABLE_WELCOME, stream->durable);
}

void gh_durable_error(struct gh_durable_server *s, const struct gh_durable_route *route,
                      const unsigned char id[GH_DURABLE_STREAM], const char *why)
{
    struct gh_durable_message m = {
        .type = GH_DURABLE_ERROR, .body = why, .body_size = strlen(why)};

    s->counters.errors++;
    if (id)
        memcpy(m.stream, id, sizeof m.stream);
    message_send(s, route, &m);
}

void gh_durable_rejections_drop(struct gh_durable_server *s)
{
    for (size_t i = 0; i < s->rejections; i++)
        free(s->rejection[i].body);
    s->rejections = 0;
}

static char *rejection_body(const char *reason, const char *text)
{
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "reason");
    gh_json_string(&json, reason);
    gh_json_key(&json, "text");
    gh_json_string(&json, text);
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

/* Without memory the producer is not told why; the dead letters still are. */
void gh_durable_refuse(struct gh_durable_server *s, uint32_t stream, uint64_t number,
                       const char *reason, const char *text)
{
    s->counters.rejected++;
    if (s->rejections == s->rejection_capacity) {
        const size_t wanted = s->rejection_capacity ? 2 * s->rejection_capacity : 64;
        struct gh_rejection *grown = realloc(s->rejection, wanted * sizeof *grown);
        if (!grown)
            return;
        s->rejection = grown;
        s->rejection_capacity = wanted;
    }
    char *body = rejection_body(reason, text);
    if (body && strlen(body) > BODY_BYTES) { /* the name of the reason is ours, and short */
        free(body);
        body = rejection_body(reason, "");
    }
    if (body)
        s->rejection[s->rejections++] =
            (struct gh_rejection){stream, number, body, strlen(body)};
}

size_t gh_durable_marks(struct gh_durable_server *s, const struct gh_mark **mark)
{
    size_t count = 0;

    for (uint32_t i = 0; i < s->used; i++) {
        const struct gh_durable_stream *stream = &s->stream[i];
        if (stream->key == 0 || stream->received == stream->marked)
            continue;
        struct gh_mark *at = &s->mark[count++];
        memcpy(at->stream, stream->id, sizeof at->stream);
        at->owner = (struct gh_text){stream->owner, (uint32_t)strlen(stream->owner)};
        at->sequence = stream->received;
    }
    *mark = s->mark;
    return count;
}

uint32_t gh_durable_losses(const struct gh_durable_server *s, struct gh_text *lines)
{
    *lines = (struct gh_text){s->losses.at, (uint32_t)s->losses.used};
    return s->loss_count;
}

void gh_durable_marked(struct gh_durable_server *s)
{
    for (uint32_t i = 0; i < s->used; i++)
        s->stream[i].marked = s->stream[i].received;
    s->losses.used = s->loss_count = 0;
}

/* Those that are marked; the others wait for their own commit. */
static void rejections_tell(struct gh_durable_server *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->rejections; i++) {
        const struct gh_rejection r = s->rejection[i];
        const struct gh_durable_stream *stream = &s->stream[r.stream];
        struct gh_durable_message m = {.type = GH_DURABLE_REJECT,
                                       .number = r.number,
                                       .count = 1,
                                       .body = r.body,
                                       .body_size = r.size};
        if (r.number > stream->marked) {
            s->rejection[kept++] = r;
            continue;
        }
        memcpy(m.stream, stream->id, sizeof m.stream);
        message_send(s, &stream->route, &m);
        free(r.body);
    }
    s->rejections = kept;
}

void gh_durable_committed(struct gh_durable_server *s)
{
    s->stalled = false;
    rejections_tell(s);
    for (uint32_t i = 0; i < s->used; i++) {
        struct gh_durable_stream *stream = &s->stream[i];
        if (stream->key == 0 || !stream->tell)
            continue;
        stream->durable = stream->marked;
        stream->tell = stream->received != stream->marked;
        if (stream->welcome > 0 && stream->durable >= stream->welcome)
            gh_durable_welcome(s, stream);
        else
            gh_durable_tell(s, stream, GH_DURABLE_ACK, stream->durable);
        if (stream->bye > 0 && stream->durable >= stream->bye)
            gh_durable_tell(s, stream, GH_DURABLE_BYE, stream->bye);
        if (stream->turned) /* what came meanwhile must come again */
            gh_durable_tell(s, stream, GH_DURABLE_NACK, stream->received + 1);
        stream->turned = false;
    }
}

void gh_durable_stall(struct gh_durable_server *s)
{
    s->stalled = true;
    for (uint32_t i = 0; i < s->used; i++) {
        struct gh_durable_stream *stream = &s->stream[i];
        if (stream->key == 0)
            continue;
        stream->tell = true;
        if (stream->welcome > 0)
            gh_durable_welcome(s, stream);
        else
            gh_durable_tell(s, stream, GH_DURABLE_ACK, stream->durable);
    }
}
