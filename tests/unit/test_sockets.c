/* test_sockets.c - intake, publisher, push and subscription over real sockets, each end by
 * the other; and what a follower makes of sequences. Every wait has a bound. */
#include "edge/clock.h"
#include "edge/intake.h"
#include "edge/publish.h"
#include "edge/push.h"
#include "edge/subscription.h"

#include "support/gh_test.h"

#include <zmq.h>

enum { PATIENCE_MS = 3000 };

static const struct gh_guard plain; /* this machine alone, no keys */

static void option_text(struct gh_option_text *option, const char *text)
{
    snprintf(option->text, sizeof(option->text), "%s", text);
}

static struct gh_intake_options intake_options(const char *pull, const char *subscribe)
{
    struct gh_intake_options options = {.high_water_mark = 1000, .frame_bytes = 65536};
    option_text(&options.pull, pull);
    option_text(&options.subscribe, subscribe);
    return options;
}

static struct gh_alerts_options alerts_options(uint32_t high_water_mark)
{
    struct gh_alerts_options options = {.high_water_mark = high_water_mark, .heartbeat = 1000};
    option_text(&options.publish, "tcp://127.0.0.1:*");
    option_text(&options.source, "test");
    return options;
}

/* The next frame, waited for. */
static bool intake_await(struct gh_intake *intake, struct gh_intake_frame *frame)
{
    void *const socket[] = {gh_intake_socket(intake, GH_INTAKE_PULL),
                            gh_intake_socket(intake, GH_INTAKE_SUB)};
    return gh_intake_next(intake, frame) ||
           (gh_socket_wait(socket, 2, -1, PATIENCE_MS) && gh_intake_next(intake, frame));
}

static bool frame_is(const struct gh_intake_frame *frame, const char *wanted)
{
    return frame->size == strlen(wanted) && !memcmp(frame->at, wanted, frame->size);
}

static void what_is_pushed_arrives_in_order_and_stays_until_released(void)
{
    void *context = NULL;
    struct gh_intake *intake = NULL;
    struct gh_push *push = NULL;
    struct gh_error error = {0};
    struct gh_intake_frame frame[3];
    const struct gh_intake_options options = intake_options("tcp://127.0.0.1:*", "");
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_intake_new(&intake, context, &options, &plain, &error) == GH_OK);
    CHECK(!strchr(gh_intake_endpoint(intake, GH_INTAKE_PULL), '*'));
    CHECK(gh_push_new(&push, gh_intake_endpoint(intake, GH_INTAKE_PULL), PATIENCE_MS, NULL,
                      &error) == GH_OK);
    CHECK(gh_push_frame(push, "one", 3, &error) == GH_OK);
    CHECK(gh_push_frame(push, "two", 3, &error) == GH_OK);
    CHECK(gh_push_frame(push, "", 0, &error) == GH_OK);
    for (unsigned i = 0; i < 3; i++)
        CHECK(intake_await(intake, &frame[i]));
    CHECK(frame_is(&frame[0], "one") && frame_is(&frame[1], "two") && frame_is(&frame[2], ""));
    CHECK(frame[0].source == GH_INTAKE_PULL);
    gh_intake_release(intake);
    CHECK(gh_push_breaks(push) == 0);
    CHECK(gh_push_finish(push, &error) == GH_OK);
    gh_intake_free(intake);
    gh_context_free(context);
}

static void a_multipart_message_is_frames_for_pull_and_its_last_part_for_sub(void)
{
    void *context = NULL;
    struct gh_intake *intake = NULL;
    struct gh_error error = {0};
    struct gh_intake_frame frame;
    CHECK(gh_context_new(&context, &error) == GH_OK);
    void *publisher = zmq_socket(context, ZMQ_XPUB);
    CHECK(zmq_bind(publisher, "inproc://feed") == 0);
    const struct gh_intake_options options = intake_options("inproc://pull", "inproc://feed");
    CHECK(gh_intake_new(&intake, context, &options, &plain, &error) == GH_OK);
    void *producer = zmq_socket(context, ZMQ_PUSH);
    CHECK(zmq_connect(producer, "inproc://pull") == 0);
    CHECK(zmq_send(producer, "a", 1, ZMQ_SNDMORE) == 1 && zmq_send(producer, "b", 1, 0) == 1);
    CHECK(intake_await(intake, &frame) && frame_is(&frame, "a"));
    CHECK(intake_await(intake, &frame) && frame_is(&frame, "b"));
    char subscribed[2]; /* the subscription must have come before a publisher sends */
    CHECK(zmq_recv(publisher, subscribed, sizeof(subscribed), 0) == 1);
    CHECK(zmq_send(publisher, "topic", 5, ZMQ_SNDMORE) == 5);
    CHECK(zmq_send(publisher, "body", 4, 0) == 4);
    CHECK(intake_await(intake, &frame) && frame_is(&frame, "body"));
    CHECK(frame.source == GH_INTAKE_SUB);
    CHECK(!gh_intake_next(intake, &frame));
    gh_intake_free(intake);
    gh_socket_free(producer);
    gh_socket_free(publisher);
    gh_context_free(context);
}

