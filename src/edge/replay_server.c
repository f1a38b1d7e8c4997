/* replay_server.c - see replay_server.h. */
#include "edge/replay_server.h"

#include "edge/alert.h"
#include "edge/json.h"
#include "edge/router.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* A request looks at so many alerts, however few of them it wants, and gives so many bytes. */
enum { LOOKED_MAX = 4096, PAGE_MAX = 256, PAGE_BYTES = 1 << 20, TOPICS_MAX = 64 };
enum { REQUEST_BYTES = 65536, SEND_FRAMES = 1000, RECEIVE_FRAMES = 100 };

struct gh_replay_server {
    void *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    const struct gh_guard *guard;
    struct gh_ledger *ledger;
    uint64_t served;
};

struct page {
    uint64_t since, next;
    uint32_t limit, found, looked;
    struct gh_text topic[TOPICS_MAX];
    size_t topics;
    struct gh_json bodies; /* one after the other */
    size_t size[PAGE_MAX]; /* of each */
    unsigned char sequence[PAGE_MAX][8];
};

enum gh_status gh_replay_server_new(struct gh_replay_server **server, void *context,
                                    const struct gh_alerts_options *options,
                                    const struct gh_guard *guard, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_ROUTER,
                                          .send_frames = SEND_FRAMES,
                                          .receive_frames = RECEIVE_FRAMES,
                                          .frame_bytes = REQUEST_BYTES};
    struct gh_replay_server *s = calloc(1, sizeof *s);

    if (!s)
        return gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
    s->guard = guard;
    s->socket = gh_socket_new(context, &setup, error);
    struct gh_listen listen = {GH_DOMAIN_REPLAY, "alerts.replay", options->replay.text};
    enum gh_status status =
        s->socket ? gh_guard_bind(guard, s->socket, &listen, error) : GH_EIO;
    if (status == GH_OK) {
        gh_socket_endpoint(s->socket, s->endpoint);
        listen.endpoint = s->endpoint;
        status = gh_guard_test(guard, ZMQ_DEALER, &listen, error);
    }
    if (status != GH_OK) {
        gh_replay_server_free(s);
        return status;
    }
    *server = s;
    return GH_OK;
}

void gh_replay_server_lend(struct gh_replay_server *server, struct gh_ledger *ledger)
{
    server->ledger = ledger;
}

void gh_replay_server_free(struct gh_replay_server *server)
{
    if (!server)
        return;
    gh_socket_free(server->socket);
    free(server);
}

static enum gh_severity severity_find(struct gh_text name)
{
    for (int i = 0; i < GH_SEVERITY_COUNT; i++) {
        const char *known = gh_severity_name((enum gh_severity)i);
        if (strlen(known) == name.size && memcmp(known, name.at, name.size) == 0)
            return (enum gh_severity)i;
    }
    return GH_NOTICE;
}

/* Whether a topic of the alert begins with one of the prefixes. */
static bool page_wants(const struct page *p, const struct gh_ledger_alert *alert)
{
    char topic[GH_TOPIC_SIZE], detector[64];
    struct gh_finding finding = {.detector = detector,
                                 .actor = alert->actor,
                                 .team = alert->team,
                                 .severity = severity_find(alert->severity)};

    snprintf(detector, sizeof detector, "%.*s", (int)alert->detector.size, alert->detector.at);
    for (unsigned i = 0; i < GH_TOPIC_COUNT && p->topics > 0; i++) {
        gh_alert_topic(&finding, i, topic);
        for (size_t k = 0; k < p->topics; k++)
            if (strncmp(topic, p->topic[k].at, p->topic[k].size) == 0)
                return true;
    }
    return p->topics == 0;
}

static bool page_visit(void *context, const struct gh_ledger_alert *alert)
{
    struct page *p = context;

    p->looked++;
    p->next = alert->sequence;
    if (!page_wants(p, alert))
        return true;
    gh_json_raw(&p->bodies, alert->body.at, alert->body.size);
    p->size[p->found] = alert->body.size;
    gh_sequence_bytes(alert->sequence, p->sequence[p->found]);
    p->found++;
    return p->found < p->limit && p->bodies.used < PAGE_BYTES && !p->bodies.failed;
}

