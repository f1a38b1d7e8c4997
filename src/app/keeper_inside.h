/* keeper_inside.h - what the files of the keeper share. */
#ifndef GOODHART_APP_KEEPER_INSIDE_H
#define GOODHART_APP_KEEPER_INSIDE_H

#include "app/basis.h"
#include "app/keeper.h"
#include "edge/json.h"
#include "edge/resources.h"
#include "store/snapshot.h"
#include "store/store_options.h"

#include <sys/types.h>

/* Events that are being written, a part of them at a time. */
struct gh_lines {
    const struct gh_event *event;
    size_t count;
    size_t *size; /* of each one's line */
    struct gh_lines_part *part;
    size_t parts; /* that there is room for */
};

struct gh_keeper {
    const struct gh_config *config;
    const struct gh_store_options *options;
    struct gh_log *log;
    struct gh_ledger *ledger;
    struct gh_kept_changes *changes;
    char basis[GH_BASIS_SIZE];               /* hash of the one that holds now; "": none yet */
    struct gh_config *past;                  /* what it said when the log was read again */
    char *record;                            /* the newest one; NULL: none */
    uint64_t record_number, record_position; /* of it */
    int64_t record_ms;
    bool record_due;   /* settings.db does not have it yet */
    uint64_t position; /* of the first event that the engine has not seen */
    uint64_t sequence; /* of the newest alert in the ledger or on its way there */
    uint64_t recovered;

    struct gh_pool *pool;   /* writes lines, and packs them */
    struct gh_lines events; /* of one group */
    struct gh_json lines;   /* all of them, and losses */
    struct gh_run *run;
    size_t runs, run_capacity;
    struct gh_ledger_change *change;
    size_t change_capacity;

    uint64_t kept;                     /* position of the newest snapshot */
    pid_t child;                       /* that writes one; 0: none */
    uint64_t child_kept;               /* its position */
    int64_t kept_ms, child_ms;         /* when these two were begun, since 1970 */
    int64_t snapshot_ms, retention_ms; /* when the next one is due */
    uint64_t snapshots, snapshots_failed;
    double pause_s;
};

/* Makes the runs of what is to be kept; false: out of memory. */
bool gh_keeper_lines(struct gh_keeper *keeper, const struct gh_keeping *keeping);
void gh_keeper_lines_free(struct gh_keeper *keeper);
/* --- keeper_settings.c --- */
/* What settings.db knows; where that is nothing, from the log up to `end`. */
enum gh_status gh_keeper_settings_open(struct gh_keeper *keeper, uint64_t end,
                                       struct gh_error *error);
/* A record that is read in the log again (gh_history.on_settings; `context`: the keeper). */
enum gh_status gh_keeper_settings_again(void *context, const struct gh_run *run,
                                        struct gh_error *error);
/* Writes what is due. */
enum gh_status gh_keeper_settings_write(struct gh_keeper *keeper, struct gh_error *error);

/* Writes a snapshot of the engine, which has seen all of the log, in this process. */
enum gh_status gh_keeper_snapshot(const struct gh_keeper *keeper, struct gh_pipeline *pipeline,
                                  struct gh_error *error);
/* Looks after the child that writes one; waits for its end where asked. */
void gh_keeper_child(struct gh_keeper *keeper, bool wait);

#endif
