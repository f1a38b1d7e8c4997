/* sink_pause.c - how long to leave a sink alone; see sink.h. */
#include "edge/sinks/sink.h"

enum { PAUSE_FIRST_MS = 1000, PAUSE_DOUBLINGS = 16, ASKED_MAX_S = 3600 };

int64_t gh_sink_pause_ms(uint32_t failures, uint32_t retry_max_s, int64_t asked_s, uint64_t lot)
{
    const uint32_t doublings = failures > PAUSE_DOUBLINGS ? PAUSE_DOUBLINGS : failures - 1;
    const int64_t max_ms = (int64_t)retry_max_s * 1000;
    int64_t pause_ms = (int64_t)PAUSE_FIRST_MS << doublings;

    if (pause_ms > max_ms)
        pause_ms = max_ms;
    /* By lot, so that many of us do not come back to one server at once. */
    pause_ms -= (int64_t)(lot % ((uint64_t)pause_ms / 2 + 1));
    if (asked_s > ASKED_MAX_S)
        asked_s = ASKED_MAX_S;
    return asked_s * 1000 > pause_ms ? asked_s * 1000 : pause_ms;
}
