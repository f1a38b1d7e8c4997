/* body.c - see body.h. */
#include "edge/http/body.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BODY_FIRST = 16384, BODY_STEP = 65536 };
/* Any window, and gzip alone: zlib's own format has no name on the wire that all agree on. */
enum { GZIP_WINDOW = 16 + MAX_WBITS };

static bool budget_take(struct gh_body_budget *budget, size_t bytes)
{
    size_t used = atomic_load(&budget->used);
    do {
        if (bytes > budget->most || used > budget->most - bytes)
            return false;
    } while (!atomic_compare_exchange_weak(&budget->used, &used, used + bytes));
    return true;
}

static enum gh_body_state body_fail(struct gh_body *body, enum gh_body_state state)
{
    gh_body_free(body);
    body->state = state;
    return state;
}

/* Makes room for `more` bytes behind what is there, which is at most `most` of them. */
static enum gh_body_state body_room(struct gh_body *body, size_t more)
{
    const size_t wanted = body->size + more;
    size_t room = body->room ? body->room : BODY_FIRST;
    while (room < wanted)
        room *= 2;
    if (room > body->most)
        room = body->most;
    if (room == body->room)
        return GH_BODY_GOOD;
    if (!budget_take(body->budget, room - body->room))
        return body_fail(body, GH_BODY_FULL);
    char *grown = realloc(body->at, room);
    if (!grown) {
        atomic_fetch_sub(&body->budget->used, room - body->room);
        return body_fail(body, GH_BODY_FULL);
    }
    body->at = grown;
    body->room = room;
    return GH_BODY_GOOD;
}

static enum gh_body_state body_copy(struct gh_body *body, const char *at, size_t size)
{
    if (size > body->most - body->size)
        return body_fail(body, GH_BODY_LARGE);
    if (size == 0 || body_room(body, size) != GH_BODY_GOOD)
        return body->state;
    memcpy(body->at + body->size, at, size);
    body->size += size;
    return GH_BODY_GOOD;
}

/* As much of the input as makes one step of output. Several members behind each other are one
 * body. */
static enum gh_body_state body_step(struct gh_body *body)
{
    z_stream *z = body->stream;
    char made[BODY_STEP];
    if (body->ended && inflateReset(z) != Z_OK)
        return body_fail(body, GH_BODY_BROKEN);
    z->next_out = (Bytef *)made;
    z->avail_out = sizeof(made);
    const int got = inflate(z, Z_NO_FLUSH);
    if (got == Z_MEM_ERROR)
        return body_fail(body, GH_BODY_FULL);
    if (got != Z_OK && got != Z_STREAM_END && got != Z_BUF_ERROR)
        return body_fail(body, GH_BODY_BROKEN);
    body->ended = got == Z_STREAM_END;
    return body_copy(body, made, sizeof(made) - z->avail_out);
}

static enum gh_body_state body_unpack(struct gh_body *body, const char *at, size_t size)
{
    z_stream *z = body->stream;
    bool full = true;
    assert(size <= UINT_MAX);
    z->next_in = (Bytef *)(uintptr_t)at;
    z->avail_in = (uInt)size;
    /* A full step may have left output inside, though no input is left. */
    while (body->state == GH_BODY_GOOD && (z->avail_in > 0 || (full && !body->ended))) {
        body_step(body);
        full = body->state == GH_BODY_GOOD && z->avail_out == 0;
    }
    return body->state;
}

void gh_body_init(struct gh_body *body, size_t most, struct gh_body_budget *budget, bool gzip)
{
    *body = (struct gh_body){.most = most, .budget = budget};
    if (!gzip)
        return;
    body->stream = calloc(1, sizeof(*body->stream));
    if (!body->stream || inflateInit2(body->stream, GZIP_WINDOW) != Z_OK) {
        free(body->stream);
        body->stream = NULL;
        body->state = GH_BODY_FULL;
    }
}

enum gh_body_state gh_body_add(struct gh_body *body, const char *at, size_t size)
{
    if (body->state != GH_BODY_GOOD)
        return body->state;
    if (size > body->most - body->packed)
        return body_fail(body, GH_BODY_LARGE);
    body->packed += size;
    return body->stream ? body_unpack(body, at, size) : body_copy(body, at, size);
}

enum gh_body_state gh_body_end(struct gh_body *body)
{
    if (body->state == GH_BODY_GOOD && body->stream && !body->ended)
        return body_fail(body, GH_BODY_BROKEN);
    return body->state;
}

char *gh_body_take(struct gh_body *body)
{
    char *at = body->at;
    body->at = NULL;
    gh_body_free(body);
    return at;
}

void gh_body_free(struct gh_body *body)
{
    if (body->stream) {
        inflateEnd(body->stream);
        free(body->stream);
    }
    if (body->room > 0)
        atomic_fetch_sub(&body->budget->used, body->room);
    free(body->at);
    body->at = NULL;
    body->stream = NULL;
    body->size = body->room = 0;
}
