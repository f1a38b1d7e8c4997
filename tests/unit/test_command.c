/* test_command.c - command lines: what is understood, what is refused, and the helps. */
#include "app/command.h"
#include "app/number.h"
#include "app/suggest.h"
#include "support/gh_test.h"

enum { WORDS_MAX = 16 };
struct line {
    char text[256];
    char *argv[WORDS_MAX + 1];
    struct gh_arguments arguments;
    enum gh_request request;
    struct gh_error error;
    enum gh_status status;
};

/* Parses words separated by spaces; "goodhart" is put in front. Lent until the next call. */
static struct line *parsed(const char *text)
{
    static struct line line;
    int argc = 0;

    line = (struct line){0};
    snprintf(line.text, sizeof(line.text), "goodhart %s", text);
    for (char *rest = line.text, *word; (word = strsep(&rest, " "));)
        if (*word)
            line.argv[argc++] = word;
    line.status =
        gh_command_parse(&line.arguments, &line.request, argc, line.argv, &line.error);
    return &line;
}

static void a_command_gets_its_flags_and_arguments_in_any_order(void)
{
    static const char *const texts[] = {
        "replay a b --alerts x --frame=7",
        "replay --alerts x a --frame 7 b",
        "replay --frame=7 --alerts=x -- a b",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct line *line = parsed(texts[i]);
        const struct gh_arguments *a = &line->arguments;

        CHECK(line->status == GH_OK && line->request == GH_REQUEST_RUN);
        CHECK(a->command == gh_command_find("replay"));
        CHECK(a->positional_count == 2);
        CHECK(!strcmp(a->positional[0], "a") && !strcmp(a->positional[1], "b"));
        CHECK(!strcmp(gh_argument(a, "alerts"), "x"));
        CHECK(!strcmp(gh_argument(a, "frame"), "7"));
        CHECK(!gh_argument(a, "findings"));
    }
}

static void a_flag_that_is_absent_has_its_fallback(void)
{
    CHECK(!strcmp(gh_argument(&parsed("replay a")->arguments, "frame"), "1024"));
}

static void a_dash_is_an_argument_and_two_dashes_end_flags(void)
{
    struct line *line = parsed("check - -- --limit");

    CHECK(line->status == GH_OK);
    CHECK(line->arguments.positional_count == 2);
    CHECK(!strcmp(line->arguments.positional[0], "-"));
    CHECK(!strcmp(line->arguments.positional[1], "--limit"));
}

static void flags_of_every_command_may_stand_before_it(void)
{
    struct line *line = parsed("--set a.b=1 --config f replay x --set c.d=2");

    CHECK(line->status == GH_OK);
    CHECK(line->arguments.command == gh_command_find("replay"));
    CHECK(line->arguments.repeat_count == 3);
    CHECK(line->arguments.positional_count == 1);
}

static void help_and_version_need_nothing_else(void)
{
    CHECK(parsed("")->request == GH_REQUEST_NOTHING);
    CHECK(parsed("--help")->request == GH_REQUEST_HELP);
    CHECK(!parsed("-h")->arguments.command && parsed("-h")->request == GH_REQUEST_HELP);
    CHECK(parsed("--version")->request == GH_REQUEST_VERSION);
    CHECK(parsed("replay --help")->request == GH_REQUEST_HELP);
    CHECK(parsed("replay --help")->arguments.command == gh_command_find("replay"));
}

