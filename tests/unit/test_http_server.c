/* test_http_server.c - requests over real sockets: what is refused, cut off, or answered by
 * another thread. */
#include "edge/http/server.h"

#include "support/gh_test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, REPLY_SIZE = 4096, BODY_MOST = 65536 };

static struct gh_http_options options;
static struct gh_http_server *server;
static atomic_uint bytes_seen;

static void echo(void *context, struct gh_http_request *request)
{
    atomic_fetch_add((atomic_uint *)context, (unsigned)request->size);
    gh_http_answer(request, &(struct gh_http_reply){200, "application/x-test", request->body,
                                                    request->size});
}

static void hello(void *context, struct gh_http_request *request)
{
    (void)context;
    gh_http_answer(request, &(struct gh_http_reply){200, NULL, "hello\n", 6});
}

static void *later_answer(void *argument)
{
    gh_http_refuse(argument, 503, "not now");
    return NULL;
}

static void later(void *context, struct gh_http_request *request)
{
    pthread_t *thread = context;
    CHECK(pthread_create(thread, NULL, later_answer, request) == 0);
}

static unsigned admit(void *context, struct gh_http_request *request,
                      char text[GH_HTTP_TEXT_SIZE])
{
    const char *shown = gh_http_header(request, "Authorization");
    (void)context;
    snprintf(text, GH_HTTP_TEXT_SIZE, "show a token");
    return shown && !strcmp(shown, "Bearer open") ? 0 : 401;
}

static void named(void *context, struct gh_http_request *request)
{
    (void)context;
    gh_http_answer(request,
                   &(struct gh_http_reply){202, NULL, request->rest, strlen(request->rest)});
}

static pthread_t answering;
static const struct gh_http_route routes[] = {
    {GH_HTTP_POST, "/echo", GH_HTTP_JSON | GH_HTTP_BINARY, NULL, echo, NULL, &bytes_seen},
    {GH_HTTP_GET, "/hello", 0, NULL, hello, NULL, NULL},
    {GH_HTTP_POST, "/later", 0, NULL, later, NULL, &answering},
    {GH_HTTP_GET, "/closed", 0, admit, hello, NULL, NULL},
    {GH_HTTP_GET, "/named/", 0, NULL, named, NULL, NULL},
};

static enum gh_status server_open(const char *address, bool insecure, struct gh_error *error)
{
    const struct gh_http_setup setup = {.option = "test.bind",
                                        .address = address,
                                        .options = &options,
                                        .insecure = insecure,
                                        .route = routes,
                                        .routes = sizeof(routes) / sizeof(routes[0]),
                                        .threads = 2};
    return gh_http_server_new(&server, &setup, error);
}

static void server_begin(void)
{
    struct gh_error error = {0};
    options = (struct gh_http_options){.threads = 2,
                                       .connections = 100,
                                       .per_address = 50,
                                       .body_bytes = BODY_MOST,
                                       .buffer_bytes = 4 * BODY_MOST,
                                       .timeout = 30};
    CHECK(server_open("127.0.0.1:0", false, &error) == GH_OK);
}

static int client_open(void)
{
    const char *port = strrchr(gh_http_server_endpoint(server), ':') + 1;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)strtoul(port, NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(client >= 0 && connect(client, (struct sockaddr *)&to, sizeof(to)) == 0);
    return client;
}

