/* tell.c - what `goodhart explain` says to a person: what, compared with what, how sure, how
 * near. It says what was measured and never why somebody did something. */
#include "app/explain/tell.h"

#include "app/terminal.h"
#include "base/civil.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 96, PARAGRAPH = 2048 };
static const double log_trillion = 27.6310211159;

void gh_explain_write_e(struct gh_writer *w, double log_e)
{
    if (log_e > log_trillion)
        gh_write(w, "more than a trillion");
    else if (log_e < 2.3)
        gh_write_fixed(w, exp(log_e), 2);
    else
        gh_write_short(w, floor(exp(log_e)));
}

void gh_explain_write_ratio(struct gh_writer *w, double log_ratio)
{
    const double ratio = exp(fmin(log_ratio, log_trillion));

    if (ratio < 100.0)
        gh_write_fixed(w, ratio, 2);
    else
        gh_write_short(w, ratio);
}

void gh_explain_write_value(struct gh_writer *w, uint32_t detector, double value)
{
    switch (gh_detectors[detector]->measure) {
    case GH_SHARE:
        gh_write_fixed(w, 100.0 * value, 1);
        gh_write(w, " %");
        return;
    case GH_LEVEL:
        gh_write_short(w, exp(value));
        return;
    case GH_SCORE:
        break;
    }
    gh_write_fixed(w, value, 2);
}

void gh_explain_paragraph(FILE *out, const char *text)
{
    size_t column = 0;

    for (const char *word = text; *word;) {
        const size_t size = strcspn(word, " ");
        if (column > 0 && column + 1 + size > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column > 0)
            fputc(' ', out);
        gh_terminal_text(out, (struct gh_text){word, (uint32_t)size});
        column += size + (column > 0);
        word += size + (word[size] == ' ');
    }
    fputs("\n\n", out);
}

/* --- of a finding --- */

const struct gh_explain_change *gh_explain_change_of(const struct gh_explained *x)
{
    uint32_t epoch = UINT32_MAX;

    for (size_t i = 0; i < x->raise_count && x->finding.revision > 0; i++)
        if (strcmp(x->raise[i].finding, x->finding.id) == 0 &&
            x->raise[i].track == x->finding.track)
            epoch = epoch == UINT32_MAX ? x->raise[i].epoch : epoch;
    for (size_t i = 0; i < x->change_count; i++)
        if (x->change[i].epoch == epoch)
            return &x->change[i];
    return NULL;
}

enum gh_way gh_explain_way_of(const struct gh_explained *x)
{
    if (x->finding.track == GH_INCIDENT)
        return GH_WAY_INCIDENT;
    return x->finding.track == GH_CASE ? GH_WAY_CASE : GH_WAY_REVIEW;
}

/* The first of the finding's track, by which it came. */
static const struct gh_explain_raise *first_raise(const struct gh_explained *x)
{
    for (size_t i = 0; i < x->raise_count; i++)
        if (strcmp(x->raise[i].finding, x->finding.id) == 0 &&
            x->raise[i].track == x->finding.track)
            return &x->raise[i];
    return NULL;
}

bool gh_explain_is_fast(const struct gh_explained *x)
{
    const struct gh_explain_raise *raise = first_raise(x);

    return raise && raise->fast;
}

uint32_t gh_explain_epoch_of(const struct gh_explained *x,
                             const struct gh_explain_answer *answer)
{
    const struct gh_explain_raise *raise = x->finding.revision > 0 ? first_raise(x) : NULL;

    if (raise)
        return raise->epoch;
    for (size_t i = 0; i < x->row_count && answer->nearest.known; i++)
        if (x->row[i].day.date == answer->nearest.date)
            return x->row[i].day.epoch;
    return x->row_count ? x->row[x->row_count - 1].day.epoch : 0;
}

static void name_print(FILE *out, const struct gh_explained *x)
{
    gh_terminal_text(out, x->wish.actor);
    if (x->team[0]) {
        fputs(" (", out);
        gh_terminal_text(out, (struct gh_text){x->team, (uint32_t)strlen(x->team)});
        fputc(')', out);
    }
}

static void head_print(const struct gh_explained *x, FILE *out)
{
    char time[GH_TIME_TEXT_SIZE];

    fprintf(out, "%s: ", gh_detectors[x->wish.detector]->name);
    name_print(out, x);
    if (x->finding.revision > 0) {
        gh_time_format(x->finding.time_ms, time);
        fprintf(out, ", %s %s, %s %s", gh_track_name(x->finding.track), x->finding.id,
                gh_change_name(x->finding.change), time);
    } else {
        fputs(", no finding", out);
    }
    fputs("\n\n", out);
}

