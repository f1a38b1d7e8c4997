/* page.c - what was tried, as a page. Names of people are theirs, not ours: each stands in an
 * element that keeps its direction to itself. */
#include "app/tune/print.h"

#include "app/page.h"
#include "app/plot.h"
#include "app/tune/reason.h"
#include "base/civil.h"
#include "base/write.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PLOT_HEIGHT = 250, PLOT_LEFT = 52, ROWS_MAX = 40, ROW_HEIGHT = 20, ROWS_FRAME = 48 };
enum { TITLE_SIZE = 256 };

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static void name_write(FILE *out, struct gh_text name)
{
    fputs("<bdi>", out);
    gh_html_text(out, name);
    fputs("</bdi>", out);
}

/* What a case is called where there is little room. */
static void label_print(const struct gh_tune_view *view, size_t index,
                        char text[GH_NUMBER_SIZE])
{
    if (view->axis)
        gh_tune_axis_print(view->axis, gh_tune_tried_at(view->run, index)->value, text);
    else if (index == 0)
        snprintf(text, GH_NUMBER_SIZE, "now");
    else
        snprintf(text, GH_NUMBER_SIZE, "try %zu", index);
}

static const char *style_of(const struct gh_tune_view *view, size_t index)
{
    if (index == 0)
        return "bound";
    return gh_tune_judged(view->run) && index == view->best ? "fit" : "data";
}

/* The case that is shown beside what is in force: the best, else the last. */
static size_t beside(const struct gh_tune_view *view)
{
    if (view->best > 0)
        return view->best;
    return gh_tune_tried_count(view->run) - 1;
}

static void figure_open(FILE *out, const char *caption, const char *more)
{
    fprintf(out, "<figure><figcaption>%s <span>%s</span></figcaption>", caption, more);
}

/* --- false findings against unseen waste --- */

static double false_findings(const struct gh_tune_tried *t)
{
    return t->worth.accusations.point + t->worth.alarms.point;
}

static double padded(double high)
{
    return high > 0.0 ? 1.08 * high : 1.0;
}

static void trade_off_title(const struct gh_tune_tried *t, char text[TITLE_SIZE])
{
    char unseen[GH_TUNE_INTERVAL_SIZE], precision[GH_TUNE_INTERVAL_SIZE];
    struct gh_writer w = gh_writer_on(text, TITLE_SIZE);

    gh_tune_usd_print(&t->worth.unseen_usd, unseen);
    gh_tune_share_print(&t->worth.precision, precision);
    gh_write_fixed(&w, false_findings(t), 1);
    gh_write(&w, " false findings, waste unseen ");
    gh_write(&w, unseen);
    gh_write(&w, ", precision ");
    gh_write(&w, precision);
    gh_write(&w, ": ");
    gh_write(&w, t->name);
}

static void trade_off_draw(const struct gh_tune_view *view, struct gh_plot *plot,
                           const size_t *order)
{
    const size_t count = gh_tune_tried_count(view->run);

    if (view->axis) {
        gh_plot_line(plot, "soft");
        for (size_t i = 0; i < count; i++) {
            const struct gh_tune_tried *t = gh_tune_tried_at(view->run, order[i]);
            gh_plot_point(plot, false_findings(t), t->worth.unseen_usd.point);
        }
        gh_plot_line_end(plot);
    }
    for (size_t i = 0; i < count; i++) {
        const struct gh_tune_tried *t = gh_tune_tried_at(view->run, order[i]);
        const double x = false_findings(t), y = t->worth.unseen_usd.point;
        char title[TITLE_SIZE];

        gh_plot_between(plot, "soft", (double[]){x, fmax(t->worth.unseen_usd.low, 0.0)},
                        (double[]){x, t->worth.unseen_usd.high});
        trade_off_title(t, title);
        gh_plot_dot(plot, style_of(view, order[i]), x, y, text_of(title));
    }
}

