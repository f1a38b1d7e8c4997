/* durable_kit.h - messages of the durable protocol as bytes, and a server without a socket of
 * which the answers are written down. */
#ifndef GH_DURABLE_KIT_H
#define GH_DURABLE_KIT_H

#include "edge/durable_inside.h"
#include "support/gh_test.h"

enum { KIT_FRAME = 2560, KIT_SAID = 4096 };

struct kit_frame {
    size_t size;
    unsigned char at[KIT_FRAME];
};

static inline struct gh_durable_message kit_message(enum gh_durable_type type, unsigned stream,
                                                    uint64_t number)
{
    struct gh_durable_message m = {.type = type, .number = number};

    memset(m.stream, (int)stream, sizeof m.stream);
    return m;
}

static inline struct kit_frame kit_pack(const struct gh_durable_message *m)
{
    struct kit_frame frame = {.size = GH_DURABLE_HEAD + m->body_size};

    gh_durable_head(m, frame.at);
    if (m->body_size)
        memcpy(frame.at + GH_DURABLE_HEAD, m->body, m->body_size);
    return frame;
}

static inline struct kit_frame kit_plain(enum gh_durable_type type, unsigned stream,
                                         uint64_t number)
{
    const struct gh_durable_message m = kit_message(type, stream, number);

    return kit_pack(&m);
}

/* Each line is the number of its event. */
static inline struct kit_frame kit_batch(unsigned stream, uint64_t first, uint32_t count)
{
    struct gh_durable_message m = kit_message(GH_DURABLE_BATCH, stream, first);
    char body[KIT_FRAME];

    for (uint32_t i = 0; i < count; i++)
        m.body_size += (size_t)snprintf(body + m.body_size, sizeof body - m.body_size, "%llu\n",
                                        (unsigned long long)(first + i));
    m.count = count;
    m.body = body;
    return kit_pack(&m);
}

static inline struct gh_durable_route kit_route(unsigned peer)
{
    return (struct gh_durable_route){.size = 5, .at = {0, (unsigned char)peer, 1, 2, 3}};
}

struct kit_said {
    unsigned peer;
    struct kit_frame frame;
};

struct kit_server {
    struct gh_durable_options options;
    struct gh_durable_server *server;
    bool deaf;         /* nobody can be told anything */
    bool log_fails;    /* the log cannot be asked */
    uint64_t log_mark; /* what it says of every stream */
    struct kit_said said[KIT_SAID];
    size_t count, read;
    struct kit_frame heard;        /* the last one */
    struct gh_durable_batch batch; /* the last that was taken; points into it */
};

static inline bool kit_say(void *context, const struct gh_durable_route *route,
                           const void *frame, size_t size)
{
    struct kit_server *k = context;

    if (k->deaf || k->count == KIT_SAID || size > KIT_FRAME)
        return false;
    struct kit_said *said = &k->said[k->count++];
    said->peer = route->at[1];
    said->frame.size = size;
    memcpy(said->frame.at, frame, size);
    return true;
}

static inline enum gh_status kit_find(void *context, struct gh_mark *mark,
                                      struct gh_error *error)
{
    const struct kit_server *k = context;

    mark->sequence = k->log_mark;
    return k->log_fails ? gh_error_set(error, GH_EIO, "log: broken") : GH_OK;
}

/* The caller frees it with kit_free. */
static inline struct kit_server *kit_server(uint32_t streams, uint32_t credit, uint32_t budget)
{
    struct kit_server *k = calloc(1, sizeof *k);

    k->options =
        (struct gh_durable_options){.streams = streams, .credit = credit, .budget = budget};
    k->server = gh_durable_server_bare(&k->options, kit_say, k);
    gh_durable_server_ask(k->server, kit_find, k);
    return k;
}

static inline void kit_free(struct kit_server *k)
{
    gh_durable_server_free(k->server);
    free(k);
}

/* Whether a batch was taken. */
static inline bool kit_hear(struct kit_server *k, unsigned peer, struct kit_frame frame)
{
    const struct gh_durable_route route = kit_route(peer);

    k->heard = frame;
    return gh_durable_hear(k->server, &route, k->heard.at, frame.size, &k->batch);
}

/* What is taken is marked and committed, as a service does it. */
static inline void kit_commit(struct kit_server *k)
{
    gh_durable_marked(k->server);
    gh_durable_committed(k->server);
}

/* The next answer is this one, and to this peer. */
static inline bool kit_told(struct kit_server *k, unsigned peer, enum gh_durable_type type,
                            uint64_t number)
{
    struct gh_durable_message m;

    if (k->read == k->count)
        return false;
    const struct kit_said *said = &k->said[k->read++];
    return gh_durable_read(&m, said->frame.at, said->frame.size) == NULL &&
           said->peer == peer && m.type == type && m.number == number;
}

/* Of the answer that was checked last. */
static inline struct gh_durable_message kit_last(const struct kit_server *k)
{
    struct gh_durable_message m = {.type = GH_DURABLE_HELLO};
    const struct kit_said *said = &k->said[k->read - 1];

    CHECK(gh_durable_read(&m, said->frame.at, said->frame.size) == NULL);
    return m;
}

static inline bool kit_body_has(const struct gh_durable_message *m, const char *words)
{
    return memmem(m->body, m->body_size, words, strlen(words)) != NULL;
}

static inline bool kit_quiet(const struct kit_server *k)
{
    return k->read == k->count;
}

#endif