static void no_more_frames_are_held_than_the_bound(void)
{
    void *context = NULL;
    struct gh_intake *intake = NULL;
    struct gh_error error = {0};
    struct gh_intake_frame frame;
    const struct gh_intake_options options = intake_options("inproc://pull", "");
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_intake_new(&intake, context, &options, &plain, &error) == GH_OK);
    void *producer = zmq_socket(context, ZMQ_PUSH);
    CHECK(zmq_connect(producer, "inproc://pull") == 0);
    for (unsigned i = 0; i < GH_INTAKE_FRAMES + 1; i++)
        CHECK(zmq_send(producer, "x", 1, 0) == 1);
    for (unsigned i = 0; i < GH_INTAKE_FRAMES; i++)
        CHECK(intake_await(intake, &frame));
    CHECK(!gh_intake_next(intake, &frame));
    gh_intake_release(intake);
    CHECK(intake_await(intake, &frame));
    gh_intake_free(intake);
    gh_socket_free(producer);
    gh_context_free(context);
}

static enum gh_status intake_status(void *context, const char *pull, const char *subscribe,
                                    struct gh_error *error)
{
    const struct gh_guard open_door = {.insecure = true};
    struct gh_intake *intake = NULL;
    const struct gh_intake_options options = intake_options(pull, subscribe);
    const enum gh_status status = gh_intake_new(&intake, context, &options, &open_door, error);
    if (status == GH_OK)
        gh_intake_free(intake);
    return status;
}

/* What waits in the kernel is read although its sender is gone, however late: nothing may be
 * written to such a connection, for the answer ends it. 7 s: pings of every 5 s would. */
static void what_a_sender_left_behind_is_read_however_late(void)
{
    enum { FRAMES = 200, LATE_MS = 7000 };
    static char bytes[4096];
    struct gh_intake_options options = intake_options("tcp://127.0.0.1:*", "");
    void *context = NULL;
    struct gh_intake *intake = NULL;
    struct gh_push *push = NULL;
    struct gh_error error = {0};
    struct gh_intake_frame frame;
    int taken = 0;

    options.high_water_mark = 2;
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_intake_new(&intake, context, &options, &plain, &error) == GH_OK);
    CHECK(gh_push_new(&push, gh_intake_endpoint(intake, GH_INTAKE_PULL), PATIENCE_MS, NULL,
                      &error) == GH_OK);
    for (int i = 0; i < FRAMES; i++)
        CHECK(gh_push_frame(push, bytes, sizeof bytes, &error) == GH_OK);
    CHECK(gh_push_finish(push, &error) == GH_OK);
    gh_clock_sleep_ms(LATE_MS);
    while (intake_await(intake, &frame)) {
        taken++;
        gh_intake_release(intake);
    }
    CHECK(taken == FRAMES);
    if (taken != FRAMES)
        printf("# %d of %d\n", taken, FRAMES);
    gh_intake_free(intake);
    gh_context_free(context);
}

static void a_bind_that_fails_names_option_endpoint_and_remedy(void)
{
    void *context = NULL;
    struct gh_error error = {0};
    char taken[GH_ENDPOINT_SIZE];
    CHECK(gh_context_new(&context, &error) == GH_OK);
    void *other = zmq_socket(context, ZMQ_PULL);
    CHECK(zmq_bind(other, "tcp://127.0.0.1:*") == 0);
    gh_socket_endpoint(other, taken);
    CHECK(intake_status(context, taken, "", &error) == GH_EIO);
    CHECK(strstr(error.text, "intake.pull: ") == error.text);
    CHECK(strstr(error.text, taken) && strstr(error.text, "another program has it"));

    static const struct {
        const char *pull, *subscribe, *word;
        enum gh_status status;
    } bad[] = {
        {"", "", "intake.subscribe", GH_ECONFIG},
        {"udp://127.0.0.1:1", "", "tcp://HOST:PORT", GH_ECONFIG},
        {"tcp://127.0.0.1", "", "tcp://HOST:PORT", GH_ECONFIG},
        {"tcp://203.0.113.7:5601", "", "no such address", GH_EIO},
        {"ipc:///nowhere/at/all", "", "folder", GH_EIO},
        {"", "tcp://127.0.0.1:5601, pgm://x", "intake.subscribe: pgm://x", GH_ECONFIG},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error = (struct gh_error){0};
        CHECK(intake_status(context, bad[i].pull, bad[i].subscribe, &error) == bad[i].status);
        CHECK(strstr(error.text, bad[i].word));
        if (!strstr(error.text, bad[i].word))
            printf("# %s\n", error.text);
    }
    gh_socket_free(other);
    gh_context_free(context);
}

