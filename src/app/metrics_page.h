/* metrics_page.h - the reference of metrics as Markdown, for deploy/metrics.md. */
#ifndef GOODHART_APP_METRICS_PAGE_H
#define GOODHART_APP_METRICS_PAGE_H

#include <stdio.h>

void gh_metrics_page(FILE *out);

#endif
