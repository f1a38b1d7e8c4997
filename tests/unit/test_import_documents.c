/* What: a file of JSON is cut into its documents: on lines, over lines, in an array; what is
 *       broken costs itself alone; lines are counted.
 * How:  bytes as files; each document as "LINE TEXT" or "LINE !TROUBLE". */
#include "edge/import/documents.h"
#include "support/gh_test.h"
#include "support/import_kit.h"

static char seen[4096];

static const char *documents(const char *bytes)
{
    struct gh_documents d;
    struct gh_document document;
    struct gh_input input = {0};
    struct gh_error error = {0};
    bool any = true;

    seen[0] = '\0';
    CHECK(gh_input_open(&input, file_of(bytes, strlen(bytes)), &error) == GH_OK);
    gh_documents_open(&d, &input);
    while (gh_documents_next(&d, &document, &any, &error) == GH_OK && any) {
        const size_t used = strlen(seen);
        if (document.trouble != NULL)
            snprintf(seen + used, sizeof seen - used, "%d !%s\n", (int)document.line,
                     document.trouble);
        else
            snprintf(seen + used, sizeof seen - used, "%d %.*s\n", (int)document.line,
                     (int)document.size, document.at);
    }
    CHECK(error.status == GH_OK);
    gh_documents_close(&d);
    return seen;
}

#define SAME(bytes, wanted) CHECK(strcmp(documents(bytes), wanted) == 0)

static void lines_are_documents(void)
{
    SAME("{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}", "1 {\"a\":1}\n2 {\"b\":2}\n4 {\"c\":3}\n");
    SAME("\xef\xbb\xbf{\"a\":1}\n", "1 {\"a\":1}\n");
    SAME("{\"a\":1}{\"b\":2} {\"c\":3}", "1 {\"a\":1}\n1 {\"b\":2}\n1 {\"c\":3}\n");
    SAME("", "");
    SAME(" \n\t\n", "");
}

static void a_document_may_have_lines(void)
{
    SAME("{\n  \"a\": [\n    {\"b\": 1}\n  ]\n}\n{\"c\":1}\n",
         "1 {\n  \"a\": [\n    {\"b\": 1}\n  ]\n}\n6 {\"c\":1}\n");
    /* written without indents: a list goes on */
    SAME("{\n\"a\": [\n{\n\"b\": 1\n},\n{\n\"b\": 2\n}\n]\n}\n",
         "1 {\n\"a\": [\n{\n\"b\": 1\n},\n{\n\"b\": 2\n}\n]\n}\n");
}

static void elements_of_an_array_are_documents(void)
{
    SAME("[{\"a\":1},\n {\"b\":[1,2]}\n]\n", "1 {\"a\":1}\n2 {\"b\":[1,2]}\n");
    SAME("[]", "");
    SAME("[{\"a\":1}]\n[{\"b\":2}]\n{\"c\":3}\n", "1 {\"a\":1}\n2 {\"b\":2}\n3 {\"c\":3}\n");
    SAME("[{\"a\":1}, 7, \"x,]\\\"\", {\"b\":2}]",
         "1 {\"a\":1}\n1 !not a JSON object\n1 !not a JSON object\n1 {\"b\":2}\n");
}

static void brackets_in_texts_are_text(void)
{
    SAME("{\"a\":\"}{]\\\"}\"}\n{\"b\":2}\n", "1 {\"a\":\"}{]\\\"}\"}\n2 {\"b\":2}\n");
    SAME("{\"a\":\"\\\\\"}\n{\"b\":2}\n", "1 {\"a\":\"\\\\\"}\n2 {\"b\":2}\n");
}

