/* harden.c - see harden.h. */
#include "app/harden.h"
#include "edge/operate/note.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

void gh_harden(void)
{
    umask(S_IRWXG | S_IRWXO);
    if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
        gh_note(GH_NOTE_hardening, "core dumps cannot be turned off: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        gh_note(GH_NOTE_hardening, "more rights cannot be ruled out: %s", strerror(errno));
    if (geteuid() == 0)
        gh_note(GH_NOTE_hardening, "it runs as root, and needs none of that: "
                                   "deploy/goodhart.service gives it a user of its own");
}
