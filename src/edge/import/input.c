/* input.c - see input.h. */
#include "edge/import/input.h"

#include <stdlib.h>
#include <string.h>

enum { INPUT_START = 1 << 16 };

enum gh_status gh_input_open(struct gh_input *input, const char *path, struct gh_error *error)
{
    *input = (struct gh_input){.path = path, .limit = INPUT_START};
    return gh_unpack_open(&input->unpack, path, error);
}

/* Room behind `used`. */
static enum gh_status input_grow(struct gh_input *input, struct gh_error *error)
{
    size_t room = input->room > 0 ? 2 * input->room : INPUT_START;

    if (input->begin > 0) {
        memmove(input->at, input->at + input->begin, input->used - input->begin);
        input->used -= input->begin;
        input->begin = 0;
    }
    if (input->used < input->room)
        return GH_OK;
    room = room < input->limit ? room : input->limit;
    if (room == input->room)
        return gh_error_set(error, GH_ELIMIT, "%s: a piece longer than %zu bytes", input->path,
                            input->limit);
    char *at = realloc(input->at, room);
    if (at == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", input->path);
    input->at = at;
    input->room = room;
    return GH_OK;
}

enum gh_status gh_input_more(struct gh_input *input, struct gh_error *error)
{
    size_t got = 0;

    if (input->ended)
        return GH_OK;
    enum gh_status status = input_grow(input, error);
    if (status != GH_OK)
        return status;
    status = gh_unpack_read(input->unpack, input->at + input->used, input->room - input->used,
                            &got, error);
    input->used += status == GH_OK ? got : 0;
    input->ended = status != GH_OK || got == 0;
    return status;
}

bool gh_input_has(struct gh_input *input, size_t offset, enum gh_status *status,
                  struct gh_error *error)
{
    while (input->begin + offset >= input->used) {
        if (input->ended)
            return false;
        *status = gh_input_more(input, error);
        if (*status != GH_OK)
            return false;
    }
    return true;
}

void gh_input_close(struct gh_input *input)
{
    gh_unpack_close(input->unpack);
    free(input->at);
    *input = (struct gh_input){0};
}
