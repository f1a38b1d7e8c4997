/* command.c - reads a command line by the tables of commands and flags. */
#include "app/command.h"

#include "app/number.h"
#include "app/suggest.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum common { COMMON_CONFIG, COMMON_SET, COMMON_HELP, COMMON_VERSION, COMMON_COUNT };
static const struct gh_flag common_flags[COMMON_COUNT] = {
    [COMMON_CONFIG] = {"config", "FILE", NULL, "read options from a YAML file", false},
    [COMMON_SET] = {"set", "NAME=VALUE", NULL, "set one option, e.g. service.shards=2", true},
    [COMMON_HELP] = {"help", NULL, NULL, "show this help", false},
    [COMMON_VERSION] = {"version", NULL, NULL, "show the version", false},
};

size_t gh_common_flag_count(void)
{
    return COMMON_COUNT;
}

const struct gh_flag *gh_common_flag_at(size_t index)
{
    return &common_flags[index];
}

struct parse {
    struct gh_arguments *arguments;
    enum gh_request *request;
    char **argv;
    int argc, next; /* next: the argument to read */
    int kept;       /* where the next positional argument goes */
    bool flags_ended;
    struct gh_error *error;
};

static bool name_is(const struct gh_flag *flag, const char *name, size_t size)
{
    return strlen(flag->name) == size && !memcmp(flag->name, name, size);
}

static const struct gh_flag *flag_find(const struct gh_command *command, const char *name,
                                       size_t size)
{
    for (size_t i = 0; command && i < command->flag_count; i++)
        if (name_is(&command->flag[i], name, size))
            return &command->flag[i];
    for (size_t i = 0; i < COMMON_COUNT; i++)
        if (name_is(&common_flags[i], name, size))
            return &common_flags[i];
    return NULL;
}

static enum gh_status flag_unknown(const struct parse *p, const char *argument)
{
    const struct gh_command *command = p->arguments->command;
    char word[GH_SUGGEST_WORD_MAX + 1];
    struct gh_suggest suggest = {.word = word};

    while (*argument == '-')
        argument++;
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(argument, "="), argument);
    for (size_t i = 0; command && i < command->flag_count; i++)
        gh_suggest_offer(&suggest, command->flag[i].name);
    for (size_t i = 0; i < COMMON_COUNT; i++)
        gh_suggest_offer(&suggest, common_flags[i].name);
    if (suggest.best)
        return gh_error_set(p->error, GH_EUSAGE, "--%s: unknown flag: did you mean --%s?", word,
                            suggest.best);
    return gh_error_set(p->error, GH_EUSAGE, "--%s: unknown flag%s", word,
                        command ? "" : ": flags of a command stand after its name");
}

static bool is_common(const struct gh_flag *flag)
{
    return flag >= common_flags && flag < common_flags + COMMON_COUNT;
}

static enum gh_status flag_store(const struct parse *p, const struct gh_flag *flag,
                                 const char *value)
{
    struct gh_arguments *a = p->arguments;
    bool again = false;

    if (is_common(flag) || flag->repeatable) {
        for (size_t i = 0; i < a->repeat_count; i++)
            again |= a->repeat[i].flag == flag;
        if (a->repeat_count == GH_REPEATS_MAX)
            return gh_error_set(p->error, GH_EUSAGE, "--%s: at most %d of these in all",
                                flag->name, GH_REPEATS_MAX);
        a->repeat[a->repeat_count++] = (struct gh_repeat){flag, value};
    }
    if (!is_common(flag)) {
        const size_t row = (size_t)(flag - a->command->flag);

        assert(row < GH_FLAGS_MAX);
        again |= a->value[row] != NULL;
        a->value[row] = value;
    }
    if (again && !flag->repeatable && flag->placeholder)
        return gh_error_set(p->error, GH_EUSAGE, "--%s: given twice", flag->name);
    return GH_OK;
}

static enum gh_status flag_read(struct parse *p, const char *argument)
{
    const bool is_short = argument[1] != '-';
    const char *name = is_short ? "help" : argument + 2;
    const size_t size = strcspn(name, "=");
    const struct gh_flag *flag = flag_find(p->arguments->command, name, size);
    const char *value = name[size] == '=' ? name + size + 1 : NULL;

    if (!flag || (is_short && strcmp(argument, "-h")))
        return flag_unknown(p, argument);
    if (!flag->placeholder && value)
        return gh_error_set(p->error, GH_EUSAGE, "--%s: takes no value", flag->name);
    if (flag->placeholder && !value) {
        if (p->next == p->argc || !strncmp(p->argv[p->next], "--", 2))
            return gh_error_set(p->error, GH_EUSAGE, "--%s: %s is missing", flag->name,
                                flag->placeholder);
        value = p->argv[p->next++];
    }
    if (flag == &common_flags[COMMON_HELP])
        *p->request = GH_REQUEST_HELP;
    else if (flag == &common_flags[COMMON_VERSION])
        *p->request = GH_REQUEST_VERSION;
    return flag_store(p, flag, value ? value : "");
}

