/* fuzz_durable_frame.c - libFuzzer target: bytes as a message of the durable protocol. What is
 * taken is what its head says: written again, the same bytes come out. The same bytes with
 * sizes and checksum put right are tried too, so that what stands behind them is reached. */
#include "edge/durable_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_durable_frame: %s\n", what);
    abort();
}

static void frame_check(const uint8_t *frame, size_t size)
{
    struct gh_durable_message m;
    unsigned char head[GH_DURABLE_HEAD];
    uint64_t lines = 0;

    if (gh_durable_read(&m, frame, size) != NULL)
        return;
    gh_durable_head(&m, head);
    if (memcmp(head, frame, sizeof head) != 0)
        fail("what was read is not what was written");
    if (m.body != (const char *)frame + GH_DURABLE_HEAD || m.body_size != size - sizeof head)
        fail("the body stands elsewhere");
    for (size_t i = 0; i < m.body_size; i++)
        lines += m.body[i] == '\n';
    if (m.type == GH_DURABLE_BATCH &&
        (lines != m.count || m.number < 1 || m.number + m.count - 1 > INT64_MAX))
        fail("a batch that is none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *mended = size >= GH_DURABLE_HEAD ? malloc(size) : NULL;

    frame_check(data, size);
    if (!mended)
        return 0;
    const uint32_t body = (uint32_t)(size - GH_DURABLE_HEAD),
                   crc = body ? (uint32_t)crc32(0, data + GH_DURABLE_HEAD, body) : 0;
    memcpy(mended, data, size);
    memcpy(mended, "GHP1", 4);
    for (int i = 0; i < 4; i++) {
        mended[8 + i] = (uint8_t)(body >> (8 * i));
        mended[12 + i] = (uint8_t)(crc >> (8 * i));
    }
    frame_check(mended, size);
    free(mended);
    return 0;
}
