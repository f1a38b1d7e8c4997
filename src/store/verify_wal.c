/* verify_wal.c - has something that was committed been lost from a WAL?
 *
 * SQLite takes a WAL up to the first frame whose checksum does not fit, and rightly so: after
 * a crash the frames behind the last sync may be torn. But a transaction is written only
 * after the one before it was synced. So a bad frame with a whole transaction and the begin
 * of another one behind it was good once. The format is that of sqlite.org/walformat.html. */
#include "store/folder.h"
#include "store/verify_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAL_HEAD = 32, WAL_FRAME_HEAD = 24, WAL_PAGE_MAX = 65536 };
#define WAL_MAGIC UINT32_C(0x377f0682) /* the last bit: words are big-endian */

struct wal {
    FILE *file;
    unsigned char head[WAL_HEAD];
    unsigned char frame[WAL_FRAME_HEAD + WAL_PAGE_MAX];
    uint32_t page_size;
    bool big_endian;
    uint32_t sum[2];
};

static uint32_t word(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t word_little(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void wal_sum(struct wal *wal, const unsigned char *at, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        wal->sum[0] += (wal->big_endian ? word(at + i) : word_little(at + i)) + wal->sum[1];
        wal->sum[1] +=
            (wal->big_endian ? word(at + i + 4) : word_little(at + i + 4)) + wal->sum[0];
    }
}

static bool wal_sum_is(const struct wal *wal, const unsigned char *at)
{
    return wal->sum[0] == word(at) && wal->sum[1] == word(at + 4);
}

static bool head_good(struct wal *wal)
{
    const uint32_t magic = word(wal->head);

    wal->page_size = word(wal->head + 8);
    wal->big_endian = magic & 1;
    wal_sum(wal, wal->head, 24);
    return (magic & ~UINT32_C(1)) == WAL_MAGIC && wal->page_size >= 512 &&
           wal->page_size <= WAL_PAGE_MAX && wal_sum_is(wal, wal->head + 24);
}

/* The number of the bad frame behind which something had been committed; 0: none. */
static uint64_t frames_lost(struct wal *wal)
{
    const size_t size = WAL_FRAME_HEAD + wal->page_size;
    uint64_t bad = 0;
    bool transaction = false; /* a commit behind the bad frame */

    for (uint64_t n = 1; fread(wal->frame, 1, size, wal->file) == size; n++) {
        const bool now = !memcmp(wal->frame + 8, wal->head + 16, 8);
        if (!bad) {
            wal_sum(wal, wal->frame, 8);
            wal_sum(wal, wal->frame + WAL_FRAME_HEAD, wal->page_size);
            bad = now && wal_sum_is(wal, wal->frame + 16) ? 0 : n;
        }
        if (bad && now && transaction)
            return bad;
        transaction = transaction || (bad && now && word(wal->frame + 4));
    }
    return 0;
}

/* While a process writes, the WAL may have begun anew since its head was read. */
static bool head_same(const struct wal *wal)
{
    unsigned char again[WAL_HEAD];

    return fseek(wal->file, 0, SEEK_SET) == 0 &&
           fread(again, 1, sizeof(again), wal->file) == sizeof(again) &&
           !memcmp(again, wal->head, sizeof(again));
}

static void wal_verify(struct gh_verifier *verifier, const char *name, struct wal *wal)
{
    uint64_t lost;
    char row[32];

    if (fread(wal->head, 1, WAL_HEAD, wal->file) != WAL_HEAD)
        return; /* it has not begun */
    if (!head_good(wal)) {
        gh_verify_tell(verifier, name, "", "its head is damaged: what it held is lost");
        return;
    }
    lost = frames_lost(wal);
    snprintf(row, sizeof(row), "frame %" PRIu64, lost);
    if (lost && head_same(wal))
        gh_verify_tell(verifier, name, row,
                       "is damaged: what was committed from there on is lost");
}

void gh_verify_wal(struct gh_verifier *verifier, const char *file)
{
    char name[GH_FILE_NAME_SIZE + 8];
    struct wal *wal = calloc(1, sizeof(*wal));
    char *path;

    snprintf(name, sizeof(name), "%s-wal", file);
    path = gh_path_join(verifier->folder, name);
    if (wal && path)
        wal->file = fopen(path, "rbe");
    if (wal && wal->file) {
        wal_verify(verifier, name, wal);
        fclose(wal->file);
    } else {
        verifier->starved |= !wal || !path || errno == ENOMEM;
    }
    free(path);
    free(wal);
}
