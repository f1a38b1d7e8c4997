/* durable_server.h - durable intake (ROUTER, bound): who sends, how far they are, and what is
 * said to them. The protocol stands in durable_frame.h.
 *
 * The caller takes batches, makes them durable, and says so; nothing is acknowledged before.
 * Memory is bounded: so many streams, so many bytes taken at a time, and what producers may
 * have on their way is shared out as credit. */
#ifndef GOODHART_EDGE_DURABLE_SERVER_H
#define GOODHART_EDGE_DURABLE_SERVER_H

#include "edge/durable_frame.h"
#include "edge/edge_options.h"
#include "edge/guard.h"
#include "store/log.h"

struct gh_durable_server;

/* How far a stream is in the log: fills mark->sequence. */
typedef enum gh_status gh_durable_find(void *context, struct gh_mark *mark,
                                       struct gh_error *error);

/* Bound and protected on success; the caller owns *server. The guard is lent. A stream
 * belongs to the key that opened it. */
GH_MUST_USE enum gh_status gh_durable_server_new(struct gh_durable_server **server,
                                                 void *context,
                                                 const struct gh_durable_options *options,
                                                 const struct gh_guard *guard,
                                                 struct gh_error *error);
void gh_durable_server_free(struct gh_durable_server *server); /* NULL is legal */
/* Whom to ask, before the first batch. */
void gh_durable_server_ask(struct gh_durable_server *server, gh_durable_find *find,
                           void *context);

/* Events that nobody has seen before, a line each or a binary frame, which may go on after its
 * marker; held until gh_durable_release. */
struct gh_durable_batch {
    uint32_t stream;           /* a number of the server's */
    struct gh_speaker speaker; /* who hands it in */
    uint64_t first;            /* number of the first one */
    uint32_t count;
    bool binary;
    const char *at;
    size_t size;
};
/* Takes the next batch without waiting and answers what needs no disk. It counts as taken at
 * once: gh_durable_marks must not be called before its events are among what is appended.
 * False: none now, or as much as may be held is, or so much was answered that others have a
 * turn. */
enum {
    GH_DURABLE_HELD = 64,
    GH_DURABLE_HELD_BYTES = 4194304,
    GH_DURABLE_HELD_REJECTIONS = 4096,
    GH_DURABLE_HELD_LOSSES = 65536, /* bytes; more are noted when HELLO comes again */
    GH_DURABLE_TURN = 1000
};
bool gh_durable_next(struct gh_durable_server *server, struct gh_durable_batch *batch);
void gh_durable_release(struct gh_durable_server *server);

/* An event of a batch taken since the last commit is refused for good; its producer hears it
 * with the acknowledgement. Texts are copied. */
void gh_durable_refuse(struct gh_durable_server *server, uint32_t stream, uint64_t number,
                       const char *reason, const char *text);
/* How far streams are with what was taken since they were last marked; lent until the next
 * call of a function of the server. */
size_t gh_durable_marks(struct gh_durable_server *server, const struct gh_mark **mark);
/* What producers said that they no longer have: lines of JSON for the log, where they belong
 * into the same commit. Returns how many; lent likewise. */
uint32_t gh_durable_losses(const struct gh_durable_server *server, struct gh_text *lines);
/* Both are in the log now. */
void gh_durable_marked(struct gh_durable_server *server);
/* The engine has had it, too: producers hear that it is durable, and what was refused. */
void gh_durable_committed(struct gh_durable_server *server);
/* The disk takes nothing for now: everybody's credit is 0 until the next commit, and
 * gh_durable_next answers without taking anything. Marks and losses change meanwhile. */
void gh_durable_stall(struct gh_durable_server *server);

struct gh_durable_counters {
    uint64_t streams;         /* open now */
    uint64_t batches, events; /* taken */
    uint64_t repeated;        /* events that had come before */
    uint64_t rejected;        /* by number */
    uint64_t lost;            /* events that producers no longer had */
    uint64_t gaps;            /* NACKs */
    uint64_t errors;          /* messages that were none, or out of turn */
    uint64_t forgotten;       /* streams closed to make room */
    uint64_t unheard;         /* messages whose producer was gone or did not listen */
};
struct gh_durable_counters gh_durable_counters(const struct gh_durable_server *server);
const char *gh_durable_endpoint(const struct gh_durable_server *server);
void *gh_durable_socket(const struct gh_durable_server *server); /* for gh_socket_wait */

#endif
