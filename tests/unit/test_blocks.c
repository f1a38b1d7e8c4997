/* test_blocks.c - files in blocks: the same pieces as the whole file in one frame. */
#include "edge/blocks.h"
#include "edge/wire.h"
#include "support/gh_test.h"

#include <unistd.h>
#include <zlib.h>

static char path[] = "/tmp/gh_blocks_XXXXXX";

static void file_write(const char *at, size_t size)
{
    FILE *file = fopen(path, "w");

    CHECK(fwrite(at, 1, size, file) == size);
    fclose(file);
}

/* Pieces as a running hash-free digest: count, bytes, and a sum that knows their order. */
struct digest {
    uint64_t pieces, bytes, sum, blocks;
};
static void digest_add(struct digest *d, const char *at, size_t size, uint64_t offset,
                       bool binary)
{
    struct gh_frame frame;
    struct gh_piece piece;

    gh_frame_go_on(&frame, at, size, binary);
    while (gh_frame_next(&frame, &piece)) {
        d->pieces++;
        d->bytes += piece.size;
        d->sum = d->sum * 31 + offset + piece.offset + piece.size;
    }
    d->blocks++;
}

static struct digest file_digest(void)
{
    struct gh_error error = {0};
    struct gh_blocks *blocks = NULL;
    struct digest d = {0};
    uint64_t offset = 0;
    const char *at;
    size_t size = 1;

    CHECK(gh_blocks_open(&blocks, path, &error) == GH_OK);
    while (size) {
        CHECK(gh_blocks_next(blocks, &at, &size, &error) == GH_OK);
        if (size)
            digest_add(&d, at, size, offset, gh_blocks_binary(blocks));
        offset += size;
    }
    gh_blocks_close(blocks);
    return d;
}

static void same_pieces(const char *at, size_t size, uint64_t blocks_min)
{
    struct digest whole = {0}, cut;

    digest_add(&whole, at, size, 0, false);
    file_write(at, size);
    cut = file_digest();
    CHECK(cut.pieces == whole.pieces && cut.bytes == whole.bytes && cut.sum == whole.sum);
    CHECK(cut.blocks >= blocks_min);
}

enum { SIZE = 5 << 20 };
static char text[SIZE + 65536];

/* Repeats `unit` up to SIZE. */
static size_t repeated(const char *unit)
{
    size_t size = 0;

    for (; size + strlen(unit) <= SIZE; size += strlen(unit))
        memcpy(text + size, unit, strlen(unit));
    return size;
}

static void lines_come_in_blocks_with_the_same_pieces(void)
{
    static const char *const units[] = {
        "{\"id\":\"1\",\"text\":\"some event of usual length\"}\n",
        "{\"id\":1}\r\n",
        "  {\"id\":1}  \n\n",
        "{\n  \"id\": 1,\n  \"x\": \"y\"\n}\n",
        "{broken\n{\"id\":1}\nnonsense\n",
        "{\"a\":1}\n[1,2]\n",
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        same_pieces(text, repeated(units[i]), 3);
}

static void an_array_comes_whole(void)
{
    size_t size = repeated(" {\"id\":1},\n");

    text[0] = '[';
    text[size - 2] = ' ';
    text[size++] = ']';
    file_write(text, size);
    CHECK(file_digest().blocks == 1);
    same_pieces(text, size, 1);
}

static void a_line_without_end_comes_in_the_end(void)
{
    memset(text, 'x', SIZE);
    same_pieces(text, SIZE, 1);
    text[SIZE] = '\n';
    same_pieces(text, SIZE + 1, 1);
}

static void an_empty_file_has_no_block(void)
{
    file_write("", 0);
    CHECK(file_digest().blocks == 0);
    same_pieces("\n\n", 2, 1);
    same_pieces("{\"id\":1}", 8, 1);
}

/* Frames of two events, a field that is none, and a long event, joined up to SIZE. */
static size_t frames_make(void)
{
    static const char frame[] = GH_MARKER "\x0a\x03one\x0a\x05two{\n\x10\x07\x0a\xe8\x07";
    size_t size = 0;

    while (size + sizeof frame - 1 + 1000 <= SIZE) {
        memcpy(text + size, frame, sizeof frame - 1);
        memset(text + size + sizeof frame - 1, '\n', 1000);
        size += sizeof frame - 1 + 1000;
    }
    return size;
}

static void binary_frames_come_in_blocks_with_the_same_pieces(void)
{
    const size_t size = frames_make();

    same_pieces(text, size, 3);
    same_pieces(text, size - 1, 3); /* the last event is cut */
    memcpy(text + size, GH_MARKER, GH_MARKER_SIZE - 1);
    same_pieces(text, size + GH_MARKER_SIZE - 1, 3); /* so is a marker */
    same_pieces(GH_MARKER, GH_MARKER_SIZE, 1);
    same_pieces("\x8fGH2xyz", 7, 1);
}

static void a_binary_file_that_cannot_be_split_comes_in_the_end(void)
{
    size_t size = frames_make();

    text[size++] = 0x0b; /* a group, which has no length */
    memset(text + size, 'x', 65536 - 1);
    same_pieces(text, size + 65536 - 1, 3);
}

/* Packs the file; two members, as `cat a.gz b.gz` makes them, are one log. */
static void file_pack(const char *at, size_t size)
{
    static const char *const modes[] = {"wb", "ab"};

    for (size_t half = 0; half < 2; half++) {
        gzFile file = gzopen(path, modes[half]);
        const size_t from = half ? size / 2 : 0, end = half ? size : size / 2;

        CHECK(gzwrite(file, at + from, (unsigned)(end - from)) == (int)(end - from));
        gzclose(file);
    }
}

static void a_packed_file_is_what_it_was(void)
{
    const size_t size = repeated("{\"id\":\"1\",\"text\":\"some event\"}\n");
    struct digest plain = {0}, packed;

    digest_add(&plain, text, size, 0, false);
    file_pack(text, size);
    packed = file_digest();
    CHECK(packed.pieces == plain.pieces && packed.sum == plain.sum);
}

static void a_file_that_is_not_there_is_told(void)
{
    struct gh_blocks *blocks = NULL;
    struct gh_error error = {0};

    CHECK(gh_blocks_open(&blocks, "/nonexistent/x", &error) == GH_EIO);
    CHECK(!blocks);
    CHECK(!strcmp(error.text, "/nonexistent/x: cannot be opened: No such file or directory"));
    error = (struct gh_error){0};
    CHECK(gh_blocks_open(&blocks, "/", &error) == GH_EIO);
    CHECK(!blocks && strstr(error.text, "/: cannot be "));
    gh_blocks_close(NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(lines_come_in_blocks_with_the_same_pieces),
    GH_TEST(an_array_comes_whole),
    GH_TEST(a_line_without_end_comes_in_the_end),
    GH_TEST(an_empty_file_has_no_block),
    GH_TEST(binary_frames_come_in_blocks_with_the_same_pieces),
    GH_TEST(a_binary_file_that_cannot_be_split_comes_in_the_end),
    GH_TEST(a_packed_file_is_what_it_was),
    GH_TEST(a_file_that_is_not_there_is_told),
};

static void path_make(void) __attribute__((constructor));
static void path_make(void)
{
    close(mkstemp(path));
}
static void path_remove(void) __attribute__((destructor));
static void path_remove(void)
{
    unlink(path);
}
GH_TEST_MAIN(tests)
