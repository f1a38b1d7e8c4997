/* command.h - the command line from tables: one row per command, one per flag. Parser,
 * `--help`, `goodhart help` and the tests are made from them. */
#ifndef GOODHART_APP_COMMAND_H
#define GOODHART_APP_COMMAND_H

#include "app/config.h"

/* A flag that takes a value has a placeholder ("FILE"); a switch has NULL. */
struct gh_flag {
    const char *name; /* without the dashes */
    const char *placeholder;
    const char *fallback; /* value when absent, shown in the help; NULL: none */
    const char *help;
    bool repeatable;
};

enum { GH_FLAGS_MAX = 24, GH_REPEATS_MAX = 64 };
struct gh_arguments {
    const struct gh_command *command;
    const char *program;
    const char *const *positional;
    size_t positional_count;
    const char *value[GH_FLAGS_MAX]; /* by row of command->flag; NULL absent; "" a switch */
    struct gh_config *config;        /* defaults < --config FILE < --set NAME=VALUE */
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
GH_MUST_USE enum gh_status gh_argument_u64(const struct gh_arguments *a, const char *name,
                                           uint64_t min, uint64_t max, uint64_t *value,
                                           struct gh_error *error);
GH_MUST_USE enum gh_status gh_argument_double(const struct gh_arguments *a, const char *name,
                                              double min, double max, double *value,
                                              struct gh_error *error);

/* One row per command, in the file of the command; listed in commands.c. */
extern const struct gh_command gh_command_run, gh_command_send, gh_command_watch,
    gh_command_replay, gh_command_check, gh_command_simulate, gh_command_import,
    gh_command_options;

#endif
