/* What: a JSON document as flat fields: paths, types, rows inside it, what is not looked at;
 *       what is no JSON is refused and never read past its end.
 * How:  documents written by hand, each copied into a block of its own size, so that a
 *       sanitizer sees a byte too far; fields as "name=value;". */
#include "edge/fields/flatten.h"
#include "support/gh_test.h"
#include "support/import_kit.h"

static char seen[8192];
static struct gh_flat *flat;

static void field_note(const struct gh_field *field)
{
    const size_t used = strlen(seen), room = sizeof seen - used;
    char *const at = seen + used;
    const int size = (int)field->name.size;

    switch (field->type) {
    case GH_FIELD_TEXT:
        snprintf(at, room, "%.*s=%.*s;", size, field->name.at, (int)field->as.text.size,
                 field->as.text.at);
        break;
    case GH_FIELD_WHOLE:
        snprintf(at, room, "%.*s:%lld;", size, field->name.at, (long long)field->as.whole);
        break;
    case GH_FIELD_REAL:
        snprintf(at, room, "%.*s~%g;", size, field->name.at, field->as.real);
        break;
    case GH_FIELD_TRUTH:
        snprintf(at, room, "%.*s?%d;", size, field->name.at, field->as.truth);
        break;
    }
}

static bool row_note(void *context, const struct gh_field *field, uint32_t count)
{
    (void)context;
    for (uint32_t i = 0; i < count; i++)
        field_note(&field[i]);
    snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "\n");
    return true;
}

static const char *flatten(const struct gh_flat_plan *plan, const char *document)
{
    static const struct gh_flat_rows rows = {row_note, NULL};
    const size_t size = strlen(document);
    char *copy = malloc(size + (size == 0));

    memcpy(copy, document, size);
    seen[0] = '\0';
    const char *trouble = gh_flatten(flat, plan, (struct gh_text){copy, (uint32_t)size}, &rows);
    if (trouble != NULL)
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "!%s", trouble);
    free(copy);
    return seen;
}

static const struct gh_flat_plan plain = {.depth = 0};
#define SAME(plan, document, wanted) CHECK(strcmp(flatten(plan, document), wanted) == 0)

static void members_are_named_by_their_path(void)
{
    SAME(&plain, "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[true,{\"e\":1.5}]},\"f\":null}",
         "a:1;b.c=x;b.d.0?1;b.d.1.e~1.5;\n");
    SAME(&plain, "{ \"a\" : [ ] , \"b\" : { } , \"\" : -7 }", ":-7;\n");
    SAME(&plain, "{}", "\n");
}

static void numbers_keep_what_they_are(void)
{
    SAME(&plain,
         "{\"a\":9223372036854775807,\"b\":92233720368547758080,\"c\":1e400,\"d\":-0.5}",
         "a:9223372036854775807;b=92233720368547758080;c=1e400;d~-0.5;\n");
}

static void texts_lose_their_escapes(void)
{
    SAME(&plain, "{\"a\\u0062\":\"\\\"\\n\\u00e9\\ud83d\\ude00\"}",
         "ab=\"\n\xc3\xa9\xf0\x9f\x98\x80;\n");
    /* half a pair, as a text that JavaScript cut off, and a zero: as they were written */
    SAME(&plain, "{\"a\":\"x\\ud83d\",\"b\":\"\\u0000\",\"c\":2}",
         "a=x\\ud83d;b=\\u0000;c:2;\n");
}

static void an_object_in_a_text_is_an_object(void)
{
    SAME(&plain, "{\"m\":\"{\\\"u\\\":\\\"ada\\\",\\\"n\\\":3}\",\"x\":\"{no}\",\"y\":\"{\"}",
         "m.u=ada;m.n:3;x={no};y={;\n");
}

static void rows_come_with_what_encloses_them(void)
{
    static const struct gh_flat_plan plan = {.rows = {"data", "results"}};

    SAME(&plan,
         "{\"page\":1,\"data\":[{\"from\":1,\"results\":[{\"n\":2},{\"n\":3}],\"to\":9},"
         "{\"from\":4,\"results\":[]},{\"from\":5,\"results\":[{\"n\":6}]}],\"more\":true}",
         "n:2;page:1;more?1;from:1;to:9;\nn:3;page:1;more?1;from:1;to:9;\n"
         "n:6;page:1;more?1;from:5;\n");
    SAME(&plan, "{\"from\":1,\"results\":[{\"n\":2}]}", "n:2;from:1;\n");
    SAME(&plan, "{\"n\":2,\"data\":7}", "n:2;data:7;\n");
    SAME(&plan, "{\"data\":[]}", "");
    SAME(&plan, "{\"data\":[{\"n\":1},5]}", "n:1;\n!a row that is no JSON object");
}

