/* view.c - the part of print.h that tables, lines and pages share. */
#include "app/tune/print.h"

#include "app/tune/reason.h"
#include "base/civil.h"
#include "base/write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEW_VERDICTS = 20, SHORT_DAYS = 14 };

/* How far a value of a sweep is from the one in force; of anything else nothing is nearer. */
static double distance(const struct gh_tune_axis *axis, double value)
{
    if (!axis)
        return 0.0;
    return axis->log && axis->start > 0.0 ? fabs(log(value / axis->start))
                                          : fabs(value - axis->start);
}

static bool better(const struct gh_tune_view *view, const struct gh_tune_tried *t,
                   const struct gh_tune_tried *best)
{
    if (t->gain.usd.point != best->gain.usd.point)
        return t->gain.usd.point > best->gain.usd.point;
    return view->best != 0 &&
           distance(view->axis, t->value) < distance(view->axis, best->value);
}

struct gh_tune_view gh_tune_view_of(const struct gh_tune_run *run,
                                    const struct gh_tune_axis *axis)
{
    struct gh_tune_view view = {run, axis, 0};

    for (size_t i = 1; gh_tune_judged(run) && i < gh_tune_tried_count(run); i++)
        if (better(&view, gh_tune_tried_at(run, i), gh_tune_tried_at(run, view.best)))
            view.best = i;
    return view;
}

