/* help.c - help texts from the tables, and the command that shows them. */
#include "app/command.h"

static void flag_print(FILE *out, const struct gh_flag *flag)
{
    char name[64];

    snprintf(name, sizeof(name), "--%s%s%s", flag->name, flag->placeholder ? " " : "",
             flag->placeholder ? flag->placeholder : "");
    fprintf(out, "  %-22s %s", name, flag->help);
    if (flag->fallback && flag->fallback[0])
        fprintf(out, " (%s)", flag->fallback);
    fputs(flag->repeatable ? "; may be repeated\n" : "\n", out);
}

static void common_print(FILE *out)
{
    for (size_t i = 0; i < gh_common_flag_count(); i++)
        flag_print(out, gh_common_flag_at(i));
}

static void overview_print(FILE *out)
{
    fputs("goodhart finds spend of AI tokens that is made for the leaderboard, and leaves\n"
          "honest people alone.\n\nusage: goodhart COMMAND [FLAG…] [ARGUMENT…]\n\ncommands:\n",
          out);
    for (size_t i = 0; i < gh_command_count(); i++)
        fprintf(out, "  %-10s %s\n", gh_command_at(i)->name, gh_command_at(i)->summary);
    fputs("\nflags of every command:\n", out);
    common_print(out);
    fputs("\n'goodhart help COMMAND' tells more. Exit status: 0 done, 1 it failed,\n"
          "2 wrong usage or configuration.\n",
          out);
}

void gh_help_print(FILE *out, const struct gh_command *command)
{
    if (!command) {
        overview_print(out);
        return;
    }
    fprintf(out, "usage: goodhart %s [FLAG…]%s%s\n\n%s\n\n%s\n\nflags:\n", command->name,
            command->positional[0] ? " " : "", command->positional, command->summary,
            command->details);
    for (size_t i = 0; i < command->flag_count; i++)
        flag_print(out, &command->flag[i]);
    common_print(out);
}

static enum gh_status help_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    const struct gh_command *command = NULL;

    if (arguments->positional_count) {
        const char *name = arguments->positional[0];

        command = gh_command_find(name);
        if (!command)
            return gh_command_unknown(name, error);
    }
    gh_help_print(stdout, command);
    return GH_OK;
}

const struct gh_command gh_command_help = {
    .name = "help",
    .positional = "[COMMAND]",
    .positional_max = 1,
    .summary = "shows what a command does and its flags",
    .details = "Example:\n  goodhart help replay",
    .run = help_run,
};
