/* What: the cost of a call: which row of the price table holds, and what each class of
 *       tokens costs (engine/prices.c).
 * How:  a small table by hand; one million tokens of each class in turn. */
#include "support/engine_kit.h"

enum { MILLION = 1000000 };

static const struct gh_price table[] = {
    /* model, provider, from, input, cache read, cache write, output, window */
    {"gpt-*", "", 0, 1, NAN, NAN, 2, 0},
    {"gpt-5*", "", 0, 3, 0.3, 3.75, 15, 0},
    {"gpt-5-mini", "", KIT_START, 5, 0.5, 6, 25, 0},
    {"gpt-5-mini", "", KIT_START + KIT_DAY, 7, 0.7, 8, 35, 0},
    {"gpt-5-mini", "far", 0, 11, 1.1, 12, 55, 0},
    {"claude", "near", 0, 13, NAN, NAN, 65, 0},
    {"claude", "other", 0, 17, NAN, NAN, 85, 0},
};

static struct kit kit;

static void table_open(void)
{
    kit_prepare(&kit);
    kit.setup.prices = (struct gh_prices){table, sizeof table / sizeof *table};
    kit_start(&kit);
    kit_say(&kit, KIT_START, "'actor':'first'");
}

/* What the day of a new actor costs after one call. NAN: nobody knows. */
static double cost(int64_t ts_ms, const char *rest)
{
    static uint32_t actors;
    char name[16];

    snprintf(name, sizeof name, "a%u", actors++);
    if (ts_ms > kit.engine->newest_ms + KIT_HOUR)
        kit_tick(&kit, ts_ms);
    kit_say(&kit, ts_ms, "'actor':'%s',%s", name, rest);
    const struct gh_day *day = kit_day(&kit, name, ts_ms);
    return day->unpriced_tokens > 0.0 ? NAN : day->cost_usd;
}

static double input_cost(int64_t ts_ms, const char *model)
{
    char rest[256];

    snprintf(rest, sizeof rest, "%s,'input_tokens':%d", model, MILLION);
    return cost(ts_ms, rest);
}

static void the_most_exact_row_holds(void)
{
    static const struct {
        const char *model;
        double usd;
    } row[] = {
        {"'model':'gpt-4'", 1},
        {"'model':'gpt-'", 1},
        {"'model':'gpt-5'", 3},
        {"'model':'gpt-5-mini-2'", 3},
        {"'model':'gpt-5-mini'", 5},
        {"'model':'gpt-5-mini','provider':'far'", 11},
        {"'model':'gpt-5-mini','provider':'elsewhere'", 5},
        {"'model':'claude','provider':'near'", 13},
        {"'model':'claude','provider':'other'", 17},
        {"'model':'claude'", 13}, /* no provider told: any will do, the first by name */
        {"'model':'claude','provider':'nobody'", NAN},
        {"'model':'gpt'", NAN},
        {"'model':'Gpt-4','provider':'near'", NAN},
        {"'provider':'near'", NAN},
    };

    table_open();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int again = 0; again < 2; again++) { /* searched, then remembered */
            const double usd = input_cost(KIT_START, row[i].model);
            CHECK(isnan(row[i].usd) ? isnan(usd) : usd == row[i].usd);
        }
    kit_close(&kit);
}

static void a_dated_row_holds_from_its_first_millisecond(void)
{
    const char *mini = "'model':'gpt-5-mini'";

    table_open();
    CHECK(isnan(input_cost(KIT_START - 1, mini)));
    CHECK(input_cost(KIT_START, mini) == 5);
    CHECK(input_cost(KIT_START + KIT_DAY - 1, mini) == 5);
    CHECK(input_cost(KIT_START + KIT_DAY, mini) == 7);
    CHECK(input_cost(KIT_START + KIT_DAY - 1, mini) == 5); /* by its own time, not by order */
    CHECK(input_cost(KIT_START + KIT_DAY, "'model':'gpt-5-mini','provider':'far'") == 11);
    kit_close(&kit);
}

