/* decode.h - bytes to events: frames are split into pieces, each piece is decoded alone.
 *
 * A frame is JSON, or binary when it begins with the marker of goodhart/events.proto.
 * Of JSON, two decoders make the same of the same bytes: gh_decode_reference (jansson, slow,
 * the authority) and gh_decode (a pull decoder for this one schema, fast, used on the stream).
 * Both read numbers as the C locale does: the program never leaves it.
 * Differential fuzzing holds them together: same pieces taken, same events, and where both
 * refuse, the same reason but for the classes that only a JSON parser can tell apart
 * (see gh_same_refusal). Binary pieces are held against protobuf-c and, as they come from one
 * table with the same checks, against the same event in JSON. */
#ifndef GOODHART_EDGE_DECODE_H
#define GOODHART_EDGE_DECODE_H

#include "goodhart/error.h"
#include "goodhart/event.h"

/* What a piece is: JSON text; an Event message of events.proto; bytes of a binary frame that
 * are no event: another field of Batch, or from where it cannot be split on. */
enum gh_form { GH_FORM_JSON, GH_FORM_BINARY, GH_FORM_UNSPLIT };

/* One piece of a frame: what ought to be one event. */
struct gh_piece {
    const char *at;
    size_t size;
    uint64_t offset; /* of its first byte in the frame */
    uint32_t index;  /* of the piece in the frame, from 0 */
    uint32_t line;   /* of its first byte in the frame, from 1; a binary frame is one line */
    enum gh_form form;
};

/* Splits a frame without decoding it. One that begins with the marker is binary: each event of
 * its Batch is a piece, without tag and length; markers may stand between events again. Where
 * the bytes do not say how far a field goes, the rest of the frame is one piece.
 * A frame whose first byte (white space aside) is '[' is an array: pieces are its elements,
 * found by matching brackets outside strings; an element whose brackets or quotes never
 * close takes the rest of the frame with it. An array that does not close ends in a piece
 * that is refused, if need be an empty one; what follows one that does is split by lines.
 * Else pieces are objects on lines: a piece starts at a line whose first character is '{'
 * and ends at a line whose last is '}' or before the next line that starts with '{' (so
 * both NDJSON and one pretty-printed object work, and a broken line costs itself alone).
 * Other lines that are not blank are pieces of their own. First and last character, and
 * the ends of a piece: white space aside. */
struct gh_frame {
    const char *at;
    size_t size, used;
    uint32_t index, line;
    bool binary, array, started, ended;
    bool numbered;
};
void gh_frame_init(struct gh_frame *frame, const char *at, size_t size);
/* The same; `binary`: it goes on within a binary frame, after an event or its marker. */
void gh_frame_go_on(struct gh_frame *frame, const char *at, size_t size, bool binary);
/* Whether a frame that begins like this is binary. The byte that names the version may be any:
 * a frame of another one is one piece, which is refused. */
bool gh_frame_is_binary(const char *at, size_t size);
/* The same for a frame in which each line, whatever it holds, is one piece: what has
 * numbers. */
void gh_frame_init_lines(struct gh_frame *frame, const char *at, size_t size);
bool gh_frame_next(struct gh_frame *frame, struct gh_piece *piece);

/* Why a piece was refused. Place: the piece's index, offset and line in the frame, `at` =
 * offset of the trouble inside the piece (the reference knows it only where its parser
 * stopped, else 0), `key` the key concerned ("" where none). The text quotes numbers and
 * the beginnings of wrong names, never what may be somebody's words.
 *
 * The reason is the first in this order: too_long, encoding, then syntax, nested and
 * duplicate_key (and range of a number that no 64 bits hold) by the order of the bytes,
 * then version, kind, and the keys in the order of GH_EVENT_KEYS. */
struct gh_refused {
    enum gh_refusal reason;
    uint64_t at;
    char key[64];   /* cut at a character boundary; control characters as '?' */
    char text[192]; /* "input_tokens: -3: an integer from 0 to 9007199254740991" */
};

/* Scratch of a decoder: where texts with escapes are unescaped. */
struct gh_decoder;
GH_MUST_USE struct gh_decoder *gh_decoder_new(void); /* NULL: out of memory */
void gh_decoder_free(struct gh_decoder *decoder);
/* Forgets the texts of events decoded since; call once per frame, after their last use. */
void gh_decoder_reset(struct gh_decoder *decoder);
/* Keys that no kind, or not this kind, knows: ignored; counted since _new over the events
 * that were taken. */
uint64_t gh_decoder_unknown_keys(const struct gh_decoder *decoder);

/* True: *event is filled; its texts point into the piece or the scratch. False: *refused
 * says why and *event is undefined. */
bool gh_decode(struct gh_decoder *decoder, const struct gh_piece *piece, struct gh_event *event,
               struct gh_refused *refused);
/* The part of it for pieces that are not JSON. Its order of reasons: too_long, then in the
 * order of the bytes syntax, type of the wire, duplicate_key and encoding of known fields; the
 * rest is as above. */
bool gh_decode_binary(struct gh_decoder *decoder, const struct gh_piece *piece,
                      struct gh_event *event, struct gh_refused *refused);
/* JSON alone. */
bool gh_decode_reference(struct gh_decoder *decoder, const struct gh_piece *piece,
                         struct gh_event *event, struct gh_refused *refused);
/* gh_frame_next and gh_decode in one: the same pieces, events and refusals, but the bytes of
 * the usual event are looked at once. */
enum gh_next { GH_NEXT_NONE, GH_NEXT_TAKEN, GH_NEXT_REFUSED };
enum gh_next gh_frame_decode(struct gh_frame *frame, struct gh_decoder *decoder,
                             struct gh_piece *piece, struct gh_event *event,
                             struct gh_refused *refused);
bool gh_same_refusal(enum gh_refusal decoder, enum gh_refusal reference);
/* Same present bits and same values of all keys (texts by content). */
bool gh_same_event(const struct gh_event *a, const struct gh_event *b);

/* The other way: one event as one line of JSON with '\n', keys in the order of the table,
 * those that are present. Returns bytes written, 0 when `size` is too small. Needs at most
 * GH_EVENT_BYTES_MAX * 6. Used by simulate, import and tests; decoding what it wrote gives
 * the same event. */
size_t gh_encode(const struct gh_event *event, char *at, size_t size);
/* The same as a field of a Batch, in the order of the numbers, as protobuf-c writes it: a
 * binary frame is the marker and any number of these. Needs at most GH_BINARY_BYTES_MAX. */
enum { GH_BINARY_BYTES_MAX = 20480 };
size_t gh_encode_binary(const struct gh_event *event, char *at, size_t size);

#endif
