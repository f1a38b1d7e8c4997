/* test_flatten.c - JSON documents as flat lists of named values. */
#include "edge/fields/flatten.h"

#include "support/gh_test.h"

static struct gh_flat *flat;
static json_t *document;
static struct gh_told told;

static void flatten(const char *text)
{
    json_decref(document);
    document = json_loads(text, JSON_DECODE_ANY, NULL);
    CHECK(document != NULL);
    gh_flat_free(flat);
    flat = gh_flat_new();
    CHECK(flat != NULL);
    gh_flatten(flat, document, &told);
}

static void end(void)
{
    json_decref(document);
    gh_flat_free(flat);
    document = NULL;
    flat = NULL;
}

static const struct gh_field *named(const char *name)
{
    for (uint32_t i = 0; i < told.count; i++)
        if (told.field[i].name.size == strlen(name) &&
            !memcmp(told.field[i].name.at, name, strlen(name)))
            return &told.field[i];
    return NULL;
}

static void a_name_is_the_path_and_a_value_keeps_its_type(void)
{
    flatten("{\"a\":{\"b\":[7,{\"c\":\"x\"}]},\"r\":1.5,\"t\":true,\"n\":null,\"o\":{}}");
    CHECK(told.count == 4);
    CHECK(named("a.b.0") && named("a.b.0")->type == GH_FIELD_WHOLE &&
          named("a.b.0")->as.whole == 7);
    CHECK(named("a.b.1.c") && named("a.b.1.c")->type == GH_FIELD_TEXT &&
          named("a.b.1.c")->as.text.size == 1 && *named("a.b.1.c")->as.text.at == 'x');
    CHECK(named("r") && named("r")->type == GH_FIELD_REAL && named("r")->as.real == 1.5);
    CHECK(named("t") && named("t")->type == GH_FIELD_TRUTH && named("t")->as.truth);
    CHECK(gh_flat_left_out(flat) == 0);
    end();
}

static void a_scalar_at_the_top_has_the_empty_name_and_null_none(void)
{
    flatten("\"x\"");
    CHECK(told.count == 1 && told.field[0].name.size == 0);
    flatten("null");
    CHECK(told.count == 0);
    flatten("[]");
    CHECK(told.count == 0 && gh_flat_left_out(flat) == 0);
    end();
}

static void what_lies_less_deep_comes_first_and_the_first_of_a_name_holds(void)
{
    flatten("{\"a\":{\"b\":1},\"a.b\":2}");
    CHECK(told.count == 2 && named("a.b")->as.whole == 2);
    end();
}

/* Depths around the limit, and one past it. */
static void too_deep_is_left_out_and_counted(void)
{
    char text[256];
    for (unsigned depth = GH_FLAT_DEPTH_MAX; depth <= GH_FLAT_DEPTH_MAX + 1; depth++) {
        const bool fits = depth == GH_FLAT_DEPTH_MAX;
        memset(text, '[', depth);
        text[depth] = '1';
        memset(text + depth + 1, ']', depth);
        text[2 * depth + 1] = '\0';
        flatten(text);
        CHECK(told.count == fits && gh_flat_left_out(flat) == !fits);
    }
    end();
}

static void too_many_are_left_out_deepest_first_and_counted(void)
{
    json_t *root = json_object(), *list = json_array();
    for (int i = 0; i < GH_FLAT_FIELDS_MAX; i++)
        json_array_append_new(list, json_integer(i));
    json_object_set_new(root, "list", list);
    json_object_set_new(root, "id", json_string("x"));
    json_decref(document);
    document = root;
    gh_flat_free(flat);
    flat = gh_flat_new();
    gh_flatten(flat, document, &told);
    CHECK(told.count == GH_FLAT_FIELDS_MAX && named("id") && !named("list.4095"));
    CHECK(named("list.4094") && gh_flat_left_out(flat) == 1);
    gh_flatten(flat, document, &told);
    CHECK(told.count == GH_FLAT_FIELDS_MAX && gh_flat_left_out(flat) == 2);
    end();
}

static void a_name_too_long_is_left_out_and_counted(void)
{
    for (int size = GH_FLAT_NAME_BYTES_MAX; size <= GH_FLAT_NAME_BYTES_MAX + 1; size++) {
        char text[GH_FLAT_NAME_BYTES_MAX + 64];
        snprintf(text, sizeof(text), "{\"%0*d\":1,\"b\":2}", size, 0);
        flatten(text);
        CHECK(told.count == (size == GH_FLAT_NAME_BYTES_MAX ? 2 : 1) && named("b"));
        CHECK(gh_flat_left_out(flat) == (uint64_t)(size - GH_FLAT_NAME_BYTES_MAX));
    }
    end();
}

/* More branches than the queue holds, and more bytes of names than there is room for. */
static void wide_documents_stay_within_their_bounds(void)
{
    json_t *root = json_array();
    for (int i = 0; i < 2 * GH_FLAT_FIELDS_MAX; i++)
        json_array_append_new(root, json_pack("{s:i}", "k", i));
    char long_name[GH_FLAT_NAME_BYTES_MAX - 16];
    memset(long_name, 'n', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    for (size_t i = 0; i < json_array_size(root); i++)
        json_object_set_new(json_array_get(root, i), long_name, json_true());
    json_decref(document);
    document = root;
    gh_flat_free(flat);
    flat = gh_flat_new();
    gh_flatten(flat, document, &told);
    CHECK(told.count > 400 && told.count <= GH_FLAT_FIELDS_MAX);
    /* Each value is there, or was left out alone, or with the object around it. */
    CHECK(gh_flat_left_out(flat) >= GH_FLAT_FIELDS_MAX);
    CHECK(told.count + gh_flat_left_out(flat) >= json_array_size(root));
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(a_name_is_the_path_and_a_value_keeps_its_type),
    GH_TEST(a_scalar_at_the_top_has_the_empty_name_and_null_none),
    GH_TEST(what_lies_less_deep_comes_first_and_the_first_of_a_name_holds),
    GH_TEST(too_deep_is_left_out_and_counted),
    GH_TEST(too_many_are_left_out_deepest_first_and_counted),
    GH_TEST(a_name_too_long_is_left_out_and_counted),
    GH_TEST(wide_documents_stay_within_their_bounds),
};
GH_TEST_MAIN(tests)
