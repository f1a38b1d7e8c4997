/* notify.c - see notify.h. */
#include "edge/operate/notify.h"

#include "edge/clock.h"
#include "edge/operate/note.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static void notify_heard(struct gh_notify *n, int answer)
{
    if (answer < 0 && !n->failed)
        gh_note(GH_NOTE_supervisor, "NOTIFY_SOCKET: %s", strerror(-answer));
    n->failed |= answer < 0;
}

void gh_notify_open(struct gh_notify *notify)
{
    const char *socket = getenv("NOTIFY_SOCKET");
    uint64_t watchdog_us = 0;
    *notify = (struct gh_notify){.asked = socket && socket[0]};
    if (notify->asked && sd_watchdog_enabled(0, &watchdog_us) > 0)
        notify->every_ms = watchdog_us / 2000 > 0 ? (int64_t)(watchdog_us / 2000) : 1;
    notify->alive_ms = gh_clock_ms();
}

void gh_notify_ready(struct gh_notify *n, const char *status)
{
    if (n->asked && !n->stopping)
        notify_heard(n, sd_notifyf(0, "READY=1\nSTATUS=%s", status));
}

void gh_notify_reloading(struct gh_notify *n)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (n->asked && !n->stopping)
        notify_heard(n, sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
                                   (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000));
}

void gh_notify_stopping(struct gh_notify *n)
{
    if (n->asked)
        notify_heard(
            n, sd_notify(0, "STOPPING=1\nSTATUS=judging and publishing what has arrived"));
    n->stopping = true;
}

void gh_notify_status(struct gh_notify *n, const char *status)
{
    if (n->asked && !n->stopping)
        notify_heard(n, sd_notifyf(0, "STATUS=%s", status));
}

void gh_notify_alive(struct gh_notify *n)
{
    const int64_t now_ms = gh_clock_ms();
    if (n->every_ms == 0 || now_ms < n->alive_ms)
        return;
    n->alive_ms = now_ms + n->every_ms;
    notify_heard(n, sd_notify(0, "WATCHDOG=1"));
}

int64_t gh_notify_due_ms(const struct gh_notify *n, int64_t otherwise_ms)
{
    return n->every_ms > 0 && n->alive_ms < otherwise_ms ? n->alive_ms : otherwise_ms;
}
