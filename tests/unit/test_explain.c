/* What: the smallest change of what was done under which nothing would have been told
 *       (app/explain, engine/suppose.h): computed from recorded days, then done.
 * How:  sixty quiet people, one of whom loops, repeats or sends more from the second epoch on.
 *       The same stream with a little less than the factor says brings no review, with a little
 *       more it does; without the last call that a fast path saw there is no incident. */
#include "app/explain/explain.h"
#include "engine/suppose.h"
#include "support/engine_kit.h"

enum { PEOPLE = 60, QUIET = 31, BUSY = 11, DAYS = QUIET + BUSY, CALLS = 9, BURST = 36 };
/* Own past and peers learn a little from days that are less: two in a hundred. */
static const double margin = 0.02;

enum act { LOOPS, REPEATS, SENDS_MORE, IS_STUCK };
static const char *const detectors[] = {"agent_loop", "repetition", "context_bloat", "runaway"};

static struct kit kit;
static struct gh_explained x;
static enum act act;
static double less[DAYS]; /* SENDS_MORE: of the log; else tokens that thin the day out */
static int64_t cut_ms;    /* nobody says anything from here on */
static uint64_t numbers;

static uint64_t number(void)
{
    numbers = numbers * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return numbers ^ numbers >> 29;
}

static double noise(void) /* -1..1 */
{
    return (double)(number() % 2001) / 1000.0 - 1.0;
}

static void say(int64_t ts_ms, int person, const char *rest)
{
    if (ts_ms < cut_ms)
        kit_say(&kit, ts_ms, "'actor':'p%d','team':'t%d','model':'m',%s", person, person, rest);
}

/* A question of a person to their agent, unlike any before it. */
static void ask(int64_t ts_ms, int person, double tokens)
{
    char rest[512];
    const uint64_t hash = number();

    snprintf(rest, sizeof rest,
             "'agent':'a%d','session':'s%llu','origin':'interactive','user_tokens':20,"
             "'prompt_hash':'%016llx','response_hash':'%016llx','input_tokens':%.0f,"
             "'output_tokens':%d,'cost_usd':0.1",
             person, (unsigned long long)kit.ids, (unsigned long long)hash,
             (unsigned long long)number(), tokens, 100 + (int)(hash % 900));
    say(ts_ms, person, rest);
}

static void burst(int day)
{
    const int64_t start = KIT_START + day * KIT_DAY + 7 * KIT_HOUR;
    char rest[512];

    for (int i = 0; i < BURST; i++) {
        switch (act) {
        case LOOPS:
            snprintf(rest, sizeof rest,
                     "'agent':'%s','caller':'%s','prompt_hash':'0123456789abcdef',"
                     "'input_tokens':20000,'cost_usd':1",
                     i % 2 ? "y" : "x", i % 2 ? "x" : "y");
            break;
        case REPEATS:
            snprintf(rest, sizeof rest,
                     "'agent':'a0','session':'r%d-%d','origin':'interactive',"
                     "'user_tokens':20,'prompt_hash':'0123456789abcdef',"
                     "'input_tokens':20000,'cost_usd':1",
                     day, i);
            break;
        case SENDS_MORE:
            return;
        case IS_STUCK:
            snprintf(rest, sizeof rest,
                     "'agent':'a0','session':'stuck-%d','tool_calls':1,"
                     "'prompt_hash':'0123456789abcdef','response_hash':'fedcba9876543210',"
                     "'input_tokens':2000,'cost_usd':0.1",
                     day);
            break;
        }
        say(start + i * KIT_MINUTE, 0, rest);
    }
    if (less[day] > 0.0)
        ask(start + KIT_HOUR, 0, less[day]);
}

static void changes_look(void)
{
    for (uint32_t i = 0; i < kit.changes; i++)
        gh_explain_finding(&x, &kit.change[i]);
    kit.changes = 0;
}

