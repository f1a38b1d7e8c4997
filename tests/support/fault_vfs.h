/* fault_vfs.h - SQLite's own file system with a switch: the N-th call that changes something
 * fails, once or for good. Nothing is synced for real, so that many rounds take seconds. */
#ifndef GH_FAULT_VFS_H
#define GH_FAULT_VFS_H

#include <stdbool.h>

enum gh_fault_kind {
    GH_FAULT_FULL,  /* no space: half of a write comes through */
    GH_FAULT_WRITE, /* an error of the device while writing */
    GH_FAULT_SYNC,  /* an error of the device while syncing; all calls of other kinds work */
};

struct gh_fault {
    enum gh_fault_kind kind;
    long left;     /* calls that still work; < 0: all of them */
    bool for_good; /* all calls from then on fail, not that one alone */
    long failed;   /* calls that did */
};

/* After gh_fault_keep(true) each file is copied to NAME.synced whenever it is synced: what a
 * power cut would leave of it, when nothing that was not synced has come to the disk. */
void gh_fault_keep(bool keep);

/* Registers it under its name once; returns the switch that it obeys. */
#define GH_FAULT_VFS "fault"
struct gh_fault *gh_fault_vfs(void);

#endif
