/* explain_json.c - the same for machines: one object on one line. */
#include "app/explain/answer.h"

#include "edge/json.h"

#include <math.h>
#include <string.h>

static void number_put(struct gh_json *json, const char *key, double value)
{
    gh_json_key(json, key);
    gh_json_number(json, value);
}

static void count_put(struct gh_json *json, const char *key, uint64_t value)
{
    gh_json_key(json, key);
    gh_json_count(json, value);
}

static void bool_put(struct gh_json *json, const char *key, bool value)
{
    gh_json_key(json, key);
    gh_json_bool(json, value);
}

static void string_put(struct gh_json *json, const char *key, const char *value)
{
    gh_json_key(json, key);
    gh_json_string(json, value);
}

static void date_put(struct gh_json *json, const char *key, int32_t date)
{
    char text[16];
    const struct gh_civil civil = gh_civil_of((int64_t)date * GH_MS_PER_DAY);

    snprintf(text, sizeof text, "%04d-%02u-%02u", civil.year, civil.month, civil.day);
    string_put(json, key, text);
}

static void choice_put(struct gh_json *json, const struct gh_seen_choice *c)
{
    gh_json_open(json, '{');
    number_put(json, "log_e", c->log_e);
    number_put(json, "log_needed", c->log_needed);
    number_put(json, "log_floor", c->log_floor);
    number_put(json, "log_threshold", c->log_threshold);
    number_put(json, "people", c->family.people);
    number_put(json, "alpha", c->family.alpha);
    number_put(json, "lock_p", c->p);
    number_put(json, "lock_needed", c->p_needed);
    number_put(json, "excess_usd", c->usd);
    number_put(json, "least_usd", c->least_usd);
    bool_put(json, "frozen", c->frozen);
    bool_put(json, "selected", c->selected);
    gh_json_close(json, '}');
}

static void choices_put(struct gh_json *json, const struct gh_explain_row *row, uint32_t d)
{
    static const char *const sets[] = {"review", "case", "team"};

    for (int set = 0; set <= GH_SETS; set++) {
        if (!row->chosen[set])
            continue;
        gh_json_key(json, sets[set]);
        choice_put(json, &row->choice[set]);
    }
    if (row->chosen[0])
        number_put(json, "log_weight", row->choice[0].log_weight[d]);
}

static void bet_put(struct gh_json *json, const struct gh_explain_row *row, uint32_t d)
{
    const struct gh_seen_bet *bet = &row->day.by[d];
    const enum gh_told told = row->day.audited ? GH_TOLD_BELOW : GH_TOLD_ABOVE;
    const bool structural = gh_detectors[d]->lane == GH_STRUCTURAL;

    string_put(json, "made", gh_why_name(bet->why));
    bool_put(json, "observed", bet->observed);
    number_put(json, "value", bet->observed ? bet->value : NAN);
    number_put(json, "usual", bet->known ? bet->base : NAN);
    number_put(json, "allowed", bet->known && structural ? bet->allowed : NAN);
    number_put(json, "shock", bet->shock);
    number_put(json, "team_shock", bet->team_shock);
    number_put(json, "residual", bet->known ? bet->residual : NAN);
    number_put(json, "p", bet->p);
    gh_json_key(json, "log_bets");
    gh_json_open(json, '[');
    for (int k = 0; k < GH_BETS && bet->bet; k++)
        gh_json_number(json, bet->log_bet[k]);
    gh_json_close(json, ']');
    bool_put(json, "shows", bet->shows);
    bool_put(json, "output_kept_pace", bet->gated);
    number_put(json, "score", bet->score);
    number_put(json, "threshold", bet->threshold[told]);
    number_put(json, "fast_score", bet->fast_sup);
    number_put(json, "fast_threshold", bet->fast_threshold[told]);
    number_put(json, "excess_usd", bet->excess_usd);
    number_put(json, "least_usd", bet->least_usd);
}

