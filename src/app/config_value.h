/* config_value.h - one option's value: from text with a type to the field, and back. */
#ifndef GOODHART_APP_CONFIG_VALUE_H
#define GOODHART_APP_CONFIG_VALUE_H

#include "goodhart/option.h"

/* What the writer of a value meant: plain YAML scalars may be numbers, booleans or null,
 * quoted ones are texts, and --set leaves it to the option. */
enum gh_notation { GH_NOTATION_PLAIN, GH_NOTATION_QUOTED, GH_NOTATION_ANY };

struct gh_scalar {
    const char *at; /* NUL-terminated; may hold further NULs */
    size_t size;
    enum gh_notation notation;
};

/* Room for any value, and how much of it one of an option takes. */
union gh_value {
    double number;
    uint32_t whole;
    bool flag;
    struct gh_switch choice;
    struct gh_option_text text;
};
size_t gh_value_size(const struct gh_option *option);

/* Writes the value into `field`. On failure `field` is untouched and `problem` is
 * "VALUE: LEGAL VALUES", control characters in it replaced by '?'. */
enum { GH_PROBLEM_SIZE = 256 };
bool gh_value_read(const struct gh_option *option, struct gh_scalar scalar, void *field,
                   char problem[GH_PROBLEM_SIZE]);
/* What is set when nobody says anything. */
void gh_value_default(const struct gh_option *option, union gh_value *value);
/* A text as a table has it, e.g. for names and reasons that are no options. */
extern const struct gh_option gh_option_free_text;
/* What is legal: "must be 0..16 bits", "must be true or false"; without `number`, when
 * what stood there was none, "must be a whole number, 0..16 bits". */
void gh_value_legal(const struct gh_option *option, bool number, char *text, size_t size);
/* The value as YAML, texts in double quotes; reading it back gives the same. */
void gh_value_print(const struct gh_option *option, const void *field, char *text, size_t size);

/* Makes foreign text fit for a message: control characters and broken UTF-8 become '?',
 * what does not fit is cut at a character boundary and ends in "...". Returns `out`, which
 * has room for at least 4 bytes. */
enum { GH_CLEAN_SIZE = 64 };
const char *gh_text_fit(const char *text, size_t size, char *out, size_t room);
const char *gh_text_clean(const char *text, size_t size, char out[GH_CLEAN_SIZE]);

#endif
