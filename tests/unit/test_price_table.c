/* What: the price table: what a good row becomes, that each bad one is refused with file,
 *       row and key, and that the built-in table is good.
 * How:  small tables written to a file of the test's own. */
#include "edge/resources.h"
#include "support/gh_test.h"

#include "edge/embedded.h"

#include <math.h>
#include <unistd.h>

static char path[] = "/tmp/goodhart-prices-XXXXXX";

static void forget(void)
{
    unlink(path);
}

static void make_path(void)
{
    if (strstr(path, "XXXXXX") == NULL)
        return;
    close(mkstemp(path));
    atexit(forget);
}

static enum gh_status load(struct gh_price_table **table, const char *json,
                           struct gh_error *error)
{
    make_path();
    FILE *file = fopen(path, "w");

    fputs(json, file);
    fclose(file);
    *table = NULL;
    *error = (struct gh_error){0};
    return gh_price_table_load(table, path, error);
}

static void a_row_is_taken_as_it_stands(void)
{
    struct gh_price_table *table;
    struct gh_error error;

    CHECK(
        load(
            &table,
            "{\"about\": \"test\", \"rows\": ["
            "{\"model\": \"m-1*\", \"provider\": \"p\", \"from\": \"2025-11-24\", \"input\": 5,"
            " \"cache_read\": 0.5, \"cache_write\": 6.25, \"output\": 25,"
            " \"context_window\": 200000, \"source\": \"a page\"},"
            "{\"model\": \"m-2\", \"from\": \"1970-01-01T00:00:01Z\", \"input\": 0,"
            " \"output\": 0}]}",
            &error) == GH_OK);
    const struct gh_prices prices = gh_price_table_prices(table);
    CHECK(prices.count == 2);
    CHECK(strcmp(prices.row[0].model, "m-1*") == 0);
    CHECK(strcmp(prices.row[0].provider, "p") == 0);
    CHECK(prices.row[0].from_ms == INT64_C(1763942400000));
    CHECK(prices.row[0].input == 5 && prices.row[0].cache_read == 0.5);
    CHECK(prices.row[0].cache_write == 6.25 && prices.row[0].output == 25);
    CHECK(prices.row[0].context_window == 200000);
    CHECK(strcmp(prices.row[1].provider, "") == 0);
    CHECK(prices.row[1].from_ms == 1000);
    CHECK(isnan(prices.row[1].cache_read) && isnan(prices.row[1].cache_write));
    CHECK(prices.row[1].input == 0 && prices.row[1].context_window == 0);
    gh_price_table_free(table);
}

#define ROW(rest) \
    "{\"rows\": [{\"model\": \"m\", \"from\": \"2025-01-01\", \"input\": 1, " rest "}]}"

static const struct {
    const char *json, *names;
} bad_row[] = {
    {"{\"rows\": 3}", "rows: "},
    {"{}", "rows: "},
    {"[]", "rows: "},
    {"{\"rows\": [7]}", "row 1: "},
    {"{\"rows\": [{\"from\": \"2025-01-01\", \"input\": 1, \"output\": 1}]}", "row 1: model"},
    {"{\"rows\": [{\"model\": \"m\", \"input\": 1, \"output\": 1}]}", "row 1: from"},
    {"{\"rows\": [{\"model\": \"m\", \"from\": \"2025-01-01\", \"output\": 1}]}",
     "row 1: input"},
    {ROW("\"source\": \"x\""), "row 1: output"},
    {ROW("\"output\": -1"), "row 1: output"},
    {ROW("\"output\": 1000001"), "row 1: output"},
    {ROW("\"output\": \"1\""), "row 1: output"},
    {ROW("\"output\": null"), "row 1: output"},
    {ROW("\"output\": 1, \"cache_read\": true"), "row 1: cache_read"},
    {ROW("\"output\": 1, \"cache_write\": -0.1"), "row 1: cache_write"},
    {ROW("\"output\": 1, \"context_window\": 0"), "row 1: context_window"},
    {ROW("\"output\": 1, \"context_window\": 1.5"), "row 1: context_window"},
    {ROW("\"output\": 1, \"context_window\": 9007199254740992"), "row 1: context_window"},
    {ROW("\"output\": 1, \"provider\": 1"), "row 1: provider"},
    {ROW("\"output\": 1, \"source\": []"), "row 1: source"},
    {ROW("\"output\": 1, \"cache\": 1"), "row 1: cache: not a key"},
    {"{\"rows\": [{\"model\": \"\", \"from\": \"2025-01-01\", \"input\": 1, \"output\": 1}]}",
     "row 1: model"},
    {"{\"rows\": [{\"model\": \"a*b\", \"from\": \"2025-01-01\", \"input\": 1, "
     "\"output\": 1}]}",
     "row 1: model"},
    {"{\"rows\": [{\"model\": \"m\", \"from\": \"2025-02-30\", \"input\": 1, "
     "\"output\": 1}]}",
     "row 1: from"},
    {"{\"rows\": [{\"model\": \"m\", \"from\": 1, \"input\": 1, \"output\": 1}]}",
     "row 1: from"},
    {"{\"rows\": [{\"model\": \"m\", \"from\": \"\", \"input\": 1, \"output\": 1}]}",
     "row 1: from"},
    {"{\"rows\": [{\"model\": \"m\", \"from\": \"2025-01-01\", \"input\": 1, \"output\": 1},"
     "{\"model\": \"m\", \"from\": \"2025-01-02\", \"input\": 1, \"output\": 1},"
     "{\"model\": \"m\", \"from\": \"2025-01-01\", \"input\": 2, \"output\": 1}]}",
     "row 3: from"},
    {"{\"rows\": [\n{\"model\": \"m\",, }]}", ":2:"},
    {"{\"rows\": [{\"model\": \"m\", \"model\": \"n\"}]}", "duplicate"},
    {"", ":1:"},
};

