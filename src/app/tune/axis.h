/* axis.h - an option and the values of it that are to be tried: "agent_loop.alone_hops=1..6".
 *
 * GROUP.OPTION=FROM..TO      GH_TUNE_STEPS values, evenly apart; whole numbers each once
 * GROUP.OPTION=FROM..TO:9    so many, 2..GH_TUNE_STEPS_MAX
 * GROUP.OPTION=FROM..TO:log  by equal factors, FROM > 0; FROM..TO:9:log as well
 * GROUP.OPTION=false..true   all that a switch can be
 *
 * Both ends must be legal: an illegal one is refused in the words of the option itself. */
#ifndef GOODHART_APP_TUNE_AXIS_H
#define GOODHART_APP_TUNE_AXIS_H

#include "app/config.h"
#include "app/number.h"

enum { GH_TUNE_STEPS = 20, GH_TUNE_STEPS_MAX = 200, GH_TUNE_NAME_SIZE = 128 };

struct gh_tune_axis {
    struct gh_option_place place;
    const struct gh_option *option;
    char name[GH_TUNE_NAME_SIZE]; /* "group.option" */
    double low, high;             /* low < high */
    double start;                 /* the value in force */
    uint32_t steps;
    bool log, whole; /* whole: whole numbers and switches */
};

/* Whether a positional argument is meant as one, not as a file. */
bool gh_tune_is_axis(const char *text);
/* GH_EUSAGE: how it is to be written. GH_ECONFIG: no such option, or no such value. */
GH_MUST_USE enum gh_status gh_tune_axis_read(struct gh_tune_axis *axis, const char *text,
                                             const struct gh_config *in_force,
                                             struct gh_error *error);
/* Ascending, each once; returns how many, 2..GH_TUNE_STEPS_MAX. */
size_t gh_tune_axis_values(const struct gh_tune_axis *axis, double value[GH_TUNE_STEPS_MAX]);
/* The value that somebody would write for this one: four digits, within the range. */
double gh_tune_axis_near(const struct gh_tune_axis *axis, double value);
/* "group.option=value", as gh_config_set reads it. */
enum { GH_TUNE_ASSIGNMENT_SIZE = GH_TUNE_NAME_SIZE + GH_NUMBER_SIZE };
void gh_tune_axis_assignment(const struct gh_tune_axis *axis, double value,
                             char text[GH_TUNE_ASSIGNMENT_SIZE]);
/* The value alone: "0.5", "true", "auto". */
void gh_tune_axis_print(const struct gh_tune_axis *axis, double value,
                        char text[GH_NUMBER_SIZE]);
/* What is set for this option; no text. */
double gh_tune_option_value(const struct gh_config *config, struct gh_option_place place);

#endif