static void sure_days(struct gh_writer *w, double log_e)
{
    gh_write(w, "How sure: with honest days, evidence this large comes up at most once in ");
    gh_explain_write_e(w, log_e);
    gh_write(w, " times, as far as the model of honest days holds. That makes it worth a "
                "question; it is no verdict.");
}

static void sure_incident(struct gh_writer *w, const struct gh_explained *x,
                          const struct gh_explain_raise *raise)
{
    const struct gh_seen_threshold *t = &x->threshold[raise->fast];

    gh_write(w, "How sure: it is unusual, and says nothing about why. ");
    if (raise->drawn)
        gh_write(w, "It stayed below the threshold and is told because the person was drawn by "
                    "lot (incident.audit). ");
    gh_write(w, "The threshold lets this detector raise about ");
    gh_write_fixed(w, t->alarms, 2);
    gh_write(w, " false alarms a day; ");
    if (isnan(t->learned)) {
        gh_write(w, "it is the model's highest, because nothing was learned yet.");
        return;
    }
    gh_write(w, "so few of ");
    gh_write_count(w, t->people);
    gh_write(w, t->learned > t->low ? " people exceeded " : " people exceeded less than ");
    gh_write_fixed(w, fmax(t->learned, t->low), 2);
    gh_write(w, " in the ");
    gh_write_count(w, t->days);
    gh_write(w, " days before, and the model allows ");
    gh_write_fixed(w, t->low, 2);
    gh_write(w, " to ");
    gh_write_fixed(w, t->high, 2);
    gh_write(w, ".");
}

static void near_days(struct gh_writer *w, const struct gh_explained *x,
                      const struct gh_explain_way *way)
{
    gh_write(w, "How near: evidence ");
    gh_explain_write_e(w, way->log_e);
    gh_write(w, " against ");
    gh_explain_write_e(w, way->log_needed);
    gh_write(w, " that it took on that day, ");
    gh_explain_write_ratio(w, way->log_e - way->log_needed);
    gh_write(w, " times as much. On ");
    gh_write_count(w, way->excess_days);
    gh_write(w, way->excess_days == 1 ? " day with an excess it saw "
                                      : " days with an excess it saw, on average, ");
    gh_explain_write_value(w, x->wish.detector, way->value);
    gh_write(w, "; ");
    gh_explain_write_value(w, x->wish.detector, way->base);
    gh_write(w, " is the person's own usual, up to ");
    gh_explain_write_value(w, x->wish.detector, way->allowed);
    gh_write(w, " was granted.");
}

static void near_score(struct gh_writer *w, const struct gh_explain_raise *raise)
{
    gh_write(w, "How near: score ");
    gh_write_fixed(w, raise->score, 2);
    gh_write(w, " against a threshold of ");
    gh_write_fixed(w, raise->threshold, 2);
    gh_write(w, " on the log scale: ");
    gh_explain_write_ratio(w, fabs(raise->score - raise->threshold));
    gh_write(w, raise->score >= raise->threshold ? " times what it takes."
                                                 : " times too little; it was told for "
                                                   "another reason than its score.");
}

static void lock_write(struct gh_writer *w, const struct gh_explained *x, int32_t date)
{
    for (size_t i = 0; i < x->row_count; i++) {
        const struct gh_seen_choice *c = &x->row[i].choice[gh_explain_way_of(x)];
        if (x->row[i].day.date != date || !x->row[i].chosen[gh_explain_way_of(x)])
            continue;
        gh_write(w, " Of ");
        gh_write_count(w, c->family.people);
        gh_write(w, " people at a false discovery rate of ");
        gh_write_percent(w, c->family.alpha);
        gh_write(w, ", e had to be ");
        gh_explain_write_e(w, c->log_needed);
        gh_write(w, " with all others as they were, and never less than ");
        gh_explain_write_e(w, c->log_floor);
        gh_write(w, "; so much evidence is as rare as 1 in ");
        gh_explain_write_e(w, -log(c->p));
        gh_write(w, ", and had to be rarer than 1 in ");
        gh_explain_write_e(w, -log(fmin(1.0, c->p_needed)));
        gh_write(w, ".");
        return;
    }
}

