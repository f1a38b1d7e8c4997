/* decoder.h - the scratch that the decoders share. Only for decode*.c. */
#ifndef GOODHART_EDGE_DECODER_H
#define GOODHART_EDGE_DECODER_H

#include "base/memory.h"
#include "edge/event_value.h"
#include "edge/key_lookup.h"
#include "edge/wire.h"

/* The day that a time of the stream lay in last: "2026-11-20T", and its start. */
enum { GH_DAY_SIZE = sizeof "2026-11-20T" - 1 };
struct gh_day {
    _Alignas(GH_BLOCK_SIZE) char text[GH_BLOCK_SIZE];
    int64_t ms;
};

/* No key and short value reach further than this from where they begin. */
enum { GH_AHEAD = 64 };

struct gh_decoder {
    struct gh_heap heap;
    struct gh_arena texts; /* unescaped texts, until gh_decoder_reset */
    struct gh_key_sets sets;
    struct gh_key_lookup lookup;
    struct gh_name_lookup name_lookup;
    struct gh_key_names names; /* unknown names of the object that is being read */
    uint16_t serial;           /* of the event that gh_decode_quick reads */
    uint64_t unknown_keys;
    uint32_t unknown;          /* of them in the event that gh_decode_quick took last */
    struct gh_members members; /* of the object that is being read */
    struct gh_field_form fields[GH_FIELDS];
    struct gh_day day;
    char last[2 * GH_AHEAD]; /* bytes of the piece that is being read, and as many zeros */
};

/* Takes the usual event that begins at `at` and ends somewhere before `end`; returns the byte
 * after it. NULL: *event is undefined, and gh_decode must read the piece. */
const char *gh_decode_quick(struct gh_decoder *decoder, const char *at, const char *end,
                            struct gh_event *event);
/* The same of a binary event, all of the piece. */
bool gh_decode_binary_quick(struct gh_decoder *decoder, const struct gh_piece *piece,
                            struct gh_event *event);
/* Ends the quick ones: whether the event whose values of `seen` stand in their fields has all
 * that it must have, and nothing else. */
static inline bool gh_decoder_usual(const struct gh_decoder *decoder, uint64_t seen,
                                    struct gh_event *event)
{
    event->present = seen;
    return (seen & ~decoder->sets.known[event->kind]) == 0 &&
           (gh_event_required(&decoder->sets, event->kind, seen) & ~seen) == 0 &&
           !gh_event_reversed(event);
}
/* Ends the others: the event of decoder->members, with `unknown` names beside them. */
bool gh_decoder_finish(struct gh_decoder *decoder, uint32_t unknown, struct gh_event *event,
                       struct gh_refused *refused);
/* No memory for a text. */
bool gh_refuse_memory(struct gh_refused *refused);

#endif
