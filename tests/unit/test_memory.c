/* What: accounts, arrays, segments and arenas of base/memory.h.
 * How:  the C library's memory with a switch that lets it run out. */
#include "base/memory.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

static void the_account_is_the_sum_of_what_is_held(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    void *a = gh_heap_resize(&heap, NULL, 0, 100), *b = gh_heap_resize(&heap, NULL, 0, 50);

    CHECK(heap.bytes == 150 && heap.peak_bytes == 150);
    a = gh_heap_resize(&heap, a, 100, 300);
    CHECK(heap.bytes == 350);
    a = gh_heap_resize(&heap, a, 300, 10);
    CHECK(heap.bytes == 60 && heap.peak_bytes == 350);
    b = gh_heap_free(&heap, b, 50);
    CHECK(b == NULL && heap.bytes == 10);
    CHECK(gh_heap_free(&heap, NULL, 0) == NULL && heap.bytes == 10);
    gh_heap_free(&heap, a, 10);
    CHECK(heap.bytes == 0 && heap.peak_bytes == 350 && !heap.failed);
}

static void a_refused_resize_keeps_the_block_and_is_remembered(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    char *p = gh_heap_resize(&heap, NULL, 0, 8);

    memcpy(p, "is here", 8);
    m.left = 0;
    CHECK(gh_heap_resize(&heap, p, 8, 16) == NULL);
    CHECK(heap.failed && heap.bytes == 8);
    CHECK(strcmp(p, "is here") == 0);
    gh_heap_free(&heap, p, 8);
    CHECK(heap.bytes == 0);
}

static void an_array_grows_and_keeps_its_elements(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_array array = {.element_size = sizeof(uint32_t)};

    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *added = gh_array_add(&heap, &array, 1);

        CHECK(*added == 0);
        *added = i * 3;
    }
    CHECK(array.count == 1000);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(*(uint32_t *)gh_array_at(&array, i) == i * 3);
    gh_array_free(&heap, &array);
    CHECK(heap.bytes == 0 && array.count == 0 && array.at == NULL);
}

static void elements_added_after_a_cut_are_zero_again(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_array array = {.element_size = 3};
    unsigned char *added = gh_array_add(&heap, &array, 5);

    memset(added, 0xff, 15);
    array.count = 2;
    added = gh_array_add(&heap, &array, 3);
    CHECK(added == array.at + 6 && array.count == 5);
    for (int i = 0; i < 9; i++)
        CHECK(added[i] == 0);
    CHECK(array.at[5] == 0xff);
    gh_array_free(&heap, &array);
}

static void an_array_without_memory_stays_as_it_was(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_array array = {.element_size = 8};

    memset(gh_array_add(&heap, &array, 8), 7, 64);
    m.left = 0;
    CHECK(gh_array_add(&heap, &array, 1) == NULL);
    CHECK(heap.failed && array.count == 8 && array.at[63] == 7);
    heap.failed = false;
    m.left = -1;
    CHECK(gh_array_add(&heap, &array, UINT32_MAX) == NULL); /* the count would wrap */
    CHECK(heap.failed && array.count == 8);
    gh_array_free(&heap, &array);
}

static void segments_do_not_move(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_segments s = {.element_size = sizeof(uint64_t)};
    uint64_t *first = gh_segments_add(&heap, &s);

    *first = 42;
    for (uint32_t i = 1; i < 10 * GH_SEGMENT_COUNT + 1; i++) {
        uint64_t *added = gh_segments_add(&heap, &s);

        CHECK(*added == 0 && gh_segments_at(&s, i) == (void *)added);
        *added = i;
    }
    CHECK(gh_segments_at(&s, 0) == (void *)first && *first == 42);
    CHECK(*(uint64_t *)gh_segments_at(&s, GH_SEGMENT_COUNT) == GH_SEGMENT_COUNT);
    CHECK(s.segment_count == 11);
    gh_segments_free(&heap, &s);
    CHECK(heap.bytes == 0 && s.count == 0);
}

