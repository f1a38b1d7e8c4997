/* What: whether accepted output keeps pace with spend (engine/gate.c).
 * How:  a negative binomial of size 6 and mean mu has (6 / (6 + mu))^6 at 0, which is a half
 *       at mu = 6 (2^(1/6) - 1); spend may grow by 1.15 without any more output. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;

static const double spare = 1.15;

static double mean_of_a_half(void)
{
    return 6 * (pow(2, 1.0 / 6) - 1);
}

static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    e->cohort[0].units_per_day = 1;
    e->cohort[0].units_per_usd = 2;
    e->cohort[0].usd_per_day = 0.25;
}

/* Past rate (past + 4) / (usd + 4 / per usd): (16 + 4) / (6 + 2) = 2.5 units a dollar. */
static struct gh_actor of_two_and_a_half(double gate_usd)
{
    return (struct gh_actor){.past_units = 16, .past_usd = 6, .gate_usd = gate_usd};
}

static void the_gate_opens_where_nothing_has_come_of_what_should_have_brought_something(void)
{
    const double usd = mean_of_a_half() * spare / 2.5;

    begin();
    for (double off = 1e-9; off < 0.5; off *= 10) { /* from the table and from the law */
        struct gh_actor a = of_two_and_a_half(usd * (1 + off));
        CHECK(gh_gate_open(e, &a));
        a = of_two_and_a_half(usd * (1 - off));
        CHECK(!gh_gate_open(e, &a));
    }
    kit_close(&kit);
}

/* The mean at which n or fewer are a half, by halving. */
static double half_mean(double n)
{
    double low = 0, high = 1e4;

    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        if (gh_nb_below(n, middle, 6) < 0.5)
            high = middle;
        else
            low = middle;
    }
    return low;
}

static void output_is_counted_in_whole_units_as_far_as_the_table_and_beyond(void)
{
    static const double had[][2] = {{-3, 0},  {0.9, 0}, {1, 1},   {7.5, 7},
                                    {62, 62}, {63, 63}, {64, 64}, {300, 300}};

    begin();
    for (size_t i = 0; i < sizeof had / sizeof *had; i++) {
        const double half = half_mean(had[i][1]), usd = half * spare / 2.5;
        CHECK(had[i][1] >= GH_GATE_UNITS ||
              fabs(e->gate_mean[(int)had[i][1]] / half - 1) < 1e-9);
        struct gh_actor a = of_two_and_a_half(usd * 1.001);
        a.gate_units = had[i][0];
        CHECK(gh_gate_open(e, &a));
        a.gate_usd = usd * 0.999;
        CHECK(!gh_gate_open(e, &a));
    }
    kit_close(&kit);
}

/* No outputs: active days stand for them, and what peers spend on one. 4 days of 0.25 dollars
 * join 16 days of 6 dollars: 20 / 7 days a dollar. */
static void without_output_active_days_stand_for_it(void)
{
    const double usd = half_mean(3) * spare * 7 / 20;
    struct gh_actor a = {.past_days = 16, .past_usd = 6, .gate_days = 3.2};

    begin();
    a.gate_usd = usd * 1.001;
    CHECK(gh_gate_open(e, &a));
    a.gate_usd = usd * 0.999;
    CHECK(!gh_gate_open(e, &a));
    kit_close(&kit);
}

static void the_gate_stays_shut_where_nothing_can_be_told(void)
{
    struct gh_actor a = of_two_and_a_half(100);

    begin();
    CHECK(gh_gate_open(e, &a));
    a.gate_usd = 0;
    CHECK(!gh_gate_open(e, &a));
    a.gate_usd = 100;
    e->cohort[0].units_per_usd = 0;
    CHECK(!gh_gate_open(e, &a));
    e->cohort[0].units_per_day = 0; /* no outputs, and nobody spends anything */
    e->cohort[0].usd_per_day = 0;
    CHECK(!gh_gate_open(e, &a));
    kit_close(&kit);
}

static void outputs_are_known_where_peers_have_them_and_the_person_had_one(void)
{
    struct gh_actor a = {.past_units = 1, .gate_units = -0.5};

    begin();
    e->cohort[0].units_per_day = 0.15;
    CHECK(gh_outputs_known(e, &a));
    e->cohort[0].units_per_day = 0.149;
    CHECK(!gh_outputs_known(e, &a));
    e->cohort[0].units_per_day = 1;
    a.gate_units = -1;
    CHECK(!gh_outputs_known(e, &a));
    a.past_units = 0;
    a.gate_units = 0.1;
    CHECK(gh_outputs_known(e, &a));
    kit_close(&kit);
}

static void a_day_adds_what_it_brought_and_what_it_cost(void)
{
    struct gh_actor a = {.gate_units = 1, .gate_usd = 2, .gate_days = 3};

    gh_gate_add(&a, &(struct gh_day){.units = 4, .cost_usd = 5, .calls = 6});
    CHECK(a.gate_units == 5 && a.gate_usd == 7 && a.gate_days == 4);
    gh_gate_add(&a, &(struct gh_day){.units = -4});
    CHECK(a.gate_units == 1 && a.gate_usd == 7 && a.gate_days == 4);
}

/* The window keeps exp(-days / 10), the past 0.99 a day; nothing is lost but by the past's
 * memory. Beyond the table of 32 days it is the same. */
static void what_leaves_the_window_becomes_the_past(void)
{
    static const int32_t row[] = {1, 7, 31, 32, 100};

    begin();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct gh_actor a = {.gate_units = 10,
                             .gate_usd = 20,
                             .gate_days = 5,
                             .past_units = 100,
                             .past_usd = 200,
                             .past_days = 50,
                             .gate_date = 1000};
        const double keep = exp(-row[i] / 10.0), memory = pow(0.99, row[i]);
        gh_gate_advance(e, &a, 1000 + row[i]);
        CHECK_NEAR(a.gate_units, 10 * keep, 1e-12);
        CHECK_NEAR(a.gate_usd, 20 * keep, 1e-12);
        CHECK_NEAR(a.gate_days, 5 * keep, 1e-12);
        CHECK_NEAR(a.past_units, 100 * memory + 10 * (1 - keep), 1e-10);
        CHECK_NEAR(a.past_usd, 200 * memory + 20 * (1 - keep), 1e-10);
        CHECK_NEAR(a.past_days, 50 * memory + 5 * (1 - keep), 1e-10);
        CHECK(a.gate_date == 1000 + row[i]);
    }
    struct gh_actor fresh = {.gate_units = 10};
    gh_gate_advance(e, &fresh, 20000); /* nobody's first day is after a pause */
    CHECK(fresh.gate_units == 10 && fresh.gate_date == 20000);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(the_gate_opens_where_nothing_has_come_of_what_should_have_brought_something),
    GH_TEST(output_is_counted_in_whole_units_as_far_as_the_table_and_beyond),
    GH_TEST(without_output_active_days_stand_for_it),
    GH_TEST(the_gate_stays_shut_where_nothing_can_be_told),
    GH_TEST(outputs_are_known_where_peers_have_them_and_the_person_had_one),
    GH_TEST(a_day_adds_what_it_brought_and_what_it_cost),
    GH_TEST(what_leaves_the_window_becomes_the_past),
};
GH_TEST_MAIN(tests)
