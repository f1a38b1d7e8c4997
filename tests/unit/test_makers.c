/* test_makers.c - who made what, over the end of a program. */
#include "store/makers.h"

#include "support/store_kit.h"

static struct gh_error error;

static struct gh_makers *makers_again(struct gh_makers *makers)
{
    struct gh_makers *opened = NULL;

    gh_makers_close(makers);
    CHECK(gh_makers_open(&opened, kit_folder, &error) == GH_OK);
    return opened;
}

static enum gh_status keep(struct gh_makers *makers, const char *ref, const char *account,
                           int64_t ts_ms)
{
    const struct gh_maker maker = {kit_text(ref), kit_text(account), ts_ms};
    return gh_makers_keep(makers, &maker, 1, &error);
}

struct listed {
    size_t count;
    char text[256]; /* of the first */
};

static void list(void *context, const struct gh_maker *maker)
{
    struct listed *listed = context;
    const size_t used = strlen(listed->text);

    if (listed->count++ < 4)
        snprintf(listed->text + used, sizeof listed->text - used, "%.*s=%.*s@%lld ",
                 (int)maker->ref.size, maker->ref.at, (int)maker->account.size,
                 maker->account.at, (long long)maker->ts_ms);
}

static bool lists(struct gh_makers *makers, const char *text, size_t count)
{
    struct listed listed = {.count = 0};
    CHECK(gh_makers_each(makers, list, &listed, &error) == GH_OK);
    if (strcmp(listed.text, text) != 0 || listed.count != count)
        printf("# %zu: %s\n", listed.count, listed.text);
    return !strcmp(listed.text, text) && listed.count == count;
}

static void the_last_maker_of_each_is_there_again_newest_first(void)
{
    kit_open();
    struct gh_makers *makers = makers_again(NULL);
    CHECK(lists(makers, "", 0));
    CHECK(keep(makers, "acme/api#1", "github:ada", 5) == GH_OK);
    CHECK(keep(makers, "acme/api#2", "github:bob", 9) == GH_OK);
    CHECK(keep(makers, "acme/api#1", "github:eve", 7) == GH_OK);
    makers = makers_again(makers);
    CHECK(lists(makers, "acme/api#2=github:bob@9 acme/api#1=github:eve@7 ", 2));
    gh_makers_close(makers);
    kit_close();
}

static void so_many_are_kept_and_those_are_the_newest(void)
{
    enum { MORE = 5000, ALL = GH_MAKERS_KEPT + MORE };
    static struct gh_maker maker[ALL];
    static char ref[ALL][16];

    kit_open();
    struct gh_makers *makers = makers_again(NULL);
    for (int i = 0; i < ALL; i++) {
        snprintf(ref[i], sizeof ref[i], "r%d", i);
        maker[i] = (struct gh_maker){kit_text(ref[i]), kit_text("a"), i};
    }
    CHECK(gh_makers_keep(makers, maker, ALL, &error) == GH_OK);
    CHECK(lists(makers, "r70535=a@70535 r70534=a@70534 r70533=a@70533 r70532=a@70532 ",
                GH_MAKERS_KEPT));
    /* What is written by many short runs is bounded as well. */
    makers = makers_again(makers);
    CHECK(keep(makers, "new", "a", ALL) == GH_OK);
    CHECK(lists(makers, "new=a@70536 r70535=a@70535 r70534=a@70534 r70533=a@70533 ",
                GH_MAKERS_KEPT));
    gh_makers_close(makers);
    kit_close();
}

static void a_file_that_is_something_else_is_refused(void)
{
    struct gh_makers *makers = NULL;

    kit_open();
    FILE *file = fopen(kit_path("hooks.db"), "w");
    CHECK(file && fputs("this is no database, though it is long enough for one", file) >= 0);
    CHECK(file && fclose(file) == 0);
    CHECK(gh_makers_open(&makers, kit_folder, &error) == GH_EFORMAT && makers == NULL);
    CHECK(strstr(error.text, "hooks.db"));
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(the_last_maker_of_each_is_there_again_newest_first),
    GH_TEST(so_many_are_kept_and_those_are_the_newest),
    GH_TEST(a_file_that_is_something_else_is_refused),
};
GH_TEST_MAIN(tests)
