/* cohorts.c - evidence on honest traffic, role by role: sums, and their part of the report. */
#include "app/fit/fit.h"
#include "app/plot.h"

#include "base/write.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_HEIGHT = 20, FRAME = 48 };
static const double normal_95 = 1.96;

const char *gh_fit_measure_name(size_t measure)
{
    if (measure < GH_SETS)
        return measure == 0 ? "review" : "case";
    return gh_detectors[measure - GH_SETS]->name;
}

bool gh_fit_measure_used(size_t measure)
{
    return measure < GH_SETS || (measure - GH_SETS < gh_detector_count &&
                                 gh_detectors[measure - GH_SETS]->lane == GH_STRUCTURAL);
}

static void measure_add(struct gh_fit_measure *m, double log_e, double sup, double cap)
{
    const double e = fmin(exp(fmin(log_e, 700.0)), cap);

    m->sum += e;
    m->square += e * e;
    m->over_20 += sup >= log(20.0);
}

static void epoch_add(const struct gh_fit *fit, const struct gh_fit_epoch *row,
                      struct gh_fit_cohort *c)
{
    const double people = row->enrolled_of;

    c->epochs++;
    for (size_t set = 0; set < GH_SETS; set++)
        measure_add(&c->by[set], row->log_e[set], row->sup[set], people / fit->alpha[set]);
    for (size_t d = 0; d < gh_detector_count; d++)
        if (gh_fit_measure_used(GH_SETS + d))
            measure_add(&c->by[GH_SETS + d], (double)row->log_e_by[d], (double)row->sup_by[d],
                        people / fit->alpha[0]);
}

