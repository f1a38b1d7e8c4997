/* What: model files of edge/model_file.h: strict reading, deterministic writing.
 * How:  the neutral model is written, spoilt in one place at a time, and read back. */
#include "edge/model_file.h"

#include "detect/registry.h"
#include "edge/resources.h"
#include "support/gh_test.h"

#include <math.h>

static char *neutral_text(void)
{
    static struct gh_model model;
    const struct gh_model_origin origin = {
        .command = "goodhart fit \"a b\".ndjson", .inputs = "00", .people = 12};

    gh_model_neutral(&model);
    model.share[GH_AGENT_LOOP].mean = 0.0123456789;
    model.tail[GH_CASE].n = 1234567;
    gh_model_round(&model);
    char *text = gh_model_text(&model, &origin);
    CHECK(text != NULL);
    return text;
}

static enum gh_status parse(const char *text, struct gh_model *model,
                            struct gh_model_origin *origin, struct gh_error *error)
{
    return gh_model_parse(model, origin, "m.json",
                          (struct gh_text){text, (uint32_t)strlen(text)}, error);
}

static void what_is_written_reads_back_and_is_written_the_same(void)
{
    static struct gh_model model;
    struct gh_model_origin origin = {0};
    struct gh_error error = {0};
    char *text = neutral_text();

    CHECK(parse(text, &model, &origin, &error) == GH_OK);
    CHECK(model.share[GH_AGENT_LOOP].mean == 0.0123457);
    CHECK(model.tail[GH_CASE].n == 1234567);
    CHECK(!strcmp(model.name, "neutral") && origin.people == 12);
    CHECK(!strcmp(origin.command, "goodhart fit \"a b\".ndjson"));
    char *again = gh_model_text(&model, &origin);
    CHECK(again != NULL && strcmp(text, again) == 0);
    free(again);
    free(text);
}

/* `text` with the first `from` behind `section` replaced by `to`. The caller frees it. */
static char *spoilt(const char *text, const char *section, const char *from, const char *to)
{
    const char *at = strstr(text, section);
    const size_t size = strlen(text) + strlen(to) + 1;
    char *out = calloc(1, size);

    at = at ? strstr(at, from) : NULL;
    CHECK(at != NULL && out != NULL);
    if (at != NULL && out != NULL)
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void what_is_wrong_is_told_with_place_and_legal_values(void)
{
    static const struct {
        const char *section, *from, *to, *said;
    } rows[] = {
        {"{", "\"format\": 2", "\"format\": 1", "m.json: format: must be 2: fit the model"},
        {"{", "\"engine\": 2", "\"engine\": 7",
         "m.json: engine: 7: this program's engine reads models of engine 2; fit the model "
         "again: goodhart fit \"a b\".ndjson"},
        {"\"provenance\"", "\"provenance\"", "\"origin\"", "m.json: origin: no such key"},
        {"\"provenance\"", "\"people\": 12", "\"people\": -1",
         "m.json: provenance.people: must be a whole number"},
        {"\"name\"", "\"neutral\"", "7", "m.json: name: must be a text of at most 63 bytes"},
        {"\"units_per_usd\"", "0.5", "\"much\"",
         "m.json: units_per_usd: must be a number from 1e-09 to 1e+06"},
        {"\"share\"", "agent_loop", "agent_lop", "m.json: share.agent_lop: no such row"},
        {"\"share\"", "\"clip\"", "\"clap\"", "m.json: share.agent_loop.clap: no such key"},
        {"\"share\"", "\"cap\": 0.5", "\"cap\": 1.5",
         "m.json: share.agent_loop.cap: must be a number from 0 to 1"},
        {"\"share\"", ", \"cap\": 0.5", "",
         "m.json: share.agent_loop.cap: missing: a number from 0 to 1"},
        {"\"eta\"", "\"agent_loop\": 1", "\"agent_loop\": 0",
         "m.json: eta.agent_loop: must be a number from 0.01 to 1"},
        {"\"score\"", "\"low\": 9", "\"low\": 12",
         "m.json: score.off_hours_burst: low: must be at most high"},
        {"\"tail\"", "\"review\"", "\"incident\"", "m.json: tail.review: missing"},
        {"\"tail\"", "[0, 0", "[0", "knots: must be an array of 64 numbers"},
        {"\"tail\"", "[0, 0", "[1, 0", "m.json: tail.review: knots: must ascend"},
        {"\"tail\"", "[0, 0", "[0, null", "knots: must be a number from -1000 to 1000"},
        {"\"reference\"", "\"context\": [0, 0", "\"context\": [2, 0",
         "m.json: reference.completion: context: must ascend"},
        {"\"reference\"", "{\"calls\"", "[{\"calls\"", "m.json:"},
    };
    static struct gh_model model;
    char *text = neutral_text();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gh_error error = {0};
        char *bad = spoilt(text, rows[i].section, rows[i].from, rows[i].to);
        CHECK(parse(bad, &model, NULL, &error) == GH_ECONFIG);
        if (strstr(error.text, rows[i].said) == NULL)
            printf("# row %zu: %s\n", i, error.text);
        CHECK(strstr(error.text, rows[i].said) != NULL);
        free(bad);
    }
    free(text);
}