static void deep_and_named_members_stay_whole(void)
{
    static const char *const skip[] = {"s", NULL}, *const whole[] = {"w", NULL};
    static const struct gh_flat_plan plan = {.depth = 2, .skip = skip, .whole = whole};

    SAME(&plan,
         "{\"a\":{\"b\":{\"c\":1},\"d\":[1, 2]},\"s\":{\"x\":1},\"w\":{\"y\":[\"}\"]},\"z\":1}",
         "a.b={\"c\":1};a.d=[1, 2];w={\"y\":[\"}\"]};z:1;\n");
    SAME(&plan, "{\"w\":5,\"s\":\"x\",\"a\":{\"w\":\"{\\\"q\\\":1}\"}}",
         "w:5;a.w={\"q\":1};\n");
}

static void what_is_no_json_is_refused(void)
{
    static const char *const wrong[] = {
        "",           "[]",          "7",
        "{",          "{\"a\"",      "{\"a\":",
        "{\"a\":1",   "{\"a\":1,}",  "{\"a\" 1}",
        "{a:1}",      "{\"a\":tru}", "{\"a\":01}",
        "{\"a\":}",   "{\"a\":1]",   "{\"a\":[1}",
        "{\"a\":1}}", "{\"a\":\"x",  "{\"a\":\"\t\"}",
        "{\"a\":+1}", "{\"a\":1 2}", "{\"a\":\"\xff\"}",
        "{\"a\":-}",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        flatten(&plain, wrong[i]);
        CHECK(strchr(seen, '!') != NULL);
        if (strchr(seen, '!') == NULL)
            printf("# taken: %s\n", wrong[i]);
    }
}

static void too_much_is_refused(void)
{
    enum { MANY = 1 << 20 };
    char *many = malloc(MANY), deep[512] = "{\"a\":";
    size_t used = 1;

    many[0] = '{';
    for (int i = 0; i <= GH_FLAT_FIELDS_MAX; i++)
        used += (size_t)snprintf(many + used, MANY - used, "%s\"n%d\":1", i > 0 ? "," : "", i);
    memcpy(many + used, "}", 2);
    CHECK(strcmp(flatten(&plain, many), "!more than 4,096 values") == 0);
    free(many);
    memset(deep + 5, '[', 100);
    memset(deep + 105, ']', 100);
    memcpy(deep + 205, "}", 2);
    CHECK(strstr(flatten(&plain, deep), "[[[[]]]]") != NULL && seen[0] == 'a');
    CHECK(strchr(seen, '!') == NULL);
}

static void columns_are_fields(void)
{
    const struct gh_text name = {"meta", 4}, json = {"{\"u\":1}", 7}, text = {"{u", 2};
    uint32_t count = 0;

    gh_flat_reset(flat);
    CHECK(gh_flat_column(flat, &plain, name, json) == NULL);
    CHECK(gh_flat_column(flat, &plain, name, text) == NULL);
    const struct gh_field *field = gh_flat_fields(flat, &count);
    seen[0] = '\0';
    for (uint32_t i = 0; i < count; i++)
        field_note(&field[i]);
    CHECK(strcmp(seen, "meta.u:1;meta={u;") == 0);
    gh_flat_free(flat);
}

static void there_is_memory(void)
{
    flat = gh_flat_new();
    CHECK(flat != NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(there_is_memory),
    GH_TEST(members_are_named_by_their_path),
    GH_TEST(numbers_keep_what_they_are),
    GH_TEST(texts_lose_their_escapes),
    GH_TEST(an_object_in_a_text_is_an_object),
    GH_TEST(rows_come_with_what_encloses_them),
    GH_TEST(deep_and_named_members_stay_whole),
    GH_TEST(what_is_no_json_is_refused),
    GH_TEST(too_much_is_refused),
    GH_TEST(columns_are_fields),
};
GH_TEST_MAIN(tests)
