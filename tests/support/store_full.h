/* store_full.h - a folder with all that a store holds: segments, a ledger, snapshots. */
#ifndef GH_STORE_FULL_H
#define GH_STORE_FULL_H

#include "support/store_kit.h"

enum { FULL_LINES = 300, FULL_ALERTS = 12 };

static inline void full_ledger(uint64_t applied)
{
    struct gh_ledger_change change[FULL_ALERTS];
    char id[FULL_ALERTS][16];
    struct gh_ledger *ledger = NULL;
    struct gh_error error = {0};

    for (uint32_t i = 0; i < FULL_ALERTS; i++) {
        snprintf(id[i], sizeof id[i], "finding-%u", i);
        change[i] = (struct gh_ledger_change){
            .alert = {.sequence = i + 1,
                      .id = kit_text(id[i]),
                      .finding = kit_text(id[i]),
                      .revision = 1,
                      .body = kit_text("{\"specversion\":\"1.0\"}")},
            .finding = {.id = kit_text(id[i]), .revision = 1, .body = kit_text("{}")}};
    }
    CHECK(gh_ledger_open(&ledger, kit_folder, NULL, &error) == GH_OK);
    CHECK(gh_ledger_commit(ledger, change, FULL_ALERTS, applied, &error) == GH_OK);
    gh_ledger_close(ledger);
}

static inline void full_snapshot(uint64_t position)
{
    const struct gh_snapshot_setup setup = {kit_folder, 1, NULL};
    const struct gh_snapshot_head head = {.position = position, .engine = "0.1.0"};
    struct gh_snapshot_writer *writer = NULL;
    struct gh_error error = {0};

    CHECK(gh_snapshot_begin(&writer, &setup, &head, &error) == GH_OK);
    CHECK(gh_snapshot_write(writer, "state of the engine", 19, &error) == GH_OK);
    CHECK(gh_snapshot_commit(writer, &error) == GH_OK);
}

/* Returns the runs, each of FULL_LINES lines. */
static inline uint64_t full_open(size_t segments)
{
    const struct gh_log_setup setup = kit_setup(65536);
    const struct gh_mark mark = {.stream = {7}, .owner = kit_text("gateway"), .sequence = 9};
    const struct gh_log_batch marks = {.mark = &mark, .mark_count = 1};
    struct gh_error error = {0};
    struct gh_log *log;
    uint64_t runs = 0;

    kit_open();
    log = kit_log(&setup);
    CHECK(gh_log_append(log, &marks, &error) == GH_OK);
    while (gh_log_counters(log).segments < segments || runs % 3)
        CHECK(kit_append(log, runs++, FULL_LINES, &error) == GH_OK);
    gh_log_close(log);
    full_ledger(runs * FULL_LINES);
    full_snapshot(runs * FULL_LINES / 2);
    full_snapshot(runs * FULL_LINES);
    return runs;
}

#endif