static enum gh_status argument_read(struct parse *p)
{
    char *argument = p->argv[p->next++];

    if (!p->flags_ended && !strcmp(argument, "--")) {
        p->flags_ended = true;
        return GH_OK;
    }
    if (!p->flags_ended && argument[0] == '-' && argument[1] != '\0')
        return flag_read(p, argument);
    if (!p->arguments->command) {
        p->arguments->command = gh_command_find(argument);
        return p->arguments->command ? GH_OK : gh_command_unknown(argument, p->error);
    }
    p->argv[p->kept++] = argument;
    return GH_OK;
}

static enum gh_status positional_check(const struct parse *p)
{
    const struct gh_arguments *a = p->arguments;
    const struct gh_command *command = a->command;

    if (a->positional_count < command->positional_min)
        return gh_error_set(p->error, GH_EUSAGE, "%s: %s is missing", command->name,
                            command->positional);
    if (a->positional_count > command->positional_max)
        return gh_error_set(p->error, GH_EUSAGE, "%s: %s: one argument too many", command->name,
                            a->positional[command->positional_max]);
    return GH_OK;
}

enum gh_status gh_command_parse(struct gh_arguments *arguments, enum gh_request *request,
                                int argc, char **argv, struct gh_error *error)
{
    struct parse p = {arguments, request, argv, argc, 1, 1, false, error};
    enum gh_status status = GH_OK;

    *arguments = (struct gh_arguments){0};
    *request = GH_REQUEST_RUN;
    while (p.next < argc && status == GH_OK)
        status = argument_read(&p);
    if (status != GH_OK)
        return status;
    arguments->positional = (const char *const *)argv + 1;
    arguments->positional_count = p.kept > 1 ? (size_t)p.kept - 1 : 0;
    if (*request != GH_REQUEST_RUN)
        return GH_OK;
    if (!arguments->command) {
        *request = GH_REQUEST_NOTHING;
        return GH_OK;
    }
    return positional_check(&p);
}

void gh_command_parts(const struct gh_arguments *arguments, const char *set[GH_REPEATS_MAX],
                      struct gh_config_parts *parts)
{
    *parts = (struct gh_config_parts){.set = set};
    for (size_t i = 0; i < arguments->repeat_count; i++) {
        const struct gh_repeat *repeat = &arguments->repeat[i];

        if (repeat->flag == &common_flags[COMMON_CONFIG])
            parts->path = repeat->value;
        else if (repeat->flag == &common_flags[COMMON_SET])
            set[parts->set_count++] = repeat->value;
    }
}

enum gh_status gh_command_config(struct gh_arguments *arguments, struct gh_error *error)
{
    const char *set[GH_REPEATS_MAX];
    struct gh_config_parts parts;

    gh_command_parts(arguments, set, &parts);
    return gh_config_load(&arguments->config, &parts, error);
}

/* Asking for a flag that the table does not have is a mistake in the program. */
static size_t flag_row(const struct gh_arguments *a, const char *name)
{
    size_t row = 0;

    while (row < a->command->flag_count && strcmp(a->command->flag[row].name, name) != 0)
        row++;
    assert(row < a->command->flag_count);
    return row;
}

const char *gh_argument(const struct gh_arguments *a, const char *name)
{
    const size_t row = flag_row(a, name);

    return a->value[row] ? a->value[row] : a->command->flag[row].fallback;
}

const char *gh_argument_repeat(const struct gh_arguments *a, const char *name, size_t index)
{
    const struct gh_flag *flag = &a->command->flag[flag_row(a, name)];

    for (size_t i = 0; i < a->repeat_count; i++)
        if (a->repeat[i].flag == flag && index-- == 0)
            return a->repeat[i].value;
    return NULL;
}

enum gh_status gh_argument_u64(const struct gh_arguments *a, const char *name,
                               struct gh_whole_range range, uint64_t *value,
                               struct gh_error *error)
{
    const char *text = gh_argument(a, name);
    uint64_t number;

    if (!text)
        return GH_OK;
    if (!gh_number_u64(text, &number) || number < range.min || number > range.max)
        return gh_error_set(error, GH_EUSAGE,
                            "--%s: %s: must be a whole number, %" PRIu64 "..%" PRIu64, name,
                            text, range.min, range.max);
    *value = number;
    return GH_OK;
}

enum gh_status gh_argument_double(const struct gh_arguments *a, const char *name,
                                  struct gh_number_range range, double *value,
                                  struct gh_error *error)
{
    const char *text = gh_argument(a, name);
    double number;
    char low[GH_NUMBER_SIZE], high[GH_NUMBER_SIZE];

    if (!text)
        return GH_OK;
    if (!gh_number_double(text, &number) || number < range.min || number > range.max) {
        gh_number_print(range.min, low);
        gh_number_print(range.max, high);
        return gh_error_set(error, GH_EUSAGE, "--%s: %s: must be a number, %s..%s", name, text,
                            low, high);
    }
    *value = number;
    return GH_OK;
}