static void a_row_that_is_absent_keeps_the_neutral_values(void)
{
    static struct gh_model model;
    struct gh_error error = {0};
    char *text = neutral_text();
    char *renamed = spoilt(text, "\"level\"", "\"context_bloat\"", "\"runaway\"");
    char *less = spoilt(renamed, "\"level\"", "\"center\": 10", "\"center\": 6");

    CHECK(parse(less, &model, NULL, &error) == GH_OK);
    CHECK(model.level[GH_CONTEXT_BLOAT].center == 10.0);
    CHECK(model.level[GH_RUNAWAY].center == 6.0 && model.level[GH_RUNAWAY].sd == 0.5);
    free(less);
    free(renamed);
    free(text);
}

static void the_neutral_model_takes_e_values_at_their_word(void)
{
    static struct gh_model model;

    gh_model_neutral(&model);
    for (double x = 1.0; x < 1e6; x *= 3.0)
        CHECK_NEAR(gh_tail_p(&model.tail[GH_REVIEW], log(x)), 1.0 / x, 1e-12);
}

static void every_key_is_found_again_under_its_row(void)
{
    static struct gh_model model;
    size_t numbers = 0;

    for (size_t k = 0; k < gh_model_key_count(); k++) {
        const struct gh_model_key *key = gh_model_key_at(k);
        CHECK(key->min <= key->fallback && key->fallback <= key->max && key->help[0]);
        for (size_t row = 0; row < gh_model_row_count(key->rows); row++)
            for (size_t i = 0; i < key->count; i++)
                gh_model_set(&model, key, row, i, (double)++numbers);
    }
    for (size_t k = 0, n = 0; k < gh_model_key_count(); k++) {
        const struct gh_model_key *key = gh_model_key_at(k);
        for (size_t row = 0; row < gh_model_row_count(key->rows); row++)
            for (size_t i = 0; i < key->count; i++)
                CHECK(gh_model_get(&model, key, row, i) == (double)++n);
    }
    CHECK(model.eta[0] != model.eta[1] && model.reference[3].output[2] == (double)numbers);
}

static void the_model_of_the_program_loads_and_a_missing_file_is_told(void)
{
    struct gh_model *model = NULL;
    struct gh_error error = {0};

    CHECK(gh_model_load(&model, "", &error) == GH_OK);
    CHECK(model != NULL && model->tail[GH_REVIEW].log_u == model->tail[GH_REVIEW].knot[63]);
    gh_model_free(model);
    CHECK(gh_model_load(&model, "/nowhere/m.json", &error) == GH_ECONFIG);
    CHECK(strstr(error.text, "/nowhere/m.json: cannot be read") != NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(what_is_written_reads_back_and_is_written_the_same),
    GH_TEST(what_is_wrong_is_told_with_place_and_legal_values),
    GH_TEST(a_row_that_is_absent_keeps_the_neutral_values),
    GH_TEST(the_neutral_model_takes_e_values_at_their_word),
    GH_TEST(every_key_is_found_again_under_its_row),
    GH_TEST(the_model_of_the_program_loads_and_a_missing_file_is_told),
};

GH_TEST_MAIN(tests)
