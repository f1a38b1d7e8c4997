/* rounds.c - event time has passed full hours: what is due happens, hour by hour. */
#include "base/civil.h"
#include "engine/state.h"

/* A local date is over in every zone (UTC-12 is the last) at noon UTC of the next day. */
static int32_t date_over(int64_t hour)
{
    return (int32_t)gh_floor_div(hour - 36, 24);
}

static void round_run(struct gh_engine *e, int64_t hour)
{
    e->closed_hour = hour;
    e->counters.rounds++;
    while (e->settled_date < date_over(hour))
        gh_settle(e, e->settled_date + 1);
    gh_findings_close(e, hour * GH_MS_PER_HOUR);
}

/* Newest event time has moved. Records before this point belong to the rounds. */
void gh_rounds_advance(struct gh_engine *e)
{
    const int64_t hour =
        gh_floor_div(e->newest_ms - (int64_t)(e->order.lateness * 1000.0), GH_MS_PER_HOUR);

    if (hour <= e->closed_hour)
        return;
    gh_segment_run(e);
    for (int64_t h = e->closed_hour + 1; h <= hour && !e->heap.failed; h++)
        round_run(e, h);
}
