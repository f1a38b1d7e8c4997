/* sink_page.c - see sink_page.h. */
#include "edge/sinks/sink_page.h"

#include <stdlib.h>
#include <string.h>

enum gh_status gh_sink_story(const struct gh_sink *sink, struct gh_story *story,
                             uint64_t sequence, struct gh_text body)
{
    const bool whole = sink->kind == GH_SINK_WEBHOOK || sink->manner.actor;
    const enum gh_status status = gh_story_read(story, sequence, body);

    if (status != GH_OK || whole || gh_story_hide(story))
        return status;
    gh_story_free(story);
    return GH_EMEMORY;
}

static bool page_alert(void *context, const struct gh_ledger_alert *alert)
{
    struct gh_sink_page *page = context;

    if (alert->sequence > page->last)
        return false;
    page->status =
        gh_sink_story(page->sink, &page->story[page->count], alert->sequence, alert->body);
    if (page->status == GH_EMEMORY)
        return false;
    page->status = GH_OK; /* one that is no alert stays empty */
    page->sequence[page->count++] = alert->sequence;
    return page->count < GH_SINK_PAGE;
}

void gh_sink_page_free(struct gh_sink_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        gh_story_free(&page->story[i]);
    free(page);
}

enum gh_status gh_sink_page_read(struct gh_sink_page **page, const struct gh_sink *sink,
                                 struct gh_ledger *ledger, struct gh_span span,
                                 struct gh_error *error)
{
    const struct gh_ledger_page asked = {span.first, GH_SINK_PAGE};
    struct gh_sink_page *made = calloc(1, sizeof *made);

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    made->sink = sink;
    made->last = span.last;
    enum gh_status status = gh_ledger_alerts(ledger, &asked, page_alert, made, error);
    if (status == GH_OK && made->status != GH_OK)
        status = gh_error_set(error, made->status, "sinks: out of memory");
    if (status == GH_OK)
        *page = made;
    else
        gh_sink_page_free(made);
    return status;
}

static bool team_listed(const char *teams, const char *team)
{
    const size_t size = strlen(team);

    while (*teams) {
        teams += strspn(teams, ", ");
        const size_t name = strcspn(teams, ",");
        size_t used = name;
        while (used > 0 && teams[used - 1] == ' ')
            used--;
        if (used == size && memcmp(teams, team, size) == 0)
            return true;
        teams += name;
    }
    return false;
}

bool gh_sink_wants(const struct gh_sink *sink, const struct gh_story *story)
{
    return story->severity >= sink->floor && (sink->tracks & 1U << story->track) &&
           (!sink->teams[0] || team_listed(sink->teams, story->team));
}

enum gh_status gh_sink_fate(const struct gh_sink *sink, struct gh_ledger *ledger,
                            const struct gh_story *story, enum gh_fate *fate,
                            struct gh_error *error)
{
    const struct gh_ledger_finding *finding = NULL;
    enum gh_status status = GH_OK;

    *fate = GH_TELL;
    if (!story->body)
        *fate = GH_UNREADABLE;
    else if (!gh_sink_wants(sink, story))
        *fate = GH_FILTERED;
    else if (sink->kind != GH_SINK_WEBHOOK) {
        const struct gh_text id = {story->finding, (uint32_t)strlen(story->finding)};
        status = gh_ledger_finding(ledger, id, &finding, error);
        if (status == GH_OK && finding && finding->revision > story->revision)
            *fate = GH_COLLAPSED;
    }
    return status;
}