static void client_send(int client, const char *at, size_t size)
{
    while (size > 0) {
        const ssize_t sent = send(client, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        size -= (size_t)sent;
    }
}

/* What has come when the connection ends or `until` stands in it. */
static void client_read(int client, char reply[REPLY_SIZE], const char *until)
{
    size_t used = 0;
    reply[0] = '\0';
    while (used < REPLY_SIZE - 1 && !(until && strstr(reply, until))) {
        struct pollfd wait = {.fd = client, .events = POLLIN};
        if (poll(&wait, 1, PATIENCE_MS) != 1)
            break;
        const ssize_t got = recv(client, reply + used, REPLY_SIZE - 1 - used, 0);
        if (got <= 0)
            break;
        used += (size_t)got;
        reply[used] = '\0';
    }
}

/* The reply to one request on a connection of its own. */
static const char *ask(const char *request)
{
    static char reply[REPLY_SIZE];
    const int client = client_open();
    client_send(client, request, strlen(request));
    client_read(client, reply, NULL);
    close(client);
    return reply;
}
#define HEAD(line) line " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
#define JSON "Content-Type: application/json\r\n"

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static void a_body_comes_whole_by_length_or_in_chunks(void)
{
    server_begin();
    const char *reply = ask(HEAD("POST /echo") JSON "Content-Length: 5\r\n\r\nhello");
    CHECK(begins(reply, "HTTP/1.1 200 ") && strstr(reply, "\r\n\r\nhello"));
    CHECK(strstr(reply, "application/x-test"));
    reply = ask(HEAD("POST /echo") JSON
                "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    CHECK(begins(reply, "HTTP/1.1 200 ") && strstr(reply, "\r\n\r\nhello"));
    reply = ask(HEAD("POST /echo") "Content-Type: Application/JSON; charset=utf-8\r\n"
                                   "Content-Length: 0\r\n\r\n");
    CHECK(begins(reply, "HTTP/1.1 200 "));
    gh_http_server_free(server);
}

static void each_refusal_says_why(void)
{
    server_begin();
    CHECK(begins(ask(HEAD("GET /nowhere") "\r\n"), "HTTP/1.1 404 "));
    CHECK(begins(ask(HEAD("GET /hello2") "\r\n"), "HTTP/1.1 404 "));
    const char *reply = ask(HEAD("GET /echo") "\r\n");
    CHECK(begins(reply, "HTTP/1.1 405 ") && strstr(reply, "Allow: POST\r\n"));
    CHECK(begins(ask(HEAD("DELETE /hello") "\r\n"), "HTTP/1.1 405 "));
    CHECK(begins(ask(HEAD("POST /echo") JSON "\r\n"), "HTTP/1.1 411 "));
    reply = ask(HEAD("POST /echo") "Content-Type: text/xml\r\nContent-Length: 2\r\n\r\n<>");
    CHECK(begins(reply, "HTTP/1.1 415 ") && strstr(reply, "Content-Type: not one"));
    reply = ask(HEAD("POST /echo") "Content-Length: 2\r\n\r\n{}");
    CHECK(begins(reply, "HTTP/1.1 415 "));
    reply = ask(HEAD("POST /echo") JSON "Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}");
    CHECK(begins(reply, "HTTP/1.1 415 ") && strstr(reply, "gzip, identity"));
    reply =
        ask(HEAD("POST /echo") JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}");
    CHECK(begins(reply, "HTTP/1.1 400 "));
    reply = ask(HEAD("POST /echo") JSON "Content-Length: 65537\r\n\r\n");
    CHECK(begins(reply, "HTTP/1.1 413 ") && strstr(reply, "http.body_bytes"));
    CHECK(begins(ask(HEAD("POST /echo") JSON "Content-Length: 99999999999999999999\r\n\r\n"),
                 "HTTP/1.1 4"));
    reply = ask(HEAD("GET /closed") "\r\n");
    CHECK(begins(reply, "HTTP/1.1 401 ") && strstr(reply, "WWW-Authenticate: Bearer\r\n"));
    CHECK(strstr(reply, "show a token\n"));
    CHECK(
        begins(ask(HEAD("GET /closed") "Authorization: Bearer open\r\n\r\n"), "HTTP/1.1 200 "));
    const struct gh_http_counters counters = gh_http_server_counters(server);
    CHECK(counters.requests >= 13 && counters.answered[2] == 1 && counters.too_large >= 1);
    CHECK(counters.buffer_bytes == 0);
    gh_http_server_free(server);
}

static void a_path_may_have_names_below_it(void)
{
    server_begin();
    const char *reply = ask(HEAD("GET /named/one%2ftwo?three") "\r\n");
    CHECK(begins(reply, "HTTP/1.1 202 ") && strstr(reply, "\r\n\r\none/two"));
    gh_http_server_free(server);
}

static void head_is_get_without_the_body(void)
{
    server_begin();
    const char *reply = ask(HEAD("HEAD /hello") "\r\n");
    CHECK(begins(reply, "HTTP/1.1 200 ") && strstr(reply, "Content-Length: 6\r\n"));
    CHECK(!strstr(reply, "hello"));
    gh_http_server_free(server);
}

static void an_answer_may_come_from_another_thread(void)
{
    server_begin();
    for (int i = 0; i < 20; i++) {
        const char *reply = ask(HEAD("POST /later") "\r\n");
        CHECK(begins(reply, "HTTP/1.1 503 ") && strstr(reply, "\r\n\r\nnot now\n"));
        CHECK(strstr(reply, "Retry-After: 2\r\n"));
        CHECK(pthread_join(answering, NULL) == 0);
    }
    gh_http_server_free(server);
}

static void a_chunked_body_over_the_limit_is_refused_at_its_end_and_cut_off_beyond(void)
{
    char chunk[4096 + 16], reply[REPLY_SIZE];
    server_begin();
    const int size = snprintf(chunk, sizeof(chunk), "1000\r\n%04096d\r\n", 0);
    for (int chunks = 17; chunks < 100; chunks += 80) {
        const int client = client_open();
        const char head[] = HEAD("POST /echo") JSON "Transfer-Encoding: chunked\r\n\r\n";
        client_send(client, head, sizeof(head) - 1);
        for (int i = 0; i < chunks; i++)
            client_send(client, chunk, (size_t)size);
        client_send(client, "0\r\n\r\n", 5);
        client_read(client, reply, NULL);
        CHECK(chunks == 17 ? begins(reply, "HTTP/1.1 413 ") : reply[0] == '\0');
        close(client);
    }
    CHECK(atomic_load(&bytes_seen) < BODY_MOST);
    CHECK(gh_http_server_counters(server).cut_off == 1);
    gh_http_server_free(server);
}

/* A byte now and then keeps the library's own time-out away. */
static void who_is_slow_is_cut_off(void)
{
    char reply[REPLY_SIZE];
    server_begin();
    options.timeout = 1;
    const char head[] = HEAD("POST /echo") JSON "Content-Length: 100\r\n\r\n";
    const int slow[] = {client_open(), client_open()};
    client_send(slow[0], head, sizeof(head) - 1);
    client_send(slow[1], "POST", 4);
    int cut = 0;
    for (int i = 0; i < PATIENCE_MS / 50 && cut < 2; i++) {
        client_send(slow[0], "x", 1);
        client_send(slow[1], " ", 1);
        usleep(50000);
        gh_http_server_turn(server);
        cut = (int)gh_http_server_counters(server).cut_off;
    }
    CHECK(cut >= 1);
    for (int i = 0; i < 2; i++) {
        client_read(slow[i], reply, NULL);
        CHECK(!begins(reply, "HTTP/1.1 200 "));
        close(slow[i]);
    }
    gh_http_server_free(server);
}

static void one_address_has_so_many_connections(void)
{
    char reply[REPLY_SIZE];
    int client[5];
    server_begin();
    options.per_address = 3;
    const char request[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 5; i++) {
        client[i] = client_open();
        client_send(client[i], request, sizeof(request) - 1);
        client_read(client[i], reply, "hello\n");
        CHECK(i < 3 ? begins(reply, "HTTP/1.1 200 ") : reply[0] == '\0');
    }
    const struct gh_http_counters counters = gh_http_server_counters(server);
    CHECK(counters.turned_away == 2 && counters.connections == 3);
    for (int i = 0; i < 5; i++)
        close(client[i]);
    gh_http_server_free(server);
}

static void addresses_that_cannot_be_are_refused_with_advice(void)
{
    struct gh_error error = {0};
    server_begin();
    const char *bad[] = {"",      "4318",  "localhost:4318",  "127.0.0.1",  "1.2.3:5",
                         "::1:5", "[::1]", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:-1"};
    struct gh_http_server *first = server;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error = (struct gh_error){0};
        CHECK(server_open(bad[i], false, &error) == GH_ECONFIG);
        CHECK(begins(error.text, "test.bind: ") && strstr(error.text, "HOST:PORT"));
    }
    error = (struct gh_error){0};
    CHECK(server_open("*:0", false, &error) == GH_ECONFIG);
    CHECK(strstr(error.text, "this machine alone") && strstr(error.text, "http.certificate"));
    error = (struct gh_error){0};
    CHECK(server_open(strstr(gh_http_server_endpoint(first), "127"), false, &error) == GH_EIO);
    CHECK(strstr(error.text, "another program has it"));
    CHECK(server_open("*:0", true, &error) == GH_OK);
    gh_http_server_free(server);
    gh_http_server_free(first);
}

static void tls_needs_both_files_and_a_key_of_ones_own(void)
{
    struct gh_error error = {0};
    char path[] = "/tmp/goodhart-tls-XXXXXX";
    server_begin();
    gh_http_server_free(server);
    const int file = mkstemp(path);
    CHECK(file >= 0 && write(file, "not PEM", 7) == 7 && fchmod(file, 0644) == 0);
    close(file);
    snprintf(options.certificate.text, sizeof(options.certificate.text), "%s", path);
    CHECK(server_open("127.0.0.1:0", false, &error) == GH_ECONFIG);
    CHECK(begins(error.text, "http.key: empty"));
    snprintf(options.key.text, sizeof(options.key.text), "%s", path);
    error = (struct gh_error){0};
    CHECK(server_open("127.0.0.1:0", false, &error) == GH_ECONFIG);
    CHECK(begins(error.text, "http.key: ") && strstr(error.text, "chmod 600"));
    CHECK(chmod(path, 0600) == 0);
    error = (struct gh_error){0};
    CHECK(server_open("127.0.0.1:0", false, &error) == GH_EIO);
    CHECK(strstr(error.text, "see the files of http.certificate"));
    unlink(path);
}

static const struct gh_test tests[] = {
    GH_TEST(a_body_comes_whole_by_length_or_in_chunks),
    GH_TEST(each_refusal_says_why),
    GH_TEST(a_path_may_have_names_below_it),
    GH_TEST(head_is_get_without_the_body),
    GH_TEST(an_answer_may_come_from_another_thread),
    GH_TEST(a_chunked_body_over_the_limit_is_refused_at_its_end_and_cut_off_beyond),
    GH_TEST(who_is_slow_is_cut_off),
    GH_TEST(one_address_has_so_many_connections),
    GH_TEST(addresses_that_cannot_be_are_refused_with_advice),
    GH_TEST(tls_needs_both_files_and_a_key_of_ones_own),
};
GH_TEST_MAIN(tests)
