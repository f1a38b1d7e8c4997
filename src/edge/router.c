/* router.c - see router.h. */
#include "edge/router.h"

#include <errno.h>
#include <zmq.h>

enum { ROUTE_PARTS = 4 };

bool gh_router_part(void *socket, const void *at, size_t size, bool more)
{
    int sent;

    do {
        sent = zmq_send(socket, at, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

bool gh_router_take(void *socket, gh_router_answer *answer, void *context)
{
    zmq_msg_t part;
    bool more = true, some = false;

    zmq_msg_init(&part);
    for (int i = 0; more; i++) {
        if (zmq_msg_recv(&part, socket, i == 0 ? ZMQ_DONTWAIT : 0) < 0)
            break;
        some = true;
        more = zmq_msg_more(&part);
        if (more && i < ROUTE_PARTS)
            (void)gh_router_part(socket, zmq_msg_data(&part), zmq_msg_size(&part), true);
        else if (!more)
            answer(context, &part);
    }
    zmq_msg_close(&part);
    return some;
}
