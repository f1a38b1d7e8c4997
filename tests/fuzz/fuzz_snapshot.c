/* fuzz_snapshot.c - libFuzzer target: bytes as a snapshot. The first byte says as what:
 *   0  a file as it is: it is refused with a word, or read to its end
 *   1  the inside of a file whose head, size and checksum are right
 *   2  edits of a state that an engine has saved, four bytes each: a place in it and a byte.
 *      Loading it ends with an engine that can be saved and freed, or with an error and nothing
 *      left, and takes no more memory than there are bytes for
 *   3  the state behind a head that is right */
#include "store/snapshot_inside.h"
#include "support/engine_kit.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POSITION = 7, STATE_MAX = 8 << 20, HEAD = 32, READ = 4096, UNPACKED_MAX = 64 << 20 };
/* What an empty engine has, and what a chunk of a table may take ahead of its bytes. */
enum { MEMORY_SPARE = 24 << 20 };

static unsigned char state[STATE_MAX], edited[STATE_MAX];
static size_t state_size;
static char folder[64], file_path[128];
static struct kit kit;

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_snapshot: %s\n", what);
    abort();
}

/* --- a file --- */

static void file_write(const uint8_t *at, size_t size)
{
    const int file = open(file_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (file < 0 || write(file, at, size) != (ssize_t)size || close(file) != 0)
        fail("no file");
}

static void file_mended(const uint8_t *at, size_t size)
{
    const struct gh_snapshot_head head = {.position = POSITION, .engine = "fuzz"};
    const size_t whole = GH_SNAPSHOT_HEAD_BYTES + size + GH_SNAPSHOT_TRAILER_BYTES;
    unsigned char *bytes = malloc(whole), *trailer = bytes + whole - GH_SNAPSHOT_TRAILER_BYTES;
    struct gh_checksum sum;

    gh_snapshot_head_put(&head, bytes);
    memcpy(bytes + GH_SNAPSHOT_HEAD_BYTES, at, size);
    gh_number_put(trailer, whole);
    gh_checksum_begin(&sum);
    gh_checksum_bytes(&sum, bytes, whole - GH_CHECKSUM_BYTES);
    gh_checksum_end(&sum, trailer + 8);
    file_write(bytes, whole);
    free(bytes);
}

static void bad_count(void *context, const char *file, const char *problem)
{
    if (!file[0] || !problem[0])
        fail("a bad file without a word");
    ++*(int *)context;
}

static void file_read(bool mended)
{
    int bad = 0;
    const struct gh_snapshot_wish wish = {folder, UINT64_MAX, bad_count, &bad};
    struct gh_snapshot_reader *reader = NULL;
    struct gh_error error = {0};
    unsigned char bytes[READ];
    size_t got = READ, all = 0;

    if (gh_snapshot_open(&reader, &wish, &error) != GH_OK)
        fail(error.text);
    if ((reader != NULL) == (bad > 0) || (mended && !reader))
        fail("neither read nor told");
    while (reader && got == READ && all < UNPACKED_MAX) {
        const enum gh_status status = gh_snapshot_read(reader, bytes, READ, &got, &error);
        if (got > READ || (status != GH_OK && !error.text[0]))
            fail("a read that is none");
        all += got;
        if (status != GH_OK)
            break;
    }
    gh_snapshot_close(reader);
}

/* --- a state --- */

static bool state_take(void *context, void *at, size_t size)
{
    (void)context;
    if (size > STATE_MAX - state_size)
        return false;
    memcpy(state + state_size, at, size);
    state_size += size;
    return true;
}

struct source {
    const uint8_t *at;
    size_t left;
};

static bool source_move(void *context, void *at, size_t size)
{
    struct source *s = context;

    if (size > s->left)
        return false;
    memcpy(at, s->at, size);
    s->at += size;
    s->left -= size;
    return true;
}

static bool nowhere_move(void *context, void *at, size_t size)
{
    unsigned char *sum = context;

    for (size_t i = 0; i < size; i++)
        *sum ^= ((unsigned char *)at)[i];
    return true;
}

/* What is held, and the most of it. */
struct held {
    size_t now, peak;
};

static void *held_resize(void *context, void *p, size_t old_size, size_t new_size)
{
    struct held *held = context;

    held->now += new_size - old_size;
    held->peak = held->now > held->peak ? held->now : held->peak;
    return gh_memory_system().resize(NULL, p, old_size, new_size);
}

static void state_load(const uint8_t *at, size_t size)
{
    struct source source = {at, size};
    struct held held = {0, 0};
    struct gh_setup setup = kit.setup;
    struct gh_engine *engine = NULL;
    unsigned char sum = 0;

    setup.memory = (struct gh_memory){&held, held_resize};
    const enum gh_status status =
        gh_engine_load(&engine, &setup, &(struct gh_carrier){&source, source_move});
    if ((status == GH_OK) != (engine != NULL))
        fail("neither an engine nor an error");
    if (held.peak > 4 * size + MEMORY_SPARE)
        fail("more memory than there are bytes for");
    if (engine && gh_engine_save(engine, &(struct gh_carrier){&sum, nowhere_move}) != GH_OK)
        fail("what was loaded cannot be saved");
    gh_engine_free(engine);
    if (held.now != 0)
        fail("memory that is not given back");
}

static void state_edit(const uint8_t *data, size_t size)
{
    memcpy(edited, state, state_size);
    for (; size >= 4; data += 4, size -= 4)
        edited[((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % state_size] = data[3];
    state_load(edited, state_size);
}

static void state_mended(const uint8_t *data, size_t size)
{
    const size_t used = size < STATE_MAX - HEAD ? size : STATE_MAX - HEAD;

    memcpy(edited, state, HEAD);
    memcpy(edited + HEAD, data, used);
    state_load(edited, HEAD + used);
}

/* --- the first time --- */

static void end(void)
{
    unlink(file_path);
    rmdir(folder);
}

/* A few people over five weeks: sessions, outputs, an experiment, findings, held events. */
static void state_make(void)
{
    struct gh_released released;

    kit_prepare(&kit);
    kit.setup.shards = 1;
    kit_start(&kit);
    for (int day = 0; day < 36; day++)
        for (int n = 0; n < 12; n++) {
            const int64_t now = KIT_START + day * KIT_DAY + n * KIT_HOUR;
            kit_say(&kit, now,
                    "'actor':'user%d','team':'t%d','session':'s%d','input_tokens':%d,"
                    "'output_tokens':50,'model':'m','prompt_hash':'00000000000000%02x',"
                    "'user_tokens':5,'status':'error'",
                    n % 5, n % 2, day % 3, 1000 * (n % 4), n);
            kit_say(&kit, now + 1, "'kind':'output','actor':'user%d','ref':'r%d'", n % 5, day);
        }
    kit_say(&kit, KIT_START + 40 * KIT_DAY * 365, "'actor':'late','input_tokens':1");
    while (gh_engine_released(kit.engine, &released))
        continue;
    if (gh_engine_save(kit.engine, &(struct gh_carrier){NULL, state_take}) != GH_OK)
        fail("the state is too large");
    snprintf(folder, sizeof folder, "/dev/shm/goodhart-fuzz-XXXXXX");
    if (!mkdtemp(folder))
        fail("no folder");
    snprintf(file_path, sizeof file_path, "%s/snapshot-%012d.zst", folder, POSITION);
    atexit(end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (state_size == 0)
        state_make();
    if (size == 0)
        return 0;
    switch (data[0] % 4) {
    case 0:
        file_write(data + 1, size - 1);
        file_read(false);
        break;
    case 1:
        file_mended(data + 1, size - 1);
        file_read(true);
        break;
    case 2:
        state_edit(data + 1, size - 1);
        break;
    default:
        state_mended(data + 1, size - 1);
    }
    return 0;
}