static void rows_put(struct gh_json *json, const struct gh_explained *x)
{
    gh_json_key(json, "days");
    gh_json_open(json, '[');
    for (size_t i = 0; i < x->row_count; i++) {
        const struct gh_explain_row *row = &x->row[i];
        if (!gh_explain_asked(x, row->day.date))
            continue;
        gh_json_open(json, '{');
        date_put(json, "date", row->day.date);
        count_put(json, "epoch", row->day.epoch);
        if (row->seen) {
            count_put(json, "calls", row->day.calls);
            number_put(json, "tokens", row->day.tokens);
            number_put(json, "cost_usd", row->day.cost_usd);
            number_put(json, "exempt_tokens", row->day.exempt_tokens);
            bet_put(json, row, x->wish.detector);
        }
        choices_put(json, row, x->wish.detector);
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

static void way_put(struct gh_json *json, const struct gh_explain_way *way)
{
    gh_json_open(json, '{');
    bool_put(json, "passed", way->passed);
    bool_put(json, "others_are_enough", way->others);
    number_put(json, "factor", way->factor);
    if (way->excess_days > 0)
        date_put(json, "date", way->date);
    count_put(json, "excess_days", way->excess_days);
    number_put(json, "log_e", way->log_e);
    number_put(json, "log_needed", way->log_needed);
    number_put(json, "value", way->value);
    number_put(json, "usual", way->base);
    number_put(json, "granted", way->allowed);
    number_put(json, "value_under", way->value_under);
    gh_json_close(json, '}');
}

static void changes_put(struct gh_json *json, const struct gh_explained *x)
{
    gh_json_key(json, "epochs");
    gh_json_open(json, '[');
    for (size_t i = 0; i < x->change_count; i++) {
        gh_json_open(json, '{');
        count_put(json, "epoch", x->change[i].epoch);
        bool_put(json, "reproduced", x->change[i].known);
        for (int way = 0; way < GH_WAY_COUNT && x->change[i].known; way++) {
            gh_json_key(json, gh_way_name((enum gh_way)way));
            way_put(json, &x->change[i].way[way]);
        }
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

static void raises_put(struct gh_json *json, const struct gh_explained *x)
{
    static const char *const heard[] = {
#define HEARD_NAME(name, code) #name,
        GH_HEARD_LIST(HEARD_NAME)};
#undef HEARD_NAME

    gh_json_key(json, "raised");
    gh_json_open(json, '[');
    for (size_t i = 0; i < x->raise_count; i++) {
        const struct gh_explain_raise *r = &x->raise[i];
        gh_json_open(json, '{');
        string_put(json, "finding", r->finding);
        string_put(json, "track", gh_track_name(r->track));
        string_put(json, "heard", heard[r->heard]);
        bool_put(json, "fast", r->fast);
        bool_put(json, "drawn", r->drawn);
        bool_put(json, "team", r->teamwise);
        gh_json_key(json, "time");
        gh_json_time(json, r->time_ms);
        number_put(json, "score", r->score);
        number_put(json, "threshold", r->threshold);
        count_put(json, "calls", r->calls);
        count_put(json, "days", r->days);
        number_put(json, "excess_usd", r->excess_usd);
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

static void settings_put(struct gh_json *json, const struct gh_explained *x,
                         const struct gh_config *config)
{
    struct gh_explain_setting setting[GH_EXPLAIN_SETTINGS_MAX];
    const size_t count = gh_explain_settings(x, config, setting);

    gh_json_key(json, "settings");
    gh_json_open(json, '[');
    for (size_t i = 0; i < count; i++) {
        gh_json_open(json, '{');
        string_put(json, "option", setting[i].name);
        number_put(json, "now", setting[i].now);
        number_put(json, "value", setting[i].value);
        bool_put(json, "nearest", setting[i].sure);
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

static void nearest_put(struct gh_json *json, const struct gh_explain_gap *gap)
{
    gh_json_key(json, "nearest");
    gh_json_open(json, '{');
    string_put(json, "way", gh_way_name(gap->way));
    bool_put(json, "fast", gap->fast);
    date_put(json, "date", gap->date);
    number_put(json, "had", gap->had);
    number_put(json, "needed", gap->needed);
    gh_json_close(json, '}');
}

static void answer_put(struct gh_json *json, const struct gh_explained *x,
                       const struct gh_explain_answer *answer)
{
    char missing[512];

    string_put(json, "reason", gh_reason_name(answer->reason));
    if (answer->reason == GH_REASON_UNJUDGED)
        string_put(json, "why", gh_why_name(answer->why));
    gh_explain_missing(x, missing, sizeof missing);
    string_put(json, "untold", missing);
    gh_json_key(json, "made");
    gh_json_open(json, '{');
    for (int why = 0; why < GH_WHY_COUNT; why++)
        if (answer->days[why] > 0)
            count_put(json, gh_why_name((enum gh_why)why), answer->days[why]);
    gh_json_close(json, '}');
    count_put(json, "excess_days", answer->excess_days);
    if (answer->nearest.known)
        nearest_put(json, &answer->nearest);
}

char *gh_explain_json(const struct gh_explained *x, const struct gh_config *config)
{
    const struct gh_explain_answer answer = gh_explain_reason(x);
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "actor");
    gh_json_text(&json, x->wish.actor);
    string_put(&json, "detector", gh_detectors[x->wish.detector]->name);
    bool_put(&json, "apart", x->wish.apart);
    if (x->finding.revision > 0) {
        string_put(&json, "finding", x->finding.id);
        string_put(&json, "track", gh_track_name(x->finding.track));
        string_put(&json, "explanation", x->explanation);
        string_put(&json, "question", x->question);
    }
    answer_put(&json, x, &answer);
    settings_put(&json, x, config);
    changes_put(&json, x);
    raises_put(&json, x);
    rows_put(&json, x);
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}