static void found_tell(const struct gh_explained *x, FILE *out)
{
    const struct gh_explain_change *change = gh_explain_change_of(x);
    const struct gh_explain_raise *raise = first_raise(x);
    const enum gh_way way = gh_explain_way_of(x);
    char text[PARAGRAPH];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_explain_paragraph(out, x->explanation);
    if (!raise)
        return;
    if (way == GH_WAY_INCIDENT)
        sure_incident(&w, x, raise);
    else
        sure_days(&w, change && change->known && change->way[way].passed
                          ? change->way[way].log_e
                          : raise->score);
    gh_explain_paragraph(out, text);
    w = gh_writer_on(text, sizeof text);
    if (way == GH_WAY_INCIDENT)
        near_score(&w, raise);
    else if (change && change->known && change->way[way].passed)
        near_days(&w, x, &change->way[way]);
    if (way != GH_WAY_INCIDENT && change && change->known)
        lock_write(&w, x, change->way[way].date);
    if (raise->teamwise)
        gh_write(&w, " It was told because much of the team deviates together: there, what "
                     "the team has in common is not taken out.");
    gh_explain_paragraph(out, text);
}

/* --- of no finding --- */

static void days_write(struct gh_writer *w, const struct gh_explain_answer *answer)
{
    const char *joint = " Of the days: ";

    for (int why = 0; why < GH_WHY_COUNT; why++) {
        if (answer->days[why] == 0)
            continue;
        gh_write(w, joint);
        gh_write_count(w, answer->days[why]);
        gh_write(w, why == GH_WHY_JUDGED ? " " : ": ");
        gh_write(w, gh_why_text((enum gh_why)why));
        joint = "; ";
    }
    gh_write(w, ".");
}

static void gap_write(struct gh_writer *w, const struct gh_explain_gap *gap)
{
    gh_write(w, " Nearest, on ");
    gh_write_date(w, gap->date);
    if (gap->way == GH_WAY_INCIDENT) {
        gh_write(w, gap->fast ? ", calls of that epoch so far had a score of "
                              : ", the day had a score of ");
        gh_write_fixed(w, gap->had, 2);
        gh_write(w, " against a threshold of ");
        gh_write_fixed(w, gap->needed, 2);
        gh_write(w, " (log scale; ");
    } else {
        gh_write(w, ", evidence stood at ");
        gh_explain_write_e(w, gap->had);
        gh_write(w, " against ");
        gh_explain_write_e(w, gap->needed);
        gh_write(w, " that it took (");
    }
    gh_explain_write_ratio(w, fabs(gap->needed - gap->had));
    gh_write(w, gap->had < gap->needed ? " times too little)." : " times what it takes).");
}

static void unfound_tell(const struct gh_explained *x, const struct gh_explain_answer *answer,
                         FILE *out)
{
    char text[PARAGRAPH], missing[512];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_write(&w, "Nothing was found: ");
    gh_write(&w, gh_reason_text(answer->reason));
    if (answer->reason == GH_REASON_UNJUDGED) {
        gh_write(&w, ", mostly because of this: ");
        gh_write(&w, gh_why_text(answer->why));
    }
    gh_write(&w, ".");
    gh_explain_missing(x, missing, sizeof missing);
    if (missing[0] && answer->days[GH_WHY_NOT_OBSERVABLE] > 0) {
        gh_write(&w, " Of ");
        gh_write_count(&w, (double)x->calls);
        gh_write(&w, " calls, ");
        gh_write(&w, missing);
        gh_write(&w, ".");
    }
    if (answer->exempt_tokens > 0.0) {
        gh_write(&w, " Inside declared experiments: ");
        gh_write_short(&w, answer->exempt_tokens);
        gh_write(&w, " tokens, which nobody judges.");
    }
    if (answer->reason != GH_REASON_UNSETTLED && answer->reason != GH_REASON_NO_DAY)
        days_write(&w, answer);
    if (answer->nearest.known)
        gap_write(&w, &answer->nearest);
    gh_explain_paragraph(out, text);
}

void gh_explain_print(const struct gh_explained *x, const struct gh_config *config, FILE *out)
{
    const struct gh_explain_answer answer = gh_explain_reason(x);

    head_print(x, out);
    if (answer.reason == GH_REASON_FOUND)
        found_tell(x, out);
    else
        unfound_tell(x, &answer, out);
    gh_explain_table(x, &answer, out);
    if (answer.reason == GH_REASON_FOUND)
        gh_explain_tell_change(x, config, out);
}
