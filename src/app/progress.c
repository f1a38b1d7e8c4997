/* progress.c - see progress.h. */
#include "app/progress.h"

#include "base/write.h"

enum { BAR_SIZE = 20 };
#define QUIET_NS INT64_C(1000000000)
#define REDRAW_NS INT64_C(200000000)

void gh_progress_start(struct gh_progress *progress, FILE *stream, bool terminal,
                       uint64_t total, int64_t now_ns)
{
    *progress = (struct gh_progress){.stream = stream,
                                     .terminal = terminal,
                                     .total = total,
                                     .started_ns = now_ns,
                                     .drawn_ns = now_ns};
}

static void bytes_write(struct gh_writer *w, uint64_t bytes, uint64_t scale, bool unit)
{
    static const char *const names[] = {" bytes", " kB", " MB", " GB", " TB"};
    double value = (double)bytes;
    size_t i = 0;

    for (; scale >= 1000 && i < 4; scale /= 1000, i++)
        value /= 1000;
    gh_write_fixed(w, value, i > 0);
    gh_write(w, unit ? names[i] : "");
}

static void share_write(struct gh_writer *w, uint64_t done, uint64_t total)
{
    const uint64_t filled = done >= total ? BAR_SIZE : BAR_SIZE * done / total;
    char percent[8];

    gh_write(w, "[");
    for (uint64_t i = 0; i < BAR_SIZE; i++)
        gh_write(w, i < filled ? "#" : "-");
    snprintf(percent, sizeof(percent), "] %3d %%",
             done >= total ? 100 : (int)(100.0 * (double)done / (double)total));
    gh_write(w, percent);
}

static void bytes_of_write(struct gh_writer *w, uint64_t done, uint64_t total)
{
    gh_write(w, "  ");
    bytes_write(w, done, total, false);
    gh_write(w, " of ");
    bytes_write(w, total, total, true);
}

static void pace_write(struct gh_writer *w, uint64_t done, uint64_t total, uint64_t events,
                       double seconds)
{
    if (events != GH_PROGRESS_UNCOUNTED) {
        gh_write(w, "  ");
        gh_write_count(w, seconds > 0 ? (double)events / seconds : 0);
        gh_write(w, " events/s");
    }
    if (!total || !done || done >= total)
        return;
    gh_write(w, "  ");
    gh_write_duration(w, 1000 * seconds * (double)(total - done) / (double)done);
    gh_write(w, " left");
}

void gh_progress_line(char text[GH_PROGRESS_SIZE], uint64_t done, uint64_t total,
                      uint64_t events, double seconds)
{
    struct gh_writer w = gh_writer_on(text, GH_PROGRESS_SIZE);

    if (total) {
        share_write(&w, done, total);
        bytes_of_write(&w, done, total);
    } else {
        bytes_write(&w, done, done, true);
    }
    pace_write(&w, done, total, events, seconds);
}

void gh_progress_update(struct gh_progress *progress, uint64_t done, uint64_t events,
                        int64_t now_ns)
{
    char text[GH_PROGRESS_SIZE];

    if (!progress->terminal || now_ns - progress->started_ns < QUIET_NS ||
        now_ns - progress->drawn_ns < REDRAW_NS)
        return;
    const double seconds = (double)(now_ns - progress->started_ns) / 1e9;
    if (progress->only_share) {
        struct gh_writer w = gh_writer_on(text, sizeof text);
        share_write(&w, done, progress->total);
        pace_write(&w, done, progress->total, events, seconds);
    } else {
        gh_progress_line(text, done, progress->total, events, seconds);
    }
    fprintf(progress->stream, "\r%s\033[K", text);
    fflush(progress->stream);
    progress->drawn = true;
    progress->drawn_ns = now_ns;
}

void gh_progress_stop(struct gh_progress *progress)
{
    if (progress->drawn) {
        fputs("\r\033[K", progress->stream);
        fflush(progress->stream);
    }
    progress->drawn = false;
}
