/* sink_plan.c - what a sink says next; see sink.h. All that it goes by stands in the ledger: a
 * restart needs no more than the position. */
#include "edge/sinks/sink_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PLAN_TURNS: messages without anything to tell before the other sinks have their turn. */
enum { MINUTE_MS = 60000, START_WINDOW_MS = 60000, PLAN_TURNS = 16 };

/* Notes one alert in the parcel; those between the last one and it are gone. */
static void parcel_count(struct gh_parcel *parcel, uint64_t sequence, enum gh_fate fate)
{
    parcel->unknown += (uint32_t)(sequence - parcel->last - 1);
    parcel->last = sequence;
    parcel->told += fate == GH_TELL;
    parcel->filtered += fate == GH_FILTERED;
    parcel->collapsed += fate == GH_COLLAPSED;
    parcel->unreadable += fate == GH_UNREADABLE;
}

/* --- Alertmanager --- */

struct before {
    const struct gh_sink *sink;
    const struct gh_story *now;
    enum gh_status status;
    struct gh_story found; /* the last one with other labels; empty: none */
};

static bool before_alert(void *context, const struct gh_ledger_alert *alert)
{
    struct before *before = context;
    struct gh_story story;

    if (alert->revision >= before->now->revision)
        return false;
    before->status = gh_sink_story(before->sink, &story, alert->sequence, alert->body);
    if (before->status != GH_OK)
        return before->status != GH_EMEMORY;
    if (gh_alertmanager_same(&story, before->now)) {
        gh_story_free(&story);
        return true;
    }
    gh_story_free(&before->found);
    before->found = story;
    return true;
}

/* The finding under the labels that it had before is over. */
static enum gh_status before_resolve(const struct gh_sink *sink, struct gh_ledger *ledger,
                                     const struct gh_story *story, struct gh_json *json,
                                     const struct gh_firing *firing)
{
    const struct gh_text id = {story->finding, (uint32_t)strlen(story->finding)};
    struct before before = {.sink = sink, .now = story};
    enum gh_status status = story->revision > 1
                                ? gh_ledger_alerts_of(ledger, id, before_alert, &before, NULL)
                                : GH_OK;

    if (before.found.body)
        gh_alertmanager_add(json, &before.found, &sink->manner, firing, true);
    gh_story_free(&before.found);
    if (status == GH_OK && before.status == GH_EMEMORY)
        status = GH_EMEMORY;
    return status;
}

static struct gh_firing firing_of(const struct gh_sink *sink, int64_t wall_ms)
{
    return (struct gh_firing){.now_ms = wall_ms,
                              .resend_ms = (int64_t)sink->options->alertmanager_resend * 1000};
}

/* One array for a page. */
static enum gh_status plan_batch(struct gh_sink *sink, struct gh_ledger *ledger,
                                 const struct gh_sink_page *page, const struct gh_now *now,
                                 struct gh_parcel *parcel)
{
    const struct gh_firing firing = firing_of(sink, now->wall_ms);
    const uint32_t most = sink->counts.position < sink->careful ? 1 : GH_SINK_PAGE;
    struct gh_json json = {0};
    enum gh_status status = GH_OK;

    gh_json_open(&json, '[');
    for (size_t i = 0; i < page->count && parcel->told < most && status == GH_OK; i++) {
        const struct gh_story *story = &page->story[i];
        enum gh_fate fate = GH_TELL;
        status = gh_sink_fate(sink, ledger, story, &fate, NULL);
        if (status == GH_OK && fate == GH_TELL) {
            status = before_resolve(sink, ledger, story, &json, &firing);
            gh_alertmanager_add(&json, story, &sink->manner, &firing, false);
        }
        if (status == GH_OK)
            parcel_count(parcel, page->sequence[i], fate);
    }
    gh_json_close(&json, ']');
    if (status == GH_OK && parcel->told > 0 && !(parcel->body = gh_json_take(&json)))
        status = GH_EMEMORY;
    gh_json_free(&json);
    return status;
}

struct refresh {
    struct gh_sink *sink;
    struct gh_json json;
    struct gh_firing firing;
    struct gh_parcel *parcel;
    uint32_t looked;
    enum gh_status status;
};

static bool refresh_finding(void *context, const struct gh_ledger_finding *finding)
{
    struct refresh *refresh = context;
    struct gh_story story;

    refresh->status = gh_sink_story(refresh->sink, &story, 0, finding->body);
    if (refresh->status == GH_EMEMORY)
        return false;
    refresh->looked++;
    snprintf(refresh->parcel->cursor, sizeof refresh->parcel->cursor, "%.*s",
             (int)finding->id.size, finding->id.at);
    if (refresh->status != GH_OK) {
        refresh->status = GH_OK;
        return true;
    }
    if (gh_sink_wants(refresh->sink, &story)) {
        gh_alertmanager_add(&refresh->json, &story, &refresh->sink->manner, &refresh->firing,
                            false);
        refresh->parcel->told++;
    }
    gh_story_free(&story);
    return true;
}

