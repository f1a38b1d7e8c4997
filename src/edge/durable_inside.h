/* durable_inside.h - what the files of the durable server share. */
#ifndef GOODHART_EDGE_DURABLE_INSIDE_H
#define GOODHART_EDGE_DURABLE_INSIDE_H

#include "edge/durable_server.h"
#include "edge/json.h"

#include <zmq.h>

enum { ROUTE_BYTES = 255, OWNER_BYTES = 256 };

/* Where a message came from, and answers go. */
struct gh_durable_route {
    struct gh_speaker speaker; /* of this message */
    size_t size;
    unsigned char at[ROUTE_BYTES];
};
/* Sends a frame there without waiting. False: nobody is there, or does not listen. */
typedef bool gh_durable_say(void *context, const struct gh_durable_route *route,
                            const void *frame, size_t size);

/* A stream that is open. received >= marked >= durable: handed to the caller, in the log, told
 * to the producer. */
struct gh_durable_stream {
    uint64_t key; /* hash of owner and id; 0: the place is free */
    unsigned char id[GH_DURABLE_STREAM];
    char owner[OWNER_BYTES];
    struct gh_durable_route route;
    uint64_t received, marked, durable;
    uint64_t asked; /* number of the last NACK; 0: none since HELLO */
    uint64_t bye;   /* number of its BYE; 0: none came */
    int64_t heard_ms;
    bool tell;        /* owes its producer an ACK at the next commit */
    bool turned;      /* a batch came while nothing was taken */
    uint64_t welcome; /* its HELLO is answered once so much is durable; 0: nothing waits */
};

/* A refusal that waits for the commit. */
struct gh_rejection {
    uint32_t stream;
    uint64_t number;
    char *body;
    size_t size;
};

struct gh_durable_server {
    gh_durable_say *say;
    void *say_context;
    void *socket; /* NULL: messages come and go by other ways */
    char endpoint[GH_ENDPOINT_SIZE];
    const struct gh_durable_options *options;
    const struct gh_guard *guard;
    gh_durable_find *find;
    void *find_context;
    struct gh_durable_stream *stream; /* options->streams of them */
    uint32_t open, used;              /* used: places that were ever taken */
    bool stalled;
    struct gh_mark *mark;
    struct gh_rejection *rejection;
    size_t rejections, rejection_capacity;
    struct gh_json losses; /* lines, for the log */
    uint32_t loss_count;
    size_t held, held_bytes;
    zmq_msg_t message[GH_DURABLE_HELD];
    struct gh_durable_counters counters;
};

/* --- durable_tell.c: what is said to producers --- */
/* With what the stream may have on its way after the durable ones. */
void gh_durable_tell(struct gh_durable_server *server, const struct gh_durable_stream *stream,
                     enum gh_durable_type type, uint64_t number);
/* Answers a HELLO. */
void gh_durable_welcome(struct gh_durable_server *server, struct gh_durable_stream *stream);
/* `id` NULL: no stream is known. */
void gh_durable_error(struct gh_durable_server *server, const struct gh_durable_route *route,
                      const unsigned char id[GH_DURABLE_STREAM], const char *why);
void gh_durable_rejections_drop(struct gh_durable_server *server);

/* --- durable_streams.c: who sends, and how far they are --- */
/* One message. True: *batch is to be taken; it points into `frame`. */
bool gh_durable_hear(struct gh_durable_server *server, const struct gh_durable_route *route,
                     const void *frame, size_t size, struct gh_durable_batch *batch);

/* --- durable_server.c --- */
/* Without a socket: `say` sends, gh_durable_hear receives. The caller owns the server; NULL:
 * out of memory. */
struct gh_durable_server *gh_durable_server_bare(const struct gh_durable_options *options,
                                                 gh_durable_say *say, void *context);

#endif
