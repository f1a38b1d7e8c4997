/* trace_read.c - small readers that the formats share. */
#include "edge/import/trace_format.h"

#include <glib.h>
#include <string.h>

struct gh_trace_call gh_trace_nothing(void)
{
    return (struct gh_trace_call){.input_tokens = -1,
                                  .cache_read_tokens = -1,
                                  .output_tokens = -1,
                                  .user_tokens = -1,
                                  .tool_calls = -1,
                                  .duration_ms = -1};
}

bool gh_trace_count(struct gh_text text, int64_t *count)
{
    int64_t value = 0;

    if (text.size == 0 || text.size > 16)
        return false;
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    if (value > GH_COUNT_MAX)
        return false;
    *count = value;
    return true;
}

bool gh_trace_seconds(struct gh_text text, int64_t *ms)
{
    const char *point = memchr(text.at, '.', text.size);
    const uint32_t whole = point != NULL ? (uint32_t)(point - text.at) : text.size;
    int64_t value = 0;

    if (!gh_trace_count((struct gh_text){text.at, whole}, &value) ||
        value > GH_COUNT_MAX / 1000)
        return false;
    if (point != NULL && whole + 1 == text.size)
        return false;
    for (uint32_t i = 1; i <= 3 || whole + i < text.size; i++) {
        const char digit = whole + i < text.size ? text.at[whole + i] : '0';
        if (digit < '0' || digit > '9')
            return false;
        if (i <= 3)
            value = value * 10 + (digit - '0');
    }
    *ms = value;
    return true;
}

bool gh_trace_name(struct gh_text text)
{
    if (text.size == 0 || text.size > GH_STRING_BYTES_MAX ||
        !g_utf8_validate(text.at, text.size, NULL))
        return false;
    for (const char *at = text.at; at < text.at + text.size; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return false;
    return true;
}

bool gh_trace_is(struct gh_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

bool gh_trace_holds(struct gh_text list, const char *word)
{
    const char *at = list.at, *const end = list.at + list.size;

    while (at < end) {
        const char *plus = memchr(at, '+', (size_t)(end - at));
        const char *stop = plus != NULL ? plus : end;
        if (gh_trace_is((struct gh_text){at, (uint32_t)(stop - at)}, word))
            return true;
        at = stop + 1;
    }
    return false;
}
