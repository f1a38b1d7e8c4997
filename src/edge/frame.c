/* frame.c - where one event of a frame ends and the next begins, without reading it. */
#include "edge/decode.h"
#include "edge/wire.h"

#include <string.h>

void gh_frame_init(struct gh_frame *frame, const char *at, size_t size)
{
    *frame = (struct gh_frame){.at = at, .size = size, .line = 1};
}

void gh_frame_go_on(struct gh_frame *frame, const char *at, size_t size, bool binary)
{
    gh_frame_init(frame, at, size);
    frame->binary = binary;
}

bool gh_frame_is_binary(const char *at, size_t size)
{
    return size >= GH_MARKER_SIZE && memcmp(at, GH_MARKER, GH_MARKER_SIZE - 1) == 0;
}

void gh_frame_init_lines(struct gh_frame *frame, const char *at, size_t size)
{
    *frame = (struct gh_frame){.at = at, .size = size, .line = 1, .numbered = true};
}

/* Moves on to `used` and keeps count of the lines passed. */
static void frame_pass(struct gh_frame *frame, size_t used)
{
    const char *at = frame->at + frame->used, *const end = frame->at + used;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        frame->line++;
        at++;
    }
    frame->used = used;
}

static size_t skip_space(const struct gh_frame *frame, size_t i)
{
    const char *const end = frame->at + frame->size;

    return (size_t)(gh_skip_space(frame->at + i, end) - frame->at);
}

/* The end of from..end without the white space before it. */
static size_t trim_space(const struct gh_frame *frame, size_t from, size_t end)
{
    while (end > from && gh_is_space(frame->at[end - 1]))
        end--;
    return end;
}

/* The piece from where the frame stands to `end`. */
static struct gh_piece frame_piece(struct gh_frame *frame, size_t end)
{
    return (struct gh_piece){
        .at = frame->at + frame->used,
        .size = trim_space(frame, frame->used, end) - frame->used,
        .offset = frame->used,
        .index = frame->index++,
        .line = frame->line,
    };
}

/* The byte after the string that opens at i, or the end of the frame. */
static size_t string_end(const struct gh_frame *frame, size_t i)
{
    const char *const end = frame->at + frame->size;
    const char *at = gh_scan_plain(frame->at + i + 1, end);

    while (at < end && *at != '"') {
        at += *at == '\\' && end - at > 1 ? 2 : 1;
        at = gh_scan_plain(at, end);
    }
    return (size_t)(at - frame->at) + (at < end);
}

/* The comma or bracket that ends the element which starts at i, or the end of the frame;
 * *closed: all brackets before it close. */
static size_t element_end(const struct gh_frame *frame, size_t i, bool *closed)
{
    size_t depth = 0;

    while (i < frame->size) {
        const char c = frame->at[i];
        if (c == '"') {
            i = string_end(frame, i);
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']'))
            break;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        i++;
    }
    *closed = depth == 0;
    return i;
}

/* After the closing bracket the rest of the frame is split by lines. An array that never
 * closes ends in a piece that no decoder takes: the open element or an empty one. */
static bool next_element(struct gh_frame *frame, struct gh_piece *piece)
{
    bool closed;

    frame_pass(frame, skip_space(frame, frame->used));
    const size_t end = element_end(frame, frame->used, &closed);
    if (end < frame->size && frame->at[end] == ']') {
        frame->array = false;
        if (end == frame->used && frame->index == 0) { /* [] */
            frame->used++;
            return gh_frame_next(frame, piece);
        }
    }
    frame->ended = end == frame->size && (!closed || end == frame->used);
    *piece = frame_piece(frame, end);
    frame_pass(frame, end < frame->size ? end + 1 : end);
    return true;
}

static size_t line_end(const struct gh_frame *frame, size_t i)
{
    const char *const newline = memchr(frame->at + i, '\n', frame->size - i);

    return newline ? (size_t)(newline - frame->at) : frame->size;
}

