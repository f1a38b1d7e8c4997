/* What: a case of a what-if finds, byte for byte, what a replay under its configuration finds:
 *       on any number of threads, beside any other cases, from files and from a log, within
 *       any stretch; and a log that records its settings gives what they gave.
 * How:  a simulated company; alerts as they would be published, those of gh_pipeline beside
 *       those of gh_whatif_run. */
#include "app/basis.h"
#include "app/parcel.h"
#include "app/pipeline.h"
#include "app/whatif.h"
#include "edge/alert.h"
#include "edge/decode.h"
#include "engine/inspect.h"
#include "support/company_kit.h"
#include "support/store_kit.h"

enum { PEOPLE = 14, WEEKS = 6, BATCH = 500, CASES = 8 };

/* --- what was found, as text --- */

struct told {
    char *text;
    size_t used, size;
    uint64_t alerts;
    int64_t from_ms, until_ms;
};

static void told_add(void *context, const struct gh_finding *change)
{
    struct told *t = context;
    char *body;

    if (change->time_ms < t->from_ms || change->time_ms >= t->until_ms)
        return;
    body = gh_alert_body(change, ++t->alerts, "test");
    const size_t size = strlen(body);
    if (t->used + size + 2 > t->size) {
        t->size = 2 * (t->used + size + 2);
        t->text = realloc(t->text, t->size);
        if (!t->text)
            exit(2);
    }
    memcpy(t->text + t->used, body, size);
    t->text[t->used + size] = '\n';
    t->used += size + 1;
    free(body);
}

static bool told_same(const struct told *a, const struct told *b)
{
    return a->alerts == b->alerts && a->used == b->used &&
           (a->used == 0 || !memcmp(a->text, b->text, a->used));
}

/* --- the company: a file of it, and its text --- */

static char *company;
static size_t company_size;
static int64_t company_from, company_until;

static void company_make(void)
{
    static struct gh_event event[BATCH];
    const struct gh_sim_plan plan = company_plan(PEOPLE, WEEKS, 0.4, 11);
    struct gh_sim *sim = company_open(&plan);
    FILE *out = open_memstream(&company, &company_size);
    char line[GH_EVENT_BYTES_MAX];
    size_t n;

    while ((n = gh_sim_next(sim, event, BATCH)) > 0)
        for (size_t i = 0; i < n; i++) {
            company_from = company_from ? company_from : event[i].ts_ms;
            company_until = event[i].ts_ms;
            fwrite(line, 1, gh_encode(&event[i], line, sizeof line), out);
        }
    fclose(out);
    gh_sim_free(sim);
}

static const char *company_path(void)
{
    const char *path = kit_path("company.ndjson");
    FILE *out = fopen(path, "w");

    CHECK(out && fwrite(company, 1, company_size, out) == company_size && fclose(out) == 0);
    return path;
}

/* --- configurations --- */

static const char *const settings[CASES][3] = {
    {NULL},
    {"incident.warning_usd=2", "incident.close_after=4", NULL},
    {"evidence.own_factor=1", "repetition.far_bits=6", NULL},
    {"order.lateness=7200", NULL},
    {"evidence.epoch=14", "review.alpha=0.3", NULL},
    {"review.require_authenticated=on", NULL},
    {"limits.actors=8", NULL},
    {"incident.audit=0.5", "incident.false_alarms=0.1", NULL},
};

static struct gh_config *config_make(const char *const *set)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    for (; set && *set; set++)
        if (gh_config_set(config, *set, &error) != GH_OK) {
            printf("# %s\n", error.text);
            exit(1);
        }
    gh_config_settle(config);
    return config;
}

/* --- the same by a pipeline --- */

static struct gh_pipeline *pipeline_make(const struct gh_config *config, struct told *told)
{
    struct gh_error error = {0};
    struct gh_pipeline *pipeline = NULL;
    const struct gh_hooks hooks = {.context = told, .on_change = told_add};

    CHECK(gh_pipeline_new(&pipeline, config, 777, &hooks, &error) == GH_OK);
    return pipeline;
}

static struct told replayed(const char *const *set, int64_t from_ms, int64_t until_ms)
{
    struct told told = {.from_ms = from_ms, .until_ms = until_ms};
    struct gh_config *config = config_make(set);
    struct gh_pipeline *pipeline = pipeline_make(config, &told);
    struct gh_place place = {.source = "test"};
    struct gh_error error = {0};

