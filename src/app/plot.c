/* plot.c - see plot.h. */
#include "app/plot.h"

#include <math.h>
#include <string.h>

enum { RIGHT = 12, TOP = 10, BOTTOM = 38, TICKS_MAX = 6, ROW = 20 };

void gh_html_text(FILE *out, struct gh_text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const char c = text.at[i];
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else
            fputc(c, out);
    }
}

/* 0..1 along the axis, cut to it. */
static double along(const struct gh_axis *axis, double value)
{
    double at = axis->log
                    ? (log(fmax(value, 1e-300)) - log(axis->low)) / log(axis->high / axis->low)
                    : (value - axis->low) / (axis->high - axis->low);

    return fmax(0.0, fmin(at, 1.0));
}

static double x_of(const struct gh_plot *p, double value)
{
    return p->left + along(&p->x, value) * (GH_PLOT_WIDTH - RIGHT - p->left);
}

static double y_of(const struct gh_plot *p, double value)
{
    return p->height - BOTTOM - along(&p->y, value) * (p->height - BOTTOM - TOP);
}

/* 1000 -> "10" and a raised 3; 1 and 10 as they are. */
static void power_write(FILE *out, int power)
{
    if (power == 0 || power == 1)
        fputs(power ? "10" : "1", out);
    else
        fprintf(out, "10<tspan dy=\"-4\" font-size=\"8\">%s%d</tspan>", power < 0 ? "−" : "",
                power < 0 ? -power : power);
}

static void tick_x(const struct gh_plot *p, double value)
{
    const double x = x_of(p, value);

    fprintf(p->out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/>"
            "<text text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">",
            x, x, TOP, p->height - BOTTOM, x, p->height - BOTTOM + 14);
}

static void tick_y(const struct gh_plot *p, double value)
{
    const double y = y_of(p, value);

    fprintf(p->out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<text text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">",
            p->left, GH_PLOT_WIDTH - RIGHT, y, y, p->left - 5, y + 3.5);
}

static void ticks_of_powers(const struct gh_plot *p, const struct gh_axis *axis,
                            void (*tick)(const struct gh_plot *p, double value))
{
    const int first = (int)ceil(log10(axis->low) - 1e-9);
    const int last = (int)floor(log10(axis->high) + 1e-9);
    const int step = (last - first) / TICKS_MAX + 1;

    for (int power = first; power <= last; power++) {
        if (power % step != 0)
            continue;
        tick(p, pow(10.0, power));
        power_write(p->out, power);
        fputs("</text>", p->out);
    }
}

/* Steps of 1, 2 or 5 times a power of ten. */
static void ticks_of_steps(const struct gh_plot *p, const struct gh_axis *axis,
                           void (*tick)(const struct gh_plot *p, double value))
{
    const double span = axis->high - axis->low, power = pow(10.0, floor(log10(span / 4.0)));
    const double part = span / 4.0 / power;
    const double step = power * (part >= 5.0 ? 5.0 : part >= 2.0 ? 2.0 : 1.0);

    for (double value = step * ceil(axis->low / step - 1e-9); value <= axis->high + 1e-9 * span;
         value += step) {
        tick(p, value);
        fprintf(p->out, "%.3g</text>", fabs(value) < 1e-9 * span ? 0.0 : value);
    }
}

static void axis_draw(const struct gh_plot *p, const struct gh_axis *axis,
                      void (*tick)(const struct gh_plot *p, double value))
{
    if (axis->log)
        ticks_of_powers(p, axis, tick);
    else
        ticks_of_steps(p, axis, tick);
}

void gh_plot_open(struct gh_plot *p, const char *what, bool rows)
{
    fprintf(p->out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"", GH_PLOT_WIDTH,
            p->height);
    gh_html_text(p->out, (struct gh_text){what, (uint32_t)strlen(what)});
    fputs("\">", p->out);
    axis_draw(p, &p->x, tick_x);
    if (!rows)
        axis_draw(p, &p->y, tick_y);
    fprintf(p->out,
            "<text text-anchor=\"middle\" class=\"name\" x=\"%.1f\" y=\"%.1f\">%s</text>",
            (p->left + GH_PLOT_WIDTH - RIGHT) / 2.0, p->height - 6, p->x.name);
    if (!rows)
        fprintf(p->out,
                "<text text-anchor=\"middle\" class=\"name\" transform=\"translate(11 %.1f) "
                "rotate(-90)\">%s</text>",
                (p->height - BOTTOM + TOP) / 2.0, p->y.name);
}

void gh_plot_close(struct gh_plot *p)
{
    fputs("</svg>\n", p->out);
}

void gh_plot_line(struct gh_plot *p, const char *style)
{
    fprintf(p->out, "<polyline class=\"%s\" points=\"", style);
}

void gh_plot_point(struct gh_plot *p, double x, double y)
{
    fprintf(p->out, "%.1f,%.1f ", x_of(p, x), y_of(p, y));
}

void gh_plot_line_end(struct gh_plot *p)
{
    fputs("\"/>", p->out);
}

void gh_plot_between(struct gh_plot *p, const char *style, const double from[2],
                     const double to[2])
{
    gh_plot_line(p, style);
    gh_plot_point(p, from[0], from[1]);
    gh_plot_point(p, to[0], to[1]);
    gh_plot_line_end(p);
}

void gh_plot_dot(struct gh_plot *p, const char *style, double x, double y, struct gh_text title)
{
    fprintf(p->out, "<circle class=\"%s\" r=\"3.5\" cx=\"%.1f\" cy=\"%.1f\"><title>", style,
            x_of(p, x), y_of(p, y));
    gh_html_text(p->out, title);
    fputs("</title></circle>", p->out);
}

void gh_plot_row(struct gh_plot *p, size_t index, const struct gh_plot_row *row)
{
    const double y = TOP + ROW * ((double)index + 0.5);

    fprintf(p->out, "<text text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">", p->left - 7, y + 3.5);
    gh_html_text(p->out, row->label);
    fprintf(p->out,
            "</text><line class=\"data\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<circle class=\"dot\" r=\"3.5\" cx=\"%.1f\" cy=\"%.1f\"/>",
            x_of(p, row->low), x_of(p, row->high), y, y, x_of(p, row->at), y);
}
