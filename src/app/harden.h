/* harden.h - what a service gives up before it takes anything in. */
#ifndef GOODHART_APP_HARDEN_H
#define GOODHART_APP_HARDEN_H

/* Events name people: no core dump, no memory that another program may read, files that are
 * the owner's alone, and no way to more rights. Says on standard error what cannot be had,
 * and that it had better not be root. */
void gh_harden(void);

#endif