/* The usual piece: an object on a line of its own, right after the last line. */
static inline bool next_line(struct gh_frame *frame, struct gh_piece *piece)
{
    const char *at = frame->at + frame->used, *const end = frame->at + frame->size;
    const bool newline = at < end && *at == '\n';

    at += newline;
    if (at == end || *at != '{')
        return false;
    const char *const stop = memchr(at, '\n', (size_t)(end - at));
    if (stop == NULL || stop[-1] != '}')
        return false;
    *piece = (struct gh_piece){.at = at,
                               .size = (size_t)(stop - at),
                               .offset = (size_t)(at - frame->at),
                               .index = frame->index++,
                               .line = frame->line += newline};
    frame->used = (size_t)(stop - frame->at);
    return true;
}

static bool next_on_lines(struct gh_frame *frame, struct gh_piece *piece)
{
    if (next_line(frame, piece))
        return true;
    const size_t start = skip_space(frame, frame->used);
    frame_pass(frame, start);
    frame->ended = start == frame->size;
    if (frame->ended)
        return false;
    size_t line = start, end = line_end(frame, line);
    while (frame->at[start] == '{' && end < frame->size) {
        const size_t last = trim_space(frame, line, end);
        const size_t next = skip_space(frame, end);
        if ((last > line && frame->at[last - 1] == '}') || next == frame->size ||
            frame->at[next] == '{')
            break;
        line = next;
        end = line_end(frame, line);
    }
    *piece = frame_piece(frame, end);
    frame_pass(frame, line); /* there are no more ends of lines before `end` */
    frame->used = end;
    return true;
}

static bool next_field(struct gh_frame *frame, struct gh_piece *piece)
{
    const char *const end = frame->at + frame->size;
    struct gh_wire_field field = {0};

    while (gh_marker_is(frame->at + frame->used, frame->size - frame->used))
        frame->used += GH_MARKER_SIZE;
    const char *at = frame->at + frame->used;
    frame->ended = at == end;
    if (frame->ended)
        return false;
    const char *after = gh_field_read(at, end, &field);
    *piece = (struct gh_piece){.offset = frame->used,
                               .index = frame->index++,
                               .line = frame->line,
                               .form = GH_FORM_UNSPLIT};
    if (after != NULL && field.number == GH_BATCH_FIELD && field.wire == GH_WIRE_BYTES) {
        piece->form = GH_FORM_BINARY;
        piece->offset = (uint64_t)(field.bytes.at - frame->at);
        at = field.bytes.at;
    }
    after = after != NULL ? after : end;
    piece->at = at;
    piece->size = (size_t)(after - at);
    frame->used = (size_t)(after - frame->at);
    return true;
}

static bool next_numbered(struct gh_frame *frame, struct gh_piece *piece)
{
    if (frame->used >= frame->size)
        return false;
    const size_t end = line_end(frame, frame->used);
    *piece = (struct gh_piece){.at = frame->at + frame->used,
                               .size = end - frame->used,
                               .offset = frame->used,
                               .index = frame->index++,
                               .line = frame->line++};
    frame->used = end + 1;
    return true;
}

static void frame_open(struct gh_frame *frame)
{
    frame_pass(frame, skip_space(frame, 0));
    frame->array = frame->used < frame->size && frame->at[frame->used] == '[';
    frame->used += frame->array;
}

bool gh_frame_next(struct gh_frame *frame, struct gh_piece *piece)
{
    if (frame->numbered)
        return next_numbered(frame, piece);
    if (!frame->started) {
        frame->started = true;
        frame->binary = frame->binary || gh_frame_is_binary(frame->at, frame->size);
        if (!frame->binary)
            frame_open(frame);
    }
    if (frame->ended)
        return false;
    return frame->binary  ? next_field(frame, piece)
           : frame->array ? next_element(frame, piece)
                          : next_on_lines(frame, piece);
}