/* The next open findings once more, or else they would count as over there. */
static enum gh_status plan_refresh(struct gh_sink *sink, struct gh_ledger *ledger,
                                   const struct gh_now *now, struct gh_parcel *parcel,
                                   struct gh_error *error)
{
    const struct gh_ledger_open_page page = {{sink->cursor, (uint32_t)strlen(sink->cursor)},
                                             GH_SINK_PAGE};
    struct refresh refresh = {
        .sink = sink, .firing = firing_of(sink, now->wall_ms), .parcel = parcel};

    parcel->refresh = true;
    gh_json_open(&refresh.json, '[');
    enum gh_status status =
        gh_ledger_open_findings(ledger, &page, refresh_finding, &refresh, error);
    gh_json_close(&refresh.json, ']');
    if (status == GH_OK && refresh.status != GH_OK)
        status = gh_error_set(error, refresh.status, "sinks: out of memory");
    if (status == GH_OK && parcel->told > 0 && !(parcel->body = gh_json_take(&refresh.json)))
        status = gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    gh_json_free(&refresh.json);
    if (status == GH_OK && refresh.looked < GH_SINK_PAGE) {
        parcel->cursor[0] = '\0'; /* all of them have been */
        sink->refresh_ms = now->ms + (int64_t)sink->options->alertmanager_resend * 1000;
    }
    if (status == GH_OK && !parcel->body)
        memcpy(sink->cursor, parcel->cursor, sizeof sink->cursor);
    return status;
}

/* --- one alert, one message --- */

static char *single_body(const struct gh_sink *sink, const struct gh_story *story)
{
    return sink->kind == GH_SINK_WEBHOOK ? strdup(story->body)
                                         : gh_slack_body(story, &sink->manner);
}

static enum gh_status plan_single(struct gh_sink *sink, struct gh_ledger *ledger,
                                  const struct gh_sink_page *page, struct gh_parcel *parcel)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; i < page->count && parcel->told == 0 && status == GH_OK; i++) {
        const struct gh_story *story = &page->story[i];
        enum gh_fate fate = GH_TELL;
        status = gh_sink_fate(sink, ledger, story, &fate, NULL);
        if (status != GH_OK)
            continue;
        parcel_count(parcel, page->sequence[i], fate);
        if (fate != GH_TELL)
            continue;
        snprintf(parcel->id, sizeof parcel->id, "%s", story->id);
        if (!(parcel->body = single_body(sink, story)))
            status = GH_EMEMORY;
    }
    return status;
}

/* --- many alerts, one message --- */

/* Up to the horizon, or as many as one summary may cover. */
static enum gh_status plan_summary(struct gh_sink *sink, struct gh_ledger *ledger,
                                   struct gh_parcel *parcel, struct gh_tidings *digest,
                                   struct gh_json *told)
{
    const uint64_t end = parcel->first - 1 + GH_SINK_SUMMARY;
    const uint64_t last = end < sink->horizon ? end : sink->horizon;
    enum gh_status status = GH_OK;
    size_t count = 1;

    while (status == GH_OK && count > 0 && parcel->last < last) {
        struct gh_sink_page *page = NULL;
        status = gh_sink_page_read(&page, sink, ledger,
                                   (struct gh_span){parcel->last + 1, last}, NULL);
        count = page ? page->count : 0;
        for (size_t i = 0; i < count && status == GH_OK; i++) {
            enum gh_fate fate = GH_TELL;
            status = gh_sink_fate(sink, ledger, &page->story[i], &fate, NULL);
            if (status != GH_OK)
                continue;
            parcel_count(parcel, page->sequence[i], fate);
            if (fate != GH_TELL)
                continue;
            gh_tidings_add(digest, &page->story[i]);
            if (told && digest->findings <= GH_MAIL_TOLD_MAX)
                gh_mail_add(told, &page->story[i], &sink->manner);
        }
        if (page)
            gh_sink_page_free(page);
    }
    if (status == GH_OK && count == 0) { /* what is left of the span has been pruned */
        parcel->unknown += (uint32_t)(last - parcel->last);
        parcel->last = last;
    }
    return status;
}

static enum gh_status plan_mail(struct gh_sink *sink, struct gh_ledger *ledger,
                                struct gh_parcel *parcel)
{
    struct gh_tidings digest = {0};
    struct gh_json told = {0};
    enum gh_status status = plan_summary(sink, ledger, parcel, &digest, &told);

    if (status == GH_OK && digest.findings > 0) {
        parcel->body = gh_mail_text(&digest, &told);
        status = parcel->body ? GH_OK : GH_EMEMORY;
        snprintf(parcel->id, sizeof parcel->id, "%" PRIu64 "-%" PRIu64, parcel->first,
                 parcel->last);
        snprintf(parcel->subject, sizeof parcel->subject, "goodhart: %u finding%s to look at",
                 (unsigned)digest.findings, digest.findings == 1 ? "" : "s");
    }
    gh_json_free(&told);
    return status;
}