static void wrong_usage_is_told_with_what_was_meant(void)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"repaly x", "repaly: unknown command: did you mean replay?"},
        {"qwertyuiop", "qwertyuiop: unknown command"},
        {"replay x --alert y", "--alert: unknown flag: did you mean --alerts?"},
        {"replay x --alrets=y", "--alrets: unknown flag: did you mean --alerts?"},
        {"replay x -a", "--a: unknown flag"},
        {"replay x -help", "--help: unknown flag: did you mean --help?"},
        {"--alerts y replay x",
         "--alerts: unknown flag: flags of a command stand after its name"},
        {"replay x --alerts", "--alerts: FILE is missing"},
        {"replay x --alerts --findings y", "--alerts: FILE is missing"},
        {"replay x --alerts y --alerts z", "--alerts: given twice"},
        {"replay x --config y --config z", "--config: given twice"},
        {"options --json=1", "--json: takes no value"},
        {"options x", "options: x: one argument too many"},
        {"replay", "replay: FILE… is missing"},
        {"help replay check", "help: check: one argument too many"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct line *line = parsed(rows[i].text);

        CHECK(line->status == GH_EUSAGE);
        CHECK(gh_status_exit(line->status) == 2);
        CHECK(!strcmp(line->error.text, rows[i].error));
        if (strcmp(line->error.text, rows[i].error) != 0)
            printf("# %s: %s\n", rows[i].text, line->error.text);
    }
}

static void numbers_of_flags_are_strict_and_have_a_range(void)
{
    static const char *const bad[] = {"0", "65537", "-1", "1.0",
                                      "x", "0x1",   "07", "99999999999999999999"};
    struct gh_error error = {0};
    uint64_t value = 5;
    double number = 5;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[64];

        snprintf(text, sizeof(text), "replay a --frame=%s", bad[i]);
        error = (struct gh_error){0};
        CHECK(gh_argument_u64(&parsed(text)->arguments, "frame",
                              (struct gh_whole_range){1, 65536}, &value, &error) == GH_EUSAGE);
        CHECK(strstr(error.text, "--frame: ") && strstr(error.text, "1..65536"));
        CHECK(value == 5);
    }
    CHECK(gh_argument_u64(&parsed("replay a --frame 65536")->arguments, "frame",
                          (struct gh_whole_range){1, 65536}, &value, &error) == GH_OK);
    CHECK(value == 65536);
    CHECK(gh_argument_u64(&parsed("replay a")->arguments, "shards",
                          (struct gh_whole_range){1, 64}, &value, &error) == GH_OK);
    CHECK(value == 65536);
    CHECK(gh_argument_double(&parsed("replay a --frame 2.5")->arguments, "frame",
                             (struct gh_number_range){0, 3}, &number, &error) == GH_OK);
    CHECK(number == 2.5);
    error = (struct gh_error){0};
    CHECK(gh_argument_double(&parsed("replay a --frame 3.5")->arguments, "frame",
                             (struct gh_number_range){0, 3}, &number, &error) == GH_EUSAGE);
    CHECK(!strcmp(error.text, "--frame: 3.5: must be a number, 0..3"));
}

static void too_many_repeats_are_refused(void)
{
    char *argv[2 + 2 * (GH_REPEATS_MAX + 1)] = {(char *)"goodhart", (char *)"options"};
    int argc = 2;
    struct gh_arguments arguments;
    struct gh_error error = {0};
    enum gh_request request;

    for (int i = 0; i <= GH_REPEATS_MAX; i++) {
        argv[argc++] = (char *)"--set";
        argv[argc++] = (char *)"order.lateness=1";
    }
    CHECK(gh_command_parse(&arguments, &request, argc, argv, &error) == GH_EUSAGE);
    CHECK(gh_command_parse(&arguments, &request, argc - 2, argv, &error) == GH_OK);
}

static void set_wins_over_the_file_wherever_it_stands(void)
{
    char path[] = "/tmp/gh_command_XXXXXX", text[128];
    struct gh_error error = {0};
    FILE *file = fdopen(mkstemp(path), "w");
    struct line *line;

    fputs("service: {shards: 3}\norder: {lateness: 9}\n", file);
    fclose(file);
    snprintf(text, sizeof(text), "options --set service.shards=2 --config %s", path);
    line = parsed(text);
    CHECK(gh_command_config(&line->arguments, &error) == GH_OK);
    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);
        char value[GH_CONFIG_PRINT_SIZE];

        if (!strcmp(group->name, "service")) {
            gh_config_print(line->arguments.config, group, gh_option_find(group, "shards"),
                            value, sizeof(value));
            CHECK(!strcmp(value, "2"));
        }
        if (!strcmp(group->name, "order")) {
            gh_config_print(line->arguments.config, group, gh_option_find(group, "lateness"),
                            value, sizeof(value));
            CHECK(!strcmp(value, "9"));
        }
    }
    gh_config_free(line->arguments.config);
    remove(path);
}

