/* alert.c - findings as CloudEvents; see alert.h and the alert contract. */
#include "edge/alert.h"

#include "edge/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* e-values are products and outgrow a double; `log_e` keeps what the cap hides. The same
 * cap keeps p_bound above 0, which would be no bound. */
#define ALERT_LOG_E_MAX 690.0
#define ALERT_E_VALUE_MAX 1e300

static const struct gh_text alert_no_team = {"unassigned", 10};

static struct gh_text alert_team(const struct gh_finding *finding)
{
    return finding->team.at ? finding->team : alert_no_team;
}

static void alert_evidence(struct gh_json *json, double log_e)
{
    gh_json_key(json, "evidence");
    gh_json_open(json, '{');
    gh_json_key(json, "e_value");
    gh_json_number(json, log_e > ALERT_LOG_E_MAX ? ALERT_E_VALUE_MAX : exp(log_e));
    gh_json_key(json, "log_e");
    gh_json_number(json, log_e);
    gh_json_key(json, "p_bound");
    gh_json_number(json, log_e < 0 ? 1 : fmax(exp(-log_e), 1 / ALERT_E_VALUE_MAX));
    gh_json_close(json, '}');
}

/* Without a price for any call there is no figure to give; with one for some, what is
 * known is a lower bound that is worth telling. */
static double alert_cost(const struct gh_finding *finding, double cost_usd)
{
    return finding->cost_known || finding->cost_usd > 0 ? cost_usd : NAN;
}

static void alert_spend(struct gh_json *json, const struct gh_finding *finding)
{
    gh_json_key(json, "tokens");
    gh_json_number(json, finding->tokens);
    gh_json_key(json, "cost_usd");
    gh_json_number(json, alert_cost(finding, finding->cost_usd));
    gh_json_key(json, "excess_tokens");
    gh_json_number(json, finding->excess_tokens);
    gh_json_key(json, "excess_cost_usd");
    gh_json_number(json, alert_cost(finding, finding->excess_cost_usd));
}

static void alert_facts(struct gh_json *json, const struct gh_finding *finding)
{
    assert(finding->fact_count <= GH_FACTS_MAX);
    gh_json_key(json, "facts");
    gh_json_open(json, '[');
    for (uint32_t i = 0; i < finding->fact_count; i++) {
        const struct gh_fact *fact = &finding->fact[i];
        gh_json_open(json, '{');
        gh_json_key(json, "name");
        gh_json_string(json, fact->name);
        gh_json_key(json, "value");
        gh_json_number(json, fact->value);
        gh_json_key(json, "unit");
        gh_json_string(json, fact->unit);
        gh_json_key(json, "expected");
        gh_json_number(json, fact->expected);
        gh_json_close(json, '}');
    }
    gh_json_close(json, ']');
}

static void alert_samples(struct gh_json *json, const struct gh_finding *finding)
{
    assert(finding->sample_count <= GH_SAMPLES_MAX);
    gh_json_key(json, "samples");
    gh_json_open(json, '[');
    for (uint32_t i = 0; i < finding->sample_count; i++)
        gh_json_text(json, finding->sample[i]);
    gh_json_close(json, ']');
}

static void alert_whom(struct gh_json *json, const struct gh_finding *finding)
{
    gh_json_key(json, "finding");
    gh_json_string(json, finding->id);
    gh_json_key(json, "revision");
    gh_json_count(json, finding->revision);
    gh_json_key(json, "detector");
    gh_json_string(json, finding->detector);
    gh_json_key(json, "actor");
    gh_json_text(json, finding->actor);
    gh_json_key(json, "team");
    gh_json_text(json, alert_team(finding));
    gh_json_key(json, "severity");
    gh_json_string(json, gh_severity_name(finding->severity));
    gh_json_key(json, "track");
    gh_json_string(json, gh_track_name(finding->track));
    gh_json_key(json, "reviewable");
    gh_json_bool(json, gh_reviewable(finding->track));
}

static void alert_provenance(struct gh_json *json, const struct gh_finding *finding)
{
    gh_json_key(json, "provenance");
    gh_json_string(json, gh_provenance_name(finding->provenance));
    gh_json_key(json, "authenticated_share");
    gh_json_number(json, finding->authenticated_share);
}

