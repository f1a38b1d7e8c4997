/* collect.c - takes down what a watch tells of one person. */
#include "app/explain/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One more element, zeroed; NULL: out of memory. */
static void *grown(struct gh_explained *x, void *at, size_t *count, size_t *room, size_t size)
{
    void **const list = at;

    if (*count == *room) {
        const size_t wanted = *room ? 2 * *room : 32;
        void *moved = realloc(*list, wanted * size);
        x->failed |= !moved;
        if (!moved)
            return NULL;
        *list = moved;
        *room = wanted;
    }
    void *const made = (char *)*list + (*count)++ * size;
    memset(made, 0, size);
    return made;
}

static bool is_meant(struct gh_explained *x, const struct gh_engine *engine, uint32_t actor)
{
    if (x->actor == 0)
        x->actor = x->wish.apart ? gh_inspect_find_apart(engine, x->wish.actor)
                                 : gh_inspect_find(engine, x->wish.actor);
    return x->actor != 0 && x->actor == actor;
}

static struct gh_explain_row *row_add(struct gh_explained *x)
{
    return grown(x, &x->row, &x->row_count, &x->row_room, sizeof *x->row);
}

/* What held when it was found stays. */
static void thresholds_note(struct gh_explained *x, const struct gh_engine *engine)
{
    for (int fast = 0; fast < 2 && x->finding.revision == 0; fast++)
        x->threshold[fast] = gh_inspect_threshold(
            engine, &(struct gh_threshold_wish){x->wish.detector, fast, x->wish.apart, 0.0});
}

static void day_take(void *context, struct gh_engine *engine, const struct gh_seen_day *seen)
{
    struct gh_explained *x = context;

    if (!is_meant(x, engine, seen->actor))
        return;
    thresholds_note(x, engine);
    struct gh_explain_row *row = row_add(x);
    if (row)
        *row = (struct gh_explain_row){.day = *seen, .seen = true};
}

/* The row of the date that is being settled. */
static struct gh_explain_row *row_today(struct gh_explained *x, const struct gh_engine *engine)
{
    const struct gh_inspected_epoch now = gh_inspect_epoch(engine);
    const uint32_t gone = now.days > 0 ? now.days - 1 : 0;
    struct gh_explain_row *last = x->row_count ? &x->row[x->row_count - 1] : NULL;

    if (!last)
        return NULL; /* nothing of them was settled yet */
    if (last->day.epoch == now.epoch && last->day.date == now.settled_date)
        return last;
    if (last->day.epoch != now.epoch)
        return NULL; /* nor in this epoch */
    struct gh_explain_row *row = row_add(x);
    if (row) {
        row->day.actor = x->actor;
        row->day.epoch = now.epoch;
        row->day.day_gone = gone;
        row->day.date = now.settled_date;
    }
    return row;
}

static void choice_take(void *context, struct gh_engine *engine, const struct gh_seen_set *seen)
{
    struct gh_explained *x = context;
    struct gh_seen_choice choice;

    if (!is_meant(x, engine, x->actor) || !gh_inspect_choice(engine, seen, x->actor, &choice))
        return;
    struct gh_explain_row *row = row_today(x, engine);
    if (!row)
        return;
    row->chosen[seen->set] = true;
    row->choice[seen->set] = choice;
}

static void raise_take(void *context, struct gh_engine *engine,
                       const struct gh_seen_raise *seen)
{
    struct gh_explained *x = context;
    const struct gh_raise *raise = seen->raise;
    const struct gh_episode *episode = raise->episode;

    if (raise->detector != x->wish.detector || !is_meant(x, engine, raise->actor))
        return;
    thresholds_note(x, engine);
    struct gh_explain_raise *made =
        grown(x, &x->raise, &x->raise_count, &x->raise_room, sizeof *x->raise);
    if (!made)
        return;
    const struct gh_thresholds at =
        gh_inspect_thresholds(engine, raise->detector, x->wish.apart);
    *made = (struct gh_explain_raise){
        .track = raise->track,
        .heard = seen->heard,
        .fast = raise->fast,
        .teamwise = raise->teamwise,
        .drawn = raise->told == GH_TOLD_BELOW,
        .epoch = gh_inspect_epoch(engine).epoch,
        .time_ms = raise->time_ms,
        .from_ms = episode->from_ms,
        .until_ms = episode->until_ms,
        .calls = episode->calls,
        .days = episode->days,
        .score = episode->log_e,
        .threshold = raise->track != GH_INCIDENT ? NAN
                     : raise->fast               ? at.fast[raise->told]
                                                 : at.score[raise->told],
        .tokens = episode->tokens,
        .cost_usd = episode->cost_usd,
        .excess_usd = episode->excess_cost_usd,
    };
    snprintf(made->finding, sizeof made->finding, "%s", seen->finding);
}

static void epoch_take(void *context, struct gh_engine *engine)
{
    gh_explain_epoch(context, engine);
}

struct gh_watch gh_explain_watch(struct gh_explained *x)
{
    return (struct gh_watch){.context = x,
                             .day = day_take,
                             .epoch_end = epoch_take,
                             .chosen = choice_take,
                             .raised = raise_take};
}

static bool same_text(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

void gh_explain_events(struct gh_explained *x, const struct gh_event *event, size_t count)
{
    for (size_t i = 0; i < count; i++, event++) {
        if (!same_text(event->actor, x->wish.actor))
            continue;
        x->outputs += event->kind == GH_OUTPUT;
        if (event->kind != GH_USAGE)
            continue;
        x->calls++;
        for (uint32_t key = 0; key < GH_KEY_COUNT; key++)
            x->told[key] += event->present >> key & 1u;
    }
}

void gh_explain_finding(struct gh_explained *x, const struct gh_finding *finding)
{
    const char *detector = gh_detectors[x->wish.detector]->name;

    if (x->wish.finding ? strcmp(finding->id, x->wish.finding) != 0
                        : strcmp(finding->detector, detector) != 0 ||
                              !same_text(finding->actor, x->wish.actor))
        return;
    if (!x->wish.finding && x->finding.revision > 0 && finding->change == GH_CLOSED &&
        strcmp(finding->id, x->finding.id) != 0)
        return; /* that of an older one */
    x->finding = *finding;
    snprintf(x->team, sizeof x->team, "%.*s", (int)finding->team.size, finding->team.at);
    snprintf(x->explanation, sizeof x->explanation, "%s", finding->explanation);
    snprintf(x->question, sizeof x->question, "%s", finding->question);
}

void gh_explain_end(struct gh_explained *x, struct gh_engine *engine)
{
    gh_explain_epoch(x, engine);
}

void gh_explain_free(struct gh_explained *x)
{
    free(x->row);
    free(x->raise);
    free(x->change);
}
