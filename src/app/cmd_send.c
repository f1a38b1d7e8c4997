/* cmd_send.c - `goodhart send`: events of files to a running service. */
#include "app/client.h"
#include "app/progress.h"
#include "app/recode.h"
#include "app/signals.h"
#include "app/terminal.h"
#include "edge/blocks.h"
#include "edge/clock.h"
#include "edge/durable_client.h"
#include "edge/edge_options.h"
#include "edge/json.h"
#include "edge/push.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far above a legal event, far below what a service takes: a frame that is too large costs
 * the connection, and with it what else is on its way. */
enum { SEND_FRAME_BYTES = 1048576 };
enum {
    SEND_FRAMES_PER_S = 10
}; /* with --rate, at least, so that events do not come in lumps */

struct sender {
    struct gh_push *push;              /* or */
    struct gh_durable_client *durable; /* who acknowledges */
    uint64_t known;                    /* events at the start that the service had before */
    int signals;                       /* with `durable`; -1: none */
    char stream[2 * GH_DURABLE_STREAM + 1];
    struct gh_recoder *recoder; /* to the form that is sent */
    bool binary;
    struct gh_json frame; /* events that wait to fill a frame */
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
    const enum gh_status status =
        s->durable ? gh_durable_client_send(s->durable, s->frame.at, s->frame.used,
                                            (uint32_t)s->waiting, error)
                   : gh_push_frame(s->push, s->frame.at, s->frame.used, error);
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

/* An object may stand on several lines; what is acknowledged by number stands on one. Only
 * between its parts can JSON have a line break. */
static void sender_line(struct sender *s, const struct gh_piece *piece)
{
    const size_t begin = s->frame.used;
    gh_json_raw(&s->frame, piece->at, piece->size);
    for (char *at = s->frame.failed ? NULL : s->frame.at + begin;
         at && (at = memchr(at, '\n', s->frame.used - (size_t)(at - s->frame.at)));)
        *at = ' ';
    gh_json_raw(&s->frame, "\n", 1);
}

/* JSON goes as it came, for the service says best what is wrong with it; what takes another
 * form must be legal. Returns its size, 0: it is left out. */
static size_t sender_recode(struct sender *s, const struct gh_piece *piece,
                            struct gh_text *recoded)
{
    struct gh_refused refused;
    *recoded = (struct gh_text){0};
    if (piece->size >= SEND_FRAME_BYTES)
        return 0;
    if (!s->binary && piece->form == GH_FORM_JSON)
        return piece->size;
    *recoded = gh_recode(s->recoder, piece, &refused);
    return recoded->size;
}

static void sender_put(struct sender *s, const struct gh_piece *piece, struct gh_text recoded)
{
    const struct gh_text begin = gh_recoder_begin(s->recoder);
    if (s->waiting++ == 0)
        gh_json_raw(&s->frame, begin.at, begin.size);
    if (recoded.at)
        gh_json_raw(&s->frame, recoded.at, recoded.size);
    else
        sender_line(s, piece);
}

static enum gh_status sender_piece(struct sender *s, const struct gh_piece *piece,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_text recoded;
    const size_t size = sender_recode(s, piece, &recoded);
    if (size == 0) {
        s->skipped++;
        return GH_OK;
    }
    if (s->known > 0) {
        s->known--;
        return GH_OK;
    }
    if (s->frame.used + size >= SEND_FRAME_BYTES)
        status = sender_flush(s, error);
    if (status != GH_OK)
        return status;
    sender_put(s, piece, recoded);
    return s->waiting >= s->batch || s->frame.failed ? sender_flush(s, error) : GH_OK;
}

static enum gh_status sender_block(struct sender *s, struct gh_frame frame,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_piece piece;
    while (status == GH_OK && gh_frame_next(&frame, &piece))
        status = sender_piece(s, &piece, error);
    return status;
}

/* Each file ends its last frame, so that a frame never holds events of two files. */
static enum gh_status sender_file(struct sender *s, const char *path, struct gh_error *error)
{
    struct gh_blocks *blocks = NULL;
    const char *at = NULL;
    size_t size = 1;
    enum gh_status status = gh_blocks_open(&blocks, path, error);
    while (status == GH_OK && size > 0) {
        struct gh_frame frame;
        status = gh_blocks_next(blocks, &at, &size, error);
        gh_frame_go_on(&frame, at, size, gh_blocks_binary(blocks));
        if (status == GH_OK)
            status = sender_block(s, frame, error);
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

static void durable_print(const struct sender *s, struct gh_json *json)
{
    const struct gh_durable_progress p = gh_durable_client_progress(s->durable);
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {{"known_before", p.known},
               {"acknowledged", p.durable - p.known},
               {"rejected", p.rejected},
               {"resent", p.resent}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(json, row[i].name);
        gh_json_count(json, row[i].value);
    }
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
    if (s->durable)
        durable_print(s, &json);
    gh_json_key(&json, "seconds");
    gh_json_number(&json, (double)(gh_clock_ms() - s->started_ms) / 1000);
    gh_json_close(&json, '}');
    char *line = gh_json_take(&json);
    if (line)
        printf("%s\n", line);
    free(line);
    if (s->skipped > 0)
        fprintf(stderr,
                "goodhart send: %llu pieces were left out: of more than 1 MiB, or no legal "
                "events and to be sent in another form than their own; goodhart check tells "
                "which\n",
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
    const uint64_t breaks = s->push ? gh_push_breaks(s->push) : 0;
    enum gh_status finished = s->push ? gh_push_finish(s->push, error) : GH_OK;
    if (s->durable && status == GH_OK)
        finished = gh_durable_client_finish(s->durable, error);
    sender_print(s, a->positional_count, breaks);
    if (s->durable && (status != GH_OK || finished != GH_OK))
        fprintf(stderr, "goodhart send: go on with --stream %s\n", s->stream);
    gh_durable_client_free(s->durable);
    gh_json_free(&s->frame);
    return status != GH_OK ? status : finished;
}

static void rejection_print(void *context, uint64_t number, const char *body, size_t size)
{
    (void)context;
    fprintf(stderr, "goodhart send: event %llu is refused: ", (unsigned long long)number);
    gh_terminal_json(stderr, (struct gh_text){body, (uint32_t)size});
    fputc('\n', stderr);
}

static bool stream_read(const char *hex, unsigned char stream[GH_DURABLE_STREAM])
{
    bool good = strlen(hex) == 2 * GH_DURABLE_STREAM &&
                strspn(hex, "0123456789abcdef") == 2 * GH_DURABLE_STREAM;
    for (size_t i = 0; good && i < GH_DURABLE_STREAM; i++) {
        const char byte[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        stream[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
    return good;
}

static enum gh_status durable_open(struct sender *s, const struct gh_arguments *a,
                                   double timeout_s, const struct gh_credentials *credentials,
                                   struct gh_error *error)
{
    const struct gh_durable_options *options = gh_config_group(a->config, "durable");
    const char *endpoint = gh_argument(a, "endpoint"), *stream = gh_argument(a, "stream");
    struct gh_durable_client_setup setup = {.endpoint =
                                                endpoint ? endpoint : options->bind.text,
                                            .timeout_ms = (int64_t)(timeout_s * 1000),
                                            .credentials = credentials,
                                            .signals = gh_signals_open(false),
                                            .on_reject = rejection_print};
    if (s->batch > GH_DURABLE_BATCH_EVENTS)
        return gh_error_set(error, GH_EUSAGE, "--batch: at most %d with --durable",
                            GH_DURABLE_BATCH_EVENTS);
    if (stream && !stream_read(stream, setup.stream))
        return gh_error_set(error, GH_EUSAGE, "--stream: 32 hexadecimal digits, lower case");
    if (!stream && getrandom(setup.stream, sizeof(setup.stream), 0) != sizeof(setup.stream))
        return gh_error_set(error, GH_EIO, "--stream: no random numbers: give one");
    for (size_t i = 0; i < sizeof(setup.stream); i++)
        snprintf(s->stream + 2 * i, 3, "%02x", setup.stream[i]);
    s->signals = setup.signals;
    const enum gh_status status = gh_durable_client_new(&s->durable, &setup, error);
    if (status == GH_OK)
        s->known = gh_durable_client_progress(s->durable).known;
    return status;
}

static enum gh_status send_run(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_intake_options *intake = gh_config_group(a->config, "intake");
    const char *endpoint = gh_argument(a, "endpoint");
    struct sender sender = {
        .batch = 64, .signals = -1, .binary = gh_argument(a, "binary") != NULL};
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
    struct gh_credentials credentials;
    enum gh_status status = gh_argument_credentials(a, &credentials, error);
    if (status == GH_OK)
        status = gh_recoder_new(&sender.recoder, sender.binary, error);
    if (status == GH_OK && gh_argument(a, "durable"))
        status = durable_open(&sender, a, timeout_s, &credentials, error);
    else if (status == GH_OK)
        status = gh_push_new(&sender.push, endpoint ? endpoint : intake->pull.text,
                             (int64_t)(timeout_s * 1000), &credentials, error);
    gh_key_pair_wipe(&credentials.own);
    const enum gh_status sent = status == GH_OK ? sender_files(&sender, a, error) : status;
    gh_recoder_free(sender.recoder);
    if (sender.signals >= 0)
        close(sender.signals);
    return sent;
}

static const struct gh_flag send_flags[] = {
    {"endpoint", "ENDPOINT", NULL,
     "where the service listens; else the setting intake.pull, or durable.bind", false},
    {"batch", "N", "64", "events in one frame", false},
    {"rate", "EVENTS/S", "0", "events a second; 0: as fast as the service takes them", false},
    {"timeout", "SECONDS", "10", "how long nobody may listen before it fails", false},
    {"binary", NULL, NULL, "send binary frames (events.proto) instead of JSON", false},
    {"durable", NULL, NULL, "wait until the service has every event on disk", false},
    {"stream", "HEX", NULL,
     "with --durable: go on with the stream of an earlier run, of the same files", false},
    GH_CREDENTIALS_FLAGS,
};

const struct gh_command gh_command_send = {
    .name = "send",
    .positional = "FILE…",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "sends events of files to a running service",
    .details =
        "Files hold events as lines of JSON (NDJSON) or binary frames; - is standard input.\n"
        "What was sent is counted on standard output. A clean end means that the service's\n"
        "machine has taken every frame; whether the service judged them, its own counters\n"
        "tell. With --durable it means that every event is on the service's disk, or was\n"
        "refused by name.\n"
        "\n"
        "Example:\n"
        "  goodhart send events.ndjson --endpoint tcp://127.0.0.1:5601",
    .flag = send_flags,
    .flag_count = sizeof(send_flags) / sizeof(send_flags[0]),
    .run = send_run,
};