static void segments_survive_every_failure(void)
{
    for (long granted = 0; granted < 4; granted++) {
        struct gh_test_memory m;
        struct gh_heap heap = gh_test_heap(&m);
        struct gh_segments s = {.element_size = 8};
        uint32_t added = 0;

        m.left = granted;
        while (added < 4 * GH_SEGMENT_COUNT && gh_segments_add(&heap, &s))
            added++;
        CHECK(heap.failed && s.count == added);
        CHECK(added == (granted < 2 ? 0 : (uint32_t)(granted - 1) * GH_SEGMENT_COUNT));
        m.left = -1;
        CHECK(gh_segments_add(&heap, &s) != NULL && s.count == added + 1);
        gh_segments_free(&heap, &s);
        CHECK(heap.bytes == 0);
    }
}

static void pieces_of_an_arena_are_aligned_and_apart(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_arena arena = {0};
    unsigned char *piece[300];

    for (size_t i = 0; i < 300; i++) {
        piece[i] = gh_arena_take(&heap, &arena, i);
        CHECK((uintptr_t)piece[i] % 8 == 0);
        memset(piece[i], (int)(i & 0xff), i);
    }
    for (size_t i = 1; i < 300; i++)
        CHECK(piece[i][0] == (i & 0xff) && piece[i][i - 1] == (i & 0xff));
    gh_arena_free(&heap, &arena);
    CHECK(heap.bytes == 0);
}

static void a_copy_in_an_arena_is_the_text_and_absent_stays_absent(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_arena arena = {0};
    const struct gh_text copy = gh_arena_copy(&heap, &arena, (struct gh_text){"abc", 3});
    const struct gh_text empty = gh_arena_copy(&heap, &arena, (struct gh_text){"", 0});
    const struct gh_text absent = gh_arena_copy(&heap, &arena, (struct gh_text){NULL, 0});

    CHECK(copy.size == 3 && memcmp(copy.at, "abc", 3) == 0);
    CHECK(empty.at != NULL && empty.size == 0);
    CHECK(absent.at == NULL && absent.size == 0);
    gh_arena_free(&heap, &arena);
    m.left = 0;
    CHECK(gh_arena_copy(&heap, &arena, (struct gh_text){"abc", 3}).at == NULL && heap.failed);
}

static void an_arena_that_is_reset_stops_growing(void)
{
    /* The order of the sizes differs each time, and some are larger than a block. */
    static const size_t size[] = {10, 300000, 5000, 4096, 70000, 1, 262144, 900000};
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_arena arena = {0};
    uint64_t bytes = 0;

    for (size_t round = 0; round < 400; round++) {
        for (size_t i = 0; i < 8; i++)
            memset(gh_arena_take(&heap, &arena, size[(i * 3 + round) % 8]), 1, 1);
        gh_arena_reset(&arena);
        if (round == 200)
            bytes = heap.bytes;
    }
    CHECK(heap.bytes == bytes);
    CHECK(bytes < 8 * 1541352); /* eight times what one round takes */
    gh_arena_free(&heap, &arena);
    CHECK(heap.bytes == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(the_account_is_the_sum_of_what_is_held),
    GH_TEST(a_refused_resize_keeps_the_block_and_is_remembered),
    GH_TEST(an_array_grows_and_keeps_its_elements),
    GH_TEST(elements_added_after_a_cut_are_zero_again),
    GH_TEST(an_array_without_memory_stays_as_it_was),
    GH_TEST(segments_do_not_move),
    GH_TEST(segments_survive_every_failure),
    GH_TEST(pieces_of_an_arena_are_aligned_and_apart),
    GH_TEST(a_copy_in_an_arena_is_the_text_and_absent_stays_absent),
    GH_TEST(an_arena_that_is_reset_stops_growing),
};
GH_TEST_MAIN(tests)