    CHECK(gh_pipeline_frame(pipeline, company, company_size, &place, &error) == GH_OK);
    CHECK(gh_pipeline_finish(pipeline, &error) == GH_OK);
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    return told;
}

/* --- what-ifs --- */

struct trial {
    struct gh_whatif_plan plan;
    struct gh_whatif_case cases[CASES];
    struct gh_config *config[CASES];
    struct told told[CASES];
    struct gh_error error;
};

static void trial_begin(struct trial *t, size_t cases, uint32_t threads)
{
    *t = (struct trial){.plan = {.from_ms = INT64_MIN,
                                 .until_ms = INT64_MAX,
                                 .cases = t->cases,
                                 .case_count = cases,
                                 .threads = threads}};
}

static enum gh_status trial_run(struct trial *t)
{
    for (size_t i = 0; i < t->plan.case_count; i++) {
        t->config[i] = config_make(settings[i]);
        t->told[i] = (struct told){.from_ms = INT64_MIN, .until_ms = INT64_MAX};
        t->cases[i] = (struct gh_whatif_case){
            .config = t->config[i], .context = &t->told[i], .on_change = told_add};
    }
    return gh_whatif_run(&t->plan, &t->error);
}

static void trial_end(struct trial *t)
{
    for (size_t i = 0; i < t->plan.case_count; i++) {
        gh_config_free(t->config[i]);
        free(t->told[i].text);
    }
}

static void trial_check(const struct trial *t)
{
    for (size_t i = 0; i < t->plan.case_count; i++) {
        struct told wanted = replayed(settings[i], t->plan.from_ms, t->plan.until_ms);
        printf("# case %zu: %llu alerts\n", i, (unsigned long long)wanted.alerts);
        CHECK(told_same(&t->told[i], &wanted));
        free(wanted.text);
    }
}

static void each_case_finds_what_its_replay_finds(void)
{
    static struct trial t;

    company_make();
    kit_open();
    const char *const path = company_path();
    for (uint32_t threads = 1; threads <= 3; threads++) {
        trial_begin(&t, CASES, threads);
        t.plan.path = &path;
        t.plan.path_count = 1;
        CHECK(trial_run(&t) == GH_OK);
        CHECK(t.told[0].alerts > 10 && t.told[1].alerts != t.told[0].alerts);
        CHECK(t.cases[0].totals.events > 5000 && t.cases[0].totals.cost_usd > 0.0);
        CHECK(t.cases[6].totals.actors == 8 && t.cases[0].totals.actors > 8);
        for (size_t i = 1; i < CASES; i++)
            CHECK(i == 3 || !told_same(&t.told[0], &t.told[i]));
        if (threads == 2)
            trial_check(&t);
        if (threads != 2)
            for (size_t i = 0; i < CASES; i += 3) {
                struct told wanted = replayed(settings[i], INT64_MIN, INT64_MAX);
                CHECK(told_same(&t.told[i], &wanted));
                free(wanted.text);
            }
        trial_end(&t);
    }
    unlink(path);
    kit_close();
}

static void only_the_stretch_is_told(void)
{
    static struct trial t;
    struct gh_whatif_totals part;

    kit_open();
    const char *const path = company_path();
    trial_begin(&t, 4, 2);
    t.plan.path = &path;
    t.plan.path_count = 1;
    t.plan.from_ms = company_from + 20 * INT64_C(86400000) + 123456;
    t.plan.until_ms = company_from + 31 * INT64_C(86400000) + 7;
    CHECK(trial_run(&t) == GH_OK);
    trial_check(&t);
    part = t.cases[0].totals;
    trial_end(&t);
    trial_begin(&t, 1, 1);
    t.plan.path = &path;
    t.plan.path_count = 1;
    CHECK(trial_run(&t) == GH_OK);
    CHECK(part.events > 500 && 2 * part.events < t.cases[0].totals.events);
    CHECK(part.tokens > 0.0 && 2.0 * part.tokens < t.cases[0].totals.tokens);
    trial_end(&t);
    unlink(path);
    kit_close();
}

/* --- from a log --- */

