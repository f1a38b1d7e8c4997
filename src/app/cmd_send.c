/* cmd_send.c - `goodhart send`: events of files to a running service. */
#include "app/command.h"
#include "app/progress.h"
#include "edge/blocks.h"
#include "edge/clock.h"
#include "edge/decode.h"
#include "edge/edge_options.h"
#include "edge/json.h"
#include "edge/push.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far above a legal event, far below what a service takes: a frame that is too large costs
 * the connection, and with it what else is on its way. */
enum { SEND_FRAME_BYTES = 1048576 };
enum {
    SEND_FRAMES_PER_S = 10
}; /* with --rate, at least, so that events do not come in lumps */

struct sender {
    struct gh_push *push;
    struct gh_json frame; /* lines that wait to fill a frame */
    uint64_t waiting;     /* how many */
    uint64_t batch;
    double rate; /* events a second; 0: as fast as it goes */
    int64_t started_ms;
    uint64_t frames, events, bytes, skipped;
    struct gh_progress progress;
};

static enum gh_status sender_flush(struct sender *s, struct gh_error *error)
{
    if (s->frame.failed)
        return gh_error_set(error, GH_EMEMORY, "send: out of memory");
    if (s->waiting == 0)
        return GH_OK;
    const enum gh_status status = gh_push_frame(s->push, s->frame.at, s->frame.used, error);
    if (status != GH_OK)
        return status;
    s->frames++;
    s->events += s->waiting;
    s->bytes += s->frame.used;
    s->waiting = 0;
    s->frame.used = 0;
    gh_progress_update(&s->progress, s->bytes, s->events, gh_clock_ms() * 1000000);
    if (s->rate > 0)
        gh_clock_sleep_ms(s->started_ms + (int64_t)((double)s->events / s->rate * 1000) -
                          gh_clock_ms());
    return GH_OK;
}

static enum gh_status sender_piece(struct sender *s, const struct gh_piece *piece,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    if (piece->size >= SEND_FRAME_BYTES) {
        s->skipped++;
        return GH_OK;
    }
    if (s->frame.used + piece->size >= SEND_FRAME_BYTES)
        status = sender_flush(s, error);
    if (status != GH_OK)
        return status;
    gh_json_raw(&s->frame, piece->at, piece->size);
    gh_json_raw(&s->frame, "\n", 1);
    s->waiting++;
    return s->waiting >= s->batch || s->frame.failed ? sender_flush(s, error) : GH_OK;
}

static enum gh_status sender_block(struct sender *s, const char *at, size_t size,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_frame frame;
    struct gh_piece piece;
    gh_frame_init(&frame, at, size);
    while (status == GH_OK && gh_frame_next(&frame, &piece))
        status = sender_piece(s, &piece, error);
    return status;
}

/* Each file ends its last frame, so that a frame never holds lines of two files. */
static enum gh_status sender_file(struct sender *s, const char *path, struct gh_error *error)
{
    struct gh_blocks *blocks = NULL;
    const char *at = NULL;
    size_t size = 1;
    enum gh_status status = gh_blocks_open(&blocks, path, error);
    while (status == GH_OK && size > 0) {
        status = gh_blocks_next(blocks, &at, &size, error);
        if (status == GH_OK)
            status = sender_block(s, at, size, error);
    }
    if (status == GH_OK)
        status = sender_flush(s, error);
    gh_blocks_close(blocks);
    return status;
}

static uint64_t files_bytes(const struct gh_arguments *a)
{
    uint64_t total = 0;
    struct stat state;
    for (size_t i = 0; i < a->positional_count; i++) {
        if (stat(a->positional[i], &state) != 0 || !S_ISREG(state.st_mode))
            return 0;
        total += (uint64_t)state.st_size;
    }
    return total;
}

