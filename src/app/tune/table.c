/* table.c - what was tried, on a terminal. */
#include "app/tune/print.h"

#include "app/terminal.h"
#include "app/tune/reason.h"
#include "base/civil.h"
#include "base/write.h"

#include <inttypes.h>
#include <string.h>

enum { CHANGES_SHOWN = 30, TEXT_WIDTH = 96 };

struct paper {
    FILE *out;
    bool coloured;
};

static const char *colour(const struct paper *p, enum gh_colour c)
{
    return gh_terminal_colour(c, p->coloured);
}

static void name_print(const struct paper *p, const char *name)
{
    gh_terminal_text(p->out, (struct gh_text){name, (uint32_t)strlen(name)});
}

/* --- one line for each case --- */

static void label_of(const struct gh_tune_view *view, size_t index, char text[GH_NUMBER_SIZE])
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);

    if (view->axis)
        gh_tune_axis_print(view->axis, t->value, text);
    else if (index == 0)
        snprintf(text, GH_NUMBER_SIZE, "now");
    else
        snprintf(text, GH_NUMBER_SIZE, "try %zu", index);
}

static void head_print(const struct paper *p, const struct gh_tune_view *view)
{
    fprintf(p->out, "%s   %9s %4s %6s %8s %6s %8s", colour(p, GH_COLOUR_DIM),
            view->axis ? "value" : "", "case", "review", "incident", "people", "excess");
    if (gh_tune_judged(view->run))
        fprintf(p->out, "  %-13s %-13s %s", "precision", "recall", "cost less");
    else
        fprintf(p->out, "  %12s", "alerts a day");
    fprintf(p->out, "%s\n", colour(p, GH_COLOUR_NONE));
}

static void worth_print(const struct paper *p, const struct gh_tune_view *view, size_t index)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    char precision[GH_TUNE_INTERVAL_SIZE], recall[GH_TUNE_INTERVAL_SIZE],
        gain[GH_TUNE_INTERVAL_SIZE];

    gh_tune_share_print(&t->worth.precision, precision);
    gh_tune_share_print(&t->worth.recall, recall);
    gh_tune_usd_print(&t->gain.usd, gain);
    fprintf(p->out, "  %-13s %-13s %s", precision, recall, index == 0 ? "-" : gain);
}

static void case_print(const struct paper *p, const struct gh_tune_view *view, size_t index)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    const struct gh_tune_sums *s = &t->outcome.sums;
    const bool best = view->best == index && gh_tune_judged(view->run);
    char label[GH_NUMBER_SIZE], excess[32];
    struct gh_writer w = gh_writer_on(excess, sizeof excess);

    label_of(view, index, label);
    gh_write_money(&w, s->excess_usd);
    fprintf(p->out, "%s%s%s %9s %4" PRIu64 " %6" PRIu64 " %8" PRIu64 " %6" PRIu64 " %8s",
            best ? colour(p, GH_COLOUR_BOLD) : "", index == 0 ? "*" : " ", best ? ">" : " ",
            label, s->by_track[GH_CASE], s->by_track[GH_REVIEW], s->by_track[GH_INCIDENT],
            s->people, excess);
    if (gh_tune_judged(view->run))
        worth_print(p, view, index);
    else
        fprintf(p->out, "  %12.2f", (double)s->alerts / gh_tune_days(view->run));
    fprintf(p->out, "%s\n", best ? colour(p, GH_COLOUR_NONE) : "");
}

/* --- what has changed --- */

static void moves_print(const struct paper *p, const struct gh_tune_tried *t)
{
    struct gh_tune_row row[GH_BEHAVIOUR_COUNT];
    const size_t rows = gh_tune_rows(t, row);

    fprintf(p->out, "%s  %-18s %5s %5s %6s %6s %7s %8s %9s %9s%s\n", colour(p, GH_COLOUR_DIM),
            "detector", "now", "then", "gone", "new", "track", "severity", "earlier", "later",
            colour(p, GH_COLOUR_NONE));
    for (size_t i = 0; i < rows; i++)
        fprintf(p->out,
                "  %-18s %5" PRIu64 " %5" PRIu64 " %6" PRIu64 " %6" PRIu64 " %7" PRIu64
                " %8" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
                row[i].detector, row[i].before, row[i].after, row[i].by_move[GH_TUNE_GONE],
                row[i].by_move[GH_TUNE_NEW], row[i].by_move[GH_TUNE_TRACK],
                row[i].by_move[GH_TUNE_SEVERITY], row[i].by_move[GH_TUNE_EARLIER],
                row[i].by_move[GH_TUNE_LATER]);
}

