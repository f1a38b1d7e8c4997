/* What: `goodhart fit` from end to end: same bytes, people left out, what is refused.
 * How:  the command itself on companies of some dozens, simulated in process or as a log. */
#include "app/command.h"
#include "app/simulate/simulate.h"
#include "edge/decode.h"
#include "edge/model_file.h"
#include "edge/resources.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <unistd.h>

static char folder[] = "/tmp/test_fit.XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[64][64];
    static unsigned next;
    char *at = path[next++ % 64];

    snprintf(at, sizeof path[0], "%s/%s", folder, name);
    return at;
}

/* Words after "goodhart", NULL at the end. */
static enum gh_status fit(struct gh_error *error, const char *const *word)
{
    char *argv[24] = {"goodhart"}, *copy[24]; /* the parser reorders argv */
    struct gh_arguments arguments;
    enum gh_request request;
    int argc = 1;

    while (*word != NULL && argc < 24) {
        copy[argc] = strdup(*word++);
        argv[argc] = copy[argc];
        argc++;
    }
    enum gh_status status = gh_command_parse(&arguments, &request, argc, argv, error);
    if (status == GH_OK)
        status = gh_command_config(&arguments, error);
    if (status == GH_OK)
        status = arguments.command->run(&arguments, error);
    gh_config_free(arguments.config);
    for (int i = 1; i < argc; i++)
        free(copy[i]);
    return status;
}
#define FIT(error, ...) fit(error, (const char *const[]){"fit", __VA_ARGS__, NULL})

/* The caller frees it. */
static char *file_text(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "re");

    CHECK(text != NULL && file != NULL);
    if (file != NULL) {
        CHECK(fread(text, 1, (1 << 20) - 1, file) > 0);
        fclose(file);
    }
    return text;
}

static void file_make(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    CHECK(file != NULL && fputs(text, file) >= 0);
    if (file != NULL)
        fclose(file);
}

/* A company of 30 as a log. */
static void log_make(const char *path)
{
    static char line[6 * GH_EVENT_BYTES_MAX];
    static struct gh_event event[256];
    struct gh_sim_plan plan = gh_sim_plan_default();
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;
    FILE *file = fopen(path, "we");
    size_t n;

    plan.actors = 30;
    plan.weeks = 8;
    plan.gamers = 0.0;
    CHECK(file != NULL && gh_sim_new(&sim, &plan, &error) == GH_OK);
    while (file && sim && (n = gh_sim_next(sim, event, 256)) > 0)
        for (size_t i = 0; i < n; i++)
            fwrite(line, 1, gh_encode(&event[i], line, sizeof line), file);
    gh_sim_free(sim);
    if (file)
        fclose(file);
}

static void the_same_command_writes_the_same_bytes_and_a_model_that_loads(void)
{
    const char *out = in_folder("m.json"), *card = in_folder("m.md"),
               *page = in_folder("m.html");
    struct gh_model *model = NULL;
    struct gh_error error = {0};
    char *first[3], *second[3];

    for (int i = 0; i < 2; i++) {
        char **text = i ? second : first;
        CHECK(FIT(&error, "--neutral", "--simulate", "60,8,2,3", "--name", "small", "--out",
                  out, "--card", card, "--report", page) == GH_OK);
        text[0] = file_text(out);
        text[1] = file_text(card);
        text[2] = file_text(page);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(strcmp(first[i], second[i]) == 0);
        free(first[i]);
        free(second[i]);
    }
    CHECK(gh_model_load(&model, out, &error) == GH_OK);
    CHECK(model != NULL && !strcmp(model->name, "small"));
    /* 120 people are enough for priors and tails, and too few for tempering. */
    CHECK(model && model->units_per_usd != 0.5 && model->level[GH_CONTEXT_BLOAT].sd != 0.5);
    CHECK(model && model->tail[GH_REVIEW].n == 117 && model->eta[GH_AGENT_LOOP] == 1.0);
    gh_model_free(model);
}

static void origin_read(const char *path, struct gh_model_origin *origin)
{
    static struct gh_model model;
    struct gh_error error = {0};
    char *text = file_text(path);

    *origin = (struct gh_model_origin){0};
    CHECK(gh_model_parse(&model, origin, path, (struct gh_text){text, (uint32_t)strlen(text)},
                         &error) == GH_OK);
    free(text);
}

