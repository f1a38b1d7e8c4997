/* note.h - what the service says to people while it runs: one line each on standard error.
 *
 * Three formats: text, as it always was, for a terminal and for a journal that stamps lines
 * itself; logfmt and JSON with time, level and the kind of the note. Control characters never
 * leave as they are. Of one kind so many are written a minute; more are counted, and the next
 * one says how many there were. Texts name files, endpoints and positions, never people.
 *
 * There is one log of a process, and layers below speak into it, so this is the one place of
 * the shell with state of its own. For any thread. */
#ifndef GOODHART_EDGE_NOTE_H
#define GOODHART_EDGE_NOTE_H

#include "goodhart/error.h"

#include <stdint.h>

#define GH_NOTE_LEVEL_LIST(X) X(error) X(warning) X(info) X(debug)

// clang-format off
/*    kind, level, who speaks in format text, lines a minute (0: any number) */
#define GH_NOTE_LIST(X)                              \
    X(listening, info, "goodhart run", 0)            \
    X(counters, info, "goodhart run", 0)             \
    X(settings, warning, "goodhart run", 20)         \
    X(changed, info, "goodhart run", 20)             \
    X(settings_failed, error, "goodhart run", 20)    \
    X(hardening, warning, "goodhart run", 20)        \
    X(disk_stalled, error, "goodhart run", 20)       \
    X(disk_back, info, "goodhart run", 20)           \
    X(recovery, info, "goodhart run", 20)            \
    X(snapshot_failed, error, "goodhart run", 20)    \
    X(retention_failed, error, "goodhart run", 20)   \
    X(sources, info, "goodhart run", 20)             \
    X(sources_failed, error, "goodhart run", 20)     \
    X(sink, warning, "goodhart run", 20)             \
    X(sinks_store, error, "goodhart run", 20)        \
    X(hooks_store, error, "goodhart run", 20)        \
    X(supervisor, warning, "goodhart run", 20)       \
    X(failed, error, "goodhart", 0)                  \
    X(reload, info, "goodhart", 20)                  \
    X(reload_failed, error, "goodhart", 20)          \
    X(rebind, warning, "goodhart", 20)               \
    X(dead_letters, error, "goodhart", 20)           \
    X(snapshot_unused, warning, "goodhart", 20)
// clang-format on

#define GH_NOTE_LEVEL_ENUM(name) GH_NOTE_LEVEL_##name,
enum gh_note_level { GH_NOTE_LEVEL_LIST(GH_NOTE_LEVEL_ENUM) GH_NOTE_LEVELS };
const char *gh_note_level_name(enum gh_note_level level);

#define GH_NOTE_ENUM(name, level, speaker, bound) GH_NOTE_##name,
enum gh_note { GH_NOTE_LIST(GH_NOTE_ENUM) GH_NOTE_COUNT };

enum gh_note_format { GH_NOTE_TEXT, GH_NOTE_LOGFMT, GH_NOTE_JSON };

/* From here on: levels as they are called in log.level, formats as in log.format. GH_ECONFIG:
 * there is none of that name, and all stays as it was. Until it is called: info, text. */
GH_MUST_USE enum gh_status gh_note_setup(const char *level, const char *format,
                                         struct gh_error *error);

/* Writes one line, in one write, without '\n' in `format`. Fails silently, but is counted. */
void gh_note(enum gh_note kind, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct gh_note_counts {
    uint64_t said[GH_NOTE_LEVELS]; /* whether written or not */
    uint64_t left_out;             /* there were too many of the kind */
    uint64_t failed;               /* standard error did not take them */
};
void gh_note_counts(struct gh_note_counts *counts);

#endif