static void log_add(struct gh_log *log, uint32_t kind, const char *raw, size_t size)
{
    struct gh_error error = {0};
    struct gh_run run = {.kind = kind,
                         .owner = kit_text(""),
                         .newest_ms = company_until,
                         .raw = raw,
                         .raw_size = size};

    run.count = kind == GH_RUN_SETTINGS ? 1 : 0;
    for (size_t i = 0; kind == GH_RUN_EVENTS && i < size; i++)
        run.count += raw[i] == '\n';
    const struct gh_log_batch batch = {.run = &run, .run_count = 1};
    CHECK(gh_log_append(log, &batch, &error) == GH_OK);
}

static void basis_add(struct gh_log *log, const char *const *set)
{
    struct gh_error error = {0};
    struct gh_config *config = config_make(set);
    char hash[GH_BASIS_SIZE];

    CHECK(gh_basis_keep(kit_folder, config, hash, &error) == GH_OK);
    log_add(log, GH_RUN_SETTINGS, hash, GH_BASIS_SIZE - 1);
    gh_config_free(config);
}

static size_t piece_end(size_t at, size_t size)
{
    size_t end = at + size < company_size ? at + size : company_size;

    while (end < company_size && company[end - 1] != '\n')
        end++;
    return end;
}

/* Under settings 0, and from two fifths on under settings 1. */
static void log_write(void)
{
    const struct gh_log_setup setup = kit_setup(1 << 22);
    struct gh_log *log = kit_log(&setup);
    bool changed = false;

    basis_add(log, settings[0]);
    for (size_t at = 0, end; at < company_size; at = end) {
        end = piece_end(at, 300000);
        if (!changed && at > company_size / 5 * 2) {
            basis_add(log, settings[1]);
            changed = true;
        }
        log_add(log, GH_RUN_EVENTS, company + at, end - at);
    }
    CHECK(changed);
    gh_log_close(log);
}

static void a_log_gives_the_same_and_its_settings_where_asked(void)
{
    static struct trial t;
    struct told before;

    kit_open();
    log_write();
    trial_begin(&t, 3, 2);
    t.plan.folder = kit_folder;
    CHECK(trial_run(&t) == GH_OK);
    trial_check(&t);
    before = t.told[0];
    t.told[0].text = NULL;
    trial_end(&t);
    trial_begin(&t, 3, 2);
    t.plan.folder = kit_folder;
    t.plan.as_configured = true;
    CHECK(trial_run(&t) == GH_OK);
    struct told changed = replayed(settings[1], INT64_MIN, INT64_MAX);
    CHECK(!told_same(&t.told[0], &before) && !told_same(&t.told[0], &changed));
    CHECK(t.told[0].used > before.used / 5 && told_same(&t.told[1], &changed));
    free(changed.text);
    free(before.text);
    trial_end(&t);
    kit_close();
}

/* --- a log whose beginning is gone --- */

static struct gh_snapshot_writer *writer;

static bool snapshot_put(void *context, void *at, size_t size)
{
    return gh_snapshot_write(writer, at, size, context) == GH_OK;
}

/* After the first part of the company under settings 0. Returns how many bytes that is. */
static size_t snapshot_write(uint64_t *position)
{
    struct told unused = {.from_ms = INT64_MAX, .until_ms = INT64_MAX};
    struct gh_config *config = config_make(settings[0]);
    struct gh_pipeline *pipeline = pipeline_make(config, &unused);
    const size_t end = piece_end(0, company_size / 5 * 3);
    struct gh_snapshot_setup setup = {.folder = kit_folder, .compression = 1};
    struct gh_snapshot_head head = {.engine = "test"};
    struct gh_place place = {.source = "test"};
    struct gh_error error = {0};
    char basis[GH_BASIS_SIZE];

    CHECK(gh_basis_keep(kit_folder, config, basis, &error) == GH_OK);
    for (size_t i = 0; i < sizeof head.configuration; i++) {
        unsigned byte;
        CHECK(sscanf(basis + 2 * i, "%2x", &byte) == 1);
        head.configuration[i] = (unsigned char)byte;
    }
    CHECK(gh_pipeline_frame(pipeline, company, end, &place, &error) == GH_OK);
    CHECK(gh_pipeline_flush(pipeline, &error) == GH_OK);
    head.position = *position = place.index + 1; /* one of the log is its basis */
    CHECK(gh_snapshot_begin(&writer, &setup, &head, &error) == GH_OK);
    CHECK(gh_engine_save(gh_pipeline_engine(pipeline),
                         &(struct gh_carrier){&error, snapshot_put}) == GH_OK);
    CHECK(gh_snapshot_commit(writer, &error) == GH_OK);
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    return end;
}

