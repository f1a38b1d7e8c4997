/* axis.c - see axis.h. */
#include "app/tune/axis.h"

#include "app/config_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gh_tune_is_axis(const char *text)
{
    const char *equals = strchr(text, '='), *dot = strchr(text, '.');

    return equals && dot && dot < equals && strcspn(text, "/") > (size_t)(equals - text);
}

static double field_value(const struct gh_option *option, const void *field)
{
    switch (option->type) {
    case GH_OPTION_DOUBLE:
        return *(const double *)field;
    case GH_OPTION_U32:
        return *(const uint32_t *)field;
    case GH_OPTION_BOOL:
        return *(const bool *)field;
    case GH_OPTION_SWITCH:
        return ((const struct gh_switch *)field)->value;
    case GH_OPTION_TEXT:
        break;
    }
    return NAN;
}

static void field_set(const struct gh_option *option, double value, void *field)
{
    if (option->type == GH_OPTION_DOUBLE)
        *(double *)field = value;
    else if (option->type == GH_OPTION_U32)
        *(uint32_t *)field = (uint32_t)value;
    else if (option->type == GH_OPTION_BOOL)
        *(bool *)field = value != 0.0;
    else
        ((struct gh_switch *)field)->value = (uint32_t)value;
}

union any_field {
    double number;
    uint32_t whole;
    bool yes;
    struct gh_switch turned;
};

double gh_tune_option_value(const struct gh_config *config, struct gh_option_place place)
{
    const struct gh_option_group *group = gh_config_group_at(place.group);
    const struct gh_option *option = &group->options[place.option];
    const unsigned char *fields = gh_config_group(config, group->name);

    return field_value(option, fields + option->offset);
}

void gh_tune_axis_print(const struct gh_tune_axis *axis, double value,
                        char text[GH_NUMBER_SIZE])
{
    union any_field field = {0};

    field_set(axis->option, value, &field);
    gh_value_print(axis->option, &field, text, GH_NUMBER_SIZE);
}

void gh_tune_axis_assignment(const struct gh_tune_axis *axis, double value,
                             char text[GH_TUNE_ASSIGNMENT_SIZE])
{
    char number[GH_NUMBER_SIZE];

    gh_tune_axis_print(axis, value, number);
    snprintf(text, GH_TUNE_ASSIGNMENT_SIZE, "%s=%s", axis->name, number);
}

/* --- reading --- */

static enum gh_status written_wrong(const char *text, struct gh_error *error)
{
    char shown[GH_CLEAN_SIZE];

    return gh_error_set(error, GH_EUSAGE,
                        "%s: must be GROUP.OPTION=FROM..TO, FROM..TO:STEPS (2 to %d) or "
                        "FROM..TO:log, such as incident.false_alarms=0.05..5:log",
                        gh_text_clean(text, strlen(text), shown), GH_TUNE_STEPS_MAX);
}

/* One end, in the option's own words where it is none. */
static enum gh_status end_read(const struct gh_tune_axis *axis, const char *at, size_t size,
                               double *value, struct gh_error *error)
{
    char word[GH_NUMBER_SIZE + 1], problem[GH_PROBLEM_SIZE];
    union any_field field = {0};

    snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word), at);
    if (!gh_value_read(axis->option, (struct gh_scalar){word, strlen(word), GH_NOTATION_ANY},
                       &field, problem))
        return gh_error_set(error, GH_ECONFIG, "%s: %s", axis->name, problem);
    *value = field_value(axis->option, &field);
    return GH_OK;
}

/* What stands behind the range: ":9", ":log", ":9:log". */
static bool manner_read(struct gh_tune_axis *axis, const char *at)
{
    while (*at == ':') {
        const size_t size = strcspn(++at, ":");
        char word[16];
        uint64_t steps;

        snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word), at);
        if (!strcmp(word, "log") && !axis->log)
            axis->log = true;
        else if (axis->steps == 0 && gh_number_u64(word, &steps) && steps >= 2 &&
                 steps <= GH_TUNE_STEPS_MAX)
            axis->steps = (uint32_t)steps;
        else
            return false;
        at += size;
    }
    axis->steps = axis->steps ? axis->steps : GH_TUNE_STEPS;
    return *at == '\0';
}

static enum gh_status option_find(struct gh_tune_axis *axis, const char *text, size_t size,
                                  struct gh_error *error)
{
    snprintf(axis->name, sizeof axis->name, "%.*s", (int)size, text);
    const enum gh_status status = gh_config_find(axis->name, &axis->place, error);

    if (status != GH_OK)
        return status;
    axis->option = &gh_config_group_at(axis->place.group)->options[axis->place.option];
    if (axis->option->type == GH_OPTION_TEXT || axis->place.group >= gh_engine_group_count())
        return gh_error_set(
            error, GH_EUSAGE,
            "%s: what is found does not depend on it: options of the engine and "
            "of detectors can be tried",
            axis->name);
    axis->whole = axis->option->type != GH_OPTION_DOUBLE;
    return GH_OK;
}

static enum gh_status range_check(const struct gh_tune_axis *axis, struct gh_error *error)
{
    if (axis->low >= axis->high)
        return gh_error_set(error, GH_EUSAGE, "%s: FROM must be less than TO", axis->name);
    if (axis->log && axis->low <= 0.0)
        return gh_error_set(error, GH_EUSAGE, "%s: equal factors need FROM above 0",
                            axis->name);
    return GH_OK;
}

enum gh_status gh_tune_axis_read(struct gh_tune_axis *axis, const char *text,
                                 const struct gh_config *in_force, struct gh_error *error)
{
    const char *equals = strchr(text, '=');
    const char *dots = equals ? strstr(equals, "..") : NULL;

    *axis = (struct gh_tune_axis){.option = NULL};
    if (!dots || equals - text >= GH_TUNE_NAME_SIZE)
        return written_wrong(text, error);
    enum gh_status status = option_find(axis, text, (size_t)(equals - text), error);
    if (status == GH_OK && !manner_read(axis, dots + 2 + strcspn(dots + 2, ":")))
        status = written_wrong(text, error);
    if (status == GH_OK)
        status = end_read(axis, equals + 1, (size_t)(dots - equals - 1), &axis->low, error);
    if (status == GH_OK)
        status = end_read(axis, dots + 2, strcspn(dots + 2, ":"), &axis->high, error);
    if (status == GH_OK)
        status = range_check(axis, error);
    if (status == GH_OK)
        axis->start = gh_tune_option_value(in_force, axis->place);
    return status;
}

double gh_tune_axis_near(const struct gh_tune_axis *axis, double value)
{
    char text[GH_NUMBER_SIZE];

    if (axis->whole)
        return fmax(axis->low, fmin(rint(value), axis->high));
    snprintf(text, sizeof text, "%.4g", value);
    return fmax(axis->low, fmin(strtod(text, NULL), axis->high));
}

size_t gh_tune_axis_values(const struct gh_tune_axis *axis, double value[GH_TUNE_STEPS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < axis->steps; i++) {
        const double part = (double)i / (axis->steps - 1);
        double v = axis->log ? axis->low * pow(axis->high / axis->low, part)
                             : axis->low + part * (axis->high - axis->low);

        v = i + 1 == axis->steps ? axis->high : gh_tune_axis_near(axis, v);
        if (count == 0 || v > value[count - 1])
            value[count++] = v;
    }
    return count;
}