/* The last message of the minute is for all that are left; one alone is told as ever. */
static enum gh_status plan_slack(struct gh_sink *sink, struct gh_ledger *ledger,
                                 const struct gh_sink_page *page, struct gh_parcel *parcel)
{
    const struct gh_parcel before = *parcel;
    struct gh_tidings digest = {0};

    if (sink->spent + 1 == sink->rate) {
        const enum gh_status status = plan_summary(sink, ledger, parcel, &digest, NULL);
        if (status != GH_OK || digest.findings == 0)
            return status;
        if (digest.findings > 1) {
            parcel->body = gh_slack_summary(&digest, &sink->manner);
            return parcel->body ? GH_OK : GH_EMEMORY;
        }
        *parcel = before;
    }
    return plan_single(sink, ledger, page, parcel);
}

static enum gh_status plan_alerts(struct gh_sink *sink, struct gh_ledger *ledger,
                                  const struct gh_now *now, struct gh_parcel *parcel,
                                  struct gh_error *error)
{
    struct gh_sink_page *page = NULL;
    enum gh_status status = gh_sink_page_read(
        &page, sink, ledger, (struct gh_span){parcel->first, sink->horizon}, error);

    if (status != GH_OK)
        return status;
    switch (sink->kind) {
    case GH_SINK_ALERTMANAGER:
        status = plan_batch(sink, ledger, page, now, parcel);
        break;
    case GH_SINK_SLACK:
        status = plan_slack(sink, ledger, page, parcel);
        break;
    case GH_SINK_WEBHOOK:
        status = plan_single(sink, ledger, page, parcel);
        break;
    case GH_SINK_MAIL:
        status = plan_mail(sink, ledger, parcel);
        break;
    }
    /* There is nothing up to the horizon: it has been pruned. */
    if (status == GH_OK && page->count == 0) {
        parcel->unknown += (uint32_t)(sink->horizon - parcel->last);
        parcel->last = sink->horizon;
    }
    gh_sink_page_free(page);
    return status == GH_OK
               ? GH_OK
               : gh_error_set(error, status, "sinks: the ledger cannot be read, or no memory");
}

/* --- when --- */

/* Opens and closes the time in which changes gather; true: there is something to tell now. */
static bool plan_due(struct gh_sink *sink, const struct gh_now *now)
{
    const bool starting = sink->horizon == 0 && sink->counts.messages == 0;

    if (sink->counts.position < sink->horizon)
        return true;
    if (sink->counts.position >= now->newest)
        return false;
    if (sink->due_ms == 0) {
        /* What waited while the service was away has waited enough. */
        const bool soon = starting && sink->window_ms > START_WINDOW_MS;
        sink->due_ms = now->ms + (soon ? START_WINDOW_MS : sink->window_ms);
    }
    if (now->ms < sink->due_ms) {
        sink->wait_ms = sink->due_ms;
        return false;
    }
    sink->due_ms = 0;
    sink->horizon = now->newest;
    return true;
}

static bool plan_rate(struct gh_sink *sink, const struct gh_now *now)
{
    if (sink->rate == 0)
        return true;
    if (now->ms - sink->minute_ms >= MINUTE_MS) {
        sink->minute_ms = now->ms;
        sink->spent = 0;
    }
    if (sink->spent < sink->rate)
        return true;
    sink->wait_ms = sink->minute_ms + MINUTE_MS;
    return false;
}

static void plan_leave_out(struct gh_sink *sink, const struct gh_parcel *parcel)
{
    sink->counts.position = parcel->last;
    sink->counts.filtered += parcel->filtered;
    sink->counts.collapsed += parcel->collapsed;
    sink->counts.unknown += parcel->unknown;
    sink->counts.unreadable += parcel->unreadable;
    sink->moved = true;
}

enum gh_status gh_sink_plan(struct gh_sink *sink, struct gh_ledger *ledger,
                            const struct gh_now *now, struct gh_parcel *parcel,
                            struct gh_error *error)
{
    const bool refreshes = sink->kind == GH_SINK_ALERTMANAGER;
    enum gh_status status = GH_OK;

    *parcel = (struct gh_parcel){.body = NULL};
    sink->wait_ms = INT64_MAX;
    for (unsigned turn = 0;
         status == GH_OK && !parcel->body && plan_due(sink, now) && plan_rate(sink, now);
         turn++) {
        if (turn == PLAN_TURNS) {
            sink->wait_ms = now->ms;
            return GH_OK;
        }
        *parcel = (struct gh_parcel){.first = sink->counts.position + 1,
                                     .last = sink->counts.position};
        status = plan_alerts(sink, ledger, now, parcel, error);
        if (status == GH_OK && !parcel->body)
            plan_leave_out(sink, parcel);
    }
    if (status != GH_OK || parcel->body || !refreshes)
        return status;
    while (status == GH_OK && !parcel->body && now->ms >= sink->refresh_ms) {
        *parcel = (struct gh_parcel){.body = NULL};
        status = plan_refresh(sink, ledger, now, parcel, error);
    }
    if (!parcel->body && sink->refresh_ms < sink->wait_ms)
        sink->wait_ms = sink->refresh_ms;
    return status;
}