static void every_command_is_complete_and_has_a_help(void)
{
    for (size_t i = 0; i < gh_command_count(); i++) {
        const struct gh_command *command = gh_command_at(i);
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        CHECK(command->run && command->positional && command->summary && command->details);
        CHECK(command->flag_count <= GH_FLAGS_MAX);
        CHECK(command->positional_min <= command->positional_max);
        CHECK(gh_command_find(command->name) == command);
        gh_help_print(out, command);
        fclose(out);
        CHECK(strstr(text, command->summary) && strstr(text, command->details));
        for (size_t f = 0; f < command->flag_count; f++) {
            CHECK(strstr(text, command->flag[f].help));
            for (size_t c = 0; c < gh_common_flag_count(); c++)
                CHECK(strcmp(command->flag[f].name, gh_common_flag_at(c)->name) != 0);
        }
        free(text);
    }
}

static void the_overview_names_every_command(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    gh_help_print(out, NULL);
    fclose(out);
    for (size_t i = 0; i < gh_command_count(); i++)
        CHECK(strstr(text, gh_command_at(i)->summary));
    free(text);
}

static void distances_count_edits_and_swaps(void)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {{"", "", 0},       {"", "abc", 3},           {"abc", "", 3},
                {"abc", "abc", 0}, {"abc", "acb", 1},        {"abc", "abd", 1},
                {"abc", "bc", 1},  {"kitten", "sitting", 3}, {"shards", "shrads", 1},
                {"ca", "abc", 3}};
    char word[GH_SUGGEST_WORD_MAX + 2];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(gh_suggest_distance(rows[i].a, rows[i].b) == rows[i].distance);
    memset(word, 'x', sizeof(word));
    word[GH_SUGGEST_WORD_MAX + 1] = '\0';
    CHECK(gh_suggest_distance(word, "x") == (unsigned)-1);
    word[GH_SUGGEST_WORD_MAX] = '\0';
    CHECK(gh_suggest_distance(word, "x") == GH_SUGGEST_WORD_MAX - 1);
}

static void numbers_print_short_and_read_back(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"},
                {0.1, "0.1"},
                {8388608, "8388608"},
                {-2.5, "-2.5"},
                {1e9, "1000000000"},
                {1e300, "1e+300"},
                {1.0 / 3, "0.3333333333333333"}};
    char text[GH_NUMBER_SIZE];
    double back;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gh_number_print(rows[i].value, text);
        CHECK(!strcmp(text, rows[i].text));
        CHECK(gh_number_double(text, &back) && back == rows[i].value);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_command_gets_its_flags_and_arguments_in_any_order),
    GH_TEST(a_flag_that_is_absent_has_its_fallback),
    GH_TEST(a_dash_is_an_argument_and_two_dashes_end_flags),
    GH_TEST(flags_of_every_command_may_stand_before_it),
    GH_TEST(help_and_version_need_nothing_else),
    GH_TEST(wrong_usage_is_told_with_what_was_meant),
    GH_TEST(numbers_of_flags_are_strict_and_have_a_range),
    GH_TEST(too_many_repeats_are_refused),
    GH_TEST(set_wins_over_the_file_wherever_it_stands),
    GH_TEST(every_command_is_complete_and_has_a_help),
    GH_TEST(the_overview_names_every_command),
    GH_TEST(distances_count_edits_and_swaps),
    GH_TEST(numbers_print_short_and_read_back),
};
GH_TEST_MAIN(tests)
