/* test_replay.c - missed alerts: server and client over a real socket, with a real ledger. */
#include "edge/clock.h"
#include "edge/replay_client.h"
#include "edge/replay_server.h"
#include "support/store_kit.h"

#include <pthread.h>

enum { ALERTS = 5000, PATIENCE_MS = 10000, LARGE = 300000 };

/* A ledger behind a server in a thread of its own. */
struct service {
    pthread_t thread;
    pthread_mutex_t lock;
    struct gh_log *log;
    struct gh_ledger *ledger;
    char endpoint[GH_ENDPOINT_SIZE];
    bool stop, deaf; /* under the lock */
    uint64_t served;
};

static const struct gh_guard plain; /* no keys, this machine alone */

static char *large;

static void *service_run(void *context)
{
    struct service *s = context;
    struct gh_alerts_options options = {.replay = {"tcp://127.0.0.1:*"}};
    struct gh_replay_server *server = NULL;
    struct gh_error error = {0};
    void *zmq = NULL;
    bool stop = false;

    CHECK(gh_context_new(&zmq, &error) == GH_OK);
    CHECK(gh_replay_server_new(&server, zmq, &options, &plain, &error) == GH_OK);
    gh_replay_server_lend(server, s->ledger);
    pthread_mutex_lock(&s->lock);
    snprintf(s->endpoint, sizeof s->endpoint, "%s", gh_replay_endpoint(server));
    pthread_mutex_unlock(&s->lock);
    while (!stop) {
        void *const socket[] = {gh_replay_socket(server)};
        gh_socket_wait(socket, 1, -1, 10);
        pthread_mutex_lock(&s->lock);
        stop = s->stop;
        if (!s->deaf)
            gh_replay_server_turn(server);
        s->served = gh_replay_served(server);
        pthread_mutex_unlock(&s->lock);
    }
    gh_replay_server_free(server);
    gh_context_free(zmq);
    return NULL;
}

/* Alert number n concerns actor n % 10; `last` is the actor of the last one. */
static void ledger_fill(struct service *s, uint64_t count, const char *last, const char *body)
{
    struct gh_error error = {0};
    char id[32], actor[32], own[64];

    for (uint64_t n = 1; n <= count; n++) {
        snprintf(id, sizeof id, "%llu-1", (unsigned long long)n);
        snprintf(actor, sizeof actor, "a%llu", (unsigned long long)n % 10);
        snprintf(own, sizeof own, "{\"sequence\":%llu}", (unsigned long long)n);
        const struct gh_ledger_alert alert = {.sequence = n,
                                              .id = kit_text(id),
                                              .finding = kit_text(id),
                                              .revision = 1,
                                              .time_ms = (int64_t)n,
                                              .actor = kit_text(n < count ? actor : last),
                                              .team = kit_text("t"),
                                              .detector = kit_text("agent_loop"),
                                              .severity = kit_text("critical"),
                                              .body = kit_text(body ? body : own)};
        const struct gh_ledger_change change = {alert,
                                                {.id = alert.finding,
                                                 .revision = 1,
                                                 .actor = alert.actor,
                                                 .team = alert.team,
                                                 .detector = alert.detector,
                                                 .track = kit_text("case"),
                                                 .severity = alert.severity,
                                                 .body = alert.body}};
        CHECK(gh_ledger_commit(s->ledger, &change, 1, n, &error) == GH_OK);
    }
}

static void service_start(struct service *s, uint64_t count, const char *body)
{
    const struct gh_log_setup setup = kit_setup(1 << 20);
    struct gh_error error = {0};
    bool ready = false;

    kit_open();
    pthread_mutex_init(&s->lock, NULL);
    CHECK(gh_log_open(&s->log, &setup, &error) == GH_OK);
    CHECK(gh_ledger_open(&s->ledger, kit_folder, NULL, &error) == GH_OK);
    ledger_fill(s, count, "zoe/x", body);
    CHECK(pthread_create(&s->thread, NULL, service_run, s) == 0);
    for (int i = 0; i < PATIENCE_MS && !ready; i++) {
        gh_clock_sleep_ms(1);
        pthread_mutex_lock(&s->lock);
        ready = s->endpoint[0] != '\0';
        pthread_mutex_unlock(&s->lock);
    }
    CHECK(ready);
}

static void service_stop(struct service *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    gh_ledger_close(s->ledger);
    gh_log_close(s->log);
    kit_close();
}

static void service_deaf(struct service *s, bool deaf)
{
    pthread_mutex_lock(&s->lock);
    s->deaf = deaf;
    pthread_mutex_unlock(&s->lock);
}

struct got {
    uint64_t count, first, last, out_of_turn, bytes;
};

static void got_alert(void *context, uint64_t sequence, struct gh_text body)
{
    struct got *g = context;

    g->first = g->count ? g->first : sequence;
    g->out_of_turn += sequence <= g->last;
    g->last = sequence;
    g->bytes += body.size;
    g->count++;
}

/* What is had after `since`, up to `until`; *error.status tells how it went. */
static struct got fetch(struct gh_replay_client *client, uint64_t *since, uint64_t until,
                        int64_t timeout_ms, struct gh_error *error)
{
    struct got got = {0};
    uint64_t oldest = 0;
    const struct gh_replay_wish wish = {until, timeout_ms, got_alert, &got};

    *error = (struct gh_error){0};
    error->status = gh_replay_client_fetch(client, since, &wish, &oldest, error);
    return got;
}

