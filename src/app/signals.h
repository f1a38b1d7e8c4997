/* signals.h - SIGINT, SIGTERM and SIGHUP as something to read, so that they act between two
 * steps and never inside one. */
#ifndef GOODHART_APP_SIGNALS_H
#define GOODHART_APP_SIGNALS_H

#include <stdbool.h>

/* Blocks SIGINT and SIGTERM, and SIGHUP where `reload` gives it a meaning, for this thread
 * and those it starts, so call it before any is started. Returns a descriptor for
 * gh_socket_wait, -1 on failure. The caller closes it. */
int gh_signals_open(bool reload);
enum gh_signal { GH_SIGNAL_NONE, GH_SIGNAL_END, GH_SIGNAL_RELOAD };
/* Takes the next signal without waiting. */
enum gh_signal gh_signals_take(int signals);

#endif
