/* What: the promises of the evidence: bets and reserves do not grow in expectation for
 *       honest people, p-values of fresh people are not too small, and the people who are
 *       named are mostly the right ones.
 * How:  exact sums where there are any, else Monte Carlo from fixed seeds. A mean may be
 *       four standard errors above its bound: once in 30 000 for a correct program. */
#include "stat/bet.h"
#include "stat/law.h"
#include "stat/order.h"
#include "stat/rank.h"
#include "stat/reserve.h"
#include "stat/select.h"
#include "stat/tail.h"
#include "support/gh_test.h"

#include <math.h>

static uint64_t random_state;

static double random_uniform(void) /* xorshift64*, in (0, 1) */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return ((double)(random_state * UINT64_C(0x2545f4914f6cdd1d) >> 12) + 0.5) * 0x1p-52;
}

static double random_normal(void)
{
    return gh_normal_above_inverse(random_uniform());
}

struct average {
    double sum, squares, count;
};

static void average_add(struct average *a, double value)
{
    a->sum += value;
    a->squares += value * value;
    a->count++;
}

static double average_mean(const struct average *a)
{
    return a->sum / a->count;
}

static double average_error(const struct average *a)
{
    const double mean = average_mean(a);

    return sqrt(fmax(0, a->squares / a->count - mean * mean) / a->count);
}

static bool average_at_most(const struct average *a, double bound)
{
    const bool ok = average_mean(a) <= bound + 4 * average_error(a) + 1e-12;

    if (!ok)
        printf("# mean %g, error %g, bound %g\n", average_mean(a), average_error(a), bound);
    return ok;
}

/* Shares with mean m exactly. */
enum law { LAW_COIN, LAW_CONSTANT, LAW_SPREAD, LAW_RARE, LAW_POWER, LAW_COUNT };

static double share_of(enum law law, double m)
{
    const double u = random_uniform(), width = fmin(m, 1 - m);

    switch (law) {
    case LAW_COIN: /* 0 or 1: the most dispersed law there is */
        return u < m;
    case LAW_SPREAD:
        return m + width * (2 * u - 1);
    case LAW_RARE: /* mostly nothing, sometimes twice or up to all */
        return u < m / fmin(1, 2 * m) ? fmin(1, 2 * m) : 0;
    case LAW_POWER: /* u^k has mean 1/(k+1); most of it sits in few days */
        return pow(u, 1 / m - 1);
    case LAW_CONSTANT:
    case LAW_COUNT:
        break;
    }
    return m;
}

static const double level[] = {0.15, 0.35, 0.60};

static void a_bet_on_a_share_is_fair_for_every_law_with_the_allowed_mean(void)
{
    static const double m[] = {0.02, 0.2, 0.6};

    random_state = 11;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            const double one = exp(gh_bet_share(1, m[i], level[j]));
            const double none = exp(gh_bet_share(0, m[i], level[j]));

            CHECK_NEAR(m[i] * one + (1 - m[i]) * none, 1, 1e-13);
            for (int law = 0; law < LAW_COUNT; law++) {
                struct average at_mean = {0}, below = {0};

                for (int n = 0; n < 10000; n++) {
                    const double x = share_of((enum law)law, m[i]);

                    average_add(&at_mean, exp(gh_bet_share(x, m[i], level[j])));
                    average_add(&below, exp(gh_bet_share(x * 0.9, m[i], level[j])));
                }
                CHECK(average_at_most(&at_mean, 1));
                CHECK(average_mean(&at_mean) >= 1 - 5 * average_error(&at_mean) - 1e-9);
                CHECK(average_mean(&below) < 1);
            }
        }
    }
}

/* Expectation of the tilt for (mu, r) when the count is negative binomial (mean, size). */
static double tilt_mean(double mu, double r, double theta, double mean, double size)
{
    double sum = 0, log_p = -size * log1p(mean / size);

    for (int x = 0; x < 20000; x++) {
        sum += exp(log_p + gh_bet_count(x, mu, r, theta));
        log_p += log((x + size) / (x + 1) * mean / (size + mean));
    }
    return sum;
}

static void a_bet_on_a_count_is_fair_for_smaller_means_and_less_dispersion(void)
{
    static const double theta[] = {2, 4, 10};

    for (int i = 0; i < 3; i++) {
        CHECK_NEAR(tilt_mean(3, 2, theta[i], 3, 2), 1, 1e-9);
        CHECK(tilt_mean(3, 2, theta[i], 2.5, 2) < 1);
        CHECK(tilt_mean(3, 2, theta[i], 3, 20) < 1);
        CHECK(tilt_mean(3, 2, theta[i], 1, 1e6) < 1);
        CHECK(tilt_mean(3, 2, theta[i], 3, 1.5) > 1); /* so r must be a lower bound */
        CHECK(tilt_mean(3, 2, theta[i], 3.5, 2) > 1);
    }
}

