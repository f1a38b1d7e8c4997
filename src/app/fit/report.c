/* report.c - a page that shows how well a model holds on the traffic that it was fitted on:
 * one file, no script, plots inline. */
#include "app/fit/fit.h"
#include "app/page.h"
#include "app/plot.h"

#include "base/write.h"
#include "stat/order.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CURVE_POINTS = 160, PLOT_HEIGHT = 250, PLOT_LEFT = 52 };
static const double tail_start = 0.99;

/* Share of ascending values that are at least `value`. */
static double share_at_least(const struct gh_fit_column *c, double value)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (c->value[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return c->count ? (double)(c->count - low) / (double)c->count : 0.0;
}

static double power_above(double value)
{
    return pow(10.0, ceil(log10(value) - 1e-9));
}

static struct gh_plot survival_plot(FILE *out, const struct gh_fit_column *c)
{
    const double largest = c->count ? exp(fmin(c->value[c->count - 1], 60.0)) : 1.0;
    const double least = 1.0 / fmax(100.0, (double)c->count);

    return (struct gh_plot){
        .out = out,
        .x = {1.0, power_above(fmax(largest, 100.0)), true, "x, e-value"},
        .y = {1.0 / power_above(1.0 / least), 1.0, true, "P(largest E ≥ x)"},
        .height = PLOT_HEIGHT,
        .left = PLOT_LEFT,
    };
}

static void survival_line(struct gh_plot *plot, const struct gh_fit_column *c, double from)
{
    const double until = c->count ? fmin(c->value[c->count - 1], log(plot->x.high)) : from;

    gh_plot_line(plot, "data");
    for (int i = 0; i <= CURVE_POINTS && c->count > 0; i++) {
        const double log_x = from + (until - from) * i / CURVE_POINTS;
        gh_plot_point(plot, exp(log_x), share_at_least(c, log_x - 1e-12));
    }
    gh_plot_line_end(plot);
}

static void evidence_figure(FILE *out, const char *name, const struct gh_fit_column *c)
{
    struct gh_plot plot = survival_plot(out, c);
    const double end = fmin(plot.x.high, 1.0 / plot.y.low);

    fprintf(out, "<figure><figcaption>%s <span>sup ≥ 20: %.2f&nbsp;%%</span></figcaption>",
            name, 100.0 * share_at_least(c, log(20.0)));
    gh_plot_open(&plot, "share of honest person-epochs whose evidence reached x", false);
    gh_plot_between(&plot, "bound", (double[]){1.0, 1.0}, (double[]){end, 1.0 / end});
    survival_line(&plot, c, 0.0);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

static bool evidence_write(const struct gh_fit *fit, FILE *out)
{
    struct gh_fit_column c;

    fputs("<section><h2>Evidence on honest traffic against its bound</h2><p>Largest evidence "
          "of an honest person in an epoch. An e-process reaches x with probability 1/x at "
          "most, so the line has to stay below the dashed one.</p>"
          "<p class=\"key\"><i class=\"d\"></i>observed<i class=\"b\"></i>bound 1/x</p>"
          "<div class=\"grid3\">\n",
          out);
    for (uint32_t m = 0; m < GH_FIT_MEASURES; m++) {
        const uint32_t what = m < GH_SETS ? m : m - GH_SETS;
        if (!gh_fit_measure_used(m))
            continue;
        if (!gh_fit_column(fit, m < GH_SETS ? gh_fit_pick_set : gh_fit_pick_detector, &what,
                           &c))
            return false;
        evidence_figure(out, gh_fit_measure_name(m), &c);
        free(c.value);
    }
    fputs("</div></section>\n", out);
    return true;
}

static void tail_figure(FILE *out, const struct gh_tail *tail, uint32_t set,
                        const struct gh_fit_column *c)
{
    const double share = 1.0 - tail_start, start = fmax(0.0, tail->log_u - 1.5);
    struct gh_plot plot = survival_plot(out, c);

    plot.x.low = exp(start);
    plot.y.high = 10.0 * share;
    plot.x.high = fmax(plot.x.high, 100.0 * plot.x.low);
    fprintf(out,
            "<figure><figcaption>%s <span>tail from %.3g on, index %.3g</span></figcaption>",
            gh_fit_measure_name(set), exp(tail->log_u), tail->g);
    gh_plot_open(&plot, "fitted tail over the observed one", false);
    survival_line(&plot, c, start);
    gh_plot_line(&plot, "fit");
    for (int i = 0; i <= CURVE_POINTS; i++) {
        const double log_x = start + (log(plot.x.high) - start) * i / CURVE_POINTS;
        const double p = gh_tail_p(tail, log_x);
        if (p < plot.y.low)
            break;
        gh_plot_point(&plot, exp(log_x), p);
    }
    gh_plot_line_end(&plot);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

static bool tails_write(const struct gh_fit *fit, const struct gh_fit_result *r, FILE *out)
{
    struct gh_fit_column c;

    fputs("<section><h2>Tails of the empirical lock</h2><p>What the lock takes as the law of "
          "honest evidence: ranks, then a power law whose index is a lower bound. It has to "
          "lie on or above the data.</p>"
          "<p class=\"key\"><i class=\"d\"></i>observed<i class=\"f\"></i>fitted</p>"
          "<div class=\"grid3\">\n",
          out);
    for (uint32_t set = 0; set < GH_SETS; set++) {
        if (!gh_fit_column(fit, gh_fit_pick_set, &set, &c))
            return false;
        tail_figure(out, &r->model.tail[set ? GH_CASE : GH_REVIEW], set, &c);
        free(c.value);
    }
    fputs("</div></section>\n", out);
    return true;
}

/* --- calibration --- */

static bool p_values(const struct gh_fit *fit, uint32_t d, struct gh_fit_column *c)
{
    size_t count = 0;

    for (size_t i = 0; i < fit->count; i++)
        count += fit->company[i].p_value[d].count;
    *c = (struct gh_fit_column){malloc((count + 1) * sizeof(double)), 0};
    for (size_t i = 0; i < fit->count && c->value; i++)
        for (uint32_t k = 0; k < fit->company[i].p_value[d].count; k++) {
            const struct gh_fit_value *at = gh_array_at(&fit->company[i].p_value[d], k);
            const struct gh_fit_person *p = gh_array_at(&fit->company[i].people, at->person);
            if (!p->left_out)
                c->value[c->count++] = -log((double)at->value);
        }
    if (c->value)
        gh_sort(c->value, c->count);
    return c->value != NULL;
}

static void calibration_figure(FILE *out, uint32_t d, const struct gh_fit_column *c)
{
    struct gh_plot plot = {
        .out = out,
        .x = {1e-4, 1.0, true, "p"},
        .y = {1e-4, 1.0, true, "share of days with p or less"},
        .height = PLOT_HEIGHT,
        .left = PLOT_LEFT,
    };

    fprintf(out, "<figure><figcaption>%s <span>p ≤ 0.05: %.2f&nbsp;%%</span></figcaption>",
            gh_detectors[d]->name, 100.0 * share_at_least(c, -log(0.05)));
    gh_plot_open(&plot, "observed against nominal p-values", false);
    gh_plot_between(&plot, "bound", (double[]){1e-4, 1e-4}, (double[]){1.0, 1.0});
    gh_plot_line(&plot, "data");
    for (int i = 0; i <= CURVE_POINTS && c->count > 0; i++) {
        const double p = pow(10.0, -4.0 + 4.0 * i / CURVE_POINTS);
        const double share = share_at_least(c, -log(p) - 1e-9);
        if (share >= plot.y.low)
            gh_plot_point(&plot, p, share);
    }
    gh_plot_line_end(&plot);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

static bool calibration_write(const struct gh_fit *fit, FILE *out)
{
    struct gh_fit_column c;

    fputs("<section><h2>Calibration of daily p-values</h2><p>Of the detectors that measure a "
          "level. A p-value counts past the margin that everybody is granted, so honest days "
          "stay below the dashed line; above it they would look rarer than they are.</p>"
          "<p class=\"key\"><i class=\"d\"></i>observed<i class=\"b\"></i>exact</p>"
          "<div class=\"grid3\">\n",
          out);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (gh_detectors[d]->lane != GH_STRUCTURAL || gh_detectors[d]->measure != GH_LEVEL)
            continue;
        if (!p_values(fit, d, &c))
            return false;
        calibration_figure(out, d, &c);
        free(c.value);
    }
    fputs("</div></section>\n", out);
    return true;
}

/* --- tempering --- */

static void temper_figure(FILE *out, const struct gh_fit_result *r, enum gh_behaviour b)
{
    struct gh_plot plot = {
        .out = out,
        .x = {gh_fit_eta(0), 1.0, false, "eta"},
        .y = {0.0, 3.0, false, "index of the honest tail"},
        .height = PLOT_HEIGHT,
        .left = PLOT_LEFT,
    };

    fprintf(out, "<figure><figcaption>%s <span>eta %.2f%s</span></figcaption>",
            gh_behaviour_name(b), r->model.eta[b], r->eta[b].fitted ? "" : ", kept");
    gh_plot_open(&plot, "tail index against tempering", false);
    gh_plot_between(&plot, "bound", (double[]){plot.x.low, GH_FIT_ETA_TARGET},
                    (double[]){1.0, GH_FIT_ETA_TARGET});
    gh_plot_line(&plot, "data");
    for (size_t i = 0; i < GH_FIT_ETAS; i++)
        if (!isnan(r->eta_index[b][i]))
            gh_plot_point(&plot, gh_fit_eta(i), r->eta_index[b][i]);
    gh_plot_line_end(&plot);
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

static void temper_write(const struct gh_fit_result *r, FILE *out)
{
    fputs("<section><h2>Tempering</h2><p>The heavier the tail of a behaviour's own evidence, "
          "the smaller its index. Chosen is the largest eta at which it reaches the dashed "
          "line; an index above 3 is drawn as 3.</p><div class=\"grid3\">\n",
          out);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_detectors[d]->lane == GH_STRUCTURAL)
            temper_figure(out, r, gh_detectors[d]->behaviour);
    fputs("</div></section>\n", out);
}

/* --- the page --- */

static void tiles_write(const struct gh_fit_result *r, const struct gh_fit_cohorts *cohorts,
                        FILE *out)
{
    char figure[64], text[128];
    double half;

    fputs("<div class=\"tiles\">\n", out);
    for (size_t set = 0; set < GH_SETS; set++) {
        const double mean = gh_fit_mean(&cohorts->all, set, &half);
        const double over =
            (double)cohorts->all.by[set].over_20 / fmax(1.0, (double)cohorts->all.epochs);
        snprintf(figure, sizeof figure, "%.2f ± %.2f", mean, half);
        snprintf(text, sizeof text, "mean capped e-value, %s: at most 1",
                 gh_fit_measure_name(set));
        gh_page_tile(out, figure, text);
        snprintf(figure, sizeof figure, "%.2f %%", 100.0 * over);
        snprintf(text, sizeof text, "ever reached 20, %s: at most 5 %%",
                 gh_fit_measure_name(set));
        gh_page_tile(out, figure, text);
    }
    struct gh_writer w = gh_writer_on(figure, sizeof figure);
    gh_write_count(&w, (double)r->origin.person_epochs);
    gh_page_tile(out, figure, "person-epochs of honest people");
    fputs("</div>\n", out);
}

static void top_write(const struct gh_fit_result *r, FILE *out)
{
    gh_page_open(out, "goodhart: model ", r->model.name);
    fputs("<h1>Does the model ", out);
    gh_html_text(out, (struct gh_text){r->model.name, (uint32_t)strlen(r->model.name)});
    fprintf(out,
            " hold on honest traffic?</h1>\n<p>Version <code>%s</code>, fitted on %" PRIu64
            " people of %" PRIu64 " %s, %" PRIu64
            " left out as gaming. Evidence as the engine made it under this model, on the "
            "traffic of the fit.</p>\n",
            r->model.version, r->origin.people, r->origin.companies,
            r->origin.companies == 1 ? "company" : "companies", r->origin.left_out);
}

enum gh_status gh_fit_report(const struct gh_fit *fit, const struct gh_fit_result *r, FILE *out)
{
    struct gh_fit_cohorts *cohorts = calloc(1, sizeof *cohorts);

    if (cohorts == NULL)
        return GH_EMEMORY;
    gh_fit_cohorts_gather(fit, cohorts);
    top_write(r, out);
    tiles_write(r, cohorts, out);
    bool done =
        evidence_write(fit, out) && tails_write(fit, r, out) && calibration_write(fit, out);
    temper_write(r, out);
    gh_fit_report_cohorts(cohorts, out);
    fputs("<section><h2>Made by</h2><p><code>", out);
    gh_html_text(out, (struct gh_text){r->origin.command, (uint32_t)strlen(r->origin.command)});
    fprintf(out, "</code></p><p>Input <code>%s</code></p></section>\n", r->origin.inputs);
    gh_page_close(out);
    free(cohorts);
    return done ? GH_OK : GH_EMEMORY;
}
