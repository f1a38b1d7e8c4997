/* outbox.h - alerts on their way out: made while the engine is fed, numbered, and published
 * only once the ledger has them (where there is one). */
#ifndef GOODHART_APP_OUTBOX_H
#define GOODHART_APP_OUTBOX_H

#include "edge/alert.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_outgoing {
    struct gh_finding finding; /* its samples do not hold past the next events */
    char id[GH_ALERT_ID_SIZE];
    uint64_t sequence;
    char *body; /* gh_alert_body */
};
struct gh_outbox {
    const char *source; /* of the CloudEvents; lent */
    uint64_t sequence;  /* of the newest alert ever made */
    struct gh_outgoing *at;
    size_t count, capacity;
    bool failed; /* an alert could not be made for want of memory; it has its number */
};

void gh_outbox_add(struct gh_outbox *outbox, const struct gh_finding *change);
void gh_outbox_clear(struct gh_outbox *outbox); /* for the next ones */
void gh_outbox_free(struct gh_outbox *outbox);

#endif
