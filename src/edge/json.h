/* json.h - writes JSON on one line into a buffer that grows: alerts, findings, dead letters
 * and counters. Keys come out in the order of the calls, so equal input gives equal bytes. */
#ifndef GOODHART_EDGE_JSON_H
#define GOODHART_EDGE_JSON_H

#include "goodhart/event.h"

/* {0} is empty. `at` is NUL-terminated once something was written. After an allocation
 * failed, `failed` is set and further calls do nothing. */
struct gh_json {
    char *at;
    size_t used, size;
    bool failed;
};

/* A comma is put where one is due. `bracket` is one of { [ and } ]. */
void gh_json_open(struct gh_json *json, char bracket);
void gh_json_close(struct gh_json *json, char bracket);
void gh_json_key(struct gh_json *json, const char *key);
/* Bytes that are not UTF-8 become U+FFFD, one for each; '"', '\' and control characters
 * (C0, DEL, C1) are escaped. All else stands as it is. */
void gh_json_text(struct gh_json *json, struct gh_text text);
void gh_json_string(struct gh_json *json, const char *text);
void gh_json_count(struct gh_json *json, uint64_t value);
/* Shortest digits that read back the same, at most 17; null when it is not finite. */
void gh_json_number(struct gh_json *json, double value);
void gh_json_bool(struct gh_json *json, bool value);
/* "2026-11-20T09:31:05.123Z" */
void gh_json_time(struct gh_json *json, int64_t time_ms);
/* Bytes as they are, e.g. '\n' between two lines. */
void gh_json_raw(struct gh_json *json, const char *at, size_t size);

/* The text, which the caller frees (free), or NULL when memory ran out; *json is empty then. */
char *gh_json_take(struct gh_json *json);
void gh_json_free(struct gh_json *json);

/* Bytes of the UTF-8 character that starts at at[0], or 0 when there is none: stray or
 * overlong bytes, surrogates, past U+10FFFF, cut off. `size` > 0. */
size_t gh_utf8_size(const char *at, size_t size);

#endif