/* The keys of `data`, without the brackets. */
static void alert_members(struct gh_json *json, const struct gh_finding *finding)
{
    alert_whom(json, finding);
    alert_evidence(json, finding->log_e);
    alert_provenance(json, finding);
    gh_json_key(json, "from");
    gh_json_time(json, finding->from_ms);
    gh_json_key(json, "until");
    gh_json_time(json, finding->until_ms);
    alert_spend(json, finding);
    alert_facts(json, finding);
    gh_json_key(json, "explanation");
    gh_json_string(json, finding->explanation);
    gh_json_key(json, "question");
    gh_json_string(json, finding->question);
    alert_samples(json, finding);
    if (finding->experiment.at) {
        gh_json_key(json, "experiment");
        gh_json_text(json, finding->experiment);
    }
}

void gh_alert_id(const struct gh_finding *finding, char id[GH_ALERT_ID_SIZE])
{
    snprintf(id, GH_ALERT_ID_SIZE, "%s-%u", finding->id, (unsigned)finding->revision);
}

static void alert_envelope(struct gh_json *json, const struct gh_finding *finding,
                           uint64_t sequence, const char *source)
{
    char id[GH_ALERT_ID_SIZE], type[64];
    gh_alert_id(finding, id);
    snprintf(type, sizeof(type), "dev.goodhart.finding.%s", gh_change_name(finding->change));
    gh_json_key(json, "specversion");
    gh_json_string(json, "1.0");
    gh_json_key(json, "id");
    gh_json_string(json, id);
    gh_json_key(json, "source");
    gh_json_string(json, source);
    gh_json_key(json, "type");
    gh_json_string(json, type);
    gh_json_key(json, "subject");
    gh_json_text(json, finding->actor);
    gh_json_key(json, "time");
    gh_json_time(json, finding->time_ms);
    gh_json_key(json, "datacontenttype");
    gh_json_string(json, "application/json");
    gh_json_key(json, "sequence");
    gh_json_count(json, sequence);
}

char *gh_alert_body(const struct gh_finding *finding, uint64_t sequence, const char *source)
{
    struct gh_json json = {0};
    gh_json_open(&json, '{');
    alert_envelope(&json, finding, sequence, source);
    gh_json_key(&json, "data");
    gh_json_open(&json, '{');
    alert_members(&json, finding);
    gh_json_close(&json, '}');
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

char *gh_finding_line(const struct gh_finding *finding)
{
    struct gh_json json = {0};
    gh_json_open(&json, '{');
    alert_members(&json, finding);
    gh_json_key(&json, "time");
    gh_json_time(&json, finding->time_ms);
    gh_json_key(&json, "change");
    gh_json_string(&json, gh_change_name(finding->change));
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

size_t gh_topic_part(char topic[GH_TOPIC_SIZE], size_t used, struct gh_text name)
{
    static const char hex[] = "0123456789ABCDEF";
    assert(name.size <= GH_STRING_BYTES_MAX);
    for (uint32_t i = 0; i < name.size; i++) {
        const char c = name.at[i];
        if (c != '/' && c != '%') {
            topic[used++] = c;
        } else {
            topic[used++] = '%';
            topic[used++] = hex[(unsigned char)c >> 4];
            topic[used++] = hex[(unsigned char)c & 15];
        }
    }
    topic[used++] = '/';
    topic[used] = '\0';
    return used;
}

size_t gh_alert_topic(const struct gh_finding *finding, unsigned i, char topic[GH_TOPIC_SIZE])
{
    static const char *const kind[GH_TOPIC_COUNT] = {"alert", "detector", "severity", "team",
                                                     "actor"};
    assert(i < GH_TOPIC_COUNT);
    const char *severity = gh_severity_name(finding->severity);
    const struct gh_text part[GH_TOPIC_COUNT] = {
        {NULL, 0},
        {finding->detector, (uint32_t)strlen(finding->detector)},
        {severity, (uint32_t)strlen(severity)},
        alert_team(finding),
        finding->actor,
    };
    const size_t used =
        gh_topic_part(topic, 0, (struct gh_text){kind[i], (uint32_t)strlen(kind[i])});
    return i == 0 ? used : gh_topic_part(topic, used, part[i]);
}

void gh_sequence_bytes(uint64_t sequence, unsigned char bytes[8])
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(sequence >> (56 - 8 * i));
}