static void a_bet_on_a_level_is_fair_for_conformal_p_values(void)
{
    static const double delta[] = {0.75, 1.5, 2.5};

    for (int i = 0; i < 3; i++) {
        for (int n = 1; n < 3000; n = n * 3 + 1) {
            double sum = 0;

            for (int k = 1; k <= n + 1; k++)
                sum += exp(gh_bet_level(k / (n + 1.0), delta[i]));
            CHECK(sum / (n + 1) <= 1);
        }
    }
}

/* One epoch of a person whose share has mean `mean` from day `start` on and m before, on
 * seven days of ten. Returns log E at the end; `*sup` is the largest on the way. */
static double epoch(const struct gh_reserve_plan *plan, double m, double mean, uint32_t start,
                    double *sup)
{
    struct gh_reserve r;

    gh_reserve_start(&r);
    *sup = 0;
    for (uint32_t day = 0; day < plan->days; day++) {
        const double x = share_of(LAW_COIN, day >= start ? mean : m);
        double log_l[3];

        if (random_uniform() > 0.7)
            continue;
        for (int j = 0; j < 3; j++)
            log_l[j] = gh_bet_share(x, m, level[j]);
        gh_reserve_idle(&r, plan, day);
        gh_reserve_bet(&r, plan, log_l);
        *sup = fmax(*sup, gh_reserve_log_e(&r, plan));
    }
    gh_reserve_idle(&r, plan, plan->days);
    return gh_reserve_log_e(&r, plan);
}

static void a_reserve_does_not_grow_for_honest_people(void)
{
    static const double eta[] = {1, 0.7}, bound[] = {2, 5, 20, 100};

    random_state = 12;
    for (int i = 0; i < 2; i++) {
        const struct gh_reserve_plan plan = {28, 3, eta[i], NULL};
        struct average e = {0}, above[4] = {{0}};

        for (int n = 0; n < 8000; n++) {
            double sup;

            average_add(&e, exp(epoch(&plan, 0.3, 0.3, 0, &sup)));
            for (int j = 0; j < 4; j++)
                average_add(&above[j], sup >= log(bound[j]));
        }
        CHECK(average_at_most(&e, 1));
        for (int j = 0; j < 4; j++)
            CHECK(average_at_most(&above[j], 1 / bound[j]));
        CHECK(average_mean(&above[0]) > 0.02); /* not because there is no evidence at all */
    }
}

static void a_reserve_finds_gaming_that_starts_on_any_day(void)
{
    static const struct gh_reserve_plan plan = {28, 3, 0.7, NULL};

    random_state = 13;
    for (uint32_t start = 0; start <= 8; start += 4) {
        struct average found = {0};

        for (int n = 0; n < 500; n++) {
            double sup;

            epoch(&plan, 0.1, 0.9, start, &sup);
            average_add(&found, sup >= log(1000));
        }
        CHECK(average_mean(&found) > 0.9);
    }
}

enum { PEOPLE = 40, DAYS = 28 };

/* One company for one epoch with exact martingales; those below `gamers` game. `common` is
 * the share of the noise that everybody has. Returns sup of the false discovery
 * proportion; `*found` is the share of the gamers that were named. */
static double company(int gamers, double common, double alpha, double *found)
{
    struct gh_candidate c[PEOPLE];
    double log_e[PEOPLE] = {0}, sup = 0;

    memset(c, 0, sizeof c);
    for (int day = 0; day < DAYS; day++) {
        const double shared = random_normal();
        size_t flagged = 0, before = 0, wrong = 0, right = 0;

        for (int i = 0; i < PEOPLE; i++) {
            const double noise = sqrt(common) * shared + sqrt(1 - common) * random_normal();

            log_e[i] += noise + (i < gamers) - 0.5; /* likelihood ratio of a shift by one */
            before += c[i].frozen;
            if (!c[i].frozen)
                c[i].log_e = log_e[i];
        }
        gh_select_ebh(c, PEOPLE, alpha, PEOPLE, NULL);
        for (int i = 0; i < PEOPLE; i++) {
            CHECK(c[i].selected || !c[i].frozen); /* the set grows only */
            c[i].frozen = c[i].selected;
            flagged += c[i].selected;
            wrong += c[i].selected && i >= gamers;
            right += c[i].selected && i < gamers;
        }
        CHECK(flagged >= before);
        if (flagged)
            sup = fmax(sup, (double)wrong / (double)flagged);
        *found = gamers ? (double)right / gamers : 0;
    }
    return sup;
}

