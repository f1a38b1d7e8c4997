/* reason.c - see reason.h. */
#include "app/tune/reason.h"

#include "app/tune/axis.h"
#include "base/write.h"
#include "engine/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- what differs --- */

static void setting_add(struct gh_tune_setting *setting, size_t max, size_t *count,
                        const struct gh_tune_setting *one)
{
    if (*count < max)
        setting[*count] = *one;
    ++*count;
}

/* What a value comes to: DETECTOR.false_alarms of 0 is what incident.false_alarms says. */
static double meant(const struct gh_config *config, struct gh_option_place place, double value)
{
    const struct gh_option_group *group = gh_engine_group_at(place.group);

    if (value != 0.0 || strcmp(group->options[place.option].name, "false_alarms") != 0)
        return value;
    return ((const struct gh_incident_options *)gh_config_group(config, "incident"))
        ->false_alarms;
}

static bool said_by(const struct gh_config *config, const struct gh_config_override *o)
{
    for (size_t i = 0; i < gh_config_override_count(config); i++) {
        const struct gh_config_override *at = gh_config_override_at(config, i);

        if (at->scope == o->scope && !strcmp(at->name, o->name) &&
            at->place.group == o->place.group && at->place.option == o->place.option &&
            at->value == o->value && at->until_ms == o->until_ms)
            return true;
    }
    return false;
}

size_t gh_tune_settings(const struct gh_config *before, const struct gh_config *after,
                        struct gh_tune_setting *setting, size_t max)
{
    size_t count = 0;

    for (size_t g = 0; g < gh_engine_group_count(); g++)
        for (size_t o = 0; o < gh_engine_group_at(g)->count; o++) {
            struct gh_tune_setting one = {.place = {.group = g, .option = o}};

            one.before = gh_tune_option_value(before, one.place);
            one.after = gh_tune_option_value(after, one.place);
            one.before_means = meant(before, one.place, one.before);
            one.after_means = meant(after, one.place, one.after);
            if (one.before != one.after)
                setting_add(setting, max, &count, &one);
        }
    for (size_t i = 0; i < gh_config_override_count(after); i++) {
        const struct gh_config_override *o = gh_config_override_at(after, i);
        struct gh_tune_setting one = {.place = o->place, .after = o->value, .override = o};

        one.before = gh_tune_option_value(before, o->place);
        one.before_means = meant(before, o->place, one.before);
        one.after_means = meant(after, o->place, one.after);
        if (!said_by(before, o))
            setting_add(setting, max, &count, &one);
    }
    return count;
}

static const struct gh_option_group *group_of(const struct gh_tune_setting *s)
{
    return gh_engine_group_at(s->place.group);
}

static const struct gh_option *option_of(const struct gh_tune_setting *s)
{
    return &group_of(s)->options[s->place.option];
}

void gh_tune_setting_name(const struct gh_tune_setting *s, char name[GH_TUNE_SETTING_SIZE])
{
    snprintf(name, GH_TUNE_SETTING_SIZE, "%s.%s", group_of(s)->name, option_of(s)->name);
}

void gh_tune_setting_value(const struct gh_tune_setting *s, double value,
                           char text[GH_TUNE_SETTING_SIZE])
{
    const struct gh_tune_axis axis = {.option = option_of(s)};

    gh_tune_axis_print(&axis, value, text);
}

/* --- why --- */

struct wording {
    struct gh_writer *w;
    const struct gh_tune_finding *f; /* the one that is there on one side alone */
    bool gone;                       /* else it is new */
    double limit, other;             /* where it is not there, and where it is */
    char name[GH_TUNE_SETTING_SIZE], limit_text[GH_TUNE_SETTING_SIZE],
        other_text[GH_TUNE_SETTING_SIZE];
};

