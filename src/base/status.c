/* status.c - text and exit code of every status, from the one list. */
#include "goodhart/error.h"

#include <assert.h>

#define STATUS_TEXT(code, exit_code, text) [code] = text,
#define STATUS_EXIT(code, exit_code, text) [code] = exit_code,

const char *gh_status_text(enum gh_status s)
{
    static const char *const text[GH_STATUS_COUNT] = {GH_STATUS_LIST(STATUS_TEXT)};

    assert(s < GH_STATUS_COUNT);
    return text[s];
}

int gh_status_exit(enum gh_status s)
{
    static const int exit_code[GH_STATUS_COUNT] = {GH_STATUS_LIST(STATUS_EXIT)};

    assert(s < GH_STATUS_COUNT);
    return exit_code[s];
}