size_t *gh_tune_view_order(const struct gh_tune_view *view)
{
    const size_t count = gh_tune_tried_count(view->run);
    size_t *order = g_new(size_t, count);

    for (size_t i = 0; i < count; i++) {
        const double value = gh_tune_tried_at(view->run, i)->value;
        size_t at = i;

        for (; view->axis && at > 0; at--) {
            if (gh_tune_tried_at(view->run, order[at - 1])->value <= value)
                break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return order;
}

/* --- what the numbers cannot carry --- */

static bool note_verdicts(const struct gh_tune_view *view, struct gh_writer *w)
{
    const struct gh_verdict_counts *heard = &view->run->heard;
    const uint32_t decided = heard->right + heard->wrong;

    if (decided == 0) {
        gh_write(w, "no verdicts: which findings are right is not known, so there is no "
                    "precision, recall or cost; verdict events or --labels tell");
        return true;
    }
    if (decided >= FEW_VERDICTS)
        return false;
    gh_write_count(w, decided);
    gh_write(w, decided == 1 ? " finding was" : " findings were");
    gh_write(w, " judged: too few for more than a hint; the intervals say how much of one");
    return true;
}

static bool note_recall(const struct gh_tune_view *view, struct gh_writer *w)
{
    if (!gh_tune_judged(view->run) || gh_tune_tried_count(view->run) < 2)
        return false;
    gh_write(w,
             "recall is of what any of these settings finds: what none finds nobody has seen");
    return true;
}

static bool note_teaching(const struct gh_tune_view *view, struct gh_writer *w)
{
    const int64_t taught_ms = gh_tune_taught_ms(view->run);
    int64_t from_ms, until_ms;

    gh_tune_stretch(view->run, &from_ms, &until_ms);
    if (from_ms >= taught_ms)
        return false;
    gh_write(w, "until ");
    gh_write_date(w, gh_floor_div(taught_ms, GH_MS_PER_DAY));
    gh_write(w, " days teach what is usual (evidence.burn_in): fewer findings than later on");
    return true;
}

static bool note_short(const struct gh_tune_view *view, struct gh_writer *w)
{
    const double days = gh_tune_days(view->run);

    if (days >= SHORT_DAYS)
        return false;
    gh_write_fixed(w, days, 0);
    gh_write(w, " days are few: a week more or less may say something else");
    return true;
}

static bool note_nothing(const struct gh_tune_view *view, struct gh_writer *w)
{
    uint64_t findings = gh_tune_tried_at(view->run, 0)->outcome.sums.findings, changes = 0;

    for (size_t i = 1; i < gh_tune_tried_count(view->run); i++) {
        changes += gh_tune_changes(&gh_tune_tried_at(view->run, i)->comparison);
        findings += gh_tune_tried_at(view->run, i)->outcome.sums.findings;
    }
    if (findings == 0)
        gh_write(w, "nothing is found in this stretch under any of these settings");
    else if (changes == 0 && gh_tune_tried_count(view->run) > 1)
        gh_write(w, "nothing differs: every finding is the same under each of these settings");
    return w->used > 0;
}

static bool note_best(const struct gh_tune_view *view, struct gh_writer *w)
{
    const struct gh_tune_tried *best = gh_tune_tried_at(view->run, view->best);

    if (view->best == 0 || best->gain.usd.low > 0.0)
        return false;
    gh_write(w, "that ");
    gh_write(w, best->name);
    gh_write(w, " costs less is not proven: the interval of the gain holds 0");
    return true;
}

bool gh_tune_view_note(const struct gh_tune_view *view, size_t index,
                       char text[GH_TUNE_NOTE_SIZE])
{
    bool (*const note[])(const struct gh_tune_view *, struct gh_writer *) = {
        note_nothing, note_verdicts, note_recall, note_best, note_teaching, note_short};

    for (size_t i = 0; i < sizeof note / sizeof note[0]; i++) {
        struct gh_writer w = gh_writer_on(text, GH_TUNE_NOTE_SIZE);

        if (note[i](view, &w) && index-- == 0)
            return true;
    }
    return false;
}

/* --- numbers --- */

void gh_tune_view_past(const struct gh_tune_view *view, char text[GH_TUNE_PAST_SIZE])
{
    const struct gh_whatif_totals *t = &gh_tune_tried_at(view->run, 0)->totals;
    struct gh_writer w = gh_writer_on(text, GH_TUNE_PAST_SIZE);
    char day[2][GH_TIME_TEXT_SIZE];
    int64_t from_ms, until_ms;

    gh_tune_stretch(view->run, &from_ms, &until_ms);
    gh_time_format(from_ms, day[0]);
    gh_time_format(until_ms, day[1]);
    day[0][10] = day[1][10] = '\0';
    gh_write(&w, day[0]);
    gh_write(&w, " to ");
    gh_write(&w, day[1]);
    gh_write(&w, ": ");
    gh_write_fixed(&w, gh_tune_days(view->run), 0);
    gh_write(&w, " days, ");
    gh_write_count(&w, (double)t->actors);
    gh_write(&w, " people, ");
    gh_write_money(&w, t->cost_usd);
    gh_write(&w, " spent");
}

static bool unknown(const struct gh_interval *i)
{
    return isnan(i->point) && !(isfinite(i->low) && isfinite(i->high));
}

void gh_tune_share_print(const struct gh_interval *share, char text[GH_TUNE_INTERVAL_SIZE])
{
    const double low = fmax(share->low, 0.0), high = fmin(share->high, 1.0);

    if (unknown(share))
        snprintf(text, GH_TUNE_INTERVAL_SIZE, "unknown");
    else if (isnan(share->point))
        snprintf(text, GH_TUNE_INTERVAL_SIZE, "%.0f-%.0f %%", 100.0 * low, 100.0 * high);
    else
        snprintf(text, GH_TUNE_INTERVAL_SIZE, "%.0f %% (%.0f-%.0f)", 100.0 * share->point,
                 100.0 * low, 100.0 * high);
}

static void amount(struct gh_writer *w, double usd, const char *unit)
{
    gh_write(w, rint(usd) < 0.0 ? "-" : "");
    gh_write(w, unit);
    gh_write_count(w, fabs(rint(usd)));
}

void gh_tune_usd_print(const struct gh_interval *usd, char text[GH_TUNE_INTERVAL_SIZE])
{
    struct gh_writer w = gh_writer_on(text, GH_TUNE_INTERVAL_SIZE);

    if (unknown(usd)) {
        gh_write(&w, "unknown");
        return;
    }
    amount(&w, usd->point, "$");
    gh_write(&w, " (");
    amount(&w, usd->low, "");
    gh_write(&w, usd->high < 0.0 || usd->low < 0.0 ? " to " : "-");
    amount(&w, usd->high, "");
    gh_write(&w, ")");
}

/* --- by detector --- */

static struct gh_tune_row *row_of(struct gh_tune_row *row, size_t *rows, const char *detector)
{
    for (size_t i = 0; i < *rows; i++)
        if (!strcmp(row[i].detector, detector))
            return &row[i];
    row[*rows] = (struct gh_tune_row){.detector = detector};
    return &row[(*rows)++];
}

size_t gh_tune_rows(const struct gh_tune_tried *tried,
                    struct gh_tune_row row[GH_BEHAVIOUR_COUNT])
{
    const GArray *pairs = tried->comparison.pair;
    size_t rows = 0;

    for (guint i = 0; i < pairs->len; i++) {
        const struct gh_tune_pair *pair = &g_array_index(pairs, struct gh_tune_pair, i);
        struct gh_tune_row *r = row_of(row, &rows, gh_tune_either(pair)->detector);

        r->before += pair->before != NULL;
        r->after += pair->after != NULL;
        r->by_move[pair->move]++;
    }
    for (size_t i = 1; i < rows; i++)
        for (size_t k = i; k > 0 && strcmp(row[k].detector, row[k - 1].detector) < 0; k--) {
            const struct gh_tune_row swap = row[k];
            row[k] = row[k - 1];
            row[k - 1] = swap;
        }
    return rows;
}
