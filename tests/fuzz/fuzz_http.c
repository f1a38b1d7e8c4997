/* fuzz_http.c - libFuzzer target: bytes as what a client sends to the service's HTTP side,
 * over a real socket: framing, bodies in chunks and packed, paths, methods, headers, several
 * requests on one connection. The first byte says where the bytes are cut in two.
 *
 * Whatever comes: it is read, nothing of it is held once the client is gone, and the first
 * answer has a status that the headers promise or the library has. */
#include "edge/hooks/endpoint.h"
#include "edge/http/health.h"
#include "edge/http/otlp_endpoint.h"

#include "edge/decoder.h"
#include "support/hook_kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATIENCE_MS = 20000, QUIET_MS = 3, BODY_MOST = 65536, ANSWER_MOST = 1 << 20 };

static struct gh_http_intake intake;
static struct gh_hook_intake hook_intake;
static struct gh_http_server *server;

#define ROUTE(verb, where, kinds, function, refusal, with)                           \
    {                                                                                \
        .method = GH_HTTP_##verb, .path = where, .types = kinds, .handle = function, \
        .refuse = refusal, .context = with                                           \
    }
enum {
    FRAMES = GH_HTTP_JSON | GH_HTTP_NDJSON | GH_HTTP_PROTOBUF | GH_HTTP_BINARY,
    OTLP = GH_HTTP_JSON | GH_HTTP_PROTOBUF
};
static const struct gh_http_route routes[] = {
    ROUTE(POST, "/v1/events", FRAMES, gh_http_events, gh_http_events_refuse, &intake),
    ROUTE(POST, "/v1/logs", OTLP, gh_http_logs, gh_http_otlp_refuse, &intake),
    ROUTE(POST, "/v1/traces", OTLP, gh_http_traces, gh_http_otlp_refuse, &intake),
    ROUTE(POST, "/v1/metrics", OTLP, gh_http_metrics, gh_http_otlp_refuse, &intake),
    ROUTE(POST, "/hooks/", GH_HTTP_JSON, gh_hook_endpoint, NULL, &hook_intake),
    ROUTE(GET, "/-/healthy", 0, gh_http_healthy, NULL, NULL),
    ROUTE(GET, "/-/ready", 0, gh_http_ready, NULL, &intake),
    ROUTE(POST, "/-/reload", 0, gh_http_reload, NULL, &intake),
    ROUTE(GET, "/-/coverage", 0, gh_http_coverage, NULL, &intake),
};

static void fail(const char *what, const char *answer)
{
    fprintf(stderr, "fuzz_http: %s\n%.2000s\n", what, answer);
    abort();
}

/* The service: takes what is handed over, refuses what is no event. */
static void hand_take(struct gh_hand *hand, struct gh_decoder *decoder)
{
    struct gh_frame frame;
    struct gh_piece piece;
    struct gh_event event;
    struct gh_refused refused;

    gh_frame_init(&frame, hand->at, hand->size);
    for (; gh_frame_next(&frame, &piece); hand->events++) {
        const struct gh_hand_refusal refusal = {.index = hand->events, .reason = "fuzz"};
        if (!gh_decode(decoder, &piece, &event, &refused))
            gh_handover_refuse(intake.handover, hand->source, hand->number, &refusal);
        gh_decoder_reset(decoder);
    }
}

static void *serve(void *decoder)
{
    struct gh_error error;
    for (;;) {
        struct pollfd wait = {.fd = gh_handover_fd(intake.handover), .events = POLLIN};
        struct gh_hand *hand;
        poll(&wait, 1, -1);
        while ((hand = gh_handover_next(intake.handover)) != NULL)
            hand_take(hand, decoder);
        if (gh_handover_asked(intake.handover)) {
            const enum gh_status status = gh_sources_reload(intake.sources, &error);
            gh_handover_answer(intake.handover, status == GH_OK ? NULL : &error);
        }
        gh_handover_tell(intake.handover);
    }
    return NULL;
}

