/* harden.c - see harden.h. */
#include "app/harden.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

void gh_harden(void)
{
    umask(S_IRWXG | S_IRWXO);
    if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
        fprintf(stderr, "goodhart run: core dumps cannot be turned off: %s\n", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        fprintf(stderr, "goodhart run: more rights cannot be ruled out: %s\n", strerror(errno));
    if (geteuid() == 0)
        fprintf(stderr, "goodhart run: it runs as root, and needs none of that: "
                        "deploy/goodhart.service gives it a user of its own\n");
}
