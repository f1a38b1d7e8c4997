/* lines.c - what was tried, for machines: one JSON object a line. */
#include "app/tune/print.h"

#include "app/tune/reason.h"
#include "edge/json.h"

#include <math.h>
#include <string.h>

static void count_write(struct gh_json *j, const char *key, uint64_t count)
{
    gh_json_key(j, key);
    gh_json_count(j, count);
}

static void number_write(struct gh_json *j, const char *key, double value)
{
    gh_json_key(j, key);
    gh_json_number(j, value);
}

static void string_write(struct gh_json *j, const char *key, const char *text)
{
    gh_json_key(j, key);
    gh_json_string(j, text);
}

/* [low, point, high]; null where nothing is known. */
static void interval_write(struct gh_json *j, const char *key, const struct gh_interval *i)
{
    gh_json_key(j, key);
    gh_json_open(j, '[');
    gh_json_number(j, i->low);
    gh_json_number(j, i->point);
    gh_json_number(j, i->high);
    gh_json_close(j, ']');
}

static void tracks_write(struct gh_json *j, const struct gh_tune_sums *s)
{
    gh_json_key(j, "findings");
    gh_json_open(j, '{');
    for (int t = 0; t < GH_TRACK_COUNT; t++)
        count_write(j, gh_track_name((enum gh_track)t), s->by_track[t]);
    gh_json_close(j, '}');
}

static void settings_write(struct gh_json *j, const struct gh_tune_setting *setting,
                           size_t settings)
{
    gh_json_key(j, "settings");
    gh_json_open(j, '[');
    for (size_t i = 0; i < settings; i++) {
        char name[GH_TUNE_SETTING_SIZE], value[2][GH_TUNE_SETTING_SIZE];

        gh_tune_setting_name(&setting[i], name);
        gh_tune_setting_value(&setting[i], setting[i].before, value[0]);
        gh_tune_setting_value(&setting[i], setting[i].after, value[1]);
        gh_json_open(j, '{');
        string_write(j, "option", name);
        string_write(j, "now", value[0]);
        string_write(j, "tried", value[1]);
        if (setting[i].override)
            string_write(j, setting[i].override->scope == GH_SCOPE_TEAM ? "team" : "role",
                         setting[i].override->name);
        gh_json_close(j, '}');
    }
    gh_json_close(j, ']');
}

static void worth_write(struct gh_json *j, const struct gh_tune_tried *t)
{
    gh_json_key(j, "judged");
    gh_json_open(j, '{');
    count_write(j, "right", t->worth.shown.right);
    count_write(j, "wrong", t->worth.shown.wrong);
    count_write(j, "open", t->worth.shown.open);
    gh_json_close(j, '}');
    interval_write(j, "precision", &t->worth.precision);
    interval_write(j, "recall", &t->worth.recall);
    interval_write(j, "false_accusations", &t->worth.accusations);
    interval_write(j, "false_alarms", &t->worth.alarms);
    interval_write(j, "unseen_usd", &t->worth.unseen_usd);
    interval_write(j, "gain_usd", &t->gain.usd);
}

static void moves_write(struct gh_json *j, const struct gh_tune_comparison *c)
{
    gh_json_key(j, "changes");
    gh_json_open(j, '{');
    for (int m = 0; m < GH_TUNE_MOVE_COUNT; m++)
        count_write(j, gh_tune_move_name((enum gh_tune_move)m), c->by_move[m]);
    count_write(j, "people", c->people);
    count_write(j, "teams", c->teams);
    gh_json_close(j, '}');
}

static void case_write(const struct gh_tune_view *view, size_t index,
                       const struct gh_tune_setting *setting, size_t settings,
                       struct gh_outfile *out)
{
    const struct gh_tune_tried *t = gh_tune_tried_at(view->run, index);
    const struct gh_tune_sums *s = &t->outcome.sums;
    struct gh_json j = {0};

