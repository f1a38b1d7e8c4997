/* What: a plan gives the same bytes from every compiler: nothing depends on the order in which
 *       it happens to evaluate two draws.
 * How:  the hash of a company with everything in it, as gcc made it; on machines that calculate
 *       as that one did. A change of the simulator changes it. */
#include "app/simulate/simulate.h"
#include "base/hash.h"
#include "edge/decode.h"
#include "stat/fingerprint.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <inttypes.h>

/* Machine, then company. */
static const uint64_t made_on = UINT64_C(0xa9334982c7479b15),
                      wanted = UINT64_C(0xd9edfeed7c9cb48b);

static uint64_t company_hash(void)
{
    static struct gh_event event[256];
    static char line[GH_EVENT_BYTES_MAX];
    struct gh_sim_plan plan = gh_sim_plan_default();
    struct gh_error error = {0};
    struct gh_sim *sim;
    uint64_t hash = 0;
    size_t n;

    plan.actors = 150;
    plan.weeks = 4;
    plan.gamers = 0.5;
    plan.form = GH_SIM_MIXED;
    plan.seed = 8;
    CHECK(gh_sim_new(&sim, &plan, &error) == GH_OK);
    while ((n = gh_sim_next(sim, event, 256)) > 0)
        for (size_t i = 0; i < n; i++)
            hash = gh_hash_seeded(line, gh_encode(&event[i], line, sizeof line), hash);
    gh_sim_free(sim);
    return hash;
}

static void every_compiler_makes_the_same_company(void)
{
    gh_law_init();
    const uint64_t machine = gh_numeric_fingerprint(), got = company_hash();

    printf("# machine %" PRIx64 ", company %" PRIx64 "\n", machine, got);
    CHECK(got != 0 && (machine != made_on || got == wanted));
}

static const struct gh_test tests[] = {
    GH_TEST(every_compiler_makes_the_same_company),
};

GH_TEST_MAIN(tests)