static void company(void)
{
    for (int day = 0; day < DAYS; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY);
        if (day >= QUIET)
            burst(day);
        for (int i = 0; i < CALLS; i++)
            for (int p = 0; p < PEOPLE; p++)
                ask(KIT_START + day * KIT_DAY + (9 + i) * KIT_HOUR + p * 1000, p,
                    5000.0 *
                        exp(0.3 * noise() +
                            (act == SENDS_MORE && p == 0 && day >= QUIET ? less[day] : 0)));
        changes_look();
    }
    kit_tick(&kit, KIT_START + (DAYS + 2) * KIT_DAY);
    changes_look();
}

/* What the stream comes to; the caller frees x. */
static void run(void)
{
    static struct gh_watch watch;

    numbers = 7;
    x = (struct gh_explained){.wish = {.actor = {"p0", 2}, .on = INT32_MIN}};
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, detectors[act]) == 0)
            x.wish.detector = d;
    watch = gh_explain_watch(&x);
    kit_prepare(&kit);
    kit.only = detectors[act];
    kit.setup.watch = &watch;
    kit_start(&kit);
    company();
    gh_explain_end(&x, kit.engine);
    CHECK(!x.failed);
}

static void end(void)
{
    gh_explain_free(&x);
    kit_close(&kit);
}

static bool reviewed(void)
{
    for (size_t i = 0; i < x.raise_count; i++)
        if (gh_reviewable(x.raise[i].track) && x.raise[i].heard == GH_HEARD_NEWS)
            return true;
    return false;
}

/* The days of the first run and the factor that it says. */
static double value[DAYS], usual[DAYS], tokens[DAYS], factor;

static void first_run(enum act what)
{
    act = what;
    cut_ms = INT64_MAX;
    memset(less, 0, sizeof less);
    for (int day = QUIET; day < DAYS && act == SENDS_MORE; day++)
        less[day] = 1.5;
    run();
    const struct gh_explain_change *change = gh_explain_change_of(&x);
    CHECK(reviewed() && change != NULL && change->known);
    factor = change ? change->way[GH_WAY_REVIEW].factor : NAN;
    CHECK(change && change->way[GH_WAY_REVIEW].passed && factor > 0.0 && factor < 1.0);
    for (size_t i = 0; i < x.row_count; i++) {
        const struct gh_seen_bet *bet = &x.row[i].day.by[x.wish.detector];
        const int day = x.row[i].day.date - (int32_t)(KIT_START / KIT_DAY);
        if (!x.row[i].seen || day < 0 || day >= DAYS)
            continue;
        value[day] = bet->value;
        usual[day] = fmin(bet->base, bet->allowed);
        tokens[day] = x.row[i].day.tokens;
    }
    end();
}

/* The same with so much of the excess of each day. */
static bool reviewed_with(double part)
{
    bool found;

    for (int day = QUIET; day < DAYS; day++) {
        const double wanted = value[day] - (1.0 - part) * fmax(0.0, value[day] - usual[day]);
        less[day] = act == SENDS_MORE ? 1.5 - (value[day] - wanted)
                                      : floor(tokens[day] * (value[day] / wanted - 1.0));
    }
    run();
    found = reviewed();
    end();
    return found;
}

static void less_of_it(enum act what)
{
    first_run(what);
    printf("# %s: factor %.3f\n", detectors[what], factor);
    CHECK(!reviewed_with(factor * (1.0 - margin)));
    CHECK(reviewed_with(fmin(1.0, factor * (1.0 + margin))));
}

static void a_loop_with_less_of_the_tokens_is_no_review(void)
{
    less_of_it(LOOPS);
}

static void fewer_repeated_prompts_are_no_review(void)
{
    less_of_it(REPEATS);
}

static void smaller_contexts_are_no_review(void)
{
    less_of_it(SENDS_MORE);
}