    gh_json_open(&j, '{');
    string_write(&j, "type", "case");
    count_write(&j, "case", index);
    string_write(&j, "name", t->name);
    gh_json_key(&j, "in_force");
    gh_json_bool(&j, index == 0);
    gh_json_key(&j, "best");
    gh_json_bool(&j, gh_tune_judged(view->run) && index == view->best);
    if (view->axis)
        number_write(&j, "value", t->value);
    settings_write(&j, setting, settings);
    number_write(&j, "days", gh_tune_days(view->run));
    tracks_write(&j, s);
    count_write(&j, "people", s->people);
    count_write(&j, "accused", s->accused);
    count_write(&j, "teams", s->teams);
    count_write(&j, "alerts", s->alerts);
    number_write(&j, "excess_tokens", s->excess_tokens);
    number_write(&j, "excess_usd", s->excess_usd);
    moves_write(&j, &t->comparison);
    if (gh_tune_judged(view->run))
        worth_write(&j, t);
    gh_json_close(&j, '}');
    gh_outfile_line(out, gh_json_take(&j));
}

static void side_write(struct gh_json *j, const char *key, const struct gh_tune_finding *f)
{
    gh_json_key(j, key);
    if (!f) {
        gh_json_number(j, NAN);
        return;
    }
    gh_json_open(j, '{');
    string_write(j, "finding", f->id);
    string_write(j, "track", gh_track_name(f->track));
    string_write(j, "severity", gh_severity_name(f->severity));
    gh_json_key(j, "told");
    gh_json_time(j, f->told_ms);
    number_write(j, "log_e", f->log_e);
    number_write(j, "excess_tokens", f->excess_tokens);
    number_write(j, "excess_usd", f->excess_usd);
    gh_json_close(j, '}');
}

static void change_write(size_t index, const struct gh_tune_pair *pair, const char *reason,
                         struct gh_outfile *out)
{
    const struct gh_tune_finding *f = gh_tune_either(pair);
    struct gh_json j = {0};

    gh_json_open(&j, '{');
    string_write(&j, "type", "change");
    count_write(&j, "case", index);
    string_write(&j, "change", gh_tune_move_name(pair->move));
    string_write(&j, "detector", f->detector);
    gh_json_key(&j, "actor");
    gh_json_text(&j, f->actor);
    gh_json_key(&j, "team");
    if (f->team.size > 0)
        gh_json_text(&j, f->team);
    else
        gh_json_number(&j, NAN);
    side_write(&j, "now", pair->before);
    side_write(&j, "then", pair->after);
    string_write(&j, "reason", reason);
    gh_json_close(&j, '}');
    gh_outfile_line(out, gh_json_take(&j));
}

static void changes_write(const struct gh_tune_view *view, size_t index,
                          const struct gh_tune_setting *setting, size_t settings,
                          struct gh_outfile *out)
{
    const GArray *pairs = gh_tune_tried_at(view->run, index)->comparison.pair;

    for (guint i = 0; i < pairs->len; i++) {
        const struct gh_tune_pair *pair = &g_array_index(pairs, struct gh_tune_pair, i);
        char reason[GH_TUNE_REASON_SIZE];

        if (pair->move == GH_TUNE_SAME)
            continue;
        gh_tune_reason(pair, setting, settings, reason);
        change_write(index, pair, reason, out);
    }
}

void gh_tune_lines_write(const struct gh_tune_view *view, struct gh_outfile *out)
{
    for (size_t i = 0; i < gh_tune_tried_count(view->run); i++) {
        const struct gh_config *config = gh_tune_tried_at(view->run, i)->config;
        struct gh_tune_setting setting[GH_TUNE_SETTINGS_MAX];
        const size_t settings = config ? gh_tune_settings(view->run->job->in_force, config,
                                                          setting, GH_TUNE_SETTINGS_MAX)
                                       : 0;

        case_write(view, i, setting, MIN(settings, GH_TUNE_SETTINGS_MAX), out);
        changes_write(view, i, setting, MIN(settings, GH_TUNE_SETTINGS_MAX), out);
    }
}
