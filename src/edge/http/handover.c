/* handover.c - see handover.h. What is told is told outside of the lock: it may take others. */
#include "edge/http/handover.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct gh_handover {
    int wake;
    uint64_t most;
    /* Of the service's thread. */
    struct gh_hand *taken, **taken_end;
    uint32_t taken_frames;
    uint64_t taken_bytes;
    pthread_mutex_t lock; /* of what follows */
    enum gh_hand_end state;
    struct gh_hand *waiting, **waiting_end;
    struct gh_ask *ask;
    uint64_t next;
    struct gh_handover_counters counters;
};

const char *gh_hand_end_text(enum gh_hand_end end)
{
    static const char *const text[] = {
        [GH_HAND_DONE] = "done",
        [GH_HAND_FULL] = "too much waits already: try again",
        [GH_HAND_STALLED] = "the disk takes nothing now: try again",
        [GH_HAND_CLOSED] = "the service starts or ends: try again",
    };
    assert(end < GH_HAND_ENDS);
    return text[end];
}

enum gh_status gh_handover_new(struct gh_handover **handover, uint64_t most,
                               struct gh_error *error)
{
    struct gh_handover *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "http: out of memory");
    made->most = most;
    made->state = GH_HAND_CLOSED;
    made->taken_end = &made->taken;
    made->waiting_end = &made->waiting;
    pthread_mutex_init(&made->lock, NULL);
    made->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->wake < 0) {
        const int code = errno;
        gh_handover_free(made);
        return gh_error_set(error, GH_EIO, "http: no descriptor: %s", strerror(code));
    }
    *handover = made;
    return GH_OK;
}

void gh_handover_free(struct gh_handover *handover)
{
    if (!handover)
        return;
    assert(!handover->waiting && !handover->taken && !handover->ask);
    if (handover->wake >= 0)
        close(handover->wake);
    pthread_mutex_destroy(&handover->lock);
    free(handover);
}

/* A hand of no bytes costs something, too. */
static uint64_t hand_bytes(const struct gh_hand *hand)
{
    return hand->size + sizeof(*hand);
}

static void handover_wake(const struct gh_handover *h)
{
    const uint64_t one = 1;
    /* It fails only where the counter is full, and then the service is awake. */
    if (write(h->wake, &one, sizeof(one)) < 0)
        return;
}

enum gh_hand_end gh_handover_give(struct gh_handover *handover, struct gh_hand *hand)
{
    struct gh_handover *h = handover;
    const uint64_t bytes = hand_bytes(hand);
    pthread_mutex_lock(&h->lock);
    enum gh_hand_end end = h->state;
    /* Where nothing waits all is taken that a request may have. */
    if (end == GH_HAND_DONE && h->waiting && h->counters.waiting_bytes + bytes > h->most)
        end = GH_HAND_FULL;
    if (end == GH_HAND_DONE) {
        hand->next = NULL;
        hand->number = h->next++;
        *h->waiting_end = hand;
        h->waiting_end = &hand->next;
        h->counters.given++;
        h->counters.waiting_bytes += bytes;
    } else {
        h->counters.told[end]++;
    }
    pthread_mutex_unlock(&h->lock);
    if (end == GH_HAND_DONE)
        handover_wake(h);
    return end;
}

enum gh_hand_end gh_handover_state(struct gh_handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    const enum gh_hand_end state = handover->state;
    pthread_mutex_unlock(&handover->lock);
    return state;
}

enum gh_hand_end gh_handover_ask(struct gh_handover *handover, struct gh_ask *ask)
{
    pthread_mutex_lock(&handover->lock);
    const enum gh_hand_end state = handover->state;
    if (state == GH_HAND_DONE) {
        ask->next = handover->ask;
        handover->ask = ask;
    }
    pthread_mutex_unlock(&handover->lock);
    if (state == GH_HAND_DONE)
        handover_wake(handover);
    return state;
}

int gh_handover_fd(const struct gh_handover *handover)
{
    return handover->wake;
}

static void state_set(struct gh_handover *h, enum gh_hand_end state)
{
    pthread_mutex_lock(&h->lock);
    h->state = state;
    pthread_mutex_unlock(&h->lock);
}

void gh_handover_open(struct gh_handover *handover)
{
    state_set(handover, GH_HAND_DONE);
}

void gh_handover_close(struct gh_handover *handover)
{
    state_set(handover, GH_HAND_CLOSED);
}

