/* What: the calendar and the two tables of base against models that cannot be wrong.
 * How:  a day counter that walks over 8030 years; arrays that are searched from the start.
 *       Random operations from fixed seeds. */
#include "base/cells.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/intern.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

static uint64_t random_state;

static uint64_t random_below(uint64_t limit) /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 11) % limit;
}

static uint32_t length_of_month(int32_t year, uint32_t month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void every_day_from_1970_to_9999_goes_there_and_back(void)
{
    int32_t year = 1970;
    uint32_t month = 1, day = 1, weekday = 3;
    int64_t days = 0;
    char text[GH_TIME_TEXT_SIZE];

    for (; year < 10000; days++, weekday = (weekday + 1) % 7) {
        const int64_t time_ms = days * GH_MS_PER_DAY + (days * 7919) % GH_MS_PER_DAY;
        const struct gh_civil c = gh_civil_of(time_ms);
        int64_t parsed = -1;

        if (c.year != year || c.month != month || c.day != day ||
            gh_civil_days(year, month, day) != days || gh_civil_weekday(days) != weekday) {
            gh_test_failures++;
            printf("# day %lld is off\n", (long long)days);
            return;
        }
        gh_time_format(time_ms, text);
        if (!gh_time_parse(text, GH_TIME_TEXT_SIZE - 1, &parsed) || parsed != time_ms) {
            gh_test_failures++;
            printf("# %s does not come back\n", text);
            return;
        }
        if (++day > length_of_month(year, month)) {
            day = 1;
            year += month == 12;
            month = month == 12 ? 1 : month + 1;
        }
    }
    CHECK(days == 2932897);
}

enum { NAMES = 700 };

static void ids_of_texts_are_those_of_a_list(void)
{
    static char name[NAMES][12];
    static uint32_t id[NAMES];
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_intern intern;
    uint32_t count = 0;

    random_state = 42;
    memset(id, 0, sizeof id);
    gh_intern_init(&intern, 500);
    for (size_t i = 0; i < NAMES; i++) /* short and alike, with prefixes of each other */
        snprintf(name[i], sizeof name[i], "%.*s%zu", (int)(i % 3), "aa", i / 3);
    for (int n = 0; n < 20000; n++) {
        const size_t i = random_below(NAMES);
        const struct gh_text text = {name[i], (uint32_t)strlen(name[i])};

        if (random_below(3) == 0) {
            CHECK(gh_intern_find(&intern, text) == id[i]);
            continue;
        }
        if (!id[i] && count < 500)
            id[i] = ++count;
        CHECK(gh_intern_add(&heap, &intern, text) == id[i]);
        if (id[i]) {
            const struct gh_text kept = gh_intern_text(&intern, id[i]);

            CHECK(kept.size == text.size && memcmp(kept.at, text.at, text.size) == 0);
        }
    }
    CHECK(gh_intern_count(&intern) == count && count == 500);
    gh_intern_free(&heap, &intern);
    CHECK(heap.bytes == 0);
}

/* The model of cells: every key has a place of its own. */
enum { KEYS = 400 };
struct model {
    int64_t newest_ms; /* the latest time of any call */
    uint64_t value[KEYS];
    int64_t touched_ms[KEYS];
    bool there[KEYS];
};

static bool model_idle(const struct model *model, size_t i, int64_t idle_ms, int64_t now_ms)
{
    return !model->there[i] || now_ms - model->touched_ms[i] > idle_ms;
}

static uint32_t model_live(const struct model *model, int64_t idle_ms, int64_t now_ms)
{
    uint32_t live = 0;

    for (size_t i = 0; i < KEYS; i++)
        live += !model_idle(model, i, idle_ms, now_ms);
    return live;
}

/* One touch. Two things the model cannot tell: whether a full table sweeps now, so a
 * refusal must only be a possible one; and whether a cell that has been idle at newest_ms
 * is still there for a late event, so it may also be a new one. */
static void check_touch(struct gh_heap *heap, struct gh_cells *cells, struct model *model,
                        size_t i, int64_t now_ms)
{
    const bool idle = model_idle(model, i, cells->idle_ms, now_ms);
    const bool swept = model_idle(model, i, cells->idle_ms, model->newest_ms);
    const uint32_t live = model_live(model, cells->idle_ms, now_ms);
    const uint64_t refused = cells->refused;
    const bool due = now_ms >= cells->sweep_ms;
    uint64_t *value = gh_cells_touch(heap, cells, (i + 1) * UINT64_C(0x100000001), now_ms);

    if (!value) {
        CHECK((idle || swept) && cells->used == cells->limit);
        CHECK(cells->refused == refused + 1);
        CHECK(!due || live >= cells->limit);
        model->there[i] = false;
        return;
    }
    CHECK(cells->refused == refused);
    if (idle || (swept && *value == 0)) {
        model->value[i] = 0;
        model->touched_ms[i] = now_ms;
        model->there[i] = true;
    }
    CHECK(*value == model->value[i]);
    *value = model->value[i] = random_state;
    if (now_ms > model->touched_ms[i])
        model->touched_ms[i] = now_ms;
}

static void run_cells(uint32_t limit, size_t keys, int64_t idle_ms)
{
    static struct model model;
    struct gh_test_memory m;
    struct gh_heap heap = gh_test_heap(&m);
    struct gh_cells cells;
    int64_t now_ms = 100000;

    memset(&model, 0, sizeof model);
    gh_cells_init(&cells, sizeof(uint64_t), limit, idle_ms);
    for (int n = 0; n < 20000; n++) {
        const size_t i = random_below(keys);
        const int64_t late_ms = random_below(10) ? 0 : (int64_t)random_below(30);

        now_ms += random_below(200) ? (int64_t)random_below(3) : idle_ms;
        model.newest_ms = now_ms;
        if (random_below(3)) {
            check_touch(&heap, &cells, &model, i, now_ms - late_ms);
        } else {
            const uint64_t *value =
                gh_cells_find(&cells, (i + 1) * UINT64_C(0x100000001), now_ms);

            CHECK((value == NULL) == model_idle(&model, i, idle_ms, now_ms));
            CHECK(!value || *value == model.value[i]);
        }
        CHECK(cells.used <= limit);
        CHECK(cells.slot_count == 0 || cells.used <= cells.slot_count / 2);
    }
    CHECK(cells.slot_count <= 64 || cells.slot_count < 4 * limit);
    gh_cells_free(&heap, &cells);
    CHECK(heap.bytes == 0 && !heap.failed);
}

static void cells_are_those_of_a_list(void)
{
    random_state = 7;
    run_cells(1000, KEYS, 300);
    run_cells(1000, KEYS, 50);
    run_cells(100, KEYS, 300);
    run_cells(100, 101, 300);
    run_cells(1, 5, 40);
    run_cells(33, 60, 1000000);
}

static void bits_apart_are_those_that_a_loop_counts(void)
{
    uint64_t a = 0, b = UINT64_MAX;

    CHECK(gh_bits_apart(a, b) == 64 && gh_bits_apart(a, a) == 0);
    for (int i = 0; i < 10000; i++) {
        uint32_t count = 0;
        a = gh_hash_pair(a, b);
        b = gh_hash_pair(b, (uint64_t)i) & a << i % 64;
        for (int bit = 0; bit < 64; bit++)
            count += (a ^ b) >> bit & 1;
        CHECK(gh_bits_apart(a, b) == count);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(bits_apart_are_those_that_a_loop_counts),
    GH_TEST(every_day_from_1970_to_9999_goes_there_and_back),
    GH_TEST(ids_of_texts_are_those_of_a_list),
    GH_TEST(cells_are_those_of_a_list),
};
GH_TEST_MAIN(tests)
