/* durable_queue.h - the producer's side of durable_frame.h without socket and clock: what was
 * handed over and is not known to be durable, what is said of it, what is made of answers. */
#ifndef GOODHART_EDGE_DURABLE_QUEUE_H
#define GOODHART_EDGE_DURABLE_QUEUE_H

#include "edge/durable_frame.h"

struct gh_durable_queue;

struct gh_durable_queue_setup {
    unsigned char stream[GH_DURABLE_STREAM];
    /* Sends a frame without waiting. False: there is no room, or nobody is there. */
    bool (*write)(void *context, const void *frame, size_t size);
    /* An event was refused for good. The body is lent. NULL: only counted. */
    void (*reject)(void *context, uint64_t number, const char *body, size_t size);
    void *context;
};

struct gh_durable_progress {
    uint64_t known;    /* durable before this producer began: its first event is known + 1 */
    uint64_t sent;     /* number of the newest event that was handed over */
    uint64_t durable;  /* all up to it are */
    uint64_t rejected; /* of them */
    uint64_t resent;   /* events that were sent once more */
};

struct gh_durable_state {
    struct gh_durable_progress progress;
    bool open;       /* WELCOME was heard since the last HELLO */
    bool empty;      /* all that was handed over is durable */
    bool unsent;     /* the credit allows more than was written: say gh_durable_queue_pump */
    uint32_t errors; /* HELLOs in a row that were answered with ERROR */
    const char *trouble; /* what the last one said; lent */
};

/* NULL: out of memory. The caller owns it. */
struct gh_durable_queue *gh_durable_queue_new(const struct gh_durable_queue_setup *setup);
void gh_durable_queue_free(struct gh_durable_queue *queue); /* NULL is legal */

/* Opens the stream, or goes on with it: after a silence, and after ERROR. Nothing is written
 * until WELCOME is heard. False: it could not be said. */
bool gh_durable_queue_hello(struct gh_durable_queue *queue);
/* Whether so many events may be handed over: they are within the credit, or all before them
 * are durable; and the server has not said "stop". */
bool gh_durable_queue_room(const struct gh_durable_queue *queue, uint32_t count);
/* Keeps 1..4,096 events, at most 1 MiB, as the body of a BATCH, under the next numbers. False:
 * out of memory. */
bool gh_durable_queue_add(struct gh_durable_queue *queue, const char *body, size_t size,
                          uint32_t count);
/* Writes what the credit allows, in order, until there is no room. */
void gh_durable_queue_pump(struct gh_durable_queue *queue);
/* There is no more to come: missing batches are asked for at once. */
void gh_durable_queue_bye(struct gh_durable_queue *queue);
/* A frame from the server. False: it is none of this stream. */
bool gh_durable_queue_hear(struct gh_durable_queue *queue, const void *frame, size_t size);

struct gh_durable_state gh_durable_queue_state(const struct gh_durable_queue *queue);

#endif
