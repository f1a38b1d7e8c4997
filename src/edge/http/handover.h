/* handover.h - frames from the threads of HTTP to the one thread of the service, and back with
 * what became of them.
 *
 *     give ──▶ waiting ──next──▶ taken ──tell──▶ done
 *                 │                 │
 *                 └── stall, end ───┴──▶ done, as GH_HAND_STALLED or GH_HAND_ENDED
 *
 * Each hand that was given is told of exactly once. What is told as DONE is kept (where
 * anything is); of what is told otherwise nobody may assume either, and it may be sent again:
 * an event that had been taken is then a duplicate. */
#ifndef GOODHART_EDGE_HTTP_HANDOVER_H
#define GOODHART_EDGE_HTTP_HANDOVER_H

#include "edge/keys.h"

enum gh_hand_end {
    GH_HAND_DONE,
    GH_HAND_FULL,    /* as much waits as may */
    GH_HAND_STALLED, /* the disk takes nothing now */
    GH_HAND_CLOSED,  /* the service has not begun, or ends */
    GH_HAND_ENDS
};
/* For whoever sends. */
const char *gh_hand_end_text(enum gh_hand_end end);

struct gh_hand_refusal {
    uint64_t index;     /* of the event in the frame, from 0 */
    uint64_t line;      /* of its first byte, from 1 */
    const char *reason; /* gh_refusal_name */
    char text[192];
};

enum { GH_HAND_REFUSALS = 8 };
struct gh_hand {
    /* Whoever gives it fills these. */
    const char *source; /* for dead letters; stays valid while the service lives */
    bool asked;         /* whether a key had to be shown */
    char owner[GH_KEY_NAME_SIZE];
    const char *at; /* a frame, as decode.h knows it */
    size_t size;
    void (*tell)(struct gh_hand *hand, enum gh_hand_end end); /* once */
    void (*drop)(struct gh_hand *hand); /* once, after that: nobody needs it any more */

    /* The service fills these. */
    uint64_t events, refused; /* of `events` */
    uint64_t number;          /* of hands before it */
    uint32_t refusals;        /* the first of `refused` */
    struct gh_hand_refusal refusal[GH_HAND_REFUSALS];
    struct gh_hand *next;
    bool was_told;
};

struct gh_handover;
/* `most`: bytes that may wait; one hand alone may have more. Closed until gh_handover_open. The
 * caller owns *handover. */
GH_MUST_USE enum gh_status gh_handover_new(struct gh_handover **handover, uint64_t most,
                                           struct gh_error *error);
/* Nobody gives any more, and all are told of. NULL is legal. */
void gh_handover_free(struct gh_handover *handover);

/* --- for any thread --- */
/* GH_HAND_DONE: it waits now, and will be told of, maybe before this returns; else why not, and
 * it is the caller's again. */
enum gh_hand_end gh_handover_give(struct gh_handover *handover, struct gh_hand *hand);
/* What a hand that is given now is told at once; GH_HAND_DONE: the service serves. */
enum gh_hand_end gh_handover_state(struct gh_handover *handover);
/* Asks for the files of settings to be read again. `told` is called once: with NULL when all
 * are in force, else with the reason why one is not; then what was in force stays. */
struct gh_ask {
    char who[GH_KEY_NAME_SIZE]; /* name of the key that asks; "": none had to be shown */
    void (*told)(struct gh_ask *ask, const struct gh_error *error);
    struct gh_ask *next;
};
enum gh_hand_end gh_handover_ask(struct gh_handover *handover, struct gh_ask *ask);

/* --- for the thread of the service --- */
int gh_handover_fd(const struct gh_handover *handover); /* readable: something waits */
void gh_handover_open(struct gh_handover *handover);
/* Takes the next one without waiting; it stays until gh_handover_tell. NULL: none now, or
 * as much is taken as may be at once. */
enum { GH_HANDOVER_FRAMES = 256, GH_HANDOVER_BYTES = 16777216 };
struct gh_hand *gh_handover_next(struct gh_handover *handover);
/* An event of a hand that is taken is refused. Of hands that are not: ignored. */
void gh_handover_refuse(struct gh_handover *handover, const char *source, uint64_t number,
                        const struct gh_hand_refusal *refusal);
/* All that are taken are kept, judged and published. */
void gh_handover_tell(struct gh_handover *handover);
/* The disk takes nothing: all that wait or are taken are told so, and those that come, until
 * the next gh_handover_open. The bytes of those taken stay. */
void gh_handover_stall(struct gh_handover *handover);
/* No more are given; those that wait can still be taken. */
void gh_handover_close(struct gh_handover *handover);
/* All that are left are told that the service ends. */
void gh_handover_drop(struct gh_handover *handover);
/* Whether somebody asked for files to be read again; and the answer to all who did: NULL: all
 * are in force. */
bool gh_handover_asked(struct gh_handover *handover);
/* Who asked last, where somebody does. */
void gh_handover_asker(struct gh_handover *handover, char who[GH_KEY_NAME_SIZE]);
void gh_handover_answer(struct gh_handover *handover, const struct gh_error *error);

struct gh_handover_counters {
    uint64_t given, told[GH_HAND_ENDS]; /* told: refused at once ones, too */
    uint64_t waiting_bytes;             /* now */
};
struct gh_handover_counters gh_handover_counters(struct gh_handover *handover);

#endif
