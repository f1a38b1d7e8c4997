/* cmd_encode.c - `goodhart encode`: event files as binary frames, and back. */
#include "app/command.h"
#include "app/outfile.h"
#include "app/recode.h"
#include "edge/blocks.h"

#include <inttypes.h>

struct encoding {
    struct gh_recoder *recoder;
    struct gh_outfile out;
    uint64_t pieces, refused;
};

/* What is wrong with each, `goodhart check` says; here the first is enough. */
static void piece_encode(struct encoding *e, const char *path, const struct gh_piece *piece)
{
    struct gh_refused refused;
    const struct gh_text event = gh_recode(e->recoder, piece, &refused);

    e->pieces++;
    if (event.at)
        fwrite(event.at, 1, event.size, e->out.file);
    else if (e->refused++ == 0)
        fprintf(stderr, "%s: event %" PRIu64 ": %s\n", path, e->pieces, refused.text);
}

static enum gh_status file_encode(struct encoding *e, const char *path, struct gh_error *error)
{
    struct gh_blocks *blocks = NULL;
    enum gh_status status = gh_blocks_open(&blocks, path, error);
    struct gh_frame frame;
    struct gh_piece piece;
    const char *at;
    size_t size = 1;

    while (status == GH_OK && size > 0) {
        status = gh_blocks_next(blocks, &at, &size, error);
        if (status != GH_OK)
            break;
        gh_frame_go_on(&frame, at, size, gh_blocks_binary(blocks));
        while (gh_frame_next(&frame, &piece))
            piece_encode(e, path, &piece);
    }
    gh_blocks_close(blocks);
    return status;
}

static enum gh_status encode_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct encoding e = {0};
    enum gh_status status = gh_outfile_open(&e.out, gh_argument(a, "out"), error);

    if (status == GH_OK)
        status = gh_recoder_new(&e.recoder, gh_argument(a, "json") == NULL, error);
    if (status == GH_OK) {
        const struct gh_text begin = gh_recoder_begin(e.recoder);
        fwrite(begin.at, 1, begin.size, e.out.file);
    }
    for (size_t i = 0; status == GH_OK && i < a->positional_count; i++)
        status = file_encode(&e, a->positional[i], error);
    gh_recoder_free(e.recoder);
    if (status == GH_OK && e.refused > 0)
        status =
            gh_error_set(error, GH_EFORMAT,
                         "%" PRIu64 " of %" PRIu64
                         " events are not legal and were left out: goodhart check says why",
                         e.refused, e.pieces);
    const enum gh_status closed = gh_outfile_close(&e.out, error);
    return status == GH_OK ? closed : status;
}

static const struct gh_flag flags[] = {
    {"out", "FILE", "-", "where to write them; '-' is standard output", false},
    {"json", NULL, NULL, "the other way: lines of JSON", false},
};

const struct gh_command gh_command_encode = {
    .name = "encode",
    .positional = "FILE…",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "writes event files as binary frames, or back as JSON",
    .details = "Files hold events in either form; '-' is standard input. Events that are not\n"
               "legal are left out, and the exit status is 1 then. What is written can be\n"
               "replayed and sent as it is.\n\n"
               "Example:\n"
               "  goodhart encode events.ndjson --out events.ghb",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = encode_run,
};