static void open_all(void)
{
    static const struct gh_http_options options = {.threads = 1,
                                                   .connections = 10,
                                                   .per_address = 10,
                                                   .body_bytes = BODY_MOST,
                                                   .buffer_bytes = 4 * BODY_MOST,
                                                   .timeout = 30};
    const struct gh_http_setup setup = {.option = "fuzz",
                                        .address = "127.0.0.1:0",
                                        .options = &options,
                                        .route = routes,
                                        .routes = sizeof(routes) / sizeof(routes[0]),
                                        .threads = 1};
    struct gh_error error = {0};
    pthread_t thread;

    intake.frame_bytes = BODY_MOST;
    hook_intake = (struct gh_hook_intake){hook_hooks(), &intake, ""};
    if (!hook_intake.hooks ||
        gh_handover_new(&intake.handover, 4 * BODY_MOST, &error) != GH_OK ||
        gh_sources_new(&intake.sources, "", "", &error) != GH_OK ||
        gh_http_server_new(&server, &setup, &error) != GH_OK)
        fail("does not start", error.text);
    if (pthread_create(&thread, NULL, serve, gh_decoder_new()) != 0)
        fail("no thread", "");
    pthread_detach(thread);
    gh_handover_open(intake.handover);
}

static int client_open(void)
{
    const char *port = strrchr(gh_http_server_endpoint(server), ':') + 1;
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((in_port_t)strtoul(port, NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct linger reset = {1, 0}; /* else ports run out */
    const int client = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    if (client < 0 || connect(client, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
        setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) != 0 ||
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0)
        fail("no connection", strerror(errno));
    return client;
}

/* Reads while it writes, for both sides' buffers are bounded; until the other side ends, or has
 * nothing to say for a while after the last byte: it may be waiting for more. */
static size_t exchange(int client, const uint8_t *at, size_t size, char *answer)
{
    size_t sent = 0, got = 0;

    for (;;) {
        struct pollfd wait = {.fd = client,
                              .events = (short)(POLLIN | (sent < size ? POLLOUT : 0))};
        if (poll(&wait, 1, sent < size ? PATIENCE_MS : QUIET_MS) != 1) {
            if (sent < size)
                fail("what is sent is not read", answer);
            return got;
        }
        if (wait.revents & POLLOUT) {
            const ssize_t part =
                send(client, at + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            sent = part > 0 ? sent + (size_t)part : size;
            if (sent == size)
                shutdown(client, SHUT_WR);
        }
        if (!(wait.revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        const ssize_t part = recv(client, answer + got, ANSWER_MOST - got, 0);
        if (part <= 0)
            return got;
        got += (size_t)part;
        answer[got] = '\0';
    }
}

/* What the connection held is given back soon after its end. */
static void held_check(const char *answer)
{
    for (int waited_us = 0; waited_us < PATIENCE_MS * 1000; waited_us += 50) {
        const struct gh_http_counters c = gh_http_server_counters(server);
        if (c.connections == 0 && c.buffer_bytes == 0 &&
            gh_handover_counters(intake.handover).waiting_bytes == 0)
            return;
        usleep(50);
    }
    fail("something is held after the end", answer);
}

static void answer_check(const char *answer, size_t size)
{
    static const unsigned known[] = {100, 200, 400, 401, 403, 404, 405, 411,
                                     413, 414, 415, 421, 431, 501, 503, 505};
    unsigned status = 0;

    if (size == 0)
        return;
    if (sscanf(answer, "HTTP/1.%*1[01] %3u", &status) != 1)
        fail("no answer of HTTP", answer);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == status)
            return;
    fail("a status that nothing promises", answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char answer[ANSWER_MOST + 1];

    if (!server)
        open_all();
    if (size == 0)
        return 0;
    const size_t cut = (size - 1) * data[0] / 256;
    const int client = client_open();
    answer[0] = '\0';
    if (cut > 0)
        (void)!send(client, data + 1, cut, MSG_NOSIGNAL);
    const size_t got = exchange(client, data + 1 + cut, size - 1 - cut, answer);
    close(client);
    held_check(answer);
    answer_check(answer, got);
    return 0;
}
