/* reason.c - why nothing was found: which days could be judged, and how near the nearest was. */
#include "app/explain/explain.h"

#include "base/civil.h"
#include "base/write.h"

#include <math.h>
#include <string.h>

/* Less than this (log scale) is what every other person has now and then. */
static const double worth_telling = 1.0;

#define REASON_NAME(name, code, text) #name,
#define REASON_TEXT(name, code, text) text,
static const char *const names[] = {GH_REASON_LIST(REASON_NAME)};
static const char *const texts[] = {GH_REASON_LIST(REASON_TEXT)};

const char *gh_reason_name(enum gh_reason reason)
{
    return names[reason];
}

const char *gh_reason_text(enum gh_reason reason)
{
    return texts[reason];
}

bool gh_explain_asked(const struct gh_explained *x, int32_t date)
{
    return x->wish.on == INT32_MIN || x->wish.on == date;
}

static bool structural(const struct gh_explained *x)
{
    return gh_detectors[x->wish.detector]->lane == GH_STRUCTURAL;
}

static void gap_note(struct gh_explain_gap *nearest, const struct gh_explain_gap *gap)
{
    if (!nearest->known || gap->had - gap->needed > nearest->had - nearest->needed)
        *nearest = *gap;
}

/* The score of the day, and of its calls. */
static void score_gaps(const struct gh_explained *x, const struct gh_explain_row *row,
                       struct gh_explain_gap *nearest)
{
    const struct gh_seen_bet *bet = &row->day.by[x->wish.detector];
    const enum gh_told told = row->day.audited ? GH_TOLD_BELOW : GH_TOLD_ABOVE;
    struct gh_explain_gap gap = {.known = true, .way = GH_WAY_INCIDENT, .date = row->day.date};

    if (bet->observed && bet->shows && bet->score > 0.0) {
        gap.had = bet->score;
        gap.needed = bet->threshold[told];
        gap_note(nearest, &gap);
    }
    if (bet->fast_sup > 0.0) {
        gap.fast = true;
        gap.had = bet->fast_sup;
        gap.needed = bet->fast_threshold[told];
        gap_note(nearest, &gap);
    }
}

/* The evidence of all detectors against everybody else's; of who is in the set for another
 * pattern, what this one would have had to carry alone: half of it. */
static void set_gap(const struct gh_explained *x, const struct gh_explain_row *row,
                    struct gh_explain_gap *nearest)
{
    const struct gh_seen_choice *c = &row->choice[GH_WAY_REVIEW];
    const uint32_t d = x->wish.detector;
    struct gh_explain_gap gap = {.known = true, .way = GH_WAY_REVIEW, .date = row->day.date};

    if (!row->chosen[GH_WAY_REVIEW] || !(c->log_e_by[d] > 0.0))
        return;
    gap.had = c->log_e;
    gap.needed = fmax(c->log_needed, c->log_floor);
    if (c->selected || gap.had >= gap.needed) {
        gap.had = c->log_weight[d] + c->log_e_by[d];
        gap.needed = c->log_needed - log(2.0);
    }
    gap_note(nearest, &gap);
}

static void row_count(const struct gh_explained *x, const struct gh_explain_row *row,
                      struct gh_explain_answer *answer)
{
    const struct gh_seen_bet *bet = &row->day.by[x->wish.detector];

    answer->days[bet->why]++;
    answer->excess_days += bet->observed && bet->shows;
    answer->gated += bet->bet && bet->shows && bet->gated;
    answer->exempt_usd += row->day.exempt_usd;
    answer->exempt_tokens += row->day.exempt_tokens;
    answer->calls += row->day.calls;
}

/* What stopped a day that was past its threshold. */
static enum gh_reason stopped(const struct gh_explained *x, const struct gh_explain_gap *gap)
{
    for (size_t i = 0; i < x->row_count; i++) {
        const struct gh_explain_row *row = &x->row[i];
        const struct gh_seen_choice *c = &row->choice[GH_WAY_REVIEW];
        const struct gh_seen_bet *bet = &row->day.by[x->wish.detector];
        if (row->day.date != gap->date)
            continue;
        if (gap->way == GH_WAY_REVIEW && c->usd < c->least_usd && !(c->unpriced > 0.0))
            return GH_REASON_SMALL;
        if (gap->way == GH_WAY_REVIEW && c->p > c->p_needed)
            return GH_REASON_LOCKED;
        if (gap->way == GH_WAY_INCIDENT && !gap->fast && bet->excess_usd < bet->least_usd)
            return GH_REASON_SMALL;
    }
    return GH_REASON_BELOW;
}

/* Something was raised and came to nothing. */
static enum gh_reason unheard(const struct gh_explained *x)
{
    for (size_t i = x->raise_count; i > 0; i--) {
        const struct gh_explain_raise *raise = &x->raise[i - 1];
        if (!gh_explain_asked(x, (int32_t)gh_floor_div(raise->until_ms, GH_MS_PER_DAY)))
            continue;
        if (raise->heard == GH_HEARD_DECIDED)
            return GH_REASON_DECIDED;
        if (raise->heard == GH_HEARD_TOLD)
            return GH_REASON_TOLD;
    }
    return GH_REASON_FOUND;
}