/* NULL, or what is wrong with the request. The texts of *root are lent to the page. */
static const char *request_read(struct page *p, json_t *root)
{
    json_t *since = json_object_get(root, "since"), *topics = json_object_get(root, "topics"),
           *limit = json_object_get(root, "limit");

    if (!json_is_object(root))
        return "a request is a JSON object: {\"since\": 0}";
    if (!json_is_integer(since) || json_integer_value(since) < 0)
        return "since: a sequence number, 0 or more";
    if (limit && (!json_is_integer(limit) || json_integer_value(limit) < 1 ||
                  json_integer_value(limit) > PAGE_MAX))
        return "limit: 1..256";
    if (topics && (!json_is_array(topics) || json_array_size(topics) > TOPICS_MAX))
        return "topics: a list of at most 64 prefixes";
    p->since = p->next = (uint64_t)json_integer_value(since);
    p->limit = limit ? (uint32_t)json_integer_value(limit) : PAGE_MAX;
    for (size_t i = 0; i < json_array_size(topics); i++) {
        const json_t *topic = json_array_get(topics, i);
        if (!json_is_string(topic))
            return "topics: a list of texts";
        p->topic[i] =
            (struct gh_text){json_string_value(topic), (uint32_t)json_string_length(topic)};
    }
    p->topics = json_array_size(topics);
    return NULL;
}

static char *head_text(const struct page *p, const struct gh_ledger_counts *counts,
                       const char *problem)
{
    struct gh_json json = {0};
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {{"since", p->since},
               {"next", p->next},
               {"newest", counts->newest},
               {"oldest", counts->alerts ? counts->oldest : 0}};

    gh_json_open(&json, '{');
    for (size_t i = 0; !problem && i < sizeof row / sizeof *row; i++) {
        gh_json_key(&json, row[i].name);
        gh_json_count(&json, row[i].value);
    }
    if (problem) {
        gh_json_key(&json, "error");
        gh_json_string(&json, problem);
    }
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

/* A requester that does not listen loses the answer, and asks again. */
static void page_send(struct gh_replay_server *s, const struct page *p, const char *head)
{
    const char *body = p->bodies.at;
    bool sent = gh_router_part(s->socket, head, strlen(head), p->found > 0);

    for (uint32_t i = 0; i < p->found && sent; i++) {
        sent = gh_router_part(s->socket, p->sequence[i], sizeof p->sequence[i], true) &&
               gh_router_part(s->socket, body, p->size[i], i + 1 < p->found);
        body += p->size[i];
    }
}

/* Everything that the ledger has after `since`, up to the limits. */
static const char *page_fill(struct gh_replay_server *s, struct page *p,
                             struct gh_ledger_counts *counts)
{
    const struct gh_ledger_page from = {p->since + 1, LOOKED_MAX};
    struct gh_error error = {0};

    if (gh_ledger_counts(s->ledger, counts, &error) != GH_OK ||
        gh_ledger_alerts(s->ledger, &from, page_visit, p, &error) != GH_OK)
        return "the ledger cannot be read";
    if (p->looked < LOOKED_MAX && p->found < p->limit && p->bodies.used < PAGE_BYTES)
        p->next = counts->newest > p->since ? counts->newest : p->since;
    return p->bodies.failed ? "out of memory" : NULL;
}

/* NULL, or why this key may not have what it asks for. */
static const char *request_permit(const struct page *p, const struct gh_speaker *speaker)
{
    static const char refusal[] = "topics: the key may not hear all of them";
    bool may = speaker->owner == NULL || speaker->key != NULL;

    if (speaker->owner && may && p->topics == 0)
        may = gh_key_may_hear(speaker->key, (struct gh_text){"alert/", 6});
    for (size_t i = 0; speaker->owner && may && i < p->topics; i++)
        may = gh_key_may_hear(speaker->key, p->topic[i]);
    return may ? NULL : refusal;
}

static void request_answer(void *context, void *request)
{
    struct gh_replay_server *s = context;
    const struct gh_speaker speaker = gh_guard_speaker(s->guard, GH_DOMAIN_REPLAY, request);
    struct page *p = calloc(1, sizeof *p);
    struct gh_ledger_counts counts = {0};
    json_t *root =
        json_loadb(zmq_msg_data(request), zmq_msg_size(request), JSON_REJECT_DUPLICATES, NULL);
    const char *problem = p ? request_read(p, root) : "out of memory";

    if (!problem)
        problem = request_permit(p, &speaker);
    if (!problem)
        problem = page_fill(s, p, &counts);
    if (problem && p)
        p->found = 0;
    char *head = p ? head_text(p, &counts, problem) : NULL;
    if (head)
        page_send(s, p, head);
    else
        gh_router_part(s->socket, "{}", 2, false);
    free(head);
    json_decref(root);
    if (p)
        gh_json_free(&p->bodies);
    free(p);
    s->served++;
}

void gh_replay_server_turn(struct gh_replay_server *server)
{
    for (int i = 0;
         i < GH_REPLAY_TURN && gh_router_take(server->socket, request_answer, server); i++) {
    }
}

uint64_t gh_replay_served(const struct gh_replay_server *server)
{
    return server->served;
}

const char *gh_replay_endpoint(const struct gh_replay_server *server)
{
    return server->endpoint;
}

void *gh_replay_socket(const struct gh_replay_server *server)
{
    return server->socket;
}
