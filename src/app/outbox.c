/* outbox.c - see outbox.h. */
#include "app/outbox.h"

#include <stdlib.h>

static bool outbox_room(struct gh_outbox *outbox)
{
    if (outbox->count < outbox->capacity)
        return true;
    const size_t wanted = outbox->capacity ? 2 * outbox->capacity : 16;
    struct gh_outgoing *grown = realloc(outbox->at, wanted * sizeof *grown);
    if (!grown)
        return false;
    outbox->at = grown;
    outbox->capacity = wanted;
    return true;
}

void gh_outbox_add(struct gh_outbox *outbox, const struct gh_finding *change)
{
    const uint64_t sequence = ++outbox->sequence;
    char *body = gh_alert_body(change, sequence, outbox->source);

    if (!body || !outbox_room(outbox)) {
        outbox->failed = true;
        free(body);
        return;
    }
    struct gh_outgoing *out = &outbox->at[outbox->count++];
    *out = (struct gh_outgoing){.finding = *change, .sequence = sequence, .body = body};
    gh_alert_id(change, out->id);
}

void gh_outbox_clear(struct gh_outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++)
        free(outbox->at[i].body);
    outbox->count = 0;
    outbox->failed = false;
}

void gh_outbox_free(struct gh_outbox *outbox)
{
    gh_outbox_clear(outbox);
    free(outbox->at);
    outbox->at = NULL;
    outbox->capacity = 0;
}
