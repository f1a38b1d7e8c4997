/* plot.h - plots as inline SVG: two axes, lines, dots with intervals. Colours are those of
 * the page (CSS), so that they follow light and dark. */
#ifndef GOODHART_APP_PLOT_H
#define GOODHART_APP_PLOT_H

#include "goodhart/event.h"

#include <stdbool.h>
#include <stdio.h>

struct gh_axis {
    double low, high; /* low < high; a logarithmic axis is for numbers > 0 */
    bool log;
    const char *name;
};
struct gh_plot {
    FILE *out;
    struct gh_axis x, y;
    double height; /* of the picture; its width is GH_PLOT_WIDTH, the page scales it */
    double left;   /* room for the labels of y */
};
enum { GH_PLOT_WIDTH = 360 };

/* `what` is for those who cannot see it. Draws frame, grid and labels; y without `rows`. */
void gh_plot_open(struct gh_plot *plot, const char *what, bool rows);
void gh_plot_close(struct gh_plot *plot);

/* A line of any number of points: start, points, end. Points outside are cut to the frame.
 * `style`: a class of the page: data, bound, fit. */
void gh_plot_line(struct gh_plot *plot, const char *style);
void gh_plot_point(struct gh_plot *plot, double x, double y);
void gh_plot_line_end(struct gh_plot *plot);
/* A straight line between two points. */
void gh_plot_between(struct gh_plot *plot, const char *style, const double from[2],
                     const double to[2]);

/* A dot that tells `title` to whoever points at it; `style` as for a line. */
void gh_plot_dot(struct gh_plot *plot, const char *style, double x, double y,
                 struct gh_text title);

/* Row `index` of a plot whose y axis counts rows from the top: label, interval, dot. */
struct gh_plot_row {
    struct gh_text label;
    double low, at, high;
};
void gh_plot_row(struct gh_plot *plot, size_t index, const struct gh_plot_row *row);

/* Text with the characters that HTML keeps for itself. */
void gh_html_text(FILE *out, struct gh_text text);

#endif
