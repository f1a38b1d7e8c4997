/* error.c - failures in words; the only part of them that formats with the C library. */
#include "goodhart/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum gh_status gh_error_set(struct gh_error *e, enum gh_status s, const char *format, ...)
{
    va_list arguments;

    assert(s != GH_OK);
    if (!e || e->status != GH_OK)
        return s;
    e->status = s;
    va_start(arguments, format);
    vsnprintf(e->text, sizeof(e->text), format, arguments);
    va_end(arguments);
    return s;
}

void gh_error_wrap(struct gh_error *e, const char *format, ...)
{
    static const char colon[] = ": ";
    char words[sizeof(e->text)];
    va_list arguments;
    size_t front, back;

    if (!e || e->status == GH_OK)
        return;
    va_start(arguments, format);
    vsnprintf(words, sizeof(words) - strlen(colon), format, arguments);
    va_end(arguments);
    front = strlen(words) + strlen(colon);
    memcpy(words + strlen(words), colon, sizeof(colon));
    back = strlen(e->text);
    if (front + back >= sizeof(e->text))
        back = sizeof(e->text) - 1 - front;
    memmove(e->text + front, e->text, back);
    memcpy(e->text, words, front);
    e->text[front + back] = '\0';
}
