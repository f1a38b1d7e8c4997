/* What: rows of CSV: quotes, ends of lines, what stands for a comma; broken rows cost
 *       themselves alone.
 * How:  bytes as files; each row as "LINE cell|cell" or "LINE !TROUBLE". */
#include "edge/import/csv.h"
#include "support/gh_test.h"
#include "support/import_kit.h"

static char seen[4096];

static void row_note(const struct gh_csv_row *row)
{
    size_t used = strlen(seen);

    used += (size_t)snprintf(seen + used, sizeof seen - used, "%d ", (int)row->line);
    if (row->trouble != NULL)
        used += (size_t)snprintf(seen + used, sizeof seen - used, "!%s", row->trouble);
    for (uint32_t i = 0; i < row->count; i++)
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%s%.*s", i > 0 ? "|" : "",
                                 (int)row->cell[i].size, row->cell[i].at);
    snprintf(seen + used, sizeof seen - used, "\n");
}

static const char *rows(const char *bytes, size_t size)
{
    struct gh_input input = {0};
    struct gh_error error = {0};
    struct gh_csv_row row;
    bool any = true;

    seen[0] = '\0';
    CHECK(gh_input_open(&input, file_of(bytes, size), &error) == GH_OK);
    struct gh_csv *csv = gh_csv_open(&input);
    while (gh_csv_next(csv, &row, &any, &error) == GH_OK && any)
        row_note(&row);
    CHECK(error.status == GH_OK);
    gh_csv_close(csv);
    return seen;
}

#define SAME(bytes, wanted) CHECK(strcmp(rows(bytes, sizeof(bytes) - 1), wanted) == 0)

static void rows_are_cut_at_commas(void)
{
    SAME("a,b,c\n1,,3\n", "1 a|b|c\n2 1||3\n");
    SAME("a,b\r\n1,2\r\n\r\n3,4", "1 a|b\n2 1|2\n4 3|4\n");
    SAME("", "");
    SAME("a\n1\n", "1 a\n2 1\n");
}

static void quotes_hold_commas_lines_and_quotes(void)
{
    SAME("a,b\n\"1,2\",\"x \"\"y\"\"\"\n", "1 a|b\n2 1,2|x \"y\"\n");
    SAME("a,b\n\"one\r\ntwo\",2\n3,4\n", "1 a|b\n2 one\r\ntwo|2\n4 3|4\n");
    SAME("a,b\n\"\",\"\"\n", "1 a|b\n2 |\n");
    SAME("a,b\nx\"y,2\nz\"w,3\n4,5\n",
         "1 a|b\n2 !not as many columns as the header has\n4 4|5\n");
}

static void a_mark_and_other_commas_are_known(void)
{
    SAME("\xef\xbb\xbf"
         "a;b;c,d\n1;2;3\n",
         "1 a|b|c,d\n2 1|2|3\n");
    SAME("a\tb\n1,5\t2\n", "1 a|b\n2 1,5|2\n");
}

static void broken_rows_cost_themselves_alone(void)
{
    SAME("a,b\n1\n2,3\n", "1 a|b\n2 !not as many columns as the header has\n3 2|3\n");
    SAME("a,b\n\"1\"x,2\n3,4\n", "1 a|b\n2 !something behind a closing quote\n3 3|4\n");
    SAME("a,b\n\"1,2\n3,4\n5,6\n",
         "1 a|b\n2 !a row that does not end: a quote does not close, or over 8 MiB\n"
         "3 3|4\n4 5|6\n");
}

static void a_row_of_many_columns_is_refused(void)
{
    char bytes[1024];
    size_t used = 0;

    for (int i = 0; i < GH_CSV_COLUMNS_MAX; i++)
        used += (size_t)snprintf(bytes + used, sizeof bytes - used, "a,");
    bytes[used++] = '\n';
    CHECK(strcmp(rows(bytes, used), "1 !more than 256 columns\n") == 0);
    bytes[used - 2] = '\n'; /* one comma less */
    rows(bytes, used - 1);
    CHECK(strncmp(seen, "1 a|a|a", 7) == 0);
    file_remove();
}

static const struct gh_test tests[] = {
    GH_TEST(rows_are_cut_at_commas),
    GH_TEST(quotes_hold_commas_lines_and_quotes),
    GH_TEST(a_mark_and_other_commas_are_known),
    GH_TEST(broken_rows_cost_themselves_alone),
    GH_TEST(a_row_of_many_columns_is_refused),
};
GH_TEST_MAIN(tests)
