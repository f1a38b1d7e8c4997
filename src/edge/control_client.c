/* control_client.c - see control_client.h. */
#include "edge/control_client.h"

#include "edge/control_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { ANSWER_BYTES = 16 << 20 };

static enum gh_status request_send(void *socket, const struct gh_control_wish *wish,
                                   const json_t *request, struct gh_error *error)
{
    char *text = json_dumps(request, JSON_COMPACT);

    if (!text)
        return gh_error_set(error, GH_EMEMORY, "control: out of memory");
    const size_t size = strlen(text);
    int sent = -1;
    if (size <= GH_CONTROL_BYTES)
        sent = zmq_send(socket, text, size, ZMQ_DONTWAIT);
    else
        errno = EMSGSIZE;
    free(text);
    return sent >= 0 ? GH_OK
                     : gh_error_set(error, GH_EIO, "%s: %s", wish->endpoint,
                                    size > GH_CONTROL_BYTES ? "too much at once"
                                                            : zmq_strerror(errno));
}

static enum gh_status answer_receive(void *socket, const struct gh_control_wish *wish,
                                     json_t **answer, struct gh_error *error)
{
    void *const sockets[] = {socket};
    zmq_msg_t part;

    if (!gh_socket_wait(sockets, 1, -1, wish->timeout_ms))
        return gh_error_set(error, GH_EIO, "%s: nobody answers: does the service run?",
                            wish->endpoint);
    zmq_msg_init(&part);
    const int got = zmq_msg_recv(&part, socket, 0);
    json_t *read = got < 0 ? NULL : json_loadb(zmq_msg_data(&part), (size_t)got, 0, NULL);
    zmq_msg_close(&part);
    const char *why = json_string_value(json_object_get(read, "error"));
    enum gh_status status = GH_OK;
    if (why)
        status = gh_error_set(error, GH_ECONFIG, "%s", why);
    else if (!json_is_object(read))
        status = gh_error_set(error, GH_EIO, "%s: answers something that is no answer",
                              wish->endpoint);
    if (status == GH_OK)
        *answer = read;
    else
        json_decref(read);
    return status;
}

enum gh_status gh_control_ask(const struct gh_control_wish *wish, const json_t *request,
                              json_t **answer, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_DEALER,
                                          .send_frames = 10,
                                          .receive_frames = 10,
                                          .frame_bytes = ANSWER_BYTES};
    void *context = NULL, *socket = NULL;
    enum gh_status status = gh_context_new(&context, error);

    if (status == GH_OK && !(socket = gh_socket_new(context, &setup, error)))
        status = GH_EIO;
    if (status == GH_OK)
        status = gh_guard_client(socket, wish->credentials, error);
    if (status == GH_OK)
        status = gh_socket_connect(socket, wish->endpoint, "control.bind", error);
    if (status == GH_OK)
        status = request_send(socket, wish, request, error);
    if (status == GH_OK)
        status = answer_receive(socket, wish, answer, error);
    gh_socket_free(socket);
    gh_context_free(context);
    return status;
}