/* The call at the time of the first raise is the one that was missing. */
static void one_call_less_is_no_incident(enum act what)
{
    act = what;
    cut_ms = INT64_MAX;
    memset(less, 0, sizeof less);
    run();
    int64_t first_ms = INT64_MAX;
    for (size_t i = x.raise_count; i > 0; i--)
        if (x.raise[i - 1].fast)
            first_ms = x.raise[i - 1].time_ms;
    CHECK(first_ms < INT64_MAX);
    end();
    cut_ms = first_ms;
    run();
    CHECK(x.raise_count == 0 && x.finding.revision == 0);
    const struct gh_explain_answer answer = gh_explain_reason(&x);
    CHECK(answer.reason == (what == LOOPS ? GH_REASON_BELOW : GH_REASON_USUAL));
    CHECK(!answer.nearest.known || answer.nearest.had < answer.nearest.needed);
    end();
    cut_ms = first_ms + 1;
    run();
    CHECK(x.raise_count == 1 && x.raise[0].fast && x.raise[0].score >= x.raise[0].threshold);
    CHECK(gh_explain_is_fast(&x) && gh_explain_reason(&x).reason == GH_REASON_FOUND);
    end();
}

static void a_loop_that_ends_a_call_earlier_is_no_incident(void)
{
    one_call_less_is_no_incident(LOOPS);
}

static void a_stuck_agent_that_ends_a_call_earlier_is_no_incident(void)
{
    one_call_less_is_no_incident(IS_STUCK);
}

/* Of every structural detector; and the evidence never falls when there is more. */
static void the_recorded_days_give_the_evidence_to_the_bit(void)
{
    static struct gh_seen_day day[DAYS];
    static struct gh_supposed with[2][DAYS];
    const double factors[] = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
    size_t first, count = 0;

    act = LOOPS;
    cut_ms = INT64_MAX;
    memset(less, 0, sizeof less);
    run();
    for (first = 0; first < x.row_count && x.row[first].day.epoch == 0; first++)
        ;
    for (size_t i = first; i < x.row_count && count < DAYS; i++)
        day[count++] = x.row[i].day;
    CHECK(count >= BUSY);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (gh_detectors[d]->lane != GH_STRUCTURAL)
            continue;
        for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) {
            const struct gh_supposition s = {
                d, 0, factors[k], first > 0 ? x.row[first - 1].day.by[d].past : NULL};
            memcpy(with[0], with[1], sizeof with[0]);
            gh_suppose(kit.engine, &s, day, count, with[1]);
            for (size_t i = 0; i < count && k > 0; i++)
                CHECK(with[1][i].log_e >= with[0][i].log_e - 0.1);
        }
        for (size_t i = 0; i < count; i++)
            CHECK(!x.row[first + i].seen ||
                  memcmp(&with[1][i].log_e, &day[i].by[d].log_e, sizeof(double)) == 0);
    }
    end();
}

/* Selected is exactly who has what was needed. */
static void who_has_what_was_needed_is_selected_and_nobody_else(void)
{
    uint32_t selected = 0, not_selected = 0;

    act = REPEATS;
    cut_ms = INT64_MAX;
    memset(less, 0, sizeof less);
    run();
    for (size_t i = 0; i < x.row_count; i++)
        for (int set = 0; set < GH_SETS; set++) {
            const struct gh_seen_choice *c = &x.row[i].choice[set];
            if (!x.row[i].chosen[set])
                continue;
            const bool passes =
                c->log_e >= c->log_needed &&
                (c->frozen || (c->log_e >= c->log_floor && c->p <= c->p_needed &&
                               (c->usd >= c->least_usd || c->unpriced > 0.0)));
            CHECK(passes == c->selected);
            selected += c->selected;
            not_selected += !c->selected;
        }
    CHECK(selected > 0 && not_selected > 0);
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(the_recorded_days_give_the_evidence_to_the_bit),
    GH_TEST(who_has_what_was_needed_is_selected_and_nobody_else),
    GH_TEST(a_loop_with_less_of_the_tokens_is_no_review),
    GH_TEST(fewer_repeated_prompts_are_no_review),
    GH_TEST(smaller_contexts_are_no_review),
    GH_TEST(a_loop_that_ends_a_call_earlier_is_no_incident),
    GH_TEST(a_stuck_agent_that_ends_a_call_earlier_is_no_incident),
};
GH_TEST_MAIN(tests)