static enum gh_reason reason_of_days(const struct gh_explained *x,
                                     struct gh_explain_answer *answer)
{
    uint32_t most = 0, days = 0;

    for (int why = 0; why < GH_WHY_COUNT; why++) {
        days += answer->days[why];
        if (why == GH_WHY_JUDGED || answer->days[why] <= most)
            continue;
        most = answer->days[why];
        answer->why = (enum gh_why)why;
    }
    if (days == 0)
        return x->wish.on == INT32_MIN ? GH_REASON_UNSETTLED : GH_REASON_NO_DAY;
    if (answer->calls == 0 && answer->exempt_tokens > 0.0)
        return GH_REASON_EXPERIMENT;
    if (answer->nearest.known && answer->nearest.had >= answer->nearest.needed)
        return stopped(x, &answer->nearest);
    if (answer->nearest.known && answer->nearest.had >= worth_telling)
        return GH_REASON_BELOW;
    return answer->days[GH_WHY_JUDGED] > 0 ? GH_REASON_USUAL : GH_REASON_UNJUDGED;
}

/* Whether the finding is what was asked about. */
static bool found(const struct gh_explained *x)
{
    const int64_t from = gh_floor_div(x->finding.from_ms, GH_MS_PER_DAY),
                  until = gh_floor_div(x->finding.until_ms, GH_MS_PER_DAY);

    return x->finding.revision > 0 &&
           (x->wish.on == INT32_MIN || (x->wish.on >= from && x->wish.on <= until));
}

struct gh_explain_answer gh_explain_reason(const struct gh_explained *x)
{
    struct gh_explain_answer answer = {.reason = GH_REASON_FOUND};

    for (size_t i = 0; i < x->row_count; i++) {
        const struct gh_explain_row *row = &x->row[i];
        if (!gh_explain_asked(x, row->day.date))
            continue;
        if (row->seen) {
            row_count(x, row, &answer);
            score_gaps(x, row, &answer.nearest);
        }
        if (structural(x))
            set_gap(x, row, &answer.nearest);
    }
    if (found(x))
        return answer;
    const enum gh_reason raised = unheard(x), days = reason_of_days(x, &answer);
    answer.reason = raised != GH_REASON_FOUND ? raised : days;
    return answer;
}

/* --- what was not told --- */

#define KEY(name) (UINT64_C(1) << GH_KEY_##name)
/* Of each row one key at least is needed; the README's table says what for. */
static const struct need {
    enum gh_behaviour behaviour;
    uint64_t one_of;
} needs[] = {
    {GH_AGENT_LOOP, KEY(agent)},
    {GH_AGENT_LOOP, KEY(caller)},
    {GH_AGENT_LOOP, KEY(prompt_hash) | KEY(response_hash)},
    {GH_CONTEXT_BLOAT, KEY(origin) | KEY(user_tokens)},
    {GH_CONTEXT_BLOAT, KEY(agent) | KEY(tool_calls)},
    {GH_VERBOSITY, KEY(origin) | KEY(user_tokens)},
    {GH_VERBOSITY, KEY(agent) | KEY(tool_calls)},
    {GH_REPETITION, KEY(origin) | KEY(user_tokens)},
    {GH_REPETITION, KEY(prompt_hash)},
    {GH_RUNAWAY, KEY(session) | KEY(agent)},
    {GH_RUNAWAY, KEY(prompt_hash) | KEY(status)},
};

static void keys_write(struct gh_writer *w, uint64_t one_of)
{
    const char *joint = "";

    for (uint32_t key = 0; key < GH_KEY_COUNT; key++) {
        if (!(one_of >> key & 1u))
            continue;
        gh_write(w, joint);
        gh_write(w, gh_key_name((enum gh_key)key));
        joint = " or ";
    }
}

static bool told_one(const struct gh_explained *x, uint64_t one_of)
{
    for (uint32_t key = 0; key < GH_KEY_COUNT; key++)
        if (one_of >> key & 1u && x->told[key] > 0)
            return true;
    return false;
}

void gh_explain_missing(const struct gh_explained *x, char *text, size_t size)
{
    struct gh_writer w = gh_writer_on(text, size);
    const struct gh_detector *detector = gh_detectors[x->wish.detector];
    const char *joint = "";

    for (size_t i = 0; i < sizeof needs / sizeof *needs && x->calls > 0; i++) {
        if (needs[i].behaviour != detector->behaviour || told_one(x, needs[i].one_of))
            continue;
        gh_write(&w, joint);
        gh_write(&w, "no call tells ");
        keys_write(&w, needs[i].one_of);
        joint = "; ";
    }
    if ((detector->behaviour == GH_OUTPUT_CHURN ||
         detector->behaviour == GH_OUTPUTLESS_SPEND) &&
        x->outputs == 0) {
        gh_write(&w, joint);
        gh_write(&w, "no event of kind output tells what came of it");
    }
}