static bool same_text(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static struct gh_fit_cohort *cohort_of(struct gh_fit_cohorts *all, struct gh_text role)
{
    for (size_t i = 0; i < all->count; i++)
        if (same_text(all->cohort[i].role, role))
            return &all->cohort[i];
    if (all->count == GH_FIT_COHORTS_MAX)
        return &all->cohort[GH_FIT_COHORTS_MAX - 1];
    if (all->count == GH_FIT_COHORTS_MAX - 1)
        role = (struct gh_text){"", 0};
    all->cohort[all->count] = (struct gh_fit_cohort){.role = role};
    return &all->cohort[all->count++];
}

static int cohort_compare(const void *left, const void *right)
{
    const struct gh_fit_cohort *a = left, *b = right;
    const uint32_t size = a->role.size < b->role.size ? a->role.size : b->role.size;
    const int order = size ? memcmp(a->role.at, b->role.at, size) : 0;

    return order ? order : (a->role.size > b->role.size) - (a->role.size < b->role.size);
}

void gh_fit_cohorts_gather(const struct gh_fit *fit, struct gh_fit_cohorts *cohorts)
{
    *cohorts = (struct gh_fit_cohorts){0};
    for (size_t i = 0; i < fit->count; i++) {
        const struct gh_fit_company *c = &fit->company[i];
        for (uint32_t k = 0; k < c->epochs.count; k++) {
            const struct gh_fit_epoch *row = gh_array_at(&c->epochs, k);
            const struct gh_fit_person *p = gh_array_at(&c->people, row->person);
            if (!row->enrolled || p->left_out)
                continue;
            epoch_add(fit, row, &cohorts->all);
            epoch_add(fit, row, cohort_of(cohorts, gh_intern_text(&c->roles, p->role)));
        }
    }
    qsort(cohorts->cohort, cohorts->count, sizeof cohorts->cohort[0], cohort_compare);
}

double gh_fit_mean(const struct gh_fit_cohort *c, size_t measure, double *half)
{
    const struct gh_fit_measure *m = &c->by[measure];
    const double n = (double)c->epochs, mean = n > 0.0 ? m->sum / n : 0.0;
    const double variance = n > 1.0 ? fmax(0.0, m->square - n * mean * mean) / (n - 1.0) : 0.0;

    *half = n > 0.0 ? normal_95 * sqrt(variance / n) : 0.0;
    return mean;
}

static struct gh_text label_of(const struct gh_fit_cohort *c)
{
    return c->role.size ? c->role : (struct gh_text){"no role", 7};
}

static void share_write(FILE *out, uint64_t part, uint64_t all)
{
    char text[16];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_write_fixed(&w, all ? 100.0 * (double)part / (double)all : 0.0, 2);
    fprintf(out, "<td>%s</td>", text);
}

static void table_row(FILE *out, const struct gh_fit_cohort *c, struct gh_text label)
{
    double half;
    char count[32];
    struct gh_writer w = gh_writer_on(count, sizeof count);

    gh_write_count(&w, (double)c->epochs);
    fputs("<tr><th scope=\"row\">", out);
    gh_html_text(out, label);
    fprintf(out, "</th><td>%s</td>", count);
    for (size_t set = 0; set < GH_SETS; set++) {
        const double mean = gh_fit_mean(c, set, &half);
        fprintf(out, "<td>%.2f ± %.2f</td>", mean, half);
        share_write(out, c->by[set].over_20, c->epochs);
    }
    fputs("</tr>\n", out);
}

static void table_write(const struct gh_fit_cohorts *cohorts, FILE *out)
{
    fputs("<div class=\"wide\"><table><thead><tr><th>role</th><th>person-epochs</th>"
          "<th>review: mean E</th><th>sup ≥ 20, %</th><th>case: mean E</th>"
          "<th>sup ≥ 20, %</th></tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < cohorts->count; i++)
        table_row(out, &cohorts->cohort[i], label_of(&cohorts->cohort[i]));
    table_row(out, &cohorts->all, (struct gh_text){"everybody", 9});
    fputs("</tbody></table></div>\n", out);
}

static double forest_high(const struct gh_fit_cohorts *cohorts, size_t measure)
{
    double half, high = 1.5;

    for (size_t i = 0; i < cohorts->count; i++)
        high = fmax(high, 1.1 * gh_fit_mean(&cohorts->cohort[i], measure, &half) + half);
    return fmin(high, 20.0);
}

static void forest_write(const struct gh_fit_cohorts *cohorts, size_t measure, FILE *out)
{
    struct gh_plot plot = {
        .out = out,
        .x = {0.0, forest_high(cohorts, measure), false, "mean capped e-value"},
        .y = {0.0, 1.0, false, ""},
        .height = FRAME + ROW_HEIGHT * (double)cohorts->count,
        .left = 110,
    };
    double half;

    fprintf(out, "<figure><figcaption>%s</figcaption>", gh_fit_measure_name(measure));
    gh_plot_open(&plot, "mean capped e-value by role, with 95 % intervals", true);
    gh_plot_between(&plot, "bound", (double[]){1.0, 0.0}, (double[]){1.0, 1.0});
    for (size_t i = 0; i < cohorts->count; i++) {
        const double mean = gh_fit_mean(&cohorts->cohort[i], measure, &half);
        const struct gh_plot_row row = {label_of(&cohorts->cohort[i]), mean - half, mean,
                                        mean + half};
        gh_plot_row(&plot, i, &row);
    }
    gh_plot_close(&plot);
    fputs("</figure>\n", out);
}

void gh_fit_report_cohorts(const struct gh_fit_cohorts *cohorts, FILE *out)
{
    fputs("<section><h2>Role by role</h2><p>E: the e-value at the end of the epoch, capped "
          "where it would select a person by itself. Its mean over honest people may be 1 at "
          "most. Sup: its largest value; at most 5&nbsp;% may reach 20. Intervals: 95&nbsp;%."
          "</p>\n",
          out);
    table_write(cohorts, out);
    fputs("<div class=\"grid3\">\n", out);
    for (size_t m = 0; m < GH_FIT_MEASURES; m++)
        if (gh_fit_measure_used(m))
            forest_write(cohorts, m, out);
    fputs("</div></section>\n", out);
}
