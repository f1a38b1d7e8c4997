/* test_threads_sinks.c - the sinks' thread reads the ledger while another one writes it, and
 * tells a web server of every alert, in order. */
#include "edge/sinks/sinks.h"

#include "edge/alert.h"
#include "edge/clock.h"
#include "support/store_kit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { ALERTS = 60, PATIENCE_MS = 60000, REQUEST_BYTES = 65536 };

static struct gh_error error;
static int server;
static atomic_uint heard, disorder;

/* Reads one request; false: the connection has ended. Only the id in the head matters here. */
static bool request_read(int peer, char *request)
{
    size_t used = 0, wanted = SIZE_MAX;
    while (used < wanted) {
        const ssize_t got = recv(peer, request + used, REQUEST_BYTES - 1 - used, 0);
        if (got <= 0)
            return false;
        used += (size_t)got;
        request[used] = '\0';
        const char *length = strstr(request, "Content-Length: ");
        const char *body = strstr(request, "\r\n\r\n");
        if (length && body)
            wanted = (size_t)(body + 4 - request) + strtoul(length + 16, NULL, 10);
    }
    return true;
}

static void *serve(void *ignored)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
    static char request[REQUEST_BYTES];
    int peer;
    while ((peer = accept(server, NULL, NULL)) >= 0) {
        while (request_read(peer, request)) {
            const char *at = strstr(request, "\"sequence\":");
            const unsigned long sequence = at ? strtoul(at + 11, NULL, 10) : 0;
            if (sequence != atomic_load(&heard) + 1)
                atomic_fetch_add(&disorder, 1);
            atomic_store(&heard, (unsigned)sequence);
            if (send(peer, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0)
                break;
        }
        close(peer);
    }
    return ignored;
}

static void server_open(char address[64])
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof name;
    server = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(server >= 0 && bind(server, (struct sockaddr *)&name, size) == 0 &&
          listen(server, 4) == 0 && getsockname(server, (struct sockaddr *)&name, &size) == 0);
    snprintf(address, 64, "http://127.0.0.1:%u/", (unsigned)ntohs(name.sin_port));
}

/* Alert `sequence`: revisions of four findings in turn. */
static void alert_commit(struct gh_ledger *ledger, uint64_t sequence)
{
    struct gh_finding f = {.revision = (uint32_t)((sequence - 1) / 4 + 1),
                           .detector = "runaway",
                           .actor = kit_text("ann"),
                           .team = kit_text("pay"),
                           .severity = GH_WARNING,
                           .change = GH_UPDATED,
                           .from_ms = 1000};
    char alert[GH_ALERT_ID_SIZE];
    snprintf(f.id, sizeof f.id, "%032u", (unsigned)(sequence % 4));
    gh_alert_id(&f, alert);
    char *body = gh_alert_body(&f, sequence, "test");
    const struct gh_ledger_change change = {.alert = {.sequence = sequence,
                                                      .id = kit_text(alert),
                                                      .finding = kit_text(f.id),
                                                      .revision = f.revision,
                                                      .body = kit_text(body)},
                                            .finding = {.id = kit_text(f.id),
                                                        .revision = f.revision,
                                                        .open = true,
                                                        .body = kit_text(body)}};
    CHECK(gh_ledger_commit(ledger, &change, 1, sequence, &error) == GH_OK);
    free(body);
}

static struct gh_sinks_options options_of(const char *address)
{
    struct gh_sinks_options options = {.timeout = 10, .retry_max = 1};
    snprintf(options.webhook.text, sizeof options.webhook.text, "%s", address);
    snprintf(options.webhook_severity.text, sizeof options.webhook_severity.text, "notice");
    return options;
}

/* Waits until `position` alerts have been told, as long as it takes. */
static struct gh_sink_counts told(struct gh_sinks *sinks, uint64_t position)
{
    const int64_t end_ms = gh_clock_ms() + PATIENCE_MS;
    struct gh_sinks_counts counts;
    do {
        gh_clock_sleep_ms(5);
        gh_sinks_counts(sinks, &counts);
    } while (counts.sink[0].position < position && gh_clock_ms() < end_ms);
    return counts.sink[0];
}

static void every_alert_is_told_in_order_while_others_are_written(void)
{
    struct gh_ledger *ledger = NULL;
    struct gh_sinks *sinks = NULL;
    char address[64];
    pthread_t thread;
    kit_open();
    server_open(address);
    CHECK(pthread_create(&thread, NULL, serve, NULL) == 0);
    const struct gh_sinks_options options = options_of(address);
    CHECK(gh_ledger_open(&ledger, kit_folder, NULL, &error) == GH_OK);
    CHECK(gh_sinks_new(&sinks, &options, kit_folder, "test", &error) == GH_OK);
    uint64_t sequence = 0;
    while (sequence < ALERTS / 2) {
        alert_commit(ledger, ++sequence);
        gh_sinks_tell(sinks, sequence);
    }
    CHECK(told(sinks, sequence).told == ALERTS / 2);
    gh_sinks_free(sinks);
    while (sequence < ALERTS) /* while nobody is there to tell of them */
        alert_commit(ledger, ++sequence);
    CHECK(gh_sinks_new(&sinks, &options, kit_folder, "test", &error) == GH_OK);
    const struct gh_sink_counts counts = told(sinks, sequence);
    CHECK(counts.told == ALERTS / 2 && counts.position == ALERTS && counts.waiting == 0);
    gh_sinks_free(sinks);
    gh_ledger_close(ledger);
    shutdown(server, SHUT_RDWR);
    CHECK(pthread_join(thread, NULL) == 0);
    close(server);
    CHECK(atomic_load(&heard) == ALERTS && atomic_load(&disorder) == 0);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(every_alert_is_told_in_order_while_others_are_written),
};
GH_TEST_MAIN(tests)
