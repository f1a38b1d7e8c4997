/* metrics_page.c - the reference of metrics, from their table. */
#include "app/metrics_page.h"

#include "edge/operate/metrics.h"

/* One value that every build has another of says nothing on a page. */
static bool label_fixed(enum gh_label label)
{
    return label != GH_LABEL_none && label != GH_LABEL_version && label != GH_LABEL_revision;
}

static void labels_print(FILE *out, const struct gh_metric_row *row)
{
    const enum gh_label label[] = {row->first, row->second};
    for (size_t i = 0; i < 2; i++)
        if (label[i] != GH_LABEL_none)
            fprintf(out, "%s`%s`", i ? ", " : "", gh_label_name(label[i]));
}

static void row_print(FILE *out, enum gh_metric metric)
{
    const struct gh_metric_row *row = gh_metric_row(metric);
    fprintf(out, "| `%s` | %s | ", row->name, gh_metric_type_name(row->type));
    labels_print(out, row);
    fprintf(out, " | %s |\n", row->help);
}

static void label_print(FILE *out, enum gh_label label, const struct gh_metric_row *user)
{
    const bool bounds = user->type == GH_HISTOGRAM;
    fprintf(out, "| `%s`%s%s%s |", gh_label_name(label), bounds ? " of `" : "",
            bounds ? user->name : "", bounds ? "`" : "");
    for (size_t i = 0; i < gh_label_count(label); i++)
        fprintf(out, "%s `%s`", i ? "," : "", gh_label_value(label, i));
    fputs(" |\n", out);
}

static void labels_all(FILE *out)
{
    for (size_t i = 0; i < GH_METRIC_COUNT; i++) {
        const struct gh_metric_row *row = gh_metric_row((enum gh_metric)i);
        const enum gh_label label[] = {row->first, row->second};
        for (size_t k = 0; k < 2; k++)
            if (label_fixed(label[k]))
                label_print(out, label[k], row);
    }
}

void gh_metrics_page(FILE *out)
{
    fputs(
        "# Metrics\n\n"
        "Made by `goodhart options --metrics`. What `/metrics` on `web.bind` says, to\n"
        "Prometheus in its text format or, where it asks, as OpenMetrics. Values are taken at\n"
        "each heartbeat (`alerts.heartbeat`), those of the process when asked. A row that\n"
        "means nothing here (no `store.folder`, no `identity.keys`) is left out. Labels have\n"
        "the values below and no others: nobody's name is in any of them.\n\n"
        "| name | type | labels | what |\n|---|---|---|---|\n",
        out);
    for (size_t i = 0; i < GH_METRIC_COUNT; i++)
        row_print(out, (enum gh_metric)i);
    fputs("\n| label | values |\n|---|---|\n", out);
    labels_all(out);
}