static void each_class_of_tokens_has_its_price(void)
{
    table_open();
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-5','cache_read_tokens':1000000"), 0.3, 1e-15);
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-5','cache_write_tokens':1000000"), 3.75, 1e-15);
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-5','output_tokens':1000000"), 15, 1e-15);
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-4','cache_read_tokens':1000000"), 1, 1e-15);
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-4','cache_write_tokens':1000000"), 1, 1e-15);
    CHECK_NEAR(cost(KIT_START, "'model':'gpt-5','input_tokens':2000,'cache_read_tokens':30000,"
                               "'cache_write_tokens':400,'output_tokens':5"),
               (2000 * 3 + 30000 * 0.3 + 400 * 3.75 + 5 * 15) / 1e6, 1e-15);
    CHECK(cost(KIT_START, "'model':'gpt-5'") == 0.0);
    kit_close(&kit);
}

static void a_cost_that_is_told_wins(void)
{
    table_open();
    CHECK(cost(KIT_START, "'model':'gpt-5','output_tokens':1000000,'cost_usd':0.25") == 0.25);
    CHECK(cost(KIT_START, "'model':'nobody','output_tokens':1000000,'cost_usd':4") == 4.0);
    CHECK(cost(KIT_START, "'output_tokens':1,'cost_usd':0") == 0.0);
    CHECK(cost(KIT_START, "'output_tokens':1,'cost_usd':1e308") == GH_AMOUNT_MAX);
    CHECK_NEAR(kit_counters(&kit).cost_usd, 4.25 + GH_AMOUNT_MAX, 0);
    CHECK(kit_counters(&kit).cost_unknown == 1); /* the first actor's call */
    kit_close(&kit);
}

static void what_has_no_price_is_counted_and_its_tokens_stay_apart(void)
{
    table_open();
    CHECK(isnan(cost(KIT_START, "'model':'nobody','output_tokens':7")));
    CHECK(isnan(cost(KIT_START, "'output_tokens':7")));
    kit_say(&kit, KIT_START, "'actor':'mixed','model':'gpt-5','output_tokens':1000000");
    kit_say(&kit, KIT_START, "'actor':'mixed','model':'nobody','output_tokens':9");
    CHECK(kit_day(&kit, "mixed", KIT_START)->unpriced_tokens == 9.0);
    CHECK(kit_day(&kit, "mixed", KIT_START)->cost_usd == 15.0);
    CHECK(kit_counters(&kit).cost_unknown == 4);
    kit_close(&kit);
}

static void without_a_table_only_what_is_told_is_known(void)
{
    kit_prepare(&kit);
    kit.setup.prices = (struct gh_prices){NULL, 0};
    kit_start(&kit);
    CHECK(isnan(cost(KIT_START, "'model':'gpt-5','output_tokens':1")));
    CHECK(cost(KIT_START, "'model':'gpt-5','output_tokens':1,'cost_usd':2") == 2.0);
    kit_close(&kit);
}

/* 65,536 pairs of model and provider are remembered; one more is searched each time. */
static void a_flood_of_models_costs_no_other_model_its_price(void)
{
    table_open();
    for (uint32_t i = 0; i < 66000; i++)
        kit_say(&kit, KIT_START, "'actor':'flood','model':'junk-%u','output_tokens':1", i);
    CHECK(input_cost(KIT_START, "'model':'gpt-5-mini'") == 5);
    CHECK(input_cost(KIT_START, "'model':'gpt-5-mini'") == 5);
    CHECK(isnan(input_cost(KIT_START, "'model':'junk-1'")));
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(the_most_exact_row_holds),
    GH_TEST(a_dated_row_holds_from_its_first_millisecond),
    GH_TEST(each_class_of_tokens_has_its_price),
    GH_TEST(a_cost_that_is_told_wins),
    GH_TEST(what_has_no_price_is_counted_and_its_tokens_stay_apart),
    GH_TEST(without_a_table_only_what_is_told_is_known),
    GH_TEST(a_flood_of_models_costs_no_other_model_its_price),
};

GH_TEST_MAIN(tests)
