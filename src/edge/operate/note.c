/* note.c - see note.h. */
#include "edge/operate/note.h"

#include "edge/clock.h"
#include "edge/json.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOTE_MINUTE_MS = 60000 };

#define NAME(name) #name,
static const char *const level_names[] = {GH_NOTE_LEVEL_LIST(NAME)};
static const char *const format_names[] = {"text", "logfmt", "json"};

#define KIND(name, level, speaker, bound) {#name, speaker, GH_NOTE_LEVEL_##level, bound},
static const struct kind {
    const char *name, *speaker;
    enum gh_note_level level;
    unsigned bound;
} kinds[] = {GH_NOTE_LIST(KIND)};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum gh_note_level lowest = GH_NOTE_LEVEL_info;
static enum gh_note_format format_now = GH_NOTE_TEXT;
static struct gh_note_counts counts_now;
static struct window {
    int64_t until_ms; /* end of the minute that is counted; 0: none was */
    unsigned written;
    uint64_t left_out;
} windows[GH_NOTE_COUNT];

const char *gh_note_level_name(enum gh_note_level level)
{
    return level_names[level];
}

static size_t name_find(const char *const *name, size_t count, const char *wanted)
{
    size_t i = 0;
    while (i < count && strcmp(name[i], wanted) != 0)
        i++;
    return i;
}

enum gh_status gh_note_setup(const char *level, const char *format, struct gh_error *error)
{
    const size_t formats = sizeof format_names / sizeof format_names[0];
    const size_t l = name_find(level_names, GH_NOTE_LEVELS, level);
    const size_t f = name_find(format_names, formats, format);
    if (l == GH_NOTE_LEVELS)
        return gh_error_set(error, GH_ECONFIG,
                            "log.level: %s: must be error, warning, info or debug", level);
    if (f == formats)
        return gh_error_set(error, GH_ECONFIG, "log.format: %s: must be text, logfmt or json",
                            format);
    pthread_mutex_lock(&lock);
    lowest = (enum gh_note_level)l;
    format_now = (enum gh_note_format)f;
    pthread_mutex_unlock(&lock);
    return GH_OK;
}

void gh_note_counts(struct gh_note_counts *counts)
{
    pthread_mutex_lock(&lock);
    *counts = counts_now;
    pthread_mutex_unlock(&lock);
}

/* C0, DEL, C1 and bytes that are no UTF-8 could do things to a terminal. */
static void text_write(struct gh_json *line, const char *text)
{
    for (size_t left = strlen(text), step; left > 0; text += step, left -= step) {
        const unsigned char c = (unsigned char)text[0];
        const size_t size = gh_utf8_size(text, left);
        const bool c1 = size == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;
        char escaped[8];
        step = size > 0 ? size : 1;
        if (size > 0 && c >= 0x20 && c != 0x7f && !c1)
            gh_json_raw(line, text, size);
        for (size_t i = 0; i < step && (size == 0 || c < 0x20 || c == 0x7f || c1); i++) {
            snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned char)text[i]);
            gh_json_raw(line, escaped, 4);
        }
    }
}

static void word_write(struct gh_json *line, const char *word)
{
    gh_json_raw(line, word, strlen(word));
}

static void logfmt_write(struct gh_json *line, const struct kind *kind, const char *text)
{
    struct gh_json quoted = {0};
    gh_json_time(&quoted, gh_clock_wall_ms());
    word_write(line, "ts=");
    if (!quoted.failed)
        gh_json_raw(line, quoted.at + 1, quoted.used - 2);
    quoted.used = 0;
    gh_json_string(&quoted, text);
    word_write(line, " level=");
    word_write(line, level_names[kind->level]);
    word_write(line, " event=");
    word_write(line, kind->name);
    word_write(line, " msg=");
    word_write(line, quoted.failed ? "\"out of memory\"" : quoted.at);
    gh_json_free(&quoted);
}

static void json_write(struct gh_json *line, const struct kind *kind, const char *text)
{
    gh_json_open(line, '{');
    gh_json_key(line, "ts");
    gh_json_time(line, gh_clock_wall_ms());
    gh_json_key(line, "level");
    gh_json_string(line, level_names[kind->level]);
    gh_json_key(line, "event");
    gh_json_string(line, kind->name);
    gh_json_key(line, "msg");
    gh_json_string(line, text);
    gh_json_close(line, '}');
}

static void line_write(const struct kind *kind, const char *text)
{
    struct gh_json line = {0};
    if (format_now == GH_NOTE_TEXT) {
        word_write(&line, kind->speaker);
        word_write(&line, ": ");
        text_write(&line, text);
    } else if (format_now == GH_NOTE_LOGFMT) {
        logfmt_write(&line, kind, text);
    } else {
        json_write(&line, kind, text);
    }
    gh_json_raw(&line, "\n", 1);
    counts_now.failed += line.failed || write(STDERR_FILENO, line.at, line.used) < 0;
    if (line.failed) /* nothing is silent, and this takes no memory */
        dprintf(STDERR_FILENO, "%s: out of memory, and none to say more\n", kind->speaker);
    gh_json_free(&line);
}

/* Whether one more of this kind may be written now; *left_out: how many were not before it. */
static bool window_open(enum gh_note kind, uint64_t *left_out)
{
    struct window *w = &windows[kind];
    const int64_t now_ms = gh_clock_ms();
    *left_out = 0;
    if (w->until_ms == 0 || now_ms >= w->until_ms) {
        *left_out = w->left_out;
        *w = (struct window){.until_ms = now_ms + NOTE_MINUTE_MS};
    }
    if (kinds[kind].bound > 0 && w->written >= kinds[kind].bound) {
        w->left_out++;
        counts_now.left_out++;
        return false;
    }
    w->written++;
    return true;
}

static void note_locked(enum gh_note kind, const char *text)
{
    uint64_t left_out;
    counts_now.said[kinds[kind].level]++;
    if (kinds[kind].level > lowest || !window_open(kind, &left_out))
        return;
    if (left_out > 0) {
        char more[64];
        snprintf(more, sizeof more, "%" PRIu64 " more of %s were left out", left_out,
                 kinds[kind].name);
        line_write(&kinds[kind], more);
    }
    line_write(&kinds[kind], text);
}

void gh_note(enum gh_note kind, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    pthread_mutex_lock(&lock);
    note_locked(kind, text ? text : "out of memory");
    pthread_mutex_unlock(&lock);
    free(text);
}
