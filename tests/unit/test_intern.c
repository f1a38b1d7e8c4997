/* What: numbers of texts in base/intern.h.
 * How:  by hand; a comparison with a naive model is in property/test_tables.c. */
#include "base/intern.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

static struct gh_text text(const char *s)
{
    return (struct gh_text){s, (uint32_t)strlen(s)};
}

static void ids_are_given_in_order_of_first_sight(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_intern intern;

    gh_intern_init(&intern, 0);
    CHECK(gh_intern_find(&intern, text("ann")) == 0);
    CHECK(gh_intern_add(&heap, &intern, text("ann")) == 1);
    CHECK(gh_intern_add(&heap, &intern, text("bob")) == 2);
    CHECK(gh_intern_add(&heap, &intern, text("ann")) == 1);
    CHECK(gh_intern_add(&heap, &intern, text("an")) == 3);
    CHECK(gh_intern_add(&heap, &intern, text("")) == 4);
    CHECK(gh_intern_add(&heap, &intern, (struct gh_text){"a\0b", 3}) == 5);
    CHECK(gh_intern_add(&heap, &intern, text("a")) == 6);
    CHECK(gh_intern_add(&heap, &intern, (struct gh_text){NULL, 0}) == 0);
    CHECK(gh_intern_find(&intern, text("bob")) == 2);
    CHECK(gh_intern_find(&intern, text("bo")) == 0);
    CHECK(gh_intern_find(&intern, (struct gh_text){NULL, 0}) == 0);
    CHECK(gh_intern_count(&intern) == 6);
    gh_intern_free(&heap, &intern);
    CHECK(heap.bytes == 0);
}

static void a_text_is_a_copy_that_never_moves(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_intern intern;
    struct gh_text first;
    char name[16] = "name-0";

    gh_intern_init(&intern, 0);
    CHECK(gh_intern_add(&heap, &intern, text(name)) == 1);
    first = gh_intern_text(&intern, 1);
    for (uint32_t i = 1; i < 5000; i++) {
        snprintf(name, sizeof name, "name-%u", i);
        CHECK(gh_intern_add(&heap, &intern, text(name)) == i + 1);
    }
    CHECK(gh_intern_text(&intern, 1).at == first.at);
    CHECK(first.size == 6 && memcmp(first.at, "name-0", 6) == 0);
    CHECK(gh_intern_text(&intern, 0).at == NULL);
    CHECK(memcmp(gh_intern_text(&intern, 5000).at, "name-4999", 9) == 0);
    CHECK(intern.slot_count == 16384); /* the least power of two with load 1/2 */
    gh_intern_free(&heap, &intern);
}

static void at_the_limit_the_known_are_found_and_the_new_refused(void)
{
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_intern intern;

    gh_intern_init(&intern, 2);
    CHECK(gh_intern_add(&heap, &intern, text("ann")) == 1);
    CHECK(gh_intern_add(&heap, &intern, text("bob")) == 2);
    CHECK(gh_intern_add(&heap, &intern, text("eve")) == 0);
    CHECK(gh_intern_add(&heap, &intern, text("bob")) == 2);
    CHECK(gh_intern_count(&intern) == 2 && !heap.failed);
    gh_intern_free(&heap, &intern);
}

static void a_failure_at_any_allocation_leaves_a_table_that_works(void)
{
    for (long granted = 0; granted < 12; granted++) {
        struct gh_test_memory m;
        struct gh_heap heap = gh_test_heap(&m);
        struct gh_intern intern;
        char name[16];
        uint32_t taken = 0;

        gh_intern_init(&intern, 0);
        m.left = granted;
        for (uint32_t i = 0; i < 3000 && !heap.failed; i++) {
            snprintf(name, sizeof name, "name-%u", i);
            taken += gh_intern_add(&heap, &intern, text(name)) == i + 1;
        }
        CHECK(heap.failed && gh_intern_count(&intern) == taken);
        m.left = -1;
        snprintf(name, sizeof name, "name-%u", taken);
        CHECK(gh_intern_find(&intern, text(name)) == 0);
        CHECK(gh_intern_add(&heap, &intern, text(name)) == taken + 1);
        CHECK(gh_intern_find(&intern, text("name-0")) == 1);
        gh_intern_free(&heap, &intern);
        CHECK(heap.bytes == 0);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(ids_are_given_in_order_of_first_sight),
    GH_TEST(a_text_is_a_copy_that_never_moves),
    GH_TEST(at_the_limit_the_known_are_found_and_the_new_refused),
    GH_TEST(a_failure_at_any_allocation_leaves_a_table_that_works),
};
GH_TEST_MAIN(tests)
