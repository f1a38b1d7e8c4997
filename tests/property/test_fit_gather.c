/* What: what a fit gathers from an engine: the evidence it derives again is the engine's own,
 *       and people whom a reviewer found gaming are no example.
 * How:  simulated companies through the fit's own pass; differential against the engine. */
#include "app/fit/fit.h"
#include "app/pipeline.h"
#include "base/civil.h"
#include "edge/decode.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <math.h>
#include <unistd.h>

static void pass_run(struct gh_fit *fit, struct gh_fit_source *source, struct gh_model *model)
{
    static struct gh_fit_labels labels;
    struct gh_error error = {0};

    gh_law_init();
    *fit = (struct gh_fit){.source = source,
                           .count = 1,
                           .labels = &labels,
                           .model = model,
                           .temper = true,
                           .lock = PTHREAD_MUTEX_INITIALIZER};
    CHECK(gh_config_new(&fit->config, &error) == GH_OK);
    CHECK(gh_fit_pass(fit, &error) == GH_OK);
}

static void pass_free(struct gh_fit *fit)
{
    gh_fit_companies_free(fit);
    gh_config_free(fit->config);
    free(fit->source[0].gaming);
}

/* The neutral model tempers nothing: eta 1 is what the engine itself bets with. */
static void bets_gathered_give_the_evidence_of_the_engine(void)
{
    struct gh_fit_source source = {.plan = gh_sim_plan_default()};
    static struct gh_model model;
    struct gh_fit fit;
    uint32_t moved = 0;

    source.plan.actors = 150;
    source.plan.gamers = 0.0;
    gh_model_neutral(&model);
    pass_run(&fit, &source, &model);
    const struct gh_fit_company *c = &fit.company[0];
    CHECK(c->epochs.count > 100 && gh_fit_eta(GH_FIT_ETAS - 1) == 1.0);
    for (uint32_t i = 0; i < c->epochs.count; i++) {
        const struct gh_fit_epoch *row = gh_array_at(&c->epochs, i);
        for (uint32_t d = 0; d < gh_detector_count; d++) {
            /* Bets are kept as floats: 28 of them, of at most 30, an error of 2^-24 each. */
            CHECK_NEAR((double)row->tempered[d][GH_FIT_ETAS - 1], (double)row->sup_by[d], 1e-4);
            moved += row->sup_by[d] > 0.1f;
            for (size_t k = 0; k < GH_FIT_ETAS; k++)
                CHECK(row->tempered[d][k] >= 0.0f && row->enrolled_of > 0);
        }
    }
    CHECK(moved > 10);
    pass_free(&fit);
}

struct first {
    char id[GH_FINDING_ID_SIZE];
    char actor[64];
};

static void finding_note(void *context, const struct gh_finding *change)
{
    struct first *first = context;

    if (first->id[0] != '\0')
        return;
    memcpy(first->id, change->id, sizeof first->id);
    snprintf(first->actor, sizeof first->actor, "%.*s", (int)change->actor.size,
             change->actor.at);
}

/* A company as a log, and the first finding in it. Returns the time of its last event. */
static int64_t log_make(const char *path, struct first *first)
{
    static char line[6 * GH_EVENT_BYTES_MAX];
    static struct gh_event event[256];
    struct gh_sim_plan plan = gh_sim_plan_default();
    const struct gh_hooks hooks = {.context = first, .on_change = finding_note};
    struct gh_pipeline *pipeline = NULL;
    struct gh_config *config = NULL;
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;
    FILE *file = fopen(path, "we");
    int64_t last_ms = 0;

    plan.actors = 60;
    plan.gamers = 0.3;
    plan.behaviour = GH_OFF_HOURS_BURST;
    CHECK(file != NULL && gh_sim_new(&sim, &plan, &error) == GH_OK);
    CHECK(gh_config_new(&config, &error) == GH_OK);
    CHECK(gh_pipeline_new(&pipeline, config, 256, &hooks, &error) == GH_OK);
    for (size_t n; (n = gh_sim_next(sim, event, 256)) > 0;) {
        for (size_t i = 0; i < n; i++)
            fwrite(line, 1, gh_encode(&event[i], line, sizeof line), file);
        last_ms = event[n - 1].ts_ms;
        CHECK(gh_pipeline_events(pipeline, event, n, &error) == GH_OK);
    }
    fclose(file);
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    gh_sim_free(sim);
    return last_ms;
}

static void verdict_add(const char *path, const struct first *first, const char *verdict,
                        int64_t ts_ms)
{
    FILE *file = fopen(path, "ae");
    char time[GH_TIME_TEXT_SIZE];

    gh_time_format(ts_ms, time);
    CHECK(file != NULL);
    fprintf(file,
            "{\"kind\":\"verdict\",\"id\":\"%s\",\"ts\":\"%s\",\"finding\":\"%s\","
            "\"actor\":\"%s\","
            "\"verdict\":\"%s\",\"reviewer\":\"r\"}\n",
            verdict, time, first->id, first->actor, verdict);
    fclose(file);
}

/* Names of those left out; the company ends with the call. */
static uint32_t left_out(const char *path, bool *only_first)
{
    struct gh_fit_source source = {.path = path};
    struct gh_fit fit;
    uint32_t count = 0;

    pass_run(&fit, &source, NULL);
    for (uint32_t id = 1; id < fit.company[0].people.count; id++)
        count +=
            ((const struct gh_fit_person *)gh_array_at(&fit.company[0].people, id))->left_out;
    *only_first = source.gaming_count == count;
    pass_free(&fit);
    return count;
}

static void a_verdict_of_gaming_or_waste_leaves_the_person_out_for_good(void)
{
    char path[] = "/tmp/test_fit_gather.XXXXXX";
    struct first first = {.id = ""};
    bool remembered;

    close(mkstemp(path));
    const int64_t last_ms = log_make(path, &first);
    CHECK(first.id[0] != '\0');
    CHECK(left_out(path, &remembered) == 0);
    verdict_add(path, &first, "legitimate", last_ms + 1000);
    CHECK(left_out(path, &remembered) == 0);
    verdict_add(path, &first, "waste", last_ms + 2000);
    CHECK(left_out(path, &remembered) == 1 && remembered);
    verdict_add(path, &first, "unsure", last_ms + 3000);
    CHECK(left_out(path, &remembered) == 1);
    unlink(path);
}

static const struct gh_test tests[] = {
    GH_TEST(bets_gathered_give_the_evidence_of_the_engine),
    GH_TEST(a_verdict_of_gaming_or_waste_leaves_the_person_out_for_good),
};

GH_TEST_MAIN(tests)
