/* sink_page.h - alerts of the ledger as one sink may tell them, and which of them it tells: for
 * sink_plan.c; nobody else includes it. */
#ifndef GOODHART_EDGE_SINKS_SINK_PAGE_H
#define GOODHART_EDGE_SINKS_SINK_PAGE_H

#include "edge/sinks/sink.h"

/* Alerts as they stand in the ledger, one after the other. One that is no alert is an empty
 * story. */
struct gh_sink_page {
    const struct gh_sink *sink;
    enum gh_status status; /* not GH_OK: memory ran out */
    struct gh_story story[GH_SINK_PAGE];
    uint64_t sequence[GH_SINK_PAGE];
    size_t count;
    uint64_t last; /* what is looked at ends here */
};

/* Of first..last as many as a page holds. The caller frees *page. */
struct gh_span {
    uint64_t first, last;
};
GH_MUST_USE enum gh_status gh_sink_page_read(struct gh_sink_page **page,
                                             const struct gh_sink *sink,
                                             struct gh_ledger *ledger, struct gh_span span,
                                             struct gh_error *error);
void gh_sink_page_free(struct gh_sink_page *page);

/* gh_story_read, without the person's name where the sink is not to name it. */
GH_MUST_USE enum gh_status gh_sink_story(const struct gh_sink *sink, struct gh_story *story,
                                         uint64_t sequence, struct gh_text body);

/* Whether severity, track and team are those that the sink hears of. */
bool gh_sink_wants(const struct gh_sink *sink, const struct gh_story *story);

/* What is to be done with an alert. A finding is told as it stands now: of several revisions
 * the newest. A webhook is for machines, and hears all. */
enum gh_fate { GH_TELL, GH_FILTERED, GH_COLLAPSED, GH_UNREADABLE };
GH_MUST_USE enum gh_status gh_sink_fate(const struct gh_sink *sink, struct gh_ledger *ledger,
                                        const struct gh_story *story, enum gh_fate *fate,
                                        struct gh_error *error);

#endif
