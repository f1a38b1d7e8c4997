/* durable_client.h - the producer's side of durable intake (DEALER, connected): what it was
 * given is kept in memory and sent again until the server has it on disk. */
#ifndef GOODHART_EDGE_DURABLE_CLIENT_H
#define GOODHART_EDGE_DURABLE_CLIENT_H

#include "edge/durable_queue.h"
#include "edge/guard.h"

struct gh_durable_client;

struct gh_durable_client_setup {
    const char *endpoint;
    unsigned char stream[GH_DURABLE_STREAM];
    const struct gh_credentials *credentials; /* NULL: none; lent for the call */
    int64_t timeout_ms; /* how long it waits and nothing is heard before it fails */
    int signals;        /* a descriptor that ends every wait once it is readable; -1: none */
    /* An event was refused for good. Texts are lent. NULL: only counted. */
    void (*on_reject)(void *context, uint64_t number, const char *body, size_t size);
    void *context;
};

/* Opens the stream, and waits until the server says how far it is. The caller owns *client. */
GH_MUST_USE enum gh_status gh_durable_client_new(struct gh_durable_client **client,
                                                 const struct gh_durable_client_setup *setup,
                                                 struct gh_error *error);
void gh_durable_client_free(struct gh_durable_client *client); /* NULL is legal */

/* Hands events over as the body of a BATCH: 1..4,096 of them, at most 1 MiB. They get the next
 * numbers. Waits while the server gives no credit. */
GH_MUST_USE enum gh_status gh_durable_client_send(struct gh_durable_client *client,
                                                  const char *body, size_t size, uint32_t count,
                                                  struct gh_error *error);
/* Hears what the server has said, without waiting: gh_durable_client_progress is then as of
 * now. Sending and finishing do so as well. */
void gh_durable_client_hear(struct gh_durable_client *client);
/* Waits until all is durable. */
GH_MUST_USE enum gh_status gh_durable_client_finish(struct gh_durable_client *client,
                                                    struct gh_error *error);

struct gh_durable_progress gh_durable_client_progress(const struct gh_durable_client *client);

#endif