static void say(struct gh_writer *w, const char *const *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gh_write(w, part[i]);
}
#define SAY(w, ...)                            \
    say(w, (const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void evidence_write(struct gh_writer *w, double log_e)
{
    gh_write(w, "evidence e = ");
    if (log_e < 50.0)
        gh_write_short(w, rint(exp(log_e)));
    else
        gh_write(w, "over 10^21");
}

static bool because_off(const struct wording *a, const char *option)
{
    if (strcmp(option, "enabled") != 0 || a->limit != 0.0)
        return false;
    SAY(a->w, a->f->detector, a->gone ? " is off" : " was off");
    return true;
}

static bool because_small(const struct wording *a, const char *option)
{
    if (strcmp(option, "fewest_usd") != 0 || a->f->excess_usd >= a->limit)
        return false;
    gh_write(a->w, "its excess of ");
    gh_write_money(a->w, a->f->excess_usd);
    SAY(a->w, a->gone ? " is below " : " was below ", a->name, " ", a->limit_text);
    return true;
}

static bool because_unproven(const struct wording *a, const char *option)
{
    if (!gh_reviewable(a->f->track))
        return false;
    if (!strcmp(option, "floor") && a->f->log_e < log(fmax(a->limit, 1.0))) {
        gh_write(a->w, "its ");
        evidence_write(a->w, a->f->log_e);
        SAY(a->w, a->gone ? " is below " : " was below ", a->name, " ", a->limit_text);
        return true;
    }
    if (strcmp(option, "alpha") != 0 || a->limit >= a->other)
        return false;
    gh_write(a->w, "its ");
    evidence_write(a->w, a->f->log_e);
    SAY(a->w, a->gone ? " is" : " was", " too little for ", a->name, " ", a->limit_text);
    return true;
}

static bool because_usual(const struct wording *a, const char *option)
{
    if (strcmp(option, "false_alarms") != 0 || gh_reviewable(a->f->track) ||
        a->limit >= a->other)
        return false;
    SAY(a->w, "its score ", a->gone ? "stays" : "stayed", " below the threshold that ", a->name,
        " ", a->limit_text, " sets; with ", a->other_text, " it is above");
    return true;
}

/* An option of this detector, or of all; on the findings that it can be about. */
static bool matters_to(const struct gh_tune_setting *s, const struct gh_tune_finding *f)
{
    const char *group = group_of(s)->name;

    if (!strcmp(group, f->detector))
        return true;
    if (!strcmp(group, "incident"))
        return !gh_reviewable(f->track);
    if (!strcmp(group, "review"))
        return gh_reviewable(f->track);
    if (!strcmp(group, "case"))
        return f->track == GH_CASE;
    return !strcmp(group, "evidence") || !strcmp(group, "order") || !strcmp(group, "limits");
}

static bool because(struct wording *a, const struct gh_tune_setting *s)
{
    const char *option = option_of(s)->name;

    a->limit = a->gone ? s->after_means : s->before_means;
    a->other = a->gone ? s->before_means : s->after_means;
    gh_tune_setting_name(s, a->name);
    gh_tune_setting_value(s, a->limit, a->limit_text);
    gh_tune_setting_value(s, a->other, a->other_text);
    return because_off(a, option) || because_small(a, option) || because_unproven(a, option) ||
           because_usual(a, option);
}

/* Nothing is compared with such an option alone: it is a part of what the detector counts. */
static bool counted_by(const struct gh_tune_setting *s, const struct gh_tune_finding *f)
{
    static const char *const thresholds[] = {"enabled", "false_alarms", "fewest_usd"};
    const char *group = group_of(s)->name, *option = option_of(s)->name;

    for (size_t i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++)
        if (!strcmp(option, thresholds[i]))
            return false;
    return !strcmp(group, f->detector) || !strcmp(group, "evidence");
}

static void one_side_write(struct gh_writer *w, const struct gh_tune_pair *pair,
                           const struct gh_tune_setting *setting, size_t count)
{
    struct wording a = {.w = w, .f = gh_tune_either(pair), .gone = pair->before != NULL};
    const struct gh_tune_setting *counted = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!matters_to(&setting[i], a.f))
            continue;
        if (because(&a, &setting[i]))
            return;
        counted = !counted && counted_by(&setting[i], a.f) ? &setting[i] : counted;
    }
    if (!counted) {
        gh_write(w, "indirectly: days, detectors and people are judged together, and what else "
                    "is found has changed");
        return;
    }
    because(&a, counted);
    SAY(w, a.gone ? "too little is left of it under " : "enough is counted under ", a.name, " ",
        a.gone ? a.limit_text : a.other_text, "; it ", a.gone ? "was " : "had been ",
        a.gone ? a.other_text : a.limit_text);
}

static void when_write(struct gh_writer *w, const struct gh_tune_pair *pair)
{
    const int64_t by_ms = pair->after->told_ms - pair->before->told_ms;

    if (by_ms == 0)
        return;
    gh_write_duration(w, fabs((double)by_ms));
    gh_write(w, by_ms < 0 ? " earlier" : " later");
}

static void both_sides_write(struct gh_writer *w, const struct gh_tune_pair *pair)
{
    const struct gh_tune_finding *b = pair->before, *a = pair->after;

    when_write(w, pair);
    if (b->track != a->track)
        SAY(w, w->used ? "; " : "", gh_track_name(b->track), " before, now ",
            gh_track_name(a->track));
    if (b->severity != a->severity)
        SAY(w, w->used ? "; " : "", gh_severity_name(b->severity), " before, now ",
            gh_severity_name(a->severity));
    if (b->excess_usd != a->excess_usd) {
        gh_write(w, w->used ? "; excess " : "excess ");
        gh_write_money(w, b->excess_usd);
        gh_write(w, " before, now ");
        gh_write_money(w, a->excess_usd);
    }
}

void gh_tune_reason(const struct gh_tune_pair *pair, const struct gh_tune_setting *setting,
                    size_t count, char text[GH_TUNE_REASON_SIZE])
{
    struct gh_writer w = gh_writer_on(text, GH_TUNE_REASON_SIZE);

    if (pair->before && pair->after)
        both_sides_write(&w, pair);
    else
        one_side_write(&w, pair, setting, count);
}
