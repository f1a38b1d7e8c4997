/* What: the table that forgets, base/cells.h: idleness, the limit, floods, growth.
 * How:  by hand; a comparison with a naive model is in property/test_tables.c. */
#include "base/cells.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

static struct gh_test_memory memory;
static struct gh_heap heap;
static struct gh_cells cells;

static void begin(uint32_t limit, int64_t idle_ms)
{
    heap = gh_test_heap(&memory);
    gh_cells_init(&cells, sizeof(uint32_t), limit, idle_ms);
}

static void end(void)
{
    gh_cells_free(&heap, &cells);
    CHECK(heap.bytes == 0);
}

static uint32_t *touch(uint64_t key, int64_t now_ms)
{
    return gh_cells_touch(&heap, &cells, key, now_ms);
}

static void a_record_is_zero_at_first_and_then_kept(void)
{
    uint32_t *value;

    begin(10, 100);
    CHECK(gh_cells_find(&cells, 5, 0) == NULL);
    value = touch(5, 1000);
    CHECK(*value == 0);
    *value = 9;
    CHECK(*touch(5, 1000) == 9 && *touch(5, 1100) == 9);
    CHECK(*(uint32_t *)gh_cells_find(&cells, 5, 1200) == 9);
    CHECK(gh_cells_find(&cells, 6, 1200) == NULL);
    end();
}

static void a_record_is_gone_after_more_than_the_idle_time(void)
{
    begin(10, 100);
    *touch(5, 1000) = 9;
    CHECK(gh_cells_find(&cells, 5, 1100) != NULL);
    CHECK(gh_cells_find(&cells, 5, 1101) == NULL);
    CHECK(*touch(5, 1100) == 9); /* in time, and again from here */
    CHECK(*touch(5, 1201) == 0);
    CHECK(cells.used == 1);
    end();
}

static void a_late_touch_does_not_make_a_record_older(void)
{
    begin(10, 100);
    *touch(5, 1000) = 9;
    CHECK(*touch(5, 950) == 9);
    CHECK(gh_cells_find(&cells, 5, 1100) != NULL);
    CHECK(gh_cells_find(&cells, 5, 10) != NULL);
    end();
}

static void at_the_limit_the_newest_is_refused_and_counted(void)
{
    begin(3, 100);
    for (uint64_t key = 1; key <= 3; key++)
        *touch(key, 1000) = (uint32_t)key;
    CHECK(touch(4, 1000) == NULL && touch(4, 1050) == NULL);
    CHECK(cells.refused == 2 && !heap.failed);
    for (uint64_t key = 1; key <= 3; key++)
        CHECK(*touch(key, 1060) == key);
    CHECK(touch(4, 1161) != NULL && cells.refused == 2);
    CHECK(cells.used <= 3);
    CHECK(gh_cells_find(&cells, 1, 1161) == NULL);
    end();
}

static void a_limit_of_zero_refuses_all(void)
{
    begin(0, 100);
    CHECK(touch(1, 0) == NULL && cells.refused == 1 && heap.bytes == 0);
    end();
}

static void a_full_table_sweeps_at_most_every_sixteenth_of_the_idle_time(void)
{
    /* Key k is touched at time k. At 1601 the first one is idle and is swept for key 2001;
     * at 1602 the second one is idle, but the next sweep is due at 1701 only. */
    begin(1000, 1600);
    for (uint64_t key = 0; key < 1000; key++)
        touch(key + 1, (int64_t)key);
    CHECK(cells.used == 1000);
    CHECK(touch(2001, 1601) != NULL && cells.used == 1000);
    for (uint64_t key = 0; key < 99; key++) {
        /* A key whose probes pass an idle slot may still take it over. */
        if (!touch(3001 + key, 1601 + (int64_t)key))
            CHECK(cells.used == 1000);
    }
    CHECK(cells.refused > 90);
    CHECK(touch(4001, 1701) != NULL);
    CHECK(cells.used < 1000);
    end();
}

static void idle_records_do_not_make_the_table_grow(void)
{
    begin(100000, 10);
    for (uint64_t i = 0; i < 100000; i++)
        touch(i + 1, (int64_t)i); /* never more than eleven in use */
    CHECK(cells.slot_count == 64);
    CHECK(cells.refused == 0);
    end();
}

static void keys_that_share_their_low_or_high_bits_are_told_apart(void)
{
    for (unsigned shift = 0; shift < 54; shift++) {
        begin(1000, 10);
        for (uint64_t i = 1; i <= 1000; i++)
            *touch(i << shift, 0) = (uint32_t)i;
        for (uint64_t i = 1; i <= 1000; i++)
            CHECK(*(uint32_t *)gh_cells_find(&cells, i << shift, 0) == i);
        CHECK(cells.used == 1000 && cells.slot_count == 2048);
        end();
    }
}

static void without_memory_the_records_stay(void)
{
    begin(1000, 100);
    memory.left = 3; /* slots, records, and where these stand */
    for (uint64_t key = 1; key <= 32; key++)
        *touch(key, 0) = (uint32_t)key;
    CHECK(touch(33, 0) == NULL && heap.failed);
    for (uint64_t key = 1; key <= 32; key++)
        CHECK(*touch(key, 0) == key);
    memory.left = -1;
    CHECK(touch(33, 0) != NULL && cells.slot_count == 128);
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(a_record_is_zero_at_first_and_then_kept),
    GH_TEST(a_record_is_gone_after_more_than_the_idle_time),
    GH_TEST(a_late_touch_does_not_make_a_record_older),
    GH_TEST(at_the_limit_the_newest_is_refused_and_counted),
    GH_TEST(a_limit_of_zero_refuses_all),
    GH_TEST(a_full_table_sweeps_at_most_every_sixteenth_of_the_idle_time),
    GH_TEST(idle_records_do_not_make_the_table_grow),
    GH_TEST(keys_that_share_their_low_or_high_bits_are_told_apart),
    GH_TEST(without_memory_the_records_stay),
};
GH_TEST_MAIN(tests)
