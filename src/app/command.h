/* command.h - the command line from tables: one row per command, one per flag. Parser,
 * `--help`, `goodhart help` and the tests are made from them. */
#ifndef GOODHART_APP_COMMAND_H
#define GOODHART_APP_COMMAND_H

#include "app/config.h"

#include <stdio.h>

/* A flag that takes a value has a placeholder ("FILE"); a switch has NULL. */
struct gh_flag {
    const char *name; /* without the dashes */
    const char *placeholder;
    const char *fallback; /* value when absent, shown in the help; NULL: none */
    const char *help;
    bool repeatable;
};

enum { GH_FLAGS_MAX = 24, GH_REPEATS_MAX = 64 };
struct gh_repeat {
    const struct gh_flag *flag;
    const char *value;
};
struct gh_arguments {
    const struct gh_command *command;
    const char *const *positional;
    size_t positional_count;
    const char *value[GH_FLAGS_MAX]; /* by row of command->flag; NULL absent; "" a switch */
    struct gh_repeat repeat[GH_REPEATS_MAX]; /* values of repeatable flags, as given */
    size_t repeat_count;
    struct gh_config *config; /* defaults < --config FILE < --set NAME=VALUE */
};

struct gh_command {
    const char *name;
    const char *positional; /* "FILE…", "[TOPIC…]", "" */
    size_t positional_min, positional_max;
    const char *summary; /* one line */
    const char *details; /* a few lines with an example */
    const struct gh_flag *flag;
    size_t flag_count;
    /* Writes people's text to stderr, machines' to stdout. On failure fills *error. */
    enum gh_status (*run)(const struct gh_arguments *arguments, struct gh_error *error);
};

/* Value of flag `name` (the fallback when absent), or NULL. */
const char *gh_argument(const struct gh_arguments *a, const char *name);
/* The same as a number; range errors name the flag. Absent without fallback: untouched. */
struct gh_whole_range {
    uint64_t min, max;
};
struct gh_number_range {
    double min, max;
};
GH_MUST_USE enum gh_status gh_argument_u64(const struct gh_arguments *a, const char *name,
                                           struct gh_whole_range range, uint64_t *value,
                                           struct gh_error *error);
GH_MUST_USE enum gh_status gh_argument_double(const struct gh_arguments *a, const char *name,
                                              struct gh_number_range range, double *value,
                                              struct gh_error *error);
/* Value number `index` of a repeatable flag, or NULL: no more. */
const char *gh_argument_repeat(const struct gh_arguments *a, const char *name, size_t index);

/* One row per command, in the file of the command. A new command is one more line in
 * commands.def. */
#define GH_COMMAND(name) extern const struct gh_command gh_command_##name;
#include "app/commands.def"
#undef GH_COMMAND

size_t gh_command_count(void);
const struct gh_command *gh_command_at(size_t index);
const struct gh_command *gh_command_find(const char *name); /* NULL: no such command */
/* Sets GH_EUSAGE with the nearest name, and returns it. */
enum gh_status gh_command_unknown(const char *name, struct gh_error *error);

/* The two flags of every command. */
size_t gh_common_flag_count(void);
const struct gh_flag *gh_common_flag_at(size_t index);

/* What the command line asks for. */
enum gh_request {
    GH_REQUEST_RUN,  /* arguments->command is set and its arguments are legal */
    GH_REQUEST_HELP, /* help on arguments->command, or on all when that is NULL */
    GH_REQUEST_VERSION,
    GH_REQUEST_NOTHING, /* no command was given */
};
/* Reads a command line by the tables. Reorders `argv` so that the positional arguments
 * stand together: arguments->positional points into it. Everything but ->config is set;
 * GH_EUSAGE says what is wrong and what was probably meant. Flags may stand anywhere;
 * "--flag VALUE" and "--flag=VALUE" mean the same; "--" ends flags; "-" is positional. */
GH_MUST_USE enum gh_status gh_command_parse(struct gh_arguments *arguments,
                                            enum gh_request *request, int argc, char **argv,
                                            struct gh_error *error);
/* The layers that the command line has, to be read again: they point into `arguments` and
 * `set`. */
void gh_command_parts(const struct gh_arguments *arguments, const char *set[GH_REPEATS_MAX],
                      struct gh_config_parts *parts);
/* Makes arguments->config of defaults, --config and --set. The caller frees it. */
GH_MUST_USE enum gh_status gh_command_config(struct gh_arguments *arguments,
                                             struct gh_error *error);

/* Help on one command, or the overview when `command` is NULL. */
void gh_help_print(FILE *out, const struct gh_command *command);

#endif
