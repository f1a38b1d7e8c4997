/* notify.h - what the supervisor hears (systemd, or whoever reads NOTIFY_SOCKET): ready,
 * reloading, stopping, what is going on, and that the service still goes round.
 *
 * Without a supervisor that asks, all of it does nothing. One thread. */
#ifndef GOODHART_EDGE_NOTIFY_H
#define GOODHART_EDGE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct gh_notify {
    bool asked;       /* there is a supervisor */
    bool failed;      /* it could not be told; said once */
    bool stopping;    /* said; nothing else is said after it */
    int64_t every_ms; /* half of what the watchdog waits; 0: there is none */
    int64_t alive_ms; /* when it is to hear the next time */
};

void gh_notify_open(struct gh_notify *notify);
/* `status`: a line for people, as `systemctl status` shows it. */
void gh_notify_ready(struct gh_notify *notify, const char *status);
/* gh_notify_ready follows. */
void gh_notify_reloading(struct gh_notify *notify);
void gh_notify_stopping(struct gh_notify *notify);
void gh_notify_status(struct gh_notify *notify, const char *status);

/* To be called at each turn of the loop, and nowhere else: tells the watchdog when that is
 * due. */
void gh_notify_alive(struct gh_notify *notify);
/* When it is due, by gh_clock_ms, or `otherwise_ms` if that is sooner. */
int64_t gh_notify_due_ms(const struct gh_notify *notify, int64_t otherwise_ms);

#endif
