/* config_value.c - values of options, strictly: nothing is clamped, guessed or rounded. */
#include "app/config_value.h"

#include "app/number.h"
#include "edge/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Bytes of the UTF-8 character at `at`, or 0 when it is none, or none that YAML can hold as
 * it is: a control character, a byte order mark, a non-character. */
static size_t character_size(const char *at, size_t size)
{
    const size_t length = gh_utf8_size(at, size);
    const unsigned char *c = (const unsigned char *)at;

    if (length == 1 && (c[0] < 0x20 || c[0] == 0x7f))
        return 0;
    if (length == 2 && c[0] == 0xc2 && c[1] < 0xa0)
        return 0;
    if (length == 3 && (!memcmp(at, "\xef\xbb\xbf", 3) || !memcmp(at, "\xef\xbf\xbe", 3) ||
                        !memcmp(at, "\xef\xbf\xbf", 3)))
        return 0;
    return length;
}

const char *gh_text_fit(const char *text, size_t size, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < size;) {
        const size_t length = character_size(text + i, size - i);
        const size_t step = length ? length : 1;

        if (used + step + sizeof("...") > room) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, length ? text + i : "?", step);
        used += step;
        i += step;
    }
    out[used] = '\0';
    return out;
}

const char *gh_text_clean(const char *text, size_t size, char out[GH_CLEAN_SIZE])
{
    return gh_text_fit(text, size, out, GH_CLEAN_SIZE);
}

const struct gh_option gh_option_free_text = {
    .name = "text", .type = GH_OPTION_TEXT, .fallback_text = "", .unit = "text"};

size_t gh_value_size(const struct gh_option *option)
{
    static const size_t sizes[] = {[GH_OPTION_DOUBLE] = sizeof(double),
                                   [GH_OPTION_U32] = sizeof(uint32_t),
                                   [GH_OPTION_BOOL] = sizeof(bool),
                                   [GH_OPTION_SWITCH] = sizeof(struct gh_switch),
                                   [GH_OPTION_TEXT] = sizeof(struct gh_option_text)};

    return sizes[option->type];
}

void gh_value_default(const struct gh_option *option, union gh_value *value)
{
    struct gh_option alone = *option;
    const struct gh_option_group group = {.options = &alone, .count = 1, .size = sizeof *value};

    alone.offset = 0;
    gh_options_default(&group, value);
}

static const char *const switch_words[] = {
    [GH_SWITCH_OFF] = "off", [GH_SWITCH_ON] = "on", [GH_SWITCH_AUTO] = "auto"};

void gh_value_legal(const struct gh_option *option, bool number, char *text, size_t size)
{
    char low[GH_NUMBER_SIZE], high[GH_NUMBER_SIZE];
    const char *kind = option->type == GH_OPTION_U32 ? "a whole number, " : "a number, ";
    const bool pure = !strcmp(option->unit, "1") || !option->unit[0];

    if (option->type == GH_OPTION_BOOL) {
        snprintf(text, size, "must be true or false");
    } else if (option->type == GH_OPTION_SWITCH) {
        snprintf(text, size, "must be auto, on or off");
    } else if (option->type == GH_OPTION_TEXT) {
        snprintf(text, size, "must be a text of at most %d bytes without control characters",
                 GH_OPTION_TEXT_SIZE - 1);
    } else {
        gh_number_print(option->min, low);
        gh_number_print(option->max, high);
        snprintf(text, size, "must be %s%s..%s%s%s", number ? "" : kind, low, high,
                 pure ? "" : " ", pure ? "" : option->unit);
    }
}

static bool u32_read(const struct gh_option *option, const char *text, void *field)
{
    uint64_t value;

    if (!gh_number_u64(text, &value) || value > UINT32_MAX || (double)value < option->min ||
        (double)value > option->max)
        return false;
    *(uint32_t *)field = (uint32_t)value;
    return true;
}

static bool double_read(const struct gh_option *option, const char *text, void *field)
{
    double value;

    if (!gh_number_double(text, &value) || value < option->min || value > option->max)
        return false;
    *(double *)field = value;
    return true;
}

static bool bool_read(const char *text, void *field)
{
    const bool value = !strcmp(text, "true");

    if (!value && strcmp(text, "false"))
        return false;
    *(bool *)field = value;
    return true;
}

static bool switch_read(const char *text, void *field)
{
    for (uint32_t i = 0; i < sizeof(switch_words) / sizeof(switch_words[0]); i++) {
        if (!strcmp(text, switch_words[i])) {
            ((struct gh_switch *)field)->value = i;
            return true;
        }
    }
    return false;
}

static bool text_read(const char *text, size_t size, void *field)
{
    struct gh_option_text value = {{0}};

    if (size >= sizeof(value.text))
        return false;
    for (size_t i = 0, step; i < size; i += step) {
        step = character_size(text + i, size - i);
        if (!step)
            return false;
    }
    memcpy(value.text, text, size);
    *(struct gh_option_text *)field = value;
    return true;
}

/* A plain scalar that YAML takes for something else than a text. */
static bool means_no_text(const char *text)
{
    static const char *const words[] = {"",   "~",   "null", "true", "false",
                                        "on", "off", "yes",  "no"};
    double number;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcasecmp(text, words[i]))
            return true;
    return gh_number_double(text, &number);
}