static void sender_print(const struct sender *s, uint64_t files, uint64_t breaks)
{
    struct gh_json json = {0};
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {{"files", files},    {"frames", s->frames},   {"events", s->events},
               {"bytes", s->bytes}, {"skipped", s->skipped}, {"connection_breaks", breaks}};
    gh_json_open(&json, '{');
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(&json, row[i].name);
        gh_json_count(&json, row[i].value);
    }
    gh_json_key(&json, "seconds");
    gh_json_number(&json, (double)(gh_clock_ms() - s->started_ms) / 1000);
    gh_json_close(&json, '}');
    char *line = gh_json_take(&json);
    if (line)
        printf("%s\n", line);
    free(line);
    if (s->skipped > 0)
        fprintf(stderr, "goodhart send: %llu pieces of more than 1 MiB were left out\n",
                (unsigned long long)s->skipped);
    if (breaks > 0)
        fprintf(stderr,
                "goodhart send: the connection broke %llu times: what was on its way may be "
                "lost; send again, ids keep events from counting twice\n",
                (unsigned long long)breaks);
}

static enum gh_status sender_files(struct sender *s, const struct gh_arguments *a,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    s->started_ms = gh_clock_ms();
    gh_progress_start(&s->progress, stderr, isatty(STDERR_FILENO), files_bytes(a),
                      s->started_ms * 1000000);
    for (size_t i = 0; i < a->positional_count && status == GH_OK; i++)
        status = sender_file(s, a->positional[i], error);
    gh_progress_stop(&s->progress);
    const uint64_t breaks = gh_push_breaks(s->push);
    const enum gh_status finished = gh_push_finish(s->push, error);
    sender_print(s, a->positional_count, breaks);
    gh_json_free(&s->frame);
    return status != GH_OK ? status : finished;
}

static enum gh_status send_run(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_intake_options *intake = gh_config_group(a->config, "intake");
    const char *endpoint = gh_argument(a, "endpoint");
    struct sender sender = {.batch = 64};
    double timeout_s = 10;
    if (gh_argument_u64(a, "batch", (struct gh_whole_range){1, 65536}, &sender.batch, error) !=
            GH_OK ||
        gh_argument_double(a, "rate", (struct gh_number_range){0, 1e9}, &sender.rate, error) !=
            GH_OK ||
        gh_argument_double(a, "timeout", (struct gh_number_range){0.1, 3600}, &timeout_s,
                           error) != GH_OK)
        return error->status;
    if (sender.rate > 0 && (double)sender.batch > sender.rate / SEND_FRAMES_PER_S)
        sender.batch =
            sender.rate < SEND_FRAMES_PER_S ? 1 : (uint64_t)(sender.rate / SEND_FRAMES_PER_S);
    const enum gh_status status =
        gh_push_new(&sender.push, endpoint ? endpoint : intake->pull.text,
                    (int64_t)(timeout_s * 1000), error);
    return status == GH_OK ? sender_files(&sender, a, error) : status;
}

static const struct gh_flag send_flags[] = {
    {"endpoint", "ENDPOINT", NULL, "where the service listens; else the setting intake.pull",
     false},
    {"batch", "N", "64", "events in one frame", false},
    {"rate", "EVENTS/S", "0", "events a second; 0: as fast as the service takes them", false},
    {"timeout", "SECONDS", "10", "how long nobody may listen before it fails", false},
};

const struct gh_command gh_command_send = {
    .name = "send",
    .positional = "FILE…",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "sends events of files to a running service",
    .details =
        "Files hold events as lines of JSON (NDJSON); - is standard input. What was sent is\n"
        "counted on standard output. A clean end means that the service's machine has taken\n"
        "every frame; whether the service judged them, its own counters tell.\n"
        "\n"
        "Example:\n"
        "  goodhart send events.ndjson --endpoint tcp://127.0.0.1:5601",
    .flag = send_flags,
    .flag_count = sizeof(send_flags) / sizeof(send_flags[0]),
    .run = send_run,
};