/* The rest of the company, from the snapshot on. */
static struct told continued(const char *const *set, size_t from)
{
    struct told told = {.from_ms = INT64_MIN, .until_ms = INT64_MAX};
    struct gh_config *config = config_make(set);
    struct gh_pipeline *pipeline = pipeline_make(config, &told);
    const struct gh_snapshot_wish wish = {kit_folder, UINT64_MAX, NULL, NULL};
    struct gh_place place = {.source = "test"};
    struct gh_error error = {0};
    struct gh_snapshot_parcel parcel = {.error = &error};
    const struct gh_carrier carrier = gh_snapshot_parcel_carrier(&parcel);

    CHECK(gh_snapshot_open(&parcel.reader, &wish, &error) == GH_OK && parcel.reader);
    CHECK(gh_pipeline_load(pipeline, &carrier, &error) == GH_OK);
    gh_snapshot_close(parcel.reader);
    CHECK(gh_pipeline_frame(pipeline, company + from, company_size - from, &place, &error) ==
          GH_OK);
    CHECK(gh_pipeline_finish(pipeline, &error) == GH_OK);
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    return told;
}

static void log_prune(uint64_t needed)
{
    const struct gh_log_setup setup = kit_setup(100000);
    const struct gh_log_prune rule = {.needed = needed, .keep_bytes = 1};
    struct gh_log_pruned pruned = {0};
    struct gh_error error = {0};
    struct gh_log *log = kit_log(&setup);

    basis_add(log, settings[0]);
    for (size_t at = 0, end; at < company_size; at = end) {
        end = piece_end(at, 100000);
        log_add(log, GH_RUN_EVENTS, company + at, end - at);
    }
    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.first > 0);
    gh_log_close(log);
}

static void where_the_beginning_is_gone_cases_go_on_from_a_snapshot(void)
{
    static struct trial t;
    uint64_t position;

    kit_open();
    const size_t from = snapshot_write(&position);
    log_prune(position);
    trial_begin(&t, 4, 2);
    t.plan.folder = kit_folder;
    t.plan.as_configured = true;
    CHECK(trial_run(&t) == GH_OK);
    for (size_t i = 0; i < 4; i++) {
        struct told wanted = continued(settings[i], from);
        CHECK(wanted.alerts > 5 && told_same(&t.told[i], &wanted));
        free(wanted.text);
    }
    trial_end(&t);
    trial_begin(&t, 5, 1); /* the last one has other epochs */
    t.plan.folder = kit_folder;
    CHECK(trial_run(&t) == GH_ECONFIG && strstr(t.error.text, "evidence.epoch"));
    trial_end(&t);
    kit_close();
}

/* --- what cannot be --- */

static void what_cannot_be_read_is_told(void)
{
    static struct trial t;
    const char *const missing = "/nowhere/events.ndjson";

    kit_open();
    trial_begin(&t, 1, 1);
    t.plan.path = &missing;
    t.plan.path_count = 1;
    CHECK(trial_run(&t) == GH_EIO && strstr(t.error.text, missing));
    trial_end(&t);
    trial_begin(&t, 1, 1);
    t.plan.folder = kit_folder;
    CHECK(trial_run(&t) == GH_EFORMAT && strstr(t.error.text, "there is no log"));
    trial_end(&t);
    const char *const path = company_path();
    trial_begin(&t, 1, 1);
    t.plan.path = &path;
    t.plan.path_count = 1;
    t.plan.from_ms = company_until + INT64_C(86400000);
    CHECK(trial_run(&t) == GH_EFORMAT && strstr(t.error.text, "no event in the stretch"));
    trial_end(&t);
    unlink(path);
    kit_close();
    free(company);
}

static const struct gh_test tests[] = {
    GH_TEST(each_case_finds_what_its_replay_finds),
    GH_TEST(only_the_stretch_is_told),
    GH_TEST(a_log_gives_the_same_and_its_settings_where_asked),
    GH_TEST(where_the_beginning_is_gone_cases_go_on_from_a_snapshot),
    GH_TEST(what_cannot_be_read_is_told),
};

GH_TEST_MAIN(tests)