static void frozen_selection_bounds_the_worst_share_of_wrong_names(void)
{
    static const double common[] = {0, 0.5, 1}, alpha = 0.2;
    static const int gamers[] = {0, 2, 8};

    random_state = 14;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            struct average wrong = {0}, found = {0};

            for (int n = 0; n < 400; n++) {
                double share;

                average_add(&wrong, company(gamers[j], common[i], alpha, &share));
                average_add(&found, share);
            }
            CHECK(average_at_most(&wrong, alpha * (PEOPLE - gamers[j]) / PEOPLE));
            CHECK(gamers[j] == 0 || average_mean(&found) > 0.7);
        }
    }
}

/* Log scores with a power law of index 0.6 above 1 and nothing for every third person. */
static double honest_log_score(void)
{
    return random_uniform() < 1.0 / 3 ? -3 : -log(random_uniform()) / 0.6;
}

static void p_values_of_the_tail_are_not_too_small_for_fresh_people(void)
{
    enum { FITS = 150, SAMPLE = 2000, FRESH = 1000 };
    static const double u[] = {0.5, 0.2, 0.05, 0.01, 0.001, 0.0001};
    static double sample[SAMPLE];
    struct average below[6] = {{0}};

    random_state = 15;
    for (int fit = 0; fit < FITS; fit++) {
        struct gh_tail tail;

        for (int i = 0; i < SAMPLE; i++)
            sample[i] = honest_log_score();
        gh_sort(sample, SAMPLE);
        CHECK(gh_tail_fit(&tail, sample, SAMPLE, 0.99, 1.64));
        for (int i = 0; i < FRESH; i++) {
            const double p = gh_tail_p(&tail, honest_log_score());

            for (int j = 0; j < 6; j++)
                average_add(&below[j], p <= u[j]);
        }
    }
    for (int j = 0; j < 6; j++) {
        /* The sample of a fit errs too, and half as much: 2000 people to 1000. */
        const double error = sqrt(1.5 * u[j] / (FITS * FRESH));

        CHECK(average_mean(&below[j]) <= u[j] + 4 * error);
        CHECK(j > 3 || average_mean(&below[j]) >= 0.6 * u[j]); /* nor far too large */
    }
}

static void p_values_of_ranks_are_not_too_small_for_fresh_values(void)
{
    enum { TABLES = 300, SAMPLE = 199, FRESH = 300 };
    static const double u[] = {0.5, 0.2, 0.05, 0.01};
    struct average below[4] = {{0}};

    random_state = 16;
    for (int table = 0; table < TABLES; table++) {
        struct gh_rank rank;

        gh_rank_init(&rank, -3, 3);
        for (int i = 0; i < SAMPLE; i++)
            gh_rank_add(&rank, random_normal());
        for (int i = 0; i < FRESH; i++) {
            const double p = gh_rank_p(&rank, random_normal());

            for (int j = 0; j < 4; j++)
                average_add(&below[j], p <= u[j]);
        }
    }
    for (int j = 0; j < 4; j++) {
        const double error = sqrt(u[j] * (1.0 / FRESH + 1.0 / SAMPLE) / TABLES);

        CHECK(average_mean(&below[j]) <= u[j] + 4 * error);
        CHECK(average_mean(&below[j]) >= 0.7 * u[j]);
    }
}

static void a_pareto_fit_finds_what_the_sample_was_made_of(void)
{
    static const double xi[] = {0, 0.2, 0.4};
    static double excess[20000];

    random_state = 17;
    for (int i = 0; i < 3; i++) {
        double found_xi, found_sigma;

        for (int n = 0; n < 20000; n++) {
            const double u = random_uniform();

            excess[n] = xi[i] > 0 ? 3 * (pow(u, -xi[i]) - 1) / xi[i] : -3 * log(u);
        }
        gh_sort(excess, 20000);
        CHECK(gh_gpd_fit(excess, 20000, &found_xi, &found_sigma));
        CHECK_NEAR(found_xi, xi[i], 0.06); /* about four standard errors */
        CHECK_NEAR(found_sigma, 3, 0.25);
        CHECK_NEAR(gh_gpd_tail(excess[19799], found_xi, found_sigma), 0.01, 0.003);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_bet_on_a_share_is_fair_for_every_law_with_the_allowed_mean),
    GH_TEST(a_bet_on_a_count_is_fair_for_smaller_means_and_less_dispersion),
    GH_TEST(a_bet_on_a_level_is_fair_for_conformal_p_values),
    GH_TEST(a_reserve_does_not_grow_for_honest_people),
    GH_TEST(a_reserve_finds_gaming_that_starts_on_any_day),
    GH_TEST(frozen_selection_bounds_the_worst_share_of_wrong_names),
    GH_TEST(p_values_of_the_tail_are_not_too_small_for_fresh_people),
    GH_TEST(p_values_of_ranks_are_not_too_small_for_fresh_values),
    GH_TEST(a_pareto_fit_finds_what_the_sample_was_made_of),
};
GH_TEST_MAIN(tests)