static struct gh_replay_client *client_open(const struct service *s, const char *const *topic,
                                            size_t topics)
{
    struct gh_replay_client *client = NULL;
    struct gh_error error = {0};

    const struct gh_subscription_setup setup = {s->endpoint, topic, topics, NULL};
    CHECK(gh_replay_client_new(&client, &setup, &error) == GH_OK);
    return client;
}

static void all_come_in_order_by_pages(void)
{
    struct service s = {.stop = false};
    struct gh_error error;
    uint64_t since = 0;

    service_start(&s, ALERTS, NULL);
    struct gh_replay_client *client = client_open(&s, NULL, 0);
    struct got got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && since == ALERTS);
    CHECK(got.count == ALERTS && got.first == 1 && got.last == ALERTS && !got.out_of_turn);
    got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error); /* there is no more */
    CHECK(error.status == GH_OK && got.count == 0 && since == ALERTS);
    since = 100;
    got = fetch(client, &since, 150, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && got.count == 50 && got.first == 101 && got.last == 150);
    gh_replay_client_free(client);
    service_stop(&s);
    CHECK(s.served >= ALERTS / 256 + 2);
}

static void of_some_topics_those_come_however_far_they_stand(void)
{
    static const char *const far[] = {"actor/zoe%2Fx/"}, *const some[] = {"actor/a3/",
                                                                          "team/u"};
    struct service s = {.stop = false};
    struct gh_error error;
    uint64_t since = 0;

    service_start(&s, ALERTS, NULL);
    struct gh_replay_client *client = client_open(&s, far, 1);
    struct got got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && got.count == 1 && got.first == ALERTS && since == ALERTS);
    gh_replay_client_free(client);
    client = client_open(&s, some, 2);
    since = 0;
    got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && got.count == ALERTS / 10 && got.first == 3);
    gh_replay_client_free(client);
    service_stop(&s);
}

static void large_bodies_come_by_smaller_pages(void)
{
    struct service s = {.stop = false};
    struct gh_error error;
    uint64_t since = 0;

    large = calloc(1, LARGE + 1);
    memset(large, 'x', LARGE);
    service_start(&s, 20, large);
    struct gh_replay_client *client = client_open(&s, NULL, 0);
    const struct got got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && got.count == 20 && got.bytes == 20u * LARGE);
    gh_replay_client_free(client);
    service_stop(&s);
    CHECK(s.served >= 5);
    free(large);
}

static void an_answer_that_comes_too_late_is_passed_over(void)
{
    struct service s = {.stop = false};
    struct gh_error error;
    uint64_t since = 0;

    service_start(&s, 100, NULL);
    struct gh_replay_client *client = client_open(&s, NULL, 0);
    service_deaf(&s, true);
    struct got got = fetch(client, &since, UINT64_MAX, 100, &error);
    CHECK(error.status == GH_EIO && strstr(error.text, "nobody answers") && since == 0);
    service_deaf(&s, false);
    since = 60; /* of what was asked before, the answer comes first */
    got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_OK && got.count == 40 && got.first == 61 && !got.out_of_turn);
    gh_replay_client_free(client);
    service_stop(&s);
}

static void what_was_pruned_is_told_by_the_oldest(void)
{
    struct service s = {.stop = false};
    struct gh_replay_client *client;
    struct got got = {0};
    struct gh_error error = {0};
    uint64_t since = 0, oldest = 0, removed = 0;
    const struct gh_replay_wish wish = {UINT64_MAX, PATIENCE_MS, got_alert, &got};

    service_start(&s, 50, NULL);
    client = client_open(&s, NULL, 0);
    pthread_mutex_lock(&s.lock);
    CHECK(gh_ledger_prune(s.ledger, 30, &removed, &error) == GH_OK && removed == 29);
    pthread_mutex_unlock(&s.lock);
    CHECK(gh_replay_client_fetch(client, &since, &wish, &oldest, &error) == GH_OK);
    CHECK(oldest == 30 && got.count == 21 && got.first == 30);
    gh_replay_client_free(client);
    service_stop(&s);
}

static void a_refused_question_is_an_error_with_its_reason(void)
{
    static const char *topic[65];
    struct service s = {.stop = false};
    struct gh_error error;
    uint64_t since = 0;

    for (size_t i = 0; i < 65; i++)
        topic[i] = "alert/";
    service_start(&s, 1, NULL);
    struct gh_replay_client *client = client_open(&s, topic, 65);
    const struct got got = fetch(client, &since, UINT64_MAX, PATIENCE_MS, &error);
    CHECK(error.status == GH_EIO && strstr(error.text, "at most 64 prefixes"));
    CHECK(got.count == 0 && since == 0);
    gh_replay_client_free(client);
    service_stop(&s);
}

static const struct gh_test tests[] = {
    GH_TEST(all_come_in_order_by_pages),
    GH_TEST(of_some_topics_those_come_however_far_they_stand),
    GH_TEST(large_bodies_come_by_smaller_pages),
    GH_TEST(an_answer_that_comes_too_late_is_passed_over),
    GH_TEST(what_was_pruned_is_told_by_the_oldest),
    GH_TEST(a_refused_question_is_an_error_with_its_reason),
};
GH_TEST_MAIN(tests)