static void a_sender_without_a_listener_says_so_in_time(void)
{
    struct gh_push *push = NULL;
    struct gh_error error = {0};
    const int64_t began_ms = gh_clock_ms();
    CHECK(gh_push_new(&push, "tcp://127.0.0.1:9", 300, NULL, &error) == GH_EIO);
    CHECK(strstr(error.text, "nobody has listened") && strstr(error.text, "goodhart run"));
    CHECK(gh_clock_ms() - began_ms < 2000);
    CHECK(push == NULL);
}

static struct gh_finding finding(const char *actor)
{
    struct gh_finding f = {.id = "f", .revision = 1, .detector = "repetition"};
    f.actor = (struct gh_text){actor, (uint32_t)strlen(actor)};
    return f;
}

static bool subscription_await(struct gh_subscription *subscription, struct gh_message *message)
{
    void *const socket[] = {gh_subscription_socket(subscription)};
    return gh_subscription_next(subscription, message) ||
           (gh_socket_wait(socket, 1, -1, PATIENCE_MS) &&
            gh_subscription_next(subscription, message));
}

/* Heartbeats until one comes through: then the subscription is known to the publisher. */
static bool subscription_ready(struct gh_publisher *publisher,
                               struct gh_subscription *subscription)
{
    const struct gh_heartbeat beat = {.sequence = 0};
    struct gh_message message;
    void *const socket[] = {gh_subscription_socket(subscription)};
    for (int i = 0; i < 300; i++) {
        gh_publisher_drain(publisher);
        gh_publisher_heartbeat(publisher, &beat);
        if (gh_socket_wait(socket, 1, -1, 10)) {
            while (gh_subscription_next(subscription, &message)) {
            }
            return true;
        }
    }
    return false;
}

static bool text_is(struct gh_text text, const char *wanted)
{
    return text.size == strlen(wanted) && !memcmp(text.at, wanted, text.size);
}

static void an_alert_comes_once_per_topic_that_is_wanted(void)
{
    void *context = NULL;
    struct gh_publisher *publisher = NULL;
    struct gh_subscription *subscription = NULL;
    struct gh_error error = {0};
    struct gh_message message;
    const char *const topic[] = {"actor/al", "detector/repetition/"};
    const struct gh_alerts_options options = alerts_options(1000);
    const struct gh_finding alice = finding("alice"), bob = finding("bob");
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_publisher_new(&publisher, context, &options, &plain, &error) == GH_OK);
    const struct gh_subscription_setup setup = {
        .endpoint = gh_publisher_endpoint(publisher), .topic = topic, .count = 2};
    CHECK(gh_subscription_new(&subscription, &setup, &error) == GH_OK);
    CHECK(subscription_ready(publisher, subscription));
    gh_publisher_alert(publisher, &bob, 1, "to bob");
    gh_publisher_alert(publisher, &alice, 258, "to alice");
    CHECK(subscription_await(subscription, &message));
    CHECK(text_is(message.topic, "detector/repetition/") && text_is(message.body, "to bob"));
    CHECK(message.sequence == 1 && !message.heartbeat);
    CHECK(subscription_await(subscription, &message));
    CHECK(text_is(message.topic, "detector/repetition/") && message.sequence == 258);
    CHECK(subscription_await(subscription, &message));
    CHECK(text_is(message.topic, "actor/alice/") && text_is(message.body, "to alice"));

    const struct gh_heartbeat beat = {.sequence = 258, .events = 9, .actors = 2};
    gh_publisher_heartbeat(publisher, &beat);
    CHECK(subscription_await(subscription, &message));
    CHECK(message.heartbeat && message.sequence == 258);
    CHECK(text_is(message.body, "{\"sequence\":258,\"time\":\"1970-01-01T00:00:00.000Z\","
                                "\"events\":9,\"actors\":2}"));
    CHECK(gh_publisher_failed(publisher) == 0);
    gh_subscription_free(subscription);
    gh_publisher_free(publisher);
    gh_context_free(context);
}

