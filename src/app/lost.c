/* lost.c - an event that was not taken as a line of the dead-letter record. */
#include "app/pipeline.h"

#include <glib.h>
#include <jansson.h>

/* The bytes as they came: whoever repairs them must find what was sent. */
static int piece_set(json_t *line, struct gh_text piece, bool binary)
{
    json_t *text = binary ? NULL : json_stringn(piece.at, piece.size);
    gchar *base64;
    int status;

    if (text)
        return json_object_set_new(line, "event", text);
    base64 = g_base64_encode((const guchar *)piece.at, piece.size);
    status = json_object_set_new(line, binary ? "event_binary_base64" : "event_base64",
                                 json_string(base64));
    g_free(base64);
    return status;
}

char *gh_lost_line(const struct gh_lost *lost)
{
    gchar *source = g_utf8_make_valid(lost->source, -1); /* a path may be any bytes */
    json_t *line =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "source", source, "frame",
                  (json_int_t)lost->frame, "offset", (json_int_t)lost->offset, "line",
                  (json_int_t)lost->line, "index", (json_int_t)lost->index, "reason",
                  gh_refusal_name(lost->reason), "key", lost->key, "text", lost->text);
    char *text = NULL;

    if (line && lost->owner)
        json_object_set_new(line, "owner", json_string(lost->owner));
    if (line && !piece_set(line, lost->piece, lost->binary))
        text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    g_free(source);
    return text;
}
