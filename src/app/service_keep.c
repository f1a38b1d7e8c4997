/* service_keep.c - between pipeline, keeper and subscribers: kept first, published then. */
#include "app/service_http.h"
#include "app/service_inside.h"
#include "edge/clock.h"
#include "edge/operate/note.h"

#include <stdlib.h>

/* Between two tries of a disk. */
enum { SERVICE_STALL_MS = 1000 };

static void service_change(void *context, const struct gh_finding *change)
{
    struct gh_service *s = context;
    gh_outbox_add(&s->outbox, change);
}

/* Waits for a disk that takes no writes; false: it is time to end. */
static bool service_stall(struct gh_service *s, bool *told, struct gh_error *error)
{
    struct gh_durable_batch unwanted;
    const bool disk = error->status == GH_EFULL || error->status == GH_EIO;
    if (!disk || gh_service_signalled(s))
        return false;
    if (!*told)
        gh_note(GH_NOTE_disk_stalled, "%s: nothing is taken until that is over", error->text);
    if (!*told && s->durable)
        gh_durable_stall(s->durable);
    if (!*told) {
        gh_notify_status(&s->notify, "waiting for the disk: nothing is taken");
        gh_handover_stall(s->http->handover);
    }
    s->stalls += !*told;
    *told = s->stalled = true;
    if (s->durable)
        (void)gh_durable_next(s->durable, &unwanted);
    *error = (struct gh_error){0};
    gh_service_clock(s);
    gh_socket_wait(NULL, 0, s->signals, SERVICE_STALL_MS);
    return true;
}

/* The disk has it. */
static void service_kept(struct gh_service *s, uint64_t start_ns)
{
    gh_service_metrics_commit(s, start_ns);
    if (!s->stalled)
        return;
    s->stalled = false;
    gh_note(GH_NOTE_disk_back, "events are taken again");
    gh_notify_status(&s->notify, "taking events");
    if (!s->ending)
        gh_handover_open(s->http->handover);
}

enum gh_status gh_service_keep(struct gh_service *s, const struct gh_keeping *events,
                               struct gh_error *error)
{
    struct gh_keeping keeping = *events;
    enum gh_status status = GH_OK;
    uint64_t start_ns;
    bool told = false;
    do {
        if (s->durable) { /* anew each time: losses are told while it waits */
            keeping.mark_count = gh_durable_marks(s->durable, &keeping.mark);
            keeping.loss_count = gh_durable_losses(s->durable, &keeping.losses);
        }
        if (keeping.count == 0 && keeping.mark_count == 0)
            return GH_OK;
        if (keeping.mark_count > 0) /* a refusal counts as handled once the mark is past it */
            gh_dead_letters_flush(s->letters);
        start_ns = gh_clock_ns();
        status = gh_keeper_append(s->keeper, &keeping, error);
    } while (status != GH_OK && service_stall(s, &told, error));
    if (status == GH_OK)
        service_kept(s, start_ns);
    if (status == GH_OK && s->durable)
        gh_durable_marked(s->durable);
    return status;
}

static enum gh_status service_append(void *context, const struct gh_event *event,
                                     const char *const *owner, size_t count,
                                     struct gh_error *error)
{
    struct gh_service *s = context;
    const struct gh_keeping events = {.event = event, .owner = owner, .count = count};
    return s->keeper && !s->recovering ? gh_service_keep(s, &events, error) : GH_OK;
}

enum gh_status gh_service_publish(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    bool told = false;
    if (s->keeper && s->outbox.count > 0) {
        uint64_t start_ns;
        do {
            start_ns = gh_clock_ns();
            status = gh_keeper_commit(s->keeper, &s->outbox, error);
        } while (status != GH_OK && service_stall(s, &told, error));
        if (status == GH_OK)
            service_kept(s, start_ns);
    }
    for (size_t i = 0; i < s->outbox.count && status == GH_OK; i++) {
        struct gh_outgoing *out = &s->outbox.at[i];
        gh_publisher_alert(s->publisher, &out->finding, out->sequence, out->body);
        gh_service_metrics_alert(s, &out->finding);
        gh_outfile_line(&s->alerts, out->body);
        out->body = NULL;
    }
    if (s->sinks && status == GH_OK && s->outbox.count > 0)
        gh_sinks_tell(s->sinks, s->outbox.sequence);
    s->bodies_failed += s->outbox.failed;
    gh_outbox_clear(&s->outbox);
    return status;
}

/* At most so many bytes, cut where a character ends. */
static struct gh_text text_cut(struct gh_text text, uint32_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && ((unsigned char)text.at[size] & 0xc0) == 0x80)
        size--;
    return (struct gh_text){text.at, size};
}

static void service_hand_refused(const struct gh_service *s, const struct gh_lost *lost)
{
    struct gh_hand_refusal refusal = {
        .index = lost->index, .line = lost->line, .reason = gh_refusal_name(lost->reason)};
    snprintf(refusal.text, sizeof(refusal.text), "%s", lost->text);
    gh_handover_refuse(s->http->handover, lost->source, lost->frame, &refusal);
}

static void service_refused(void *context, const struct gh_lost *lost)
{
    struct gh_service *s = context;
    struct gh_lost cut = *lost;
    gh_owners_refused(s->owners, lost->owner, lost->reason);
    service_hand_refused(s, lost);
    if (s->durable && lost->source == gh_durable_endpoint(s->durable))
        gh_durable_refuse(s->durable, (uint32_t)lost->frame, lost->index,
                          gh_refusal_name(lost->reason), lost->text);
    if (!s->intake_options->dead_letters.text[0] || s->recovering)
        return;
    cut.piece = text_cut(lost->piece, GH_EVENT_BYTES_MAX);
    char *line = gh_lost_line(&cut);
    gh_dead_letters_add(s->letters, line);
    free(line);
}

static bool service_bring(void *context, const char *owner, struct gh_text actor)
{
    const struct gh_service *s = context;
    return gh_owners_bring(s->owners, owner, actor);
}

struct gh_hooks gh_service_hooks(struct gh_service *service)
{
    return (struct gh_hooks){.context = service,
                             .on_batch = service_append,
                             .may_bring = service_bring,
                             .on_change = service_change,
                             .on_refused = service_refused};
}