/* Over inproc there are no buffers but the two queues, so the loss is certain. */
static void a_subscriber_that_is_too_slow_sees_how_many_alerts_it_lost(void)
{
    enum { ALERTS = 100 };
    void *context = NULL;
    struct gh_publisher *publisher = NULL;
    struct gh_error error = {0};
    struct gh_alerts_options options = alerts_options(2);
    struct gh_follower follower = {.whole = true};
    const struct gh_finding alice = finding("alice");
    const int frames = 2;
    unsigned char part[1024];
    uint64_t received = 0, lost = 0, missed;
    option_text(&options.publish, "inproc://alerts");
    CHECK(gh_context_new(&context, &error) == GH_OK);
    CHECK(gh_publisher_new(&publisher, context, &options, &plain, &error) == GH_OK);
    void *slow = zmq_socket(context, ZMQ_SUB);
    CHECK(zmq_setsockopt(slow, ZMQ_RCVHWM, &frames, sizeof(frames)) == 0);
    CHECK(zmq_setsockopt(slow, ZMQ_SUBSCRIBE, "alert/", 6) == 0);
    CHECK(zmq_setsockopt(slow, ZMQ_SUBSCRIBE, "heartbeat/", 10) == 0);
    CHECK(zmq_connect(slow, "inproc://alerts") == 0);
    gh_publisher_drain(publisher);
    gh_follow(&follower, 0, true, &missed);
    for (uint64_t i = 1; i <= ALERTS; i++)
        gh_publisher_alert(publisher, &alice, i, "body");
    for (int round = 0; round < 2; round++) {
        while (zmq_recv(slow, part, sizeof(part), ZMQ_DONTWAIT) >= 0) {
            const bool heartbeat = part[0] == 'h';
            CHECK(zmq_recv(slow, part, sizeof(part), ZMQ_DONTWAIT) == 8);
            gh_follow(&follower, gh_sequence_value(part), heartbeat, &missed);
            CHECK(zmq_recv(slow, part, sizeof(part), ZMQ_DONTWAIT) > 0);
            received += !heartbeat;
            lost += missed;
        }
        const struct gh_heartbeat beat = {.sequence = ALERTS};
        gh_publisher_drain(publisher); /* learns that there is room again */
        gh_publisher_heartbeat(publisher, &beat);
    }
    CHECK(received > 0 && received < ALERTS && received + lost == ALERTS);
    gh_socket_free(slow);
    gh_publisher_free(publisher);
    gh_context_free(context);
}

static bool follows(struct gh_follower *follower, uint64_t sequence, bool heartbeat,
                    enum gh_followed wanted, uint64_t wanted_missed)
{
    uint64_t missed = 99;
    return gh_follow(follower, sequence, heartbeat, &missed) == wanted &&
           missed == wanted_missed;
}

static void a_follower_tells_lost_alerts_from_earlier_ones(void)
{
    struct gh_follower f = {.whole = true};
    CHECK(follows(&f, 40, true, GH_FOLLOWED_FIRST, 40));
    CHECK(follows(&f, 41, false, GH_FOLLOWED_IN_ORDER, 0));
    CHECK(follows(&f, 41, false, GH_FOLLOWED_IN_ORDER, 0)); /* another topic */
    CHECK(follows(&f, 41, true, GH_FOLLOWED_IN_ORDER, 0));
    CHECK(follows(&f, 44, false, GH_FOLLOWED_GAP, 2));
    CHECK(follows(&f, 47, true, GH_FOLLOWED_GAP, 3)); /* the tail was lost */
    CHECK(follows(&f, 48, false, GH_FOLLOWED_IN_ORDER, 0));
    CHECK(follows(&f, 0, true, GH_FOLLOWED_RESTART, 0));
    CHECK(follows(&f, 1, false, GH_FOLLOWED_IN_ORDER, 0));

    struct gh_follower late = {.whole = true};
    CHECK(follows(&late, 7, false, GH_FOLLOWED_FIRST, 6));
    CHECK(follows(&late, 0, false, GH_FOLLOWED_RESTART, 0)); /* 0 never wraps around */

    struct gh_follower part = {.whole = false};
    CHECK(follows(&part, 3, false, GH_FOLLOWED_FIRST, 2));
    CHECK(follows(&part, 9, false, GH_FOLLOWED_IN_ORDER, 0));
    CHECK(follows(&part, 20, true, GH_FOLLOWED_IN_ORDER, 0));
}

static const struct gh_test tests[] = {
    GH_TEST(what_is_pushed_arrives_in_order_and_stays_until_released),
    GH_TEST(a_multipart_message_is_frames_for_pull_and_its_last_part_for_sub),
    GH_TEST(no_more_frames_are_held_than_the_bound),
    GH_TEST(what_a_sender_left_behind_is_read_however_late),
    GH_TEST(a_bind_that_fails_names_option_endpoint_and_remedy),
    GH_TEST(a_sender_without_a_listener_says_so_in_time),
    GH_TEST(an_alert_comes_once_per_topic_that_is_wanted),
    GH_TEST(a_subscriber_that_is_too_slow_sees_how_many_alerts_it_lost),
    GH_TEST(a_follower_tells_lost_alerts_from_earlier_ones),
};
GH_TEST_MAIN(tests)
