/* terminal.c - see terminal.h. */
#include "app/terminal.h"

#include "edge/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t character_code(const char *at, size_t length)
{
    static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)at[0] & lead[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    return code;
}

static bool character_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Marks of direction, joiners, separators of lines, tags: seen by none, read by terminals. */
static bool character_is_hidden(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } range[] = {{0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},
                 {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                 {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
        if (code >= range[i].first && code <= range[i].last)
            return true;
    }
    return false;
}

void gh_terminal_text(FILE *out, struct gh_text text)
{
    for (size_t i = 0; i < text.size;) {
        const size_t length = gh_utf8_size(text.at + i, text.size - i);
        const uint32_t code = length ? character_code(text.at + i, length) : 0;
        if (character_is_control(code) || character_is_hidden(code))
            fputc('?', out);
        else
            fwrite(text.at + i, 1, length, out);
        i += length ? length : 1;
    }
}

void gh_terminal_json(FILE *out, struct gh_text json)
{
    for (size_t i = 0; i < json.size;) {
        const size_t length = gh_utf8_size(json.at + i, json.size - i);
        const uint32_t code = length ? character_code(json.at + i, length) : 0;
        if (code < 0x20)
            fputc(' ', out);
        else if (character_is_control(code))
            fprintf(out, "\\u%04x", (unsigned)code);
        else
            fwrite(json.at + i, 1, length, out);
        i += length ? length : 1;
    }
}

bool gh_terminal_coloured(FILE *out)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fileno(out)) && !(no_colour && no_colour[0]) && terminal &&
           strcmp(terminal, "dumb") != 0;
}

const char *gh_terminal_colour(enum gh_colour colour, bool coloured)
{
    static const char *const code[GH_COLOUR_COUNT] = {"\x1b[0m",  "\x1b[1m",  "\x1b[2m",
                                                      "\x1b[31m", "\x1b[33m", "\x1b[36m"};
    assert(colour < GH_COLOUR_COUNT);
    return coloured ? code[colour] : "";
}
