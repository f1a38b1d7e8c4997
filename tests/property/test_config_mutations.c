/* test_config_mutations.c - law: one mistake in a good configuration is refused on its line,
 * and what is no mistake changes nothing. */
#include "support/gh_test.h"
#include "support/whole_config.h"

enum { LINES_MAX = 512, LINE_SIZE = 1024, ROUNDS = 500 };

static char whole[GH_WHOLE_CONFIG_SIZE], mutated[GH_WHOLE_CONFIG_SIZE];
static const char *line_at[LINES_MAX]; /* into `whole`, NUL-terminated */

static struct gh_config *config_default(void)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    CHECK(gh_config_new(&config, &error) == GH_OK);
    return config;
}

/* A configuration that names every option, cut into lines. Returns their count. */
static size_t good_lines(const struct gh_config *config)
{
    const size_t size = gh_config_write(config, whole);
    size_t count = 0;

    for (char *at = whole; at < whole + size; count++) {
        char *end = strchr(at, '\n');

        CHECK(count < LINES_MAX);
        *end = '\0';
        line_at[count] = at;
        at = end + 1;
    }
    return count;
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* What becomes of a line `NAME: VALUE`. `group` and `text`, `number`: for which kind. */
struct mutation {
    const char *what;
    const char *group, *text, *number; /* formats of: name, rest from the colon on */
    bool same;
};
static const struct mutation mutations[] = {
    {"misspelt", "%sq%s", "%sq%s", "%sq%s", false},
    {"junk before the colon", "%s]%s", "%s]%s", "%s]%s", false},
    {"junk at the end", "%s%s]", "%s%s]", "%s%s]", false},
    {"a comment", "%s%s   # why", "%s%s   # why", "%s%s   # why", true},
    {"a blank line before", "\n%s%s", "\n%s%s", "\n%s%s", true},
    {"an alias of nothing", "%s: *x #%s", "%s: *x #%s", "%s: *x #%s", false},
    {"an unknown tag", "%s: !odd {} #%s", "%s: !odd x #%s", "%s: !odd 1 #%s", false},
    {"another kind of value", "%s: 5 #%s", "%s: {a: 1} #%s", "%s: {a: 1} #%s", false},
    {"another type", "%s: [a] #%s", "%s: 1.5 #%s", "%s: \"x\" #%s", false},
    {"no value", "%s: \"\" #%s", "%s: #%s", "%s: #%s", false},
    {"far out of range", "%s: 1e999 #%s", "%s: true #%s", "%s: 1e300 #%s", false},
    {"not a number", "%s: .nan #%s", "%s: \"\\0\" #%s", "%s: .nan #%s", false},
};

static void line_mutate(const char *line, const struct mutation *mutation, char *out)
{
    const char *colon = strchr(line, ':');
    const char *format = line[0] != ' '       ? mutation->group
                         : strchr(colon, '"') ? mutation->text
                                              : mutation->number;
    char name[LINE_SIZE];
    size_t used = 0;

    snprintf(name, sizeof(name), "%.*s", (int)(colon - line), line);
    /* The formats have two places each: the name, then the rest. */
    for (const char *at = format; *at && used + 1 < LINE_SIZE; at++) {
        if (*at != '%') {
            out[used++] = *at;
            continue;
        }
        used += (size_t)snprintf(out + used, LINE_SIZE - used, "%s",
                                 strstr(at + 1, "%s") ? name : colon);
        at++;
    }
    out[used] = '\0';
}

static size_t text_make(size_t count, size_t row, const char *line)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(mutated + used, sizeof(mutated) - used, "%s\n",
                                 i == row ? line : line_at[i]);
    return used;
}

/* A name that stands alone ends only where the next line begins. */
static bool placed(const char *text, size_t row)
{
    unsigned line;

    return sscanf(text, "f:%u:", &line) == 1 && (line == row + 1 || line == row + 2);
}

static void every_mutation_is_refused_on_its_line_or_means_the_same(void)
{
    struct gh_config *before = config_default();
    const size_t count = good_lines(before);
    unsigned state = 7;

    for (unsigned round = 0; round < ROUNDS; round++) {
        const size_t row = next_random(&state) % count;
        const struct mutation *mutation =
            &mutations[next_random(&state) % (sizeof(mutations) / sizeof(mutations[0]))];
        struct gh_config *config = config_default();
        struct gh_error error = {0};
        char line[LINE_SIZE];
        enum gh_status status;
        bool fine;

        line_mutate(line_at[row], mutation, line);
        status = gh_config_yaml(config, "f", mutated, text_make(count, row, line), &error);
        fine =
            mutation->same ? status == GH_OK : status == GH_ECONFIG && placed(error.text, row);
        CHECK(fine && gh_config_same(config, before));
        if (!fine)
            printf("# %s: line %zu: %s: %s\n", mutation->what, row + 1, line, error.text);
        gh_config_free(config);
    }
    gh_config_free(before);
}

static void a_line_that_stands_twice_is_refused(void)
{
    struct gh_config *before = config_default();
    const size_t count = good_lines(before);

    for (size_t row = 0; row < count; row++) {
        struct gh_config *config = config_default();
        struct gh_error error = {0};
        char line[2 * LINE_SIZE];

        snprintf(line, sizeof(line), "%s\n%s", line_at[row], line_at[row]);
        CHECK(gh_config_yaml(config, "f", mutated, text_make(count, row, line), &error) ==
              GH_ECONFIG);
        CHECK(strstr(error.text, "given twice") && placed(error.text, row));
        gh_config_free(config);
    }
    gh_config_free(before);
}

static void a_line_that_is_left_out_has_its_default(void)
{
    struct gh_config *before = config_default();
    const size_t count = good_lines(before);

    for (size_t row = 0; row < count; row++) {
        struct gh_config *config = config_default();
        struct gh_error error = {0};

        if (line_at[row][0] == ' ') {
            CHECK(gh_config_yaml(config, "f", mutated, text_make(count, row, ""), &error) ==
                  GH_OK);
            CHECK(gh_config_same(config, before));
        }
        gh_config_free(config);
    }
    gh_config_free(before);
}

static const struct gh_test tests[] = {
    GH_TEST(every_mutation_is_refused_on_its_line_or_means_the_same),
    GH_TEST(a_line_that_stands_twice_is_refused),
    GH_TEST(a_line_that_is_left_out_has_its_default),
};
GH_TEST_MAIN(tests)
