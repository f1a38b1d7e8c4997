/* emit.c - a record becomes a gh_event: texts are written, keys are marked present. */
#include "app/simulate/person.h"
#include "app/simulate/record.h"
#include "app/simulate/zone.h"

#include <assert.h>
#include <string.h>

struct emit_text {
    char *at, *end;
};

#define EMIT_HAS(event, key) ((event)->present |= UINT64_C(1) << GH_KEY_##key)

static struct gh_text emit_lent(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static void emit_put(struct emit_text *t, const char *text)
{
    for (; *text != '\0'; text++) {
        assert(t->at < t->end);
        *t->at++ = *text;
    }
}

static void emit_number(struct emit_text *t, uint32_t number, unsigned digits_min)
{
    char digit[10];
    unsigned count = 0;
    do {
        digit[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count < digits_min)
        digit[count++] = '0';
    assert(count <= (size_t)(t->end - t->at));
    while (count > 0)
        *t->at++ = digit[--count];
}

/* "<before><owner><middle><number>", of which owner may be "". */
static struct gh_text emit_name(struct emit_text *t, const char *before, const char *owner,
                                const char *middle, uint32_t number)
{
    const char *start = t->at;
    emit_put(t, before);
    emit_put(t, owner);
    emit_put(t, middle);
    emit_number(t, number, 1);
    return (struct gh_text){start, (uint32_t)(t->at - start)};
}

static struct gh_text emit_agent(struct emit_text *t, uint8_t agent, uint8_t model,
                                 uint32_t actor)
{
    static const char *const name[GH_SIM_AGENTS] = {
        [GH_SIM_AGENT_EXPLORE] = "explore", [GH_SIM_AGENT_PLANNER] = "planner",
        [GH_SIM_AGENT_CODER] = "coder",     [GH_SIM_AGENT_REVIEWER] = "reviewer",
        [GH_SIM_AGENT_JOB] = "nightly",     [GH_SIM_AGENT_HELPER] = "helper",
        [GH_SIM_AGENT_SOLVER] = "solver",   [GH_SIM_AGENT_JUDGE] = "judge"};
    static const char *const client[GH_SIM_MODELS] = {
        [GH_SIM_OPUS] = "claude-code",  [GH_SIM_SONNET] = "claude-code",
        [GH_SIM_HAIKU] = "claude-code", [GH_SIM_GPT] = "codex",
        [GH_SIM_GPT_MINI] = "codex",    [GH_SIM_GEMINI] = "gemini-cli"};
    const char *start = t->at;
    emit_put(t, agent == GH_SIM_AGENT_MAIN ? client[model] : name[agent]);
    emit_put(t, "@a");
    emit_number(t, actor, 1);
    return (struct gh_text){start, (uint32_t)(t->at - start)};
}

static void emit_agents(const struct gh_sim_call *call, const struct gh_sim_person *person,
                        struct emit_text *t, struct gh_event *event)
{
    if (call->agent != GH_SIM_AGENT_NONE) {
        event->agent = emit_agent(t, call->agent, call->model, person->actor);
        EMIT_HAS(event, agent);
    }
    if (call->caller != GH_SIM_AGENT_NONE) {
        const uint32_t owner = call->partner ? gh_sim_partner(person->actor) : person->actor;
        event->caller = emit_agent(t, call->caller, call->model, owner);
        EMIT_HAS(event, caller);
    }
    if (call->origin != GH_ORIGIN_UNKNOWN) {
        event->origin = (enum gh_origin)call->origin;
        EMIT_HAS(event, origin);
    }
}

static void emit_counts(const struct gh_sim_call *call, struct gh_event *event)
{
    event->input_tokens = call->input;
    event->cache_read_tokens = call->cache_read;
    event->output_tokens = call->output;
    event->tool_calls = call->tool_calls;
    event->duration_ms = call->duration_ms;
    event->prompt_hash = call->prompt_hash;
    event->response_hash = call->response_hash;
    EMIT_HAS(event, input_tokens);
    EMIT_HAS(event, cache_read_tokens);
    EMIT_HAS(event, output_tokens);
    EMIT_HAS(event, tool_calls);
    EMIT_HAS(event, duration_ms);
    EMIT_HAS(event, prompt_hash);
    EMIT_HAS(event, response_hash);
    if (gh_sim_models[call->model].writes_cache) {
        event->cache_write_tokens = call->cache_write;
        EMIT_HAS(event, cache_write_tokens);
    }
    if (call->window != 0) {
        event->context_window = call->window;
        EMIT_HAS(event, context_window);
    }
    if (call->user_tokens != 0) {
        event->user_tokens = call->user_tokens;
        EMIT_HAS(event, user_tokens);
    }
    if (call->status != GH_CALL_OK) {
        event->status = (enum gh_call_status)call->status;
        EMIT_HAS(event, status);
    }
}

static void emit_call(const struct gh_sim_call *call, const struct gh_sim_person *person,
                      struct emit_text *t, struct gh_event *event)
{
    const struct gh_sim_model *model = &gh_sim_models[call->model];
    if (call->session != 0) {
        event->session = emit_name(t, person->name, "", "-s", call->session);
        EMIT_HAS(event, session);
    }
    event->trace = emit_name(t, person->name, "", "-t", call->trace);
    event->model = emit_lent(model->name);
    event->provider = emit_lent(model->provider);
    EMIT_HAS(event, trace);
    EMIT_HAS(event, model);
    EMIT_HAS(event, provider);
    emit_agents(call, person, t, event);
    emit_counts(call, event);
    if (model->reports_cost) {
        event->cost_usd = gh_sim_call_cost(call);
        EMIT_HAS(event, cost_usd);
    }
    if (call->experiment != 0) {
        event->experiment = emit_name(t, "study-", person->name, "-", call->experiment);
        EMIT_HAS(event, experiment);
    }
    /* Without a profile the team comes with the calls, from half of the clients. */
    if (!person->has_profile && person->actor % 2 == 0) {
        event->team = emit_lent(person->team_name);
        EMIT_HAS(event, team);
    }
}

static void emit_output(const struct gh_sim_output *output, const struct gh_sim_person *person,
                        struct emit_text *t, struct gh_event *event)
{
    event->artifact = (enum gh_artifact)output->artifact;
    event->state = (enum gh_state)output->state;
    event->ref = emit_name(t, person->name, "", "/repo#", output->ref);
    EMIT_HAS(event, artifact);
    EMIT_HAS(event, ref);
    if (output->state != GH_ACCEPTED)
        EMIT_HAS(event, state);
    if (output->session != 0) {
        event->session = emit_name(t, person->name, "", "-s", output->session);
        event->trace = emit_name(t, person->name, "", "-t", output->trace);
        EMIT_HAS(event, session);
        EMIT_HAS(event, trace);
    }
    if (output->lines_added + output->lines_removed > 0) {
        event->lines_added = output->lines_added;
        event->lines_removed = output->lines_removed;
        EMIT_HAS(event, lines_added);
        EMIT_HAS(event, lines_removed);
    }
    if (output->units > 0) {
        event->units = (double)output->units;
        EMIT_HAS(event, units);
    }
}

static void emit_profile(const struct gh_sim_record *record, const struct gh_sim_person *person,
                         struct emit_text *t, struct gh_event *event)
{
    event->team = emit_lent(person->team_name);
    event->manager = emit_name(t, "a", "", "", person->actor - person->actor % 10);
    event->role = emit_lent(gh_sim_role(record->as.notice.role)->name);
    event->account = person->is_service ? GH_SERVICE : GH_HUMAN;
    EMIT_HAS(event, team);
    EMIT_HAS(event, manager);
    EMIT_HAS(event, role);
    if (person->is_service)
        EMIT_HAS(event, account);
    if (!person->has_zone)
        return;
    event->timezone = emit_lent(gh_sim_zone_name(person->zone));
    EMIT_HAS(event, timezone);
    if (person->is_service)
        return;
    /* A calendar knows round hours, not habits. */
    const int32_t start = (person->start_min + 15) / 30 * 30;
    event->hours.from_min = (uint16_t)start;
    event->hours.until_min = (uint16_t)((start + 540) % 1440);
    event->workdays = person->workdays;
    EMIT_HAS(event, hours);
    EMIT_HAS(event, workdays);
}

static void emit_notice(const struct gh_sim_record *record, const struct gh_sim_person *person,
                        struct emit_text *t, struct gh_event *event)
{
    const struct gh_sim_notice *notice = &record->as.notice;
    if (notice->for_team) {
        event->team = emit_lent(person->team_name);
        event->actor = (struct gh_text){0};
        EMIT_HAS(event, team);
        event->present &= ~(UINT64_C(1) << GH_KEY_actor);
    }
    if (record->kind == GH_QUOTA) {
        event->tokens = (int64_t)notice->tokens;
        event->period = (enum gh_period)notice->period;
        EMIT_HAS(event, tokens);
        EMIT_HAS(event, period);
        return;
    }
    event->from_ms = notice->from_ms;
    event->until_ms = notice->until_ms;
    EMIT_HAS(event, from);
    EMIT_HAS(event, until);
    if (record->kind == GH_SCHEDULE) {
        event->schedule = (enum gh_schedule)notice->schedule;
        EMIT_HAS(event, type);
        return;
    }
    event->experiment = emit_name(t, "study-", person->name, "-", notice->experiment);
    event->title = emit_lent("exploration");
    event->budget_tokens = (int64_t)notice->tokens;
    EMIT_HAS(event, experiment);
    EMIT_HAS(event, title);
    EMIT_HAS(event, budget_tokens);
}

void gh_sim_record_event(const struct gh_sim_record *record, struct gh_sim_person *person,
                         char text[GH_SIM_TEXT_SIZE], struct gh_event *event)
{
    struct emit_text t = {text, text + GH_SIM_TEXT_SIZE};
    *event = (struct gh_event){.kind = (enum gh_kind)record->kind, .ts_ms = record->ts_ms};
    event->id.at = t.at;
    emit_put(&t, person->name);
    emit_put(&t, "-");
    emit_number(&t, ++person->events, 6);
    event->id.size = (uint32_t)(t.at - text);
    event->actor = emit_lent(person->name);
    EMIT_HAS(event, id);
    EMIT_HAS(event, ts);
    EMIT_HAS(event, actor);
    if (event->kind == GH_USAGE) {
        emit_call(&record->as.call, person, &t, event);
        return;
    }
    EMIT_HAS(event, kind);
    if (event->kind == GH_OUTPUT)
        emit_output(&record->as.output, person, &t, event);
    else if (event->kind == GH_PROFILE)
        emit_profile(record, person, &t, event);
    else
        emit_notice(record, person, &t, event);
}