static bool typed_read(const struct gh_option *option, const char *text, size_t size,
                       void *field)
{
    /* A NUL inside would hide what comes after it. */
    if (option->type != GH_OPTION_TEXT && strlen(text) != size)
        return false;
    switch (option->type) {
    case GH_OPTION_DOUBLE:
        return double_read(option, text, field);
    case GH_OPTION_U32:
        return u32_read(option, text, field);
    case GH_OPTION_BOOL:
        return bool_read(text, field);
    case GH_OPTION_SWITCH:
        return switch_read(text, field);
    case GH_OPTION_TEXT:
        break;
    }
    return text_read(text, size, field);
}

/* Of the right kind, so that only the range can be wrong. */
static bool is_number(const struct gh_option *option, const char *text, size_t size)
{
    uint64_t whole;
    double number;

    if (strlen(text) != size)
        return false;
    return option->type == GH_OPTION_U32 ? gh_number_u64(text, &whole)
                                         : gh_number_double(text, &number);
}

/* What was probably meant by notations of other languages and of older YAML: 1_000, .5, 5.,
 * +5, 010, True, yes. */
static void number_meant(const char *text, char *out, size_t size)
{
    size_t used = 0;

    for (text += *text == '+'; *text == '0' && text[1] >= '0' && text[1] <= '9';)
        text++;
    if (*text == '.')
        out[used++] = '0';
    for (; *text && used + 1 < size; text++)
        if (*text != '_' && !(*text == '.' && !text[1]))
            out[used++] = *text;
    out[used] = '\0';
}

static void word_meant(const struct gh_option *option, const char *text, char *out, size_t size)
{
    static const char *const pairs[2][4] = {{"false", "off", "no", "n"},
                                            {"true", "on", "yes", "y"}};
    const size_t row = option->type == GH_OPTION_SWITCH;

    snprintf(out, size, "%.*s", (int)size - 1, text);
    for (size_t i = 0; i < 4; i++) {
        for (size_t value = 0; value < 2; value++)
            if (!strcasecmp(text, pairs[value][i]))
                snprintf(out, size, "%s", pairs[value][row]);
    }
}

static const char *value_hint(const struct gh_option *option, const char *text,
                              char hint[GH_CLEAN_SIZE])
{
    const bool number = option->type == GH_OPTION_DOUBLE || option->type == GH_OPTION_U32;
    char meant[GH_CLEAN_SIZE / 2];
    union gh_value ignored;

    if (number)
        number_meant(text, meant, sizeof(meant));
    else
        word_meant(option, text, meant, sizeof(meant));
    hint[0] = '\0';
    if (strcmp(text, meant) != 0 && typed_read(option, meant, strlen(meant), &ignored))
        snprintf(hint, GH_CLEAN_SIZE, ": did you mean %s?", meant);
    return hint;
}

bool gh_value_read(const struct gh_option *option, struct gh_scalar scalar, void *field,
                   char problem[GH_PROBLEM_SIZE])
{
    const bool is_text = option->type == GH_OPTION_TEXT;
    const bool wrong =
        (scalar.notation == GH_NOTATION_PLAIN && is_text && means_no_text(scalar.at)) ||
        (scalar.notation == GH_NOTATION_QUOTED && !is_text);
    char cleaned[GH_CLEAN_SIZE], legal[GH_PROBLEM_SIZE / 2], hint[GH_CLEAN_SIZE];
    const char *shown = scalar.size ? cleaned : "nothing";

    if (!wrong && typed_read(option, scalar.at, scalar.size, field))
        return true;
    gh_text_clean(scalar.at, scalar.size, cleaned);
    gh_value_legal(option, is_number(option, scalar.at, scalar.size), legal, sizeof(legal));
    if (!wrong)
        snprintf(problem, GH_PROBLEM_SIZE, "%s: %s%s", shown, legal,
                 is_text ? "" : value_hint(option, cleaned, hint));
    else if (is_text)
        snprintf(problem, GH_PROBLEM_SIZE, "%s: must be a text: write \"%s\" in quotes", shown,
                 cleaned);
    else
        snprintf(problem, GH_PROBLEM_SIZE, "\"%s\": %s, without quotes", cleaned, legal);
    return false;
}

static void text_print(const char *value, char *text, size_t size)
{
    size_t used = 0;

    text[used++] = '"';
    for (; *value && used + 4 < size; value++) {
        if (*value == '"' || *value == '\\')
            text[used++] = '\\';
        text[used++] = *value;
    }
    text[used++] = '"';
    text[used] = '\0';
}

void gh_value_print(const struct gh_option *option, const void *field, char *text, size_t size)
{
    char number[GH_NUMBER_SIZE];

    switch (option->type) {
    case GH_OPTION_DOUBLE:
        gh_number_print(*(const double *)field, number);
        snprintf(text, size, "%s", number);
        break;
    case GH_OPTION_U32:
        snprintf(text, size, "%" PRIu32, *(const uint32_t *)field);
        break;
    case GH_OPTION_BOOL:
        snprintf(text, size, "%s", *(const bool *)field ? "true" : "false");
        break;
    case GH_OPTION_SWITCH:
        snprintf(text, size, "%s", switch_words[((const struct gh_switch *)field)->value]);
        break;
    case GH_OPTION_TEXT:
        text_print(((const struct gh_option_text *)field)->text, text, size);
        break;
    }
}