static void what_is_broken_costs_itself_alone(void)
{
    SAME("{\"a\":1}\n{\"b\":\"cut\n{\"c\":3}\n",
         "1 {\"a\":1}\n2 !a text that the line cuts off\n3 {\"c\":3}\n");
    SAME("{\"a\":{\"b\":1\n{\"c\":3}\n", "1 !a document that is cut off\n2 {\"c\":3}\n");
    SAME("garbage, [\n{\"c\":3}\n", "1 !not a JSON object\n2 {\"c\":3}\n");
    SAME("{\"a\":1}}\n{\"c\":3}\n", "1 {\"a\":1}\n1 !not a JSON object\n2 {\"c\":3}\n");
    SAME("{\"a\":1", "1 !a document that ends early\n");
    SAME("[{\"a\":1", "1 !a document that ends early\n");
}

/* {"a":"xxx…"} and the end of the line. */
static size_t long_document(char *at, size_t size, char sign)
{
    memcpy(at, "{\"a\":\"", 6);
    memset(at + 6, sign, size);
    memcpy(at + 6 + size, "\"}\n", 3);
    return size + 9;
}

/* Longer than the first buffer, so that it has to grow and to move. */
static void long_documents_are_whole(void)
{
    enum { SIZE = 300000 };
    char *bytes = malloc(2 * SIZE + 64);
    struct gh_documents d;
    struct gh_document document = {0};
    struct gh_input input = {0};
    struct gh_error error = {0};
    bool any = false;

    size_t size = long_document(bytes, SIZE, 'x');
    size += long_document(bytes + size, SIZE, 'y');
    CHECK(gh_input_open(&input, file_of(bytes, size), &error) == GH_OK);
    gh_documents_open(&d, &input);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_OK && any);
    CHECK(document.size == SIZE + 8 && document.at[100] == 'x' && document.line == 1);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_OK && any);
    CHECK(document.size == SIZE + 8 && document.at[SIZE] == 'y' && document.line == 2);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_OK && !any);
    gh_documents_close(&d);
    free(bytes);
}

/* One that no memory should hold is refused, and the next is there. */
static void too_long_documents_are_refused(void)
{
    const size_t size = (size_t)GH_DOCUMENT_BYTES_MAX + 100;
    char *bytes = malloc(size + 64);
    struct gh_documents d;
    struct gh_document document = {0};
    struct gh_input input = {0};
    struct gh_error error = {0};
    bool any = false;

    size_t used = long_document(bytes, size, 'x');
    memcpy(bytes + used, "{\"b\":2}", 7);
    CHECK(gh_input_open(&input, file_of(bytes, used + 7), &error) == GH_OK);
    gh_documents_open(&d, &input);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_OK && any);
    CHECK(document.trouble != NULL && strcmp(document.trouble, "longer than 64 MiB") == 0);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_OK && any);
    CHECK(document.trouble == NULL && document.size == 7 && document.line == 2);
    gh_documents_close(&d);
    free(bytes);
}

static void damaged_files_say_so(void)
{
    static const char packed[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03garbage";
    struct gh_documents d;
    struct gh_document document;
    struct gh_input input = {0};
    struct gh_error error = {0};
    bool any = false;

    CHECK(gh_input_open(&input, file_of(packed, sizeof packed - 1), &error) == GH_OK);
    gh_documents_open(&d, &input);
    CHECK(gh_documents_next(&d, &document, &any, &error) == GH_EFORMAT);
    gh_documents_close(&d);
    CHECK(gh_input_open(&input, "/nonexistent/file", &error) == GH_EIO);
    gh_input_close(&input);
    file_remove();
}

static const struct gh_test tests[] = {
    GH_TEST(lines_are_documents),
    GH_TEST(a_document_may_have_lines),
    GH_TEST(elements_of_an_array_are_documents),
    GH_TEST(brackets_in_texts_are_text),
    GH_TEST(what_is_broken_costs_itself_alone),
    GH_TEST(long_documents_are_whole),
    GH_TEST(too_long_documents_are_refused),
    GH_TEST(damaged_files_say_so),
};
GH_TEST_MAIN(tests)
