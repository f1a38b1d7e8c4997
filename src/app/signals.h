/* signals.h - SIGINT and SIGTERM as something to read, so that they end work between two
 * steps and never inside one. */
#ifndef GOODHART_APP_SIGNALS_H
#define GOODHART_APP_SIGNALS_H

#include <stdbool.h>

/* Blocks both for this thread and those it starts, so call it before any is started.
 * Returns a descriptor for gh_socket_wait, -1 on failure. The caller closes it. */
int gh_signals_open(void);
/* Takes the next signal without waiting; false: none came. */
bool gh_signals_take(int signals);

#endif
