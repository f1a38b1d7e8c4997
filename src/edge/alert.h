/* alert.h - a change of a finding as the CloudEvents body and the topics of
 * contract/alerts.md. */
#ifndef GOODHART_EDGE_ALERT_H
#define GOODHART_EDGE_ALERT_H

#include "goodhart/error.h"
#include "goodhart/finding.h"

/* The JSON body on one line without '\n'; keys in the contract's order; numbers with the
 * shortest digits that read back the same (at most 17). The caller frees it (free). NULL:
 * out of memory. The same finding and sequence give the same bytes, always. */
char *gh_alert_body(const struct gh_finding *finding, uint64_t sequence, const char *source);
/* The id of a change: that of the finding, '-', the revision. */
enum { GH_ALERT_ID_SIZE = GH_FINDING_ID_SIZE + 16 };
void gh_alert_id(const struct gh_finding *finding, char id[GH_ALERT_ID_SIZE]);
/* The finding as one JSON line for --findings: `data` of the body plus `time`, `change`. */
char *gh_finding_line(const struct gh_finding *finding);

/* Topic i of the change: 0 alert/, 1 detector/x/, 2 severity/x/, 3 team/x/, 4 actor/x/.
 * Writes a NUL-terminated topic; '/' and '%' inside a name are percent-encoded. Returns
 * its length. */
enum { GH_TOPIC_COUNT = 5, GH_TOPIC_SIZE = 3 * GH_STRING_BYTES_MAX + 16 };
size_t gh_alert_topic(const struct gh_finding *finding, unsigned i, char topic[GH_TOPIC_SIZE]);
/* The name and '/' behind topic[0..used), as above; returns the bytes used then. */
size_t gh_topic_part(char topic[GH_TOPIC_SIZE], size_t used, struct gh_text name);
void gh_sequence_bytes(uint64_t sequence, unsigned char bytes[8]); /* big-endian */

#endif