static void trade_off_write(const struct gh_tune_view *view, const size_t *order, FILE *out)
{
    double most_false = 0.0, most_unseen = 0.0;

    for (size_t i = 0; i < gh_tune_tried_count(view->run); i++) {
        const struct gh_tune_tried *t = gh_tune_tried_at(view->run, i);
        most_false = fmax(most_false, false_findings(t));
        most_unseen = fmax(most_unseen, fmin(t->worth.unseen_usd.high, 1e12));
    }
    struct gh_plot plot = {.out = out,
                           .x = {0.0, padded(most_false), false, "false findings"},
                           .y = {0.0, padded(most_unseen), false, "waste unseen, $"},
                           .height = PLOT_HEIGHT,
                           .left = PLOT_LEFT};
    figure_open(out, "Trade-off", "down and left is better; whiskers: 95&nbsp;% intervals");
    gh_plot_open(&plot, "false findings against waste that nobody sees, by setting", false);
    trade_off_draw(view, &plot, order);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

/* --- shares with intervals, a row for each case --- */

static void shares_write(const struct gh_tune_view *view, const size_t *order, bool recall,
                         FILE *out)
{
    const size_t count = MIN(gh_tune_tried_count(view->run), ROWS_MAX);
    struct gh_plot plot = {.out = out,
                           .x = {0.0, 1.0, false, recall ? "recall" : "precision"},
                           .y = {0.0, 1.0, false, ""},
                           .height = (double)count * ROW_HEIGHT + ROWS_FRAME,
                           .left = 74};

    figure_open(out, recall ? "Recall" : "Precision",
                recall ? "of what any of these settings finds" : "findings that are right");
    gh_plot_open(&plot, recall ? "recall by setting" : "precision by setting", true);
    for (size_t i = 0; i < count; i++) {
        const struct gh_tune_tried *t = gh_tune_tried_at(view->run, order[i]);
        const struct gh_interval *share = recall ? &t->worth.recall : &t->worth.precision;
        char label[GH_NUMBER_SIZE];

        label_print(view, order[i], label);
        if (!isnan(share->point))
            gh_plot_row(
                &plot, i,
                &(struct gh_plot_row){text_of(label), share->low, share->point, share->high});
    }
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

/* --- findings by value --- */

static double findings_of(const struct gh_tune_tried *t, enum gh_track track)
{
    return (double)t->outcome.sums.by_track[track];
}

static void by_value_write(const struct gh_tune_view *view, const size_t *order, FILE *out)
{
    static const char *const style[GH_TRACK_COUNT] = {"data", "fit", "bound"};
    const size_t count = gh_tune_tried_count(view->run);
    const double first = gh_tune_tried_at(view->run, order[0])->value;
    const double last = gh_tune_tried_at(view->run, order[count - 1])->value;
    double most = 0.0;

    for (size_t i = 0; i < count; i++)
        for (int t = 0; t < GH_TRACK_COUNT; t++)
            most = fmax(most, findings_of(gh_tune_tried_at(view->run, i), (enum gh_track)t));
    struct gh_plot plot = {.out = out,
                           .x = {first, last, view->axis->log && first > 0.0, view->axis->name},
                           .y = {0.0, padded(most), false, "findings"},
                           .height = PLOT_HEIGHT,
                           .left = PLOT_LEFT};
    figure_open(out, "Findings by value",
                "blue: incident, green: review, orange: case; point at a dot");
    gh_plot_open(&plot, "findings of each track by the value of the option", false);
    for (int t = 0; t < GH_TRACK_COUNT; t++) {
        gh_plot_line(&plot, t == GH_CASE ? "bound" : style[t]);
        for (size_t i = 0; i < count; i++) {
            const struct gh_tune_tried *tried = gh_tune_tried_at(view->run, order[i]);
            gh_plot_point(&plot, tried->value, findings_of(tried, (enum gh_track)t));
        }
        gh_plot_line_end(&plot);
        for (size_t i = 0; i < count; i++) {
            const struct gh_tune_tried *tried = gh_tune_tried_at(view->run, order[i]);
            const double findings = findings_of(tried, (enum gh_track)t);
            char title[TITLE_SIZE];
            struct gh_writer w = gh_writer_on(title, sizeof title);

            gh_write_count(&w, findings);
            gh_write(&w, " of track ");
            gh_write(&w, gh_track_name((enum gh_track)t));
            gh_write(&w, ": ");
            gh_write(&w, tried->name);
            gh_plot_dot(&plot, style[t], tried->value, findings, text_of(title));
        }
    }
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

/* --- findings over time --- */

static gint time_compare(gconstpointer a, gconstpointer b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* How many have been told of by then: a staircase. */
static void staircase_draw(struct gh_plot *plot, const char *style,
                           const struct gh_tune_outcome *o, int64_t from_ms)
{
    GArray *told = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (size_t i = 0; i < gh_tune_count(o); i++)
        g_array_append_val(told, gh_tune_at(o, i)->told_ms);
    g_array_sort(told, time_compare);
    gh_plot_line(plot, style);
    gh_plot_point(plot, 0.0, 0.0);
    for (guint i = 0; i < told->len; i++) {
        const double day =
            (double)(g_array_index(told, int64_t, i) - from_ms) / (double)GH_MS_PER_DAY;
        gh_plot_point(plot, day, i);
        gh_plot_point(plot, day, i + 1.0);
    }
    gh_plot_point(plot, plot->x.high, told->len);
    gh_plot_line_end(plot);
    g_array_free(told, TRUE);
}

static void over_time_write(const struct gh_tune_view *view, FILE *out)
{
    const struct gh_tune_tried *now = gh_tune_tried_at(view->run, 0);
    const struct gh_tune_tried *then = gh_tune_tried_at(view->run, beside(view));
    const uint64_t most = MAX(now->outcome.sums.findings, then->outcome.sums.findings);
    int64_t from_ms, until_ms;
    char name[64], day[32];
    struct gh_writer w = gh_writer_on(day, sizeof day);

    gh_tune_stretch(view->run, &from_ms, &until_ms);
    gh_write_date(&w, gh_floor_div(from_ms, GH_MS_PER_DAY));
    snprintf(name, sizeof name, "days from %s on", day);
    struct gh_plot plot = {.out = out,
                           .x = {0.0, gh_tune_days(view->run), false, name},
                           .y = {0.0, padded((double)most), false, "findings so far"},
                           .height = PLOT_HEIGHT,
                           .left = PLOT_LEFT};
    figure_open(out, "Findings over time", "orange: in force, green: the other setting");
    gh_plot_open(&plot, "findings so far by day, before and after", false);
    staircase_draw(&plot, "bound", &now->outcome, from_ms);
    staircase_draw(&plot, "data fit", &then->outcome, from_ms);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

/* --- tables --- */

static void cases_head(const struct gh_tune_view *view, FILE *out)
{
    fprintf(out,
            "<section><h2>Settings</h2><div class=\"wide\"><table class=\"cases\"><thead><tr>"
            "<th>%s</th>"
            "<th>case</th><th>review</th><th>incident</th><th>people</th><th>alerts a day</th>"
            "<th>excess</th>",
            view->axis ? view->axis->name : "setting");
    if (gh_tune_judged(view->run))
        fputs("<th>precision</th><th>recall</th><th>cost less</th>", out);
    fputs("</tr></thead><tbody>\n", out);
}

static void case_row(const struct gh_tune_view *view, size_t index, FILE *out)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    const struct gh_tune_sums *s = &t->outcome.sums;
    char label[GH_NUMBER_SIZE], excess[32], cell[3][GH_TUNE_INTERVAL_SIZE];
    struct gh_writer w = gh_writer_on(excess, sizeof excess);

    label_print(view, index, label);
    gh_write_money(&w, s->excess_usd);
    fprintf(out, "<tr%s><th>", index == beside(view) && index ? " class=\"mark\"" : "");
    gh_html_text(out, text_of(view->axis || index == 0 ? label : t->name));
    fprintf(out,
            "%s</th><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%.2f</td><td>%s</td>",
            index == 0 && view->axis ? " (in force)" : "", s->by_track[GH_CASE],
            s->by_track[GH_REVIEW], s->by_track[GH_INCIDENT], s->people,
            (double)s->alerts / gh_tune_days(view->run), excess);
    if (gh_tune_judged(view->run)) {
        gh_tune_share_print(&t->worth.precision, cell[0]);
        gh_tune_share_print(&t->worth.recall, cell[1]);
        gh_tune_usd_print(&t->gain.usd, cell[2]);
        for (int i = 0; i < 3; i++)
            fprintf(out, "<td>%s</td>", i == 2 && index == 0 ? "" : cell[i]);
    }
    fputs("</tr>\n", out);
}

static void change_row(const struct gh_tune_pair *pair, const struct gh_tune_setting *setting,
                       size_t settings, FILE *out)
{
    const struct gh_tune_finding *f = gh_tune_either(pair);
    char time[GH_TIME_TEXT_SIZE], reason[GH_TUNE_REASON_SIZE], money[32];
    struct gh_writer w = gh_writer_on(money, sizeof money);

    gh_time_format(f->told_ms, time);
    time[10] = '\0';
    gh_write_money(&w, f->excess_usd);
    gh_tune_reason(pair, setting, settings, reason);
    fprintf(out, "<tr title=\"%s\"><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>", f->id,
            gh_tune_move_name(pair->move), time, gh_track_name(f->track), f->detector);
    name_write(out, f->actor);
    fputs("</td><td>", out);
    name_write(out, f->team);
    fprintf(out, "</td><td>%s</td><td class=\"why\">", money);
    gh_html_text(out, text_of(reason));
    fputs("</td></tr>\n", out);
}

static void changes_write(const struct gh_tune_view *view, size_t index, FILE *out)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    struct gh_tune_setting setting[GH_TUNE_SETTINGS_MAX];
    size_t settings;

    if (index == 0 || gh_tune_changes(&t->comparison) == 0)
        return;
    settings =
        gh_tune_settings(view->run->job->in_force, t->config, setting, GH_TUNE_SETTINGS_MAX);
    fputs("<section><h2>What changes with ", out);
    gh_html_text(out, text_of(t->name));
    fprintf(out,
            "</h2><p>%" PRIu64 " findings of %" PRIu64 " people in %" PRIu64
            " teams.</p><div class=\"wide\"><table class=\"list\"><thead><tr><th>change</th>"
            "<th>told</th><th>track</th><th>detector</th><th>person</th><th>team</th>"
            "<th>excess</th><th>why</th></tr></thead><tbody>\n",
            gh_tune_changes(&t->comparison), t->comparison.people, t->comparison.teams);
    for (guint i = 0; i < t->comparison.pair->len; i++) {
        const struct gh_tune_pair *pair =
            &g_array_index(t->comparison.pair, struct gh_tune_pair, i);
        if (pair->move != GH_TUNE_SAME)
            change_row(pair, setting, MIN(settings, GH_TUNE_SETTINGS_MAX), out);
    }
    fputs("</tbody></table></div></section>\n", out);
}

/* --- the page --- */

static void tile_count(FILE *out, uint64_t now, uint64_t then, const char *text)
{
    char figure[64];
    struct gh_writer w = gh_writer_on(figure, sizeof figure);

    gh_write_count(&w, (double)now);
    if (then != now) {
        gh_write(&w, " → ");
        gh_write_count(&w, (double)then);
    }
    gh_page_tile(out, figure, text);
}

static void tiles_write(const struct gh_tune_view *view, FILE *out)
{
    const struct gh_tune_sums *now = &gh_tune_tried_at(view->run, 0)->outcome.sums;
    const struct gh_tune_sums *then = &gh_tune_tried_at(view->run, beside(view))->outcome.sums;

    fputs("<div class=\"tiles\">\n", out);
    tile_count(out, now->findings, then->findings, "findings");
    tile_count(out, now->people, then->people, "people with a finding");
    tile_count(out, now->accused, then->accused, "people brought before a manager");
    tile_count(out, now->alerts, then->alerts, "alerts");
    fputs("</div>\n", out);
}

static void top_write(const struct gh_tune_view *view, FILE *out)
{
    const size_t then = beside(view);
    char past[GH_TUNE_PAST_SIZE], note[GH_TUNE_NOTE_SIZE];

    gh_tune_view_past(view, past);
    gh_page_open(out, "goodhart: tuning ", view->axis ? view->axis->name : "");
    fputs("<h1>What would other settings have found?</h1>\n<p>", out);
    gh_html_text(out, text_of(past));
    fputs(". Figures with an arrow: in force → <code>", out);
    gh_html_text(out, text_of(gh_tune_tried_at(view->run, then)->name));
    fprintf(out, "</code>%s.</p>\n", then == view->best && then ? ", which costs least" : "");
    tiles_write(view, out);
    for (size_t i = 0; gh_tune_view_note(view, i, note); i++) {
        note[0] = g_ascii_toupper(note[0]);
        fputs("<p class=\"note\">", out);
        gh_html_text(out, text_of(note));
        fputs(".</p>\n", out);
    }
}

void gh_tune_page_write(const struct gh_tune_view *view, FILE *out)
{
    size_t *order = gh_tune_view_order(view);

    top_write(view, out);
    fputs("<section><div class=\"grid3\">\n", out);
    if (gh_tune_judged(view->run)) {
        trade_off_write(view, order, out);
        shares_write(view, order, false, out);
        shares_write(view, order, true, out);
    }
    if (view->axis)
        by_value_write(view, order, out);
    over_time_write(view, out);
    fputs("</div></section>\n", out);
    cases_head(view, out);
    for (size_t i = 0; i < gh_tune_tried_count(view->run); i++)
        case_row(view, order[i], out);
    fputs("</tbody></table></div></section>\n", out);
    for (size_t i = 1; !view->axis && i < gh_tune_tried_count(view->run); i++)
        changes_write(view, i, out);
    if (view->axis)
        changes_write(view, beside(view), out);
    gh_page_close(out);
    g_free(order);
}
