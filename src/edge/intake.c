/* intake.c - see intake.h. */
#include "edge/intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct gh_intake {
    const struct gh_guard *guard;
    void *socket[GH_INTAKE_SOURCES];
    char pull[GH_ENDPOINT_SIZE];
    char subscribe[GH_OPTION_TEXT_SIZE];
    unsigned turn; /* the source that is asked first next time */
    size_t held, held_bytes;
    zmq_msg_t message[GH_INTAKE_FRAMES];
};

static enum gh_status intake_open(struct gh_intake *intake, void *context, int type,
                                  const struct gh_intake_options *options,
                                  struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = type,
                                          .receive_frames = (int)options->high_water_mark,
                                          .frame_bytes = options->frame_bytes,
                                          .unread = true};
    const enum gh_intake_source source = type == ZMQ_PULL ? GH_INTAKE_PULL : GH_INTAKE_SUB;
    intake->socket[source] = gh_socket_new(context, &setup, error);
    return intake->socket[source] ? GH_OK : GH_EIO;
}

static enum gh_status intake_pull(struct gh_intake *intake, void *context,
                                  const struct gh_intake_options *options,
                                  struct gh_error *error)
{
    enum gh_status status = intake_open(intake, context, ZMQ_PULL, options, error);
    const struct gh_listen listen = {GH_DOMAIN_INTAKE, "intake.pull", options->pull.text};
    if (status == GH_OK)
        status = gh_guard_bind(intake->guard, intake->socket[GH_INTAKE_PULL], &listen, error);
    if (status == GH_OK)
        gh_socket_endpoint(intake->socket[GH_INTAKE_PULL], intake->pull);
    return status;
}

static enum gh_status intake_subscribe(struct gh_intake *intake, void *context,
                                       const struct gh_intake_options *options,
                                       struct gh_error *error)
{
    char list[GH_OPTION_TEXT_SIZE];
    char *rest = NULL;
    enum gh_status status = intake_open(intake, context, ZMQ_SUB, options, error);
    void *socket = intake->socket[GH_INTAKE_SUB];
    if (status == GH_OK && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0)
        status = gh_error_set(error, GH_EIO, "intake.subscribe: %s", zmq_strerror(errno));
    snprintf(intake->subscribe, sizeof(intake->subscribe), "%s", options->subscribe.text);
    snprintf(list, sizeof(list), "%s", options->subscribe.text);
    for (char *one = strtok_r(list, ", ", &rest); one && status == GH_OK;
         one = strtok_r(NULL, ", ", &rest))
        status = gh_socket_connect(socket, one, "intake.subscribe", error);
    return status;
}

enum gh_status gh_intake_new(struct gh_intake **intake, void *context,
                             const struct gh_intake_options *options,
                             const struct gh_guard *guard, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    if (!options->pull.text[0] && !options->subscribe.text[0])
        return gh_error_set(error, GH_ECONFIG,
                            "intake.pull: empty, as is intake.subscribe: one of them must "
                            "name an endpoint");
    if (guard->ring && !guard->insecure && options->subscribe.text[0])
        return gh_error_set(
            error, GH_ECONFIG,
            "intake.subscribe: a publisher shows no key, and identity.keys asks "
            "for one: leave it empty, or trust it with identity.insecure=true");
    struct gh_intake *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "intake: out of memory");
    made->guard = guard;
    if (options->pull.text[0])
        status = intake_pull(made, context, options, error);
    if (status == GH_OK && options->subscribe.text[0])
        status = intake_subscribe(made, context, options, error);
    if (status != GH_OK) {
        gh_intake_free(made);
        return status;
    }
    *intake = made;
    return GH_OK;
}

enum gh_status gh_intake_test(const struct gh_intake *intake, struct gh_error *error)
{
    const struct gh_listen listen = {GH_DOMAIN_INTAKE, "intake.pull", intake->pull};
    return intake->pull[0] ? gh_guard_test(intake->guard, ZMQ_PUSH, &listen, error) : GH_OK;
}

void gh_intake_free(struct gh_intake *intake)
{
    if (!intake)
        return;
    gh_intake_release(intake);
    for (unsigned i = 0; i < GH_INTAKE_SOURCES; i++)
        gh_socket_free(intake->socket[i]);
    free(intake);
}

void gh_intake_release(struct gh_intake *intake)
{
    for (size_t i = 0; i < intake->held; i++)
        zmq_msg_close(&intake->message[i]);
    intake->held = 0;
    intake->held_bytes = 0;
}

/* The parts of a message arrive together, so none but the first can be missing. */
static bool intake_receive(void *socket, bool last_part, zmq_msg_t *message)
{
    zmq_msg_init(message);
    do {
        if (zmq_msg_recv(message, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(message);
            return false;
        }
    } while (last_part && zmq_msg_more(message));
    return true;
}

bool gh_intake_next(struct gh_intake *intake, struct gh_intake_frame *frame)
{
    if (intake->held == GH_INTAKE_FRAMES || intake->held_bytes >= GH_INTAKE_BYTES)
        return false;
    zmq_msg_t *message = &intake->message[intake->held];
    for (unsigned i = 0; i < GH_INTAKE_SOURCES; i++) {
        const unsigned source = (intake->turn + i) % GH_INTAKE_SOURCES;
        if (!intake->socket[source] ||
            !intake_receive(intake->socket[source], source == GH_INTAKE_SUB, message))
            continue;
        intake->turn = (source + 1) % GH_INTAKE_SOURCES;
        intake->held++;
        intake->held_bytes += zmq_msg_size(message);
        frame->at = zmq_msg_data(message);
        frame->size = zmq_msg_size(message);
        frame->source = (enum gh_intake_source)source;
        frame->speaker = (struct gh_speaker){.owner = NULL};
        if (source == GH_INTAKE_PULL)
            frame->speaker = gh_guard_speaker(intake->guard, GH_DOMAIN_INTAKE, message);
        return true;
    }
    return false;
}

void gh_intake_close(struct gh_intake *intake)
{
    if (intake->socket[GH_INTAKE_PULL])
        zmq_unbind(intake->socket[GH_INTAKE_PULL], intake->pull);
}

const char *gh_intake_endpoint(const struct gh_intake *intake, enum gh_intake_source source)
{
    return source == GH_INTAKE_PULL ? intake->pull : intake->subscribe;
}

void *gh_intake_socket(const struct gh_intake *intake, enum gh_intake_source source)
{
    return intake->socket[source];
}