/* Words over as many lines as they need, each behind so many blanks. */
static void wrapped_print(FILE *out, const char *text, int indent)
{
    const size_t width = TEXT_WIDTH - (size_t)indent;

    while (*text) {
        size_t size = strlen(text);

        if (size > width) {
            size = width;
            while (size > 0 && text[size] != ' ')
                size--;
            size = size ? size : width;
        }
        fprintf(out, "%*s", indent, "");
        gh_terminal_text(out, (struct gh_text){text, (uint32_t)size});
        fputc('\n', out);
        text += size + strspn(text + size, " ");
    }
}

static void change_print(const struct paper *p, const struct gh_tune_pair *pair,
                         const struct gh_tune_setting *setting, size_t settings)
{
    const struct gh_tune_finding *f = gh_tune_either(pair);
    char reason[GH_TUNE_REASON_SIZE], time[GH_TIME_TEXT_SIZE], money[32];
    struct gh_writer w = gh_writer_on(money, sizeof money);

    gh_tune_reason(pair, setting, settings, reason);
    gh_time_format(f->told_ms, time);
    time[10] = '\0';
    gh_write_money(&w, f->excess_usd);
    fprintf(p->out, "  %-8s %s  %-8s %-17s %9s  ", gh_tune_move_name(pair->move), time,
            gh_track_name(f->track), f->detector, money);
    gh_terminal_text(p->out, f->actor);
    if (f->team.size > 0) {
        fputs(" (", p->out);
        gh_terminal_text(p->out, f->team);
        fputc(')', p->out);
    }
    fputc('\n', p->out);
    wrapped_print(p->out, reason, 11);
}

static void changes_print(const struct paper *p, const struct gh_tune_view *view, size_t index)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    const uint64_t changes = gh_tune_changes(&t->comparison);
    struct gh_tune_setting setting[GH_TUNE_SETTINGS_MAX];
    const size_t settings =
        gh_tune_settings(view->run->job->in_force, t->config, setting, GH_TUNE_SETTINGS_MAX);
    uint64_t shown = 0;

    if (changes == 0)
        return;
    fputs("\nWhat changes with ", p->out);
    name_print(p, t->name);
    fprintf(p->out, ": %" PRIu64 " findings of %" PRIu64 " people in %" PRIu64 " teams\n",
            changes, t->comparison.people, t->comparison.teams);
    moves_print(p, t);
    for (guint i = 0; i < t->comparison.pair->len && shown < CHANGES_SHOWN; i++) {
        const struct gh_tune_pair *pair =
            &g_array_index(t->comparison.pair, struct gh_tune_pair, i);

        if (pair->move == GH_TUNE_SAME)
            continue;
        if (shown++ == 0)
            fputc('\n', p->out);
        change_print(p, pair, setting, MIN(settings, GH_TUNE_SETTINGS_MAX));
    }
    if (shown < changes)
        fprintf(p->out, "  and %" PRIu64 " more: --json lists all of them\n",
                (changes - shown));
}

static void legend_print(const struct paper *p, const struct gh_tune_view *view)
{
    for (size_t i = 1; !view->axis && i < gh_tune_tried_count(view->run); i++) {
        fprintf(p->out, "  try %zu: ", i);
        name_print(p, gh_tune_tried_at(view->run, i)->name);
        fputc('\n', p->out);
    }
}

static void notes_print(const struct paper *p, const struct gh_tune_view *view)
{
    char note[GH_TUNE_NOTE_SIZE];

    fputs("* in force", p->out);
    if (gh_tune_judged(view->run))
        fputs(
            "  > costs least: a false accusation, a false alarm and a dollar of waste that "
            "nobody\n  sees as the flags say; 'cost less' is in dollars, over what is in force",
            p->out);
    fputc('\n', p->out);
    for (size_t i = 0; gh_tune_view_note(view, i, note); i++)
        wrapped_print(p->out, note, 2);
}

void gh_tune_table_print(const struct gh_tune_view *view, FILE *out)
{
    const struct paper p = {out, gh_terminal_coloured(out)};
    size_t *order = gh_tune_view_order(view);
    char past[GH_TUNE_PAST_SIZE];

    gh_tune_view_past(view, past);
    fprintf(out, "%s%s%s\n", view->axis ? view->axis->name : "", view->axis ? ", " : "", past);
    legend_print(&p, view);
    fputc('\n', out);
    head_print(&p, view);
    for (size_t i = 0; i < gh_tune_tried_count(view->run); i++)
        case_print(&p, view, order[i]);
    fputc('\n', out);
    notes_print(&p, view);
    for (size_t i = 1; !view->axis && i < gh_tune_tried_count(view->run); i++)
        changes_print(&p, view, i);
    g_free(order);
}