static void a_bad_row_is_refused_with_its_place(void)
{
    for (size_t i = 0; i < sizeof bad_row / sizeof *bad_row; i++) {
        struct gh_price_table *table;
        struct gh_error error;
        const enum gh_status status = load(&table, bad_row[i].json, &error);
        CHECK(status == GH_ECONFIG && error.status == GH_ECONFIG);
        CHECK(table == NULL);
        CHECK(strncmp(error.text, path, strlen(path)) == 0);
        CHECK(strstr(error.text, bad_row[i].names) != NULL);
        if (strstr(error.text, bad_row[i].names) == NULL)
            printf("# %s -> %s\n", bad_row[i].json, error.text);
        gh_price_table_free(table);
    }
}

static void a_file_that_is_not_there_is_an_input_error(void)
{
    struct gh_price_table *table = NULL;
    struct gh_error error = {0};

    CHECK(gh_price_table_load(&table, "/nonexistent/prices.json", &error) == GH_EIO);
    CHECK(strstr(error.text, "/nonexistent/prices.json") != NULL);
    CHECK(table == NULL);
    gh_price_table_free(NULL);
}

static const struct gh_price *row_of(struct gh_prices prices, const char *model)
{
    const struct gh_price *found = NULL;

    for (size_t i = 0; i < prices.count; i++)
        if (strcmp(prices.row[i].model, model) == 0)
            found = &prices.row[i];
    return found;
}

/* One row is compared with the provider's page by hand; of all, only what must hold. */
static void the_built_in_table_is_good(void)
{
    struct gh_price_table *table = NULL;
    struct gh_error error = {0};

    CHECK(gh_price_table_load(&table, "", &error) == GH_OK);
    CHECK(error.text[0] == '\0');
    const struct gh_prices prices = gh_price_table_prices(table);
    for (size_t i = 0; i < prices.count; i++) {
        const struct gh_price *p = &prices.row[i];
        CHECK(p->input > 0 && p->output >= p->input);
        CHECK(!(p->cache_read > p->input));
        CHECK(p->context_window >= 4096 && p->context_window <= 20000000);
        CHECK(p->from_ms > INT64_C(1640995200000)); /* 2022 */
    }
    const struct gh_price *opus = row_of(prices, "claude-opus-4-5*");
    CHECK(opus != NULL && opus->input == 5 && opus->output == 25 && opus->cache_read == 0.5);
    gh_price_table_free(table);
}

static void embedded_files_are_found_by_name_and_end_with_nul(void)
{
    size_t size = 0;
    const char *at = gh_embedded("prices.json", &size);

    CHECK(at != NULL && size > 100 && at[0] == '{' && at[size] == '\0');
    CHECK(memchr(at, '\0', size) == NULL);
    CHECK(gh_embedded("no.json", &size) == NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(a_row_is_taken_as_it_stands),
    GH_TEST(a_bad_row_is_refused_with_its_place),
    GH_TEST(a_file_that_is_not_there_is_an_input_error),
    GH_TEST(the_built_in_table_is_good),
    GH_TEST(embedded_files_are_found_by_name_and_end_with_nul),
};
GH_TEST_MAIN(tests)