static void a_log_and_the_company_that_wrote_it_give_the_same_model(void)
{
    static struct gh_model a, b;
    struct gh_error error = {0};
    const char *out = in_folder("log.json"), *log = in_folder("log.ndjson");
    struct gh_model_origin origin;
    char *text;

    log_make(log);
    CHECK(FIT(&error, "--out", out, log) == GH_OK);
    text = file_text(out);
    CHECK(gh_model_parse(&a, &origin, out, (struct gh_text){text, (uint32_t)strlen(text)},
                         &error) == GH_OK);
    free(text);
    CHECK(origin.people == 30 && origin.left_out == 0 && origin.companies == 1);
    CHECK(FIT(&error, "--simulate", "30,8,1,1", "--out", out) == GH_OK);
    text = file_text(out);
    CHECK(gh_model_parse(&b, NULL, out, (struct gh_text){text, (uint32_t)strlen(text)},
                         &error) == GH_OK);
    free(text);
    memset(a.version, 0, sizeof a.version); /* of other input */
    memset(b.version, 0, sizeof b.version);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
}

static void people_of_the_labels_are_left_out(void)
{
    const char *out = in_folder("l.json"), *labels = in_folder("labels.json");
    struct gh_error error = {0};
    struct gh_model_origin origin;

    file_make(labels, "{\"actors\": [{\"actor\": \"a1\", \"gamer\": true}, {\"actor\": \"a2\", "
                      "\"gamer\": false}, {\"actor\": \"a3\", \"gamer\": true}]}");
    CHECK(FIT(&error, "--labels", labels, "--out", out, in_folder("log.ndjson")) == GH_OK);
    origin_read(out, &origin);
    CHECK(origin.left_out == 2 && origin.people == 30);
}

static void what_cannot_be_fitted_is_told(void)
{
    const char *bad = in_folder("bad.json"), *empty = in_folder("empty.ndjson");
    const char *strange = in_folder("strange.json"), *log = in_folder("log.ndjson");
    const struct {
        const char *word[4], *said;
    } rows[] = {
        {{NULL}, "fit: nothing to fit on: name a LOG, or --simulate"},
        {{"/nowhere/x.ndjson"}, "/nowhere/x.ndjson: cannot be read"},
        {{"-"}, "-: cannot be read"},
        {{"/dev/null"}, "/dev/null: must be a file: it is read more than once"},
        {{empty}, "empty.ndjson: not one of 1 pieces is an event (goodhart check tells why)"},
        {{"--simulate", "30,8,1"}, "--simulate: 30,8,1: PEOPLE (2 to 1000000)"},
        {{"--simulate", "30,8,1,1,"}, "--simulate: 30,8,1,1,: PEOPLE"},
        {{"--simulate", "30,0,1,1"}, "WEEKS (1 to 104)"},
        {{"--simulate", "20,2,1,1"}, "fit: too short: no log has the days"},
        {{"--labels", "/nowhere/l.json", log}, "/nowhere/l.json"},
        {{"--labels", bad, log}, "bad.json: actors[1]: must be an object with \"actor\""},
        {{"--labels", strange, log}, "--labels: none of the 1 people who game is in the logs"},
        {{"--trace", "csv:x", log}, "--trace: csv:x: must be one of azure-trace:FILE"},
        {{"--trace", "azure-trace:/nowhere", log}, "no call could be read"},
        {{"--name", "", log}, "--name: must be 1 to 63 bytes"},
    };

    file_make(empty, "{\"broken\n");
    file_make(bad, "{\"actors\": [{\"actor\": \"a1\", \"gamer\": true}, {\"actor\": 7}]}");
    file_make(strange, "{\"actors\": [{\"actor\": \"nobody\", \"gamer\": true}]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gh_error error = {0};
        CHECK(FIT(&error, "--out", in_folder("no.json"), rows[i].word[0], rows[i].word[1],
                  rows[i].word[2], rows[i].word[3]) != GH_OK);
        if (strstr(error.text, rows[i].said) == NULL)
            printf("# row %zu: %s\n", i, error.text);
        CHECK(strstr(error.text, rows[i].said) != NULL);
    }
    CHECK(access(in_folder("no.json"), F_OK) != 0);
}

static void the_folder_goes(void)
{
    static const char *const names[] = {
        "m.json", "m.md",        "m.html",   "log.json",     "log.ndjson",
        "l.json", "labels.json", "bad.json", "strange.json", "empty.ndjson"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(unlink(in_folder(names[i])) == 0);
    CHECK(rmdir(folder) == 0);
}

static void a_folder_is_there(void)
{
    gh_law_init();
    CHECK(mkdtemp(folder) != NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(a_folder_is_there),
    GH_TEST(the_same_command_writes_the_same_bytes_and_a_model_that_loads),
    GH_TEST(a_log_and_the_company_that_wrote_it_give_the_same_model),
    GH_TEST(people_of_the_labels_are_left_out),
    GH_TEST(what_cannot_be_fitted_is_told),
    GH_TEST(the_folder_goes),
};

GH_TEST_MAIN(tests)
