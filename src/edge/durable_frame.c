/* durable_frame.c - see durable_frame.h. */
#include "edge/durable_frame.h"

#include "edge/decode.h"

#include <string.h>
#include <zlib.h>

static const char magic[4] = {'G', 'H', 'P', '1'};

static void put(unsigned char *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *at, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static uint32_t body_crc(const char *at, size_t size)
{
    return size ? (uint32_t)crc32(0, (const unsigned char *)at, (unsigned)size) : 0;
}

void gh_durable_head(const struct gh_durable_message *m, unsigned char head[GH_DURABLE_HEAD])
{
    memset(head, 0, GH_DURABLE_HEAD);
    memcpy(head, magic, sizeof magic);
    head[4] = (unsigned char)m->type;
    put(head + 6, GH_DURABLE_HEAD, 2);
    put(head + 8, m->body_size, 4);
    put(head + 12, body_crc(m->body, m->body_size), 4);
    memcpy(head + 16, m->stream, sizeof m->stream);
    put(head + 32, m->number, 8);
    put(head + 40, m->count, 4);
}

static bool type_known(unsigned type)
{
#define KNOWN(name, value) || type == (value)
    return false GH_DURABLE_LIST(KNOWN);
#undef KNOWN
}

static bool body_may(enum gh_durable_type type)
{
    return type == GH_DURABLE_REJECT || type == GH_DURABLE_ERROR;
}

/* Up to `count` pieces of a binary body; *size: how many bytes they take. */
static uint32_t pieces_count(const struct gh_durable_message *m, uint32_t count, size_t *size)
{
    struct gh_frame frame;
    struct gh_piece piece;
    uint32_t found = 0;

    gh_frame_init(&frame, m->body, m->body_size);
    while (found < count && gh_frame_next(&frame, &piece))
        found++;
    *size = frame.used;
    return found;
}

static uint32_t lines_count(const struct gh_durable_message *m, uint32_t count, size_t *size)
{
    const char *at = m->body, *const end = at + m->body_size;
    uint32_t found = 0;

    for (; found < count && at < end; found++)
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    *size = (size_t)(at - m->body);
    return found;
}

size_t gh_durable_skip(const struct gh_durable_message *m, uint32_t count)
{
    size_t size;

    if (gh_frame_is_binary(m->body, m->body_size))
        pieces_count(m, count, &size);
    else
        lines_count(m, count, &size);
    return size;
}

static const char *batch_check(const struct gh_durable_message *m)
{
    const bool binary = gh_frame_is_binary(m->body, m->body_size);
    size_t size;

    if (m->count < 1 || m->count > GH_DURABLE_BATCH_EVENTS)
        return "batch: 1..4096 events";
    if (m->number > (uint64_t)INT64_MAX - m->count)
        return "head: a number of 2^63 or more";
    if (m->number < 1)
        return "batch: numbers begin at 1";
    if (binary)
        return pieces_count(m, m->count + 1, &size) == m->count
                   ? NULL
                   : "batch: not as many events as it says";
    if (m->body_size == 0 || m->body[m->body_size - 1] != '\n')
        return "batch: the last line does not end";
    return lines_count(m, m->count + 1, &size) == m->count
               ? NULL
               : "batch: not as many lines as it says";
}

const char *gh_durable_read(struct gh_durable_message *m, const void *frame, size_t size)
{
    const unsigned char *at = frame;

    if (size < GH_DURABLE_HEAD || memcmp(at, magic, sizeof magic) != 0)
        return "not a message of this protocol (GHP1)";
    if (!type_known(at[4]) || at[5] != 0 || get(at + 6, 2) != GH_DURABLE_HEAD ||
        get(at + 44, 4) != 0)
        return "head: another version of the protocol";
    if (get(at + 8, 4) != size - GH_DURABLE_HEAD)
        return "head: the body has another size";
    *m = (struct gh_durable_message){.type = (enum gh_durable_type)at[4],
                                     .number = get(at + 32, 8),
                                     .count = (uint32_t)get(at + 40, 4),
                                     .body = (const char *)at + GH_DURABLE_HEAD,
                                     .body_size = size - GH_DURABLE_HEAD};
    memcpy(m->stream, at + 16, sizeof m->stream);
    if (m->body_size > GH_DURABLE_BATCH_BYTES)
        return "body: at most 1 MiB";
    if (m->number > INT64_MAX)
        return "head: a number of 2^63 or more";
    if (get(at + 12, 4) != body_crc(m->body, m->body_size))
        return "body: the checksum does not fit";
    if (m->type == GH_DURABLE_BATCH)
        return batch_check(m);
    return m->body_size == 0 || body_may(m->type) ? NULL : "body: this message has none";
}