struct gh_hand *gh_handover_next(struct gh_handover *handover)
{
    struct gh_handover *h = handover;
    uint64_t ignored;
    if (h->taken_frames == GH_HANDOVER_FRAMES || h->taken_bytes >= GH_HANDOVER_BYTES)
        return NULL;
    pthread_mutex_lock(&h->lock);
    struct gh_hand *hand = h->waiting;
    if (hand) {
        h->waiting = hand->next;
        h->counters.waiting_bytes -= hand_bytes(hand);
        if (!h->waiting)
            h->waiting_end = &h->waiting;
    } else {
        /* Under the lock: whoever gives later wakes again. */
        (void)!read(h->wake, &ignored, sizeof(ignored));
    }
    pthread_mutex_unlock(&h->lock);
    if (!hand)
        return NULL;
    hand->next = NULL;
    *h->taken_end = hand;
    h->taken_end = &hand->next;
    h->taken_frames++;
    h->taken_bytes += hand->size;
    return hand;
}

void gh_handover_refuse(struct gh_handover *handover, const char *source, uint64_t number,
                        const struct gh_hand_refusal *refusal)
{
    struct gh_hand *hand = handover->taken;
    while (hand && (hand->source != source || hand->number != number))
        hand = hand->next;
    if (!hand)
        return;
    hand->refused++;
    if (hand->refusals < GH_HAND_REFUSALS)
        hand->refusal[hand->refusals++] = *refusal;
}

static void hand_tell(struct gh_handover *h, struct gh_hand *hand, enum gh_hand_end end)
{
    if (hand->was_told)
        return;
    hand->was_told = true;
    pthread_mutex_lock(&h->lock);
    h->counters.told[end]++;
    pthread_mutex_unlock(&h->lock);
    hand->tell(hand, end);
}

static void taken_tell(struct gh_handover *h, enum gh_hand_end end)
{
    while (h->taken) {
        struct gh_hand *hand = h->taken;
        h->taken = hand->next;
        hand_tell(h, hand, end);
        hand->drop(hand);
    }
    h->taken_end = &h->taken;
    h->taken_frames = 0;
    h->taken_bytes = 0;
}

void gh_handover_tell(struct gh_handover *handover)
{
    taken_tell(handover, GH_HAND_DONE);
}

/* Nothing waits afterwards, and nothing comes while the state is `end`. */
static void waiting_tell(struct gh_handover *h, enum gh_hand_end end)
{
    pthread_mutex_lock(&h->lock);
    struct gh_hand *hand = h->waiting;
    h->state = end;
    h->waiting = NULL;
    h->waiting_end = &h->waiting;
    h->counters.waiting_bytes = 0;
    pthread_mutex_unlock(&h->lock);
    while (hand) {
        struct gh_hand *next = hand->next;
        hand_tell(h, hand, end);
        hand->drop(hand);
        hand = next;
    }
    struct gh_error told = {0};
    gh_error_set(&told, GH_EIO, "%s", gh_hand_end_text(end));
    gh_handover_answer(h, &told);
}

void gh_handover_stall(struct gh_handover *handover)
{
    for (struct gh_hand *hand = handover->taken; hand; hand = hand->next)
        hand_tell(handover, hand, GH_HAND_STALLED);
    waiting_tell(handover, GH_HAND_STALLED);
}

void gh_handover_drop(struct gh_handover *handover)
{
    taken_tell(handover, GH_HAND_CLOSED);
    waiting_tell(handover, GH_HAND_CLOSED);
}

bool gh_handover_asked(struct gh_handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    const bool asked = handover->ask != NULL;
    pthread_mutex_unlock(&handover->lock);
    return asked;
}

void gh_handover_asker(struct gh_handover *handover, char who[GH_KEY_NAME_SIZE])
{
    who[0] = '\0';
    pthread_mutex_lock(&handover->lock);
    if (handover->ask)
        memcpy(who, handover->ask->who, GH_KEY_NAME_SIZE);
    pthread_mutex_unlock(&handover->lock);
}

void gh_handover_answer(struct gh_handover *handover, const struct gh_error *error)
{
    pthread_mutex_lock(&handover->lock);
    struct gh_ask *ask = handover->ask;
    handover->ask = NULL;
    pthread_mutex_unlock(&handover->lock);
    while (ask) {
        struct gh_ask *next = ask->next;
        ask->told(ask, error);
        ask = next;
    }
}

struct gh_handover_counters gh_handover_counters(struct gh_handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    const struct gh_handover_counters counters = handover->counters;
    pthread_mutex_unlock(&handover->lock);
    return counters;
}
