/* table.c - the days as a table: what was seen, with what it was compared, what it came to. */
#include "app/explain/tell.h"

#include "base/civil.h"

#include <math.h>
#include <string.h>

enum { CELL = 32 };

static void date_print(FILE *out, int32_t date)
{
    const struct gh_civil civil = gh_civil_of((int64_t)date * GH_MS_PER_DAY);

    fprintf(out, "%04d-%02u-%02u", civil.year, civil.month, civil.day);
}

static void value_cell(FILE *out, uint32_t d, double value, bool known)
{
    char text[CELL];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    if (known)
        gh_explain_write_value(&w, d, value);
    fprintf(out, " %9s", known ? text : "-");
}

static void number_cell(FILE *out, double value, bool known)
{
    if (known && isfinite(value))
        fprintf(out, " %9.3g", value);
    else
        fprintf(out, " %9s", "-");
}

static void e_cell(FILE *out, double log_e, bool known)
{
    if (known && isfinite(log_e))
        fprintf(out, " %9.3g", exp(fmin(log_e, 300.0)));
    else
        fprintf(out, " %9s", "-");
}

static void structural_row(const struct gh_explained *x, const struct gh_explain_row *row,
                           FILE *out)
{
    const uint32_t d = x->wish.detector;
    const struct gh_seen_bet *bet = &row->day.by[d];
    const struct gh_seen_choice *c = &row->choice[GH_WAY_REVIEW];
    const double granted = bet->allowed + bet->shock + bet->team_shock;

    value_cell(out, d, bet->value, bet->observed);
    value_cell(out, d, bet->base, bet->known);
    value_cell(out, d, granted, bet->known);
    number_cell(out, bet->p, bet->bet);
    e_cell(out, bet->log_e, true);
    e_cell(out, bet->threshold[GH_TOLD_ABOVE], true);
    e_cell(out, c->log_e, row->chosen[GH_WAY_REVIEW]);
    e_cell(out, fmax(c->log_needed, c->log_floor), row->chosen[GH_WAY_REVIEW]);
}

static void context_row(const struct gh_explained *x, const struct gh_explain_row *row,
                        FILE *out)
{
    const struct gh_seen_bet *bet = &row->day.by[x->wish.detector];

    number_cell(out, row->day.cost_usd, true);
    number_cell(out, bet->score, bet->observed);
    number_cell(out, bet->threshold[GH_TOLD_ABOVE], true);
    number_cell(out, bet->fast_sup, true);
    number_cell(out, bet->fast_threshold[GH_TOLD_ABOVE], true);
    number_cell(out, bet->excess_usd, bet->observed);
}

static void note_print(const struct gh_explain_row *row, const struct gh_seen_bet *bet,
                       FILE *out)
{
    static const char *const schedules[] = {"on call", "leave", "holiday", "crunch"};
    const char *joint = "  ";

    if (bet->why != GH_WHY_JUDGED) {
        fprintf(out, "%s%s", joint, gh_why_text(bet->why));
        joint = ", ";
    }
    for (int type = 0; type < GH_SCHEDULE_COUNT; type++)
        if (row->day.schedule >> type & 1u) {
            fprintf(out, "%s%s", joint, schedules[type]);
            joint = ", ";
        }
    if (bet->gated && bet->shows && row->day.epoch > 0)
        fprintf(out, "%soutput kept pace", joint);
    fputc('\n', out);
}

/* Of what calls brought up, the days around it; else all of the epoch. */
static bool shown(const struct gh_explained *x, int32_t date)
{
    const struct gh_finding *f = &x->finding;

    if (!gh_explain_asked(x, date) || f->revision == 0 || !gh_explain_is_fast(x) ||
        f->track != GH_INCIDENT)
        return gh_explain_asked(x, date);
    return date + 2 >= gh_floor_div(f->from_ms, GH_MS_PER_DAY) &&
           date <= gh_floor_div(f->until_ms, GH_MS_PER_DAY) + 1;
}

void gh_explain_table(const struct gh_explained *x, const struct gh_explain_answer *answer,
                      FILE *out)
{
    const bool structural = gh_detectors[x->wish.detector]->lane == GH_STRUCTURAL;
    const uint32_t epoch = gh_explain_epoch_of(x, answer);
    bool any = false;

    for (size_t i = 0; i < x->row_count; i++) {
        const struct gh_explain_row *row = &x->row[i];
        if (!row->seen || row->day.epoch != epoch || !shown(x, row->day.date))
            continue;
        if (!any)
            fputs(structural
                      ? "date            seen     usual   granted         p         e     alarm"
                        "     all e    needed\n"
                      : "date         day usd     score threshold     calls threshold"
                        "  over usd\n",
                  out);
        any = true;
        date_print(out, row->day.date);
        if (structural)
            structural_row(x, row, out);
        else
            context_row(x, row, out);
        note_print(row, &row->day.by[x->wish.detector], out);
    }
    if (!any)
        return;
    fputs(structural ? "\ne: evidence of this detector so far; alarm: from which an incident "
                       "is told; all e: of all\ndetectors together; needed: from which a "
                       "review is.\n\n"
                     : "\nscore, threshold: log scale, of the day; calls: largest of its epoch "
                       "so far, with the threshold.\n\n",
          out);
}
