/* belt.h - slots that go round: filled one after the other, worked on side by side, taken in
 * the order in which they were filled. So whoever takes them sees the same on any number of
 * threads, and no more waits in memory than there are slots. */
#ifndef GOODHART_EDGE_BELT_H
#define GOODHART_EDGE_BELT_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Slots for so many threads: one that each works on, one that is taken, and one that stands
 * ready meanwhile. */
#define GH_BELT_SLOTS(threads) ((threads) + 2)

struct gh_belt;

/* Both are called on any thread, `fill` never twice at once and in order. What they need must
 * live until gh_belt_free, and is theirs alone until then. */
struct gh_belt_work {
    void *context;
    /* *filled is false; left so: there is no more. After that, or an error, it is not called
     * again. */
    enum gh_status (*fill)(void *context, void *slot, bool *filled, struct gh_error *error);
    void (*work)(void *context, void *slot);
    void *slot; /* `slots` of `slot_size` bytes each */
    size_t slot_size;
    uint32_t slots;
};

/* With threads 0, or where none is to be had, all is done in gh_belt_next. NULL: out of
 * memory. */
GH_MUST_USE struct gh_belt *gh_belt_new(const struct gh_belt_work *work, uint32_t threads);
/* Ends the threads once each has done what it was at. NULL is legal. */
void gh_belt_free(struct gh_belt *belt);
/* Lends the next slot until the next call; NULL: there are no more. An error of `fill` comes
 * after all that was filled before it. */
GH_MUST_USE enum gh_status gh_belt_next(struct gh_belt *belt, void **slot,
                                        struct gh_error *error);

#endif
