/* option.h - one table per component feeds parsing, help text, reference docs and tests.
 *
 * A component lists its options once, as an X-macro with two kinds of rows:
 *
 *     #define GH_ORDER_OPTIONS(X, T, S)                                                \
 *         X(S, double, lateness, 600, 0, 86400, "seconds", "how late an event may be") \
 *         T(S, path, "", "file that ...")
 *
 * From it come the struct (GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD) and the rows
 * (GH_OPTION_ROW, GH_OPTION_TEXT_ROW). The C type of the field chooses the type of the
 * row, so that the two cannot disagree. A full name is "group.option". */
#ifndef GOODHART_OPTION_H
#define GOODHART_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gh_option_type {
    GH_OPTION_DOUBLE,
    GH_OPTION_U32,
    GH_OPTION_BOOL,
    GH_OPTION_SWITCH,
    GH_OPTION_TEXT
};

/* On, off, or as the rest of the configuration suggests: the help of the option says how. */
enum gh_switch_value { GH_SWITCH_OFF, GH_SWITCH_ON, GH_SWITCH_AUTO };
struct gh_switch {
    uint32_t value; /* enum gh_switch_value */
};

enum { GH_OPTION_TEXT_SIZE = 256 };
struct gh_option_text {
    char text[GH_OPTION_TEXT_SIZE]; /* NUL-terminated; a list is separated by commas */
};

struct gh_option {
    const char *name;
    enum gh_option_type type;
    size_t offset;   /* of the field inside the component's struct */
    double fallback; /* value when the key is absent; 0 or 1 for a bool, 0..2 a switch */
    const char *fallback_text; /* the same for a text, else NULL */
    double min, max;           /* inclusive; outside is an error, never a silent clamp */
    const char *unit;          /* "seconds", "days", "tokens", "1" for a pure number */
    const char *help;          /* one sentence, lower case, no full stop */
};

struct gh_option_group {
    const char *name; /* first part of the full name */
    const char *summary;
    const struct gh_option *options;
    size_t count;
    size_t size; /* of the struct that the offsets point into */
};

#define GH_OPTION_TYPE(T)                       \
    _Generic((T){0}, double                     \
             : GH_OPTION_DOUBLE, uint32_t       \
             : GH_OPTION_U32, bool              \
             : GH_OPTION_BOOL, struct gh_switch \
             : GH_OPTION_SWITCH)
#define GH_OPTION_FIELD(S, T, name, fallback, min, max, unit, help) T name;
#define GH_OPTION_TEXT_FIELD(S, name, fallback, help) struct gh_option_text name;
#define GH_OPTION_ROW(S, T, name, fallback, min, max, unit, help) \
    {#name, GH_OPTION_TYPE(T), offsetof(S, name), fallback, NULL, min, max, unit, help},
#define GH_OPTION_TEXT_ROW(S, name, fallback, help) \
    {#name, GH_OPTION_TEXT, offsetof(S, name), 0, fallback, 0, 0, "text", help},

/* Fills `config` (group->size bytes) with every option's fallback. Cannot fail. */
void gh_options_default(const struct gh_option_group *group, void *config);

/* Puts a number (0 or 1 for a bool, 0..2 a switch) into the option's field of `config`; legal
 * for every type but a text. */
void gh_option_put(const struct gh_option *option, void *config, double number);

/* The option called `name` (without the group), or NULL. */
const struct gh_option *gh_option_find(const struct gh_option_group *group, const char *name);

#endif
