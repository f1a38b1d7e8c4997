/* durable_frame.h - the protocol of durable intake, version 1: numbered batches of events from
 * DEALER to ROUTER, credit, and acknowledgements once they are on disk.
 *
 * A message is one frame: a head of 48 bytes, little-endian, and a body.
 *
 *     off size field
 *       0    4 magic "GHP1"
 *       4    1 type, see GH_DURABLE_LIST
 *       5    1 flags, 0
 *       6    2 size of the head, 48
 *       8    4 size of the body, at most 1 MiB; the frame ends with it
 *      12    4 CRC-32 of the body (that of zlib and PNG); 0 where there is none
 *      16   16 stream: chosen by the producer, at random
 *      32    8 number
 *      40    4 count
 *      44    4 0
 *
 * A stream is a sequence of events numbered from 1, without gaps, of one producer; where the
 * server knows keys it belongs to the key. What each message says with number and count:
 *
 *     HELLO    to the server: the stream is opened or gone on with; number: the oldest event
 *              that the producer can still send (or will send next)
 *     WELCOME  number: all up to it are durable; count: credit, how many after it may be on
 *              their way. The producer goes on after `number`. It comes once what had been
 *              taken before the HELLO is durable; one that no HELLO waits for is an ACK
 *     BATCH    count events from number on; body: each a line of JSON (contract/events.md)
 *              that ends with '\n', or a binary frame (events.proto). At most 4,096 events and
 *              1 MiB
 *     ACK      number: all up to it are durable; count: credit; 0 is "stop". Cumulative, and
 *              sent only after the commit
 *     NACK     number: the one that the server expects; the producer goes on from there. Those
 *              before it have come, but only an ACK says that they are durable. Told once for
 *              each number; a producer that then hears nothing for a second says HELLO
 *     REJECT   number: an event that is refused for good, and counts as handled; before the
 *              ACK that covers it; body: {"reason": NAME, "text": WHY}. Not told again: where
 *              the connection breaks just then, the dead letters have it. So it is with an
 *              event that was held for being far ahead, and refused after its ACK
 *     BYE      to the server: number is the last there is; answered with the same once all
 *              is durable
 *     ERROR    to the producer: body: why, as text. The stream is closed: HELLO opens it
 *
 * What holds:
 *  - ACK n: every event up to n is in the synced log, or was rejected, or the log says that
 *    the producer no longer had it (HELLO with a number past the next one).
 *  - What is durable never goes back, whatever restarts.
 *  - An event is in the log at most once for each (key, stream, number). A batch may be sent
 *    again at any time; what is there already is passed over.
 *  - The last HELLO of a stream wins: batches of another connection are answered with ERROR. */
#ifndef GOODHART_EDGE_DURABLE_FRAME_H
#define GOODHART_EDGE_DURABLE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
#define GH_DURABLE_LIST(X)                                                         \
    X(HELLO, 1) X(WELCOME, 2) X(BATCH, 3) X(ACK, 4) X(NACK, 5) X(REJECT, 6) X(BYE, 7) \
    X(ERROR, 8)
// clang-format on
#define GH_DURABLE_ENUM(name, value) GH_DURABLE_##name = value,
enum gh_durable_type { GH_DURABLE_LIST(GH_DURABLE_ENUM) };

enum {
    GH_DURABLE_HEAD = 48,
    GH_DURABLE_STREAM = 16,
    GH_DURABLE_BATCH_EVENTS = 4096,
    GH_DURABLE_BATCH_BYTES = 1048576
};

struct gh_durable_message {
    enum gh_durable_type type;
    unsigned char stream[GH_DURABLE_STREAM];
    uint64_t number; /* below 2^63 */
    uint32_t count;
    const char *body;
    size_t body_size;
};

/* Writes the head for message->body into `head`. */
void gh_durable_head(const struct gh_durable_message *message,
                     unsigned char head[GH_DURABLE_HEAD]);
/* Reads a frame; the body points into it. NULL, or what is wrong with it. Of a BATCH the
 * lines, or the pieces of a binary frame, are counted: there are `count` of them, 1..4,096, and
 * the last line ends. What has no body by the table above is refused with one. */
const char *gh_durable_read(struct gh_durable_message *message, const void *at, size_t size);
/* How many bytes of the body of a BATCH its first `count` events take. */
size_t gh_durable_skip(const struct gh_durable_message *message, uint32_t count);

#endif
