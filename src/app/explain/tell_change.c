/* tell_change.c - the smallest changes under which it would not have been told. */
#include "app/explain/tell.h"

#include "base/civil.h"

#include <math.h>
#include <string.h>

enum { TEXT = 1024 };

void gh_explain_write_setting(struct gh_writer *w, const struct gh_explain_setting *setting,
                              double value)
{
    char digits[32];

    if (setting->whole) {
        gh_write(w, value > 0.0 ? "true" : "false");
        return;
    }
    snprintf(digits, sizeof digits, "%.12g", value);
    gh_write(w, digits);
}

static void way_print(const struct gh_explained *x, const struct gh_explain_way *way,
                      enum gh_way which, FILE *out)
{
    char text[TEXT];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_write(&w, which == GH_WAY_INCIDENT ? "- No incident of days" : "- No ");
    gh_write(&w, which == GH_WAY_INCIDENT ? "" : gh_way_name(which));
    if (way->others) {
        gh_write(&w, ": not by less of this alone; what other detectors saw is enough.");
    } else {
        gh_write(&w, " with at most ");
        gh_write_fixed(&w, 100.0 * way->factor, 1);
        gh_write(&w, " % of the excess of each day: ");
        gh_explain_write_value(&w, x->wish.detector, way->value_under);
        gh_write(&w, " instead of ");
        gh_explain_write_value(&w, x->wish.detector, way->value);
        gh_write(&w, " on average. Or had it ended before ");
        gh_write_date(&w, way->date);
        gh_write(&w, ", its day ");
        gh_write_count(&w, way->excess_days);
        gh_write(&w, ".");
    }
    gh_explain_paragraph(out, text);
}

/* The first call or output that was enough. */
static void fast_print(const struct gh_explained *x, const struct gh_explain_raise *raise,
                       const struct gh_explain_raise *last, FILE *out)
{
    char text[TEXT], time[GH_TIME_TEXT_SIZE];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_time_format(raise->time_ms, time);
    gh_write(&w, "- No incident of calls had it ended before ");
    gh_write(&w, time);
    gh_write(&w, ": what came in its first ");
    gh_write_duration(&w, (double)(raise->until_ms - raise->from_ms));
    if (gh_detectors[x->wish.detector]->output == NULL) {
        gh_write(&w, ", ");
        gh_write_count(&w, raise->calls);
        gh_write(&w, " calls,");
    }
    gh_write(&w, " was just enough.");
    if (last->until_ms > raise->until_ms) {
        gh_write(&w, " It went on for ");
        gh_write_duration(&w, (double)(last->until_ms - last->from_ms));
        gh_write(&w, " in all.");
    }
    gh_explain_paragraph(out, text);
}

/* Of context detectors, whose scores only they themselves can make. */
static void day_print(const struct gh_explain_raise *raise, FILE *out)
{
    char text[TEXT];
    struct gh_writer w = gh_writer_on(text, sizeof text);

    gh_write(&w, "- No incident of days had it ended before ");
    gh_write_date(&w, gh_floor_div(raise->until_ms, GH_MS_PER_DAY));
    gh_write(&w, ", its day ");
    gh_write_count(&w, raise->days);
    gh_write(&w, ".");
    gh_explain_paragraph(out, text);
}

static void settings_print(const struct gh_explained *x, const struct gh_config *config,
                           FILE *out)
{
    struct gh_explain_setting setting[GH_EXPLAIN_SETTINGS_MAX];
    const size_t count = gh_explain_settings(x, config, setting);

    for (size_t i = 0; i < count; i++) {
        char text[TEXT];
        struct gh_writer w = gh_writer_on(text, sizeof text);
        gh_write(&w, "- ");
        gh_write(&w, setting[i].name);
        gh_write(&w, "=");
        gh_explain_write_setting(&w, &setting[i], setting[i].value);
        gh_write(&w, " (now ");
        gh_explain_write_setting(&w, &setting[i], setting[i].now);
        gh_write(&w, "): ");
        gh_write(&w, setting[i].note);
        gh_write(&w, ".");
        gh_explain_paragraph(out, text);
    }
}

/* Raises of this finding by calls, or by days as incidents: the first and the last. */
static void raises_find(const struct gh_explained *x, bool fast,
                        const struct gh_explain_raise *found[2])
{
    found[0] = found[1] = NULL;
    for (size_t i = 0; i < x->raise_count; i++) {
        if (x->raise[i].fast != fast || x->raise[i].track != GH_INCIDENT ||
            strcmp(x->raise[i].finding, x->finding.id) != 0)
            continue;
        found[0] = found[0] ? found[0] : &x->raise[i];
        found[1] = &x->raise[i];
    }
}

/* Whether it came by this way. */
static bool came_by(const struct gh_explained *x, enum gh_way way)
{
    for (size_t i = 0; i < x->raise_count; i++) {
        const struct gh_explain_raise *raise = &x->raise[i];
        const enum gh_way by = raise->track == GH_INCIDENT ? GH_WAY_INCIDENT
                               : raise->track == GH_CASE   ? GH_WAY_CASE
                                                           : GH_WAY_REVIEW;
        if (by == way && !raise->fast && strcmp(raise->finding, x->finding.id) == 0)
            return true;
    }
    return false;
}

void gh_explain_tell_change(const struct gh_explained *x, const struct gh_config *config,
                            FILE *out)
{
    const bool structural = gh_detectors[x->wish.detector]->lane == GH_STRUCTURAL;
    const struct gh_explain_change *change = gh_explain_change_of(x);
    const struct gh_explain_raise *fast[2], *days[2];

    fputs("What would have changed it, everything else as it was:\n\n", out);
    raises_find(x, true, fast);
    raises_find(x, false, days);
    if (fast[0])
        fast_print(x, fast[0], fast[1], out);
    if (days[0] && !structural)
        day_print(days[0], out);
    for (int way = 0; change && change->known && way < GH_WAY_COUNT; way++)
        if (change->way[way].passed && came_by(x, (enum gh_way)way))
            way_print(x, &change->way[way], (enum gh_way)way, out);
    settings_print(x, config, out);
}
