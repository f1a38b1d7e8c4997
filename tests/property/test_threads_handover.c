/* test_threads_handover.c - many threads hand over while one takes, stalls and ends: each hand
 * is told of once and dropped once, and the order of each giver is kept. */
#include "edge/http/handover.h"

#include "support/gh_test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { GIVERS = 4, EACH = 5000, BYTES = 100, MOST = 200 * (BYTES + sizeof(struct gh_hand)) };

static struct gh_handover *handover;
static atomic_uint told[GH_HAND_ENDS], dropped, refused_right, living;
static atomic_bool ended;

struct given {
    struct gh_hand hand; /* first */
    unsigned giver, serial;
    bool was_told;
    char bytes[BYTES];
};

static void given_tell(struct gh_hand *hand, enum gh_hand_end end)
{
    struct given *g = (struct given *)hand;
    CHECK(!g->was_told);
    g->was_told = true;
    atomic_fetch_add(&told[end], 1);
    if (end == GH_HAND_DONE && hand->refused == g->serial % 3)
        atomic_fetch_add(&refused_right, 1);
}

static void given_drop(struct gh_hand *hand)
{
    CHECK(((struct given *)hand)->was_told);
    atomic_fetch_add(&dropped, 1);
    atomic_fetch_sub(&living, 1);
    free(hand);
}

static void *giver(void *argument)
{
    const unsigned number = *(const unsigned *)argument;
    for (unsigned i = 0; i < EACH && !atomic_load(&ended);) {
        struct given *g = calloc(1, sizeof(*g));
        g->giver = number;
        g->serial = i;
        g->hand = (struct gh_hand){.source = "test",
                                   .at = g->bytes,
                                   .size = BYTES,
                                   .tell = given_tell,
                                   .drop = given_drop};
        atomic_fetch_add(&living, 1);
        if (gh_handover_give(handover, &g->hand) == GH_HAND_DONE) {
            i++;
        } else {
            atomic_fetch_sub(&living, 1);
            free(g);
            sched_yield();
        }
    }
    return NULL;
}

static unsigned expected[GIVERS];

static unsigned hands_take(void)
{
    struct gh_hand *hand;
    unsigned count = 0;
    while ((hand = gh_handover_next(handover)) != NULL) {
        struct given *g = (struct given *)hand;
        const struct gh_hand_refusal refusal = {.reason = "test"};
        CHECK(g->serial >= expected[g->giver]); /* gaps: what a stall turned away */
        expected[g->giver] = g->serial + 1;
        for (unsigned i = 0; i < g->serial % 3; i++)
            gh_handover_refuse(handover, "test", hand->number, &refusal);
        count++;
    }
    return count;
}

static void every_hand_is_told_of_once_and_dropped_once(void)
{
    struct gh_error error = {0};
    pthread_t thread[GIVERS];
    unsigned number[GIVERS];
    CHECK(gh_handover_new(&handover, MOST, &error) == GH_OK);
    CHECK(gh_handover_state(handover) == GH_HAND_CLOSED);
    gh_handover_open(handover);
    for (unsigned i = 0; i < GIVERS; i++) {
        number[i] = i;
        CHECK(pthread_create(&thread[i], NULL, giver, &number[i]) == 0);
    }
    unsigned taken = 0, turns = 0;
    while (taken + atomic_load(&told[GH_HAND_STALLED]) < GIVERS * EACH * 9 / 10) {
        struct pollfd wake = {.fd = gh_handover_fd(handover), .events = POLLIN};
        CHECK(poll(&wake, 1, 20000) == 1);
        taken += hands_take();
        if (++turns % 50 == 0) {
            gh_handover_stall(handover);
            gh_handover_open(handover);
        }
        gh_handover_tell(handover);
    }
    hands_take();
    gh_handover_close(handover);
    atomic_store(&ended, true);
    for (unsigned i = 0; i < GIVERS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    gh_handover_drop(handover);
    const struct gh_handover_counters counters = gh_handover_counters(handover);
    CHECK(atomic_load(&living) == 0 && counters.waiting_bytes == 0);
    CHECK(atomic_load(&dropped) == counters.given);
    CHECK(atomic_load(&told[GH_HAND_DONE]) + atomic_load(&told[GH_HAND_STALLED]) +
              atomic_load(&told[GH_HAND_CLOSED]) ==
          counters.given);
    CHECK(atomic_load(&told[GH_HAND_DONE]) > 0);
    CHECK(atomic_load(&refused_right) == atomic_load(&told[GH_HAND_DONE]));
    gh_handover_free(handover);
}

static void what_waits_is_bounded_in_bytes(void)
{
    struct gh_error error = {0};
    struct gh_hand *hand;
    atomic_store(&ended, false);
    CHECK(gh_handover_new(&handover, 3 * (BYTES + sizeof(struct gh_hand)), &error) == GH_OK);
    gh_handover_open(handover);
    for (int i = 0; i < 4; i++) {
        struct given *g = calloc(1, sizeof(*g));
        g->hand = (struct gh_hand){.source = "test",
                                   .at = g->bytes,
                                   .size = BYTES,
                                   .tell = given_tell,
                                   .drop = given_drop};
        const enum gh_hand_end end = gh_handover_give(handover, &g->hand);
        CHECK(end == (i < 3 ? GH_HAND_DONE : GH_HAND_FULL));
        if (end != GH_HAND_DONE)
            free(g);
    }
    CHECK((hand = gh_handover_next(handover)) != NULL && hand->number == 0);
    CHECK(gh_handover_counters(handover).told[GH_HAND_FULL] == 1);
    gh_handover_stall(handover);
    CHECK(gh_handover_state(handover) == GH_HAND_STALLED);
    CHECK(gh_handover_next(handover) == NULL);
    CHECK(hand->at != NULL && hand->was_told); /* told, but its bytes are there */
    gh_handover_tell(handover);
    gh_handover_drop(handover);
    gh_handover_free(handover);
}

static unsigned answers;
static void ask_told(struct gh_ask *ask, const struct gh_error *error)
{
    answers += ask != NULL && !error;
}

static void who_asks_is_answered_once(void)
{
    struct gh_error error = {0};
    struct gh_ask ask = {.told = ask_told}, late = {.told = ask_told};
    CHECK(gh_handover_new(&handover, MOST, &error) == GH_OK);
    CHECK(gh_handover_ask(handover, &ask) == GH_HAND_CLOSED);
    gh_handover_open(handover);
    CHECK(!gh_handover_asked(handover));
    CHECK(gh_handover_ask(handover, &ask) == GH_HAND_DONE && gh_handover_asked(handover));
    gh_handover_answer(handover, NULL);
    CHECK(answers == 1 && !gh_handover_asked(handover));
    CHECK(gh_handover_ask(handover, &late) == GH_HAND_DONE);
    gh_handover_drop(handover);
    CHECK(answers == 1 && !gh_handover_asked(handover));
    gh_handover_free(handover);
}

static const struct gh_test tests[] = {
    GH_TEST(every_hand_is_told_of_once_and_dropped_once),
    GH_TEST(what_waits_is_bounded_in_bytes),
    GH_TEST(who_asks_is_answered_once),
};
GH_TEST_MAIN(tests)
