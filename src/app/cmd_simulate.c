/* cmd_simulate.c - `goodhart simulate`: a labelled company as a file of events. */
#include "app/command.h"

#include "app/outfile.h"
#include "app/simulate/simulate.h"
#include "base/civil.h"
#include "edge/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIMULATE_BATCH = 512, SIMULATE_PATH_SIZE = 4096 };

struct simulate_totals {
    uint64_t events, gamers;
    double tokens_gamed;
};

static enum gh_status simulate_behaviour(const char *name, int *behaviour,
                                         struct gh_error *error)
{
    *behaviour = -1;
    if (strcmp(name, "any") == 0)
        return GH_OK;
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        if (strcmp(name, gh_behaviour_name((enum gh_behaviour)b)) == 0)
            *behaviour = b;
#define SIMULATE_LEGAL(name, value) ", " #name
    if (*behaviour < 0)
        return gh_error_set(error, GH_EUSAGE,
                            "--behaviour: %s: any" GH_BEHAVIOUR_LIST(SIMULATE_LEGAL), name);
#undef SIMULATE_LEGAL
    return GH_OK;
}

/* --adaptive is the short name of --form cautious. */
static enum gh_status simulate_form(const struct gh_arguments *a, int *form,
                                    struct gh_error *error)
{
    const char *name = gh_argument(a, "form");
    *form = GH_SIM_FORMS;
    if (!name)
        name = gh_argument(a, "adaptive") ? "cautious" : "naive";
    if (strcmp(name, "mixed") == 0)
        *form = GH_SIM_MIXED;
    for (uint32_t i = 0; gh_sim_form_name(i); i++)
        if (strcmp(name, gh_sim_form_name(i)) == 0)
            *form = (int)i;
#define SIMULATE_LEGAL(name, value) ", " #name
    if (*form == GH_SIM_FORMS)
        return gh_error_set(error, GH_EUSAGE,
                            "--form: %s: mixed" GH_SIM_FORM_LIST(SIMULATE_LEGAL), name);
#undef SIMULATE_LEGAL
    return GH_OK;
}

static enum gh_status simulate_start(const char *date, int64_t *start_ms,
                                     struct gh_error *error)
{
    char text[GH_TIME_TEXT_SIZE];
    if (!date)
        return GH_OK;
    const int size = snprintf(text, sizeof(text), "%sT00:00:00Z", date);
    if (size < 0 || size >= (int)sizeof(text) || !gh_time_parse(text, (size_t)size, start_ms))
        return gh_error_set(error, GH_EUSAGE, "--start: %s: a date such as 2026-02-02", date);
    return GH_OK;
}

static enum gh_status simulate_plan(const struct gh_arguments *a, struct gh_sim_plan *plan,
                                    struct gh_error *error)
{
    uint64_t actors = 0, weeks = 0;
    enum gh_status status =
        gh_argument_u64(a, "actors", (struct gh_whole_range){2, 1000000}, &actors, error);
    *plan = gh_sim_plan_default();
    if (status == GH_OK)
        status = gh_argument_u64(a, "weeks", (struct gh_whole_range){1, 104}, &weeks, error);
    if (status == GH_OK)
        status = gh_argument_u64(a, "seed", (struct gh_whole_range){0, UINT64_MAX}, &plan->seed,
                                 error);
    if (status == GH_OK)
        status = gh_argument_double(a, "gamers", (struct gh_number_range){0, 1}, &plan->gamers,
                                    error);
    if (status == GH_OK)
        status = gh_argument_double(a, "strength", (struct gh_number_range){0, 100},
                                    &plan->strength, error);
    if (status == GH_OK)
        status = simulate_behaviour(gh_argument(a, "behaviour"), &plan->behaviour, error);
    if (status == GH_OK)
        status = simulate_form(a, &plan->form, error);
    if (status == GH_OK)
        status = simulate_start(gh_argument(a, "start"), &plan->start_ms, error);
    plan->actors = (uint32_t)actors;
    plan->weeks = (uint32_t)weeks;
    plan->rotten = gh_argument(a, "rotten") != NULL;
    plan->day_one = gh_argument(a, "day-one") != NULL;
    plan->anyone = gh_argument(a, "anyone") != NULL;
    plan->bursts = gh_argument(a, "no-bursts") == NULL;
    return status;
}

static enum gh_status simulate_open(struct gh_outfile *out, char path[SIMULATE_PATH_SIZE],
                                    const char *folder, const char *name,
                                    struct gh_error *error)
{
    const int size = snprintf(path, SIMULATE_PATH_SIZE, "%s/%s", folder, name);
    if (size < 0 || size >= SIMULATE_PATH_SIZE)
        return gh_error_set(error, GH_EUSAGE, "--out: path too long");
    return gh_outfile_open(out, path, error);
}

static enum gh_status simulate_events(struct gh_sim *sim, const char *folder, uint64_t *written,
                                      struct gh_error *error)
{
    static char line[6 * GH_EVENT_BYTES_MAX];
    static struct gh_event event[SIMULATE_BATCH];
    char path[SIMULATE_PATH_SIZE];
    struct gh_outfile out = {0};
    enum gh_status status = simulate_open(&out, path, folder, "events.ndjson", error);
    size_t count = 0;
    while (status == GH_OK && (count = gh_sim_next(sim, event, SIMULATE_BATCH)) > 0) {
        for (size_t i = 0; i < count; i++)
            fwrite(line, 1, gh_encode(&event[i], line, sizeof(line)), out.file);
        *written += count;
        if (ferror(out.file))
            break;
    }
    if (status == GH_OK && gh_sim_failed(sim))
        status = gh_error_set(error, GH_EMEMORY, "simulate: out of memory");
    const enum gh_status closed = gh_outfile_close(&out, error);
    return status != GH_OK ? status : closed;
}

static json_t *simulate_bursts(uint32_t bits)
{
    json_t *names = json_array();
    for (uint32_t i = 0; gh_sim_burst_name(i); i++)
        if ((bits >> i) & 1)
            json_array_append_new(names, json_string(gh_sim_burst_name(i)));
    return names;
}

static json_t *simulate_label(const struct gh_sim_label *label)
{
    char from[GH_TIME_TEXT_SIZE], until[GH_TIME_TEXT_SIZE];
    json_t *object =
        json_pack("{s:s%, s:s, s:s, s:b, s:o, s:n}", "actor", label->actor.at,
                  (size_t)label->actor.size, "team", label->team, "role", label->role, "gamer",
                  (int)label->gamer, "bursts", simulate_bursts(label->bursts), "behaviour");
    if (!object || !label->gamer)
        return object;
    gh_time_format(label->from_ms, from);
    gh_time_format(label->until_ms, until);
    json_t *gaming = json_pack(
        "{s:s, s:s, s:i, s:s, s:s, s:f, s:f, s:f}", "behaviour",
        gh_behaviour_name(label->behaviour), "form", gh_sim_form_name((uint32_t)label->form),
        "together", (int)label->together, "from", from, "until", until, "strength",
        label->strength, "tokens_gamed", label->tokens_gamed, "cost_gamed", label->cost_gamed);
    if (!gaming || json_object_update(object, gaming) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(gaming);
    return object;
}

static json_t *simulate_labels(const struct gh_sim *sim, const struct gh_sim_plan *plan,
                               struct simulate_totals *totals)
{
    json_t *actors = json_array();
    for (uint32_t i = 0; i < gh_sim_label_count(sim); i++) {
        struct gh_sim_label label;
        gh_sim_label_at(sim, i, &label);
        totals->gamers += label.gamer;
        totals->tokens_gamed += label.tokens_gamed;
        if (json_array_append_new(actors, simulate_label(&label)) != 0) {
            json_decref(actors);
            return NULL;
        }
    }
    /* The seed is a text: it may be larger than a JSON reader's integers. */
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, plan->seed);
    return json_pack("{s:{s:i, s:i, s:f, s:s, s:b, s:b, s:b, s:b, s:s}, s:o}", "plan", "actors",
                     (int)plan->actors, "weeks", (int)plan->weeks, "gamers", plan->gamers,
                     "form", plan->form < 0 ? "mixed" : gh_sim_form_name((uint32_t)plan->form),
                     "anyone", (int)plan->anyone, "rotten", (int)plan->rotten, "day_one",
                     (int)plan->day_one, "bursts", (int)plan->bursts, "seed", seed, "actors",
                     actors);
}

static enum gh_status simulate_truth(const struct gh_sim *sim, const struct gh_sim_plan *plan,
                                     const char *folder, struct simulate_totals *totals,
                                     struct gh_error *error)
{
    char path[SIMULATE_PATH_SIZE];
    struct gh_outfile out = {0};
    const enum gh_status status = simulate_open(&out, path, folder, "labels.json", error);
    if (status != GH_OK)
        return status;
    json_t *labels = simulate_labels(sim, plan, totals);
    gh_outfile_line(&out, labels ? json_dumps(labels, JSON_INDENT(1)) : NULL);
    json_decref(labels);
    return gh_outfile_close(&out, error);
}

static enum gh_status simulate_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct simulate_totals totals = {0};
    struct gh_sim_plan plan;
    struct gh_sim *sim = NULL;
    const char *folder = gh_argument(a, "out");
    enum gh_status status = simulate_plan(a, &plan, error);
    if (status == GH_OK && !folder)
        status = gh_error_set(error, GH_EUSAGE, "--out: the folder to write to is missing");
    if (status == GH_OK)
        status = gh_sim_new(&sim, &plan, error);
    if (status == GH_OK && folder && mkdir(folder, 0777) != 0 && errno != EEXIST)
        status = gh_error_set(error, GH_EIO, "%s: %s", folder, strerror(errno));
    if (status == GH_OK)
        status = simulate_events(sim, folder, &totals.events, error);
    if (status == GH_OK)
        status = simulate_truth(sim, &plan, folder, &totals, error);
    if (status == GH_OK)
        fprintf(stderr,
                "simulate: %" PRIu64 " events of %u actors in %u weeks; %" PRIu64
                " of them gamed %.3g tokens\n",
                totals.events, plan.actors, plan.weeks, totals.gamers, totals.tokens_gamed);
    gh_sim_free(sim);
    return status;
}

static const struct gh_flag flags[] = {
    {"actors", "N", "200", "people and accounts, 2 to 1000000", false},
    {"weeks", "W", "8", "how long, 1 to 104", false},
    {"gamers", "SHARE", "0.04", "share of people who game, 0 to 1", false},
    {"behaviour", "NAME", "any", "what they do; any: each draws one", false},
    {"strength", "X", "0",
     "the gamed part in multiples of the usual, above 1; 0: 1.5, 3 or 10 by lot", false},
    {"adaptive", NULL, NULL, "gamers know the detectors and try to stay out of sight", false},
    {"form", "NAME", NULL,
     "how they do it: naive, cautious (as --adaptive), ramp, ring, paraphrase …; mixed: by lot",
     false},
    {"rotten", NULL, NULL, "gamers come as teams that game together", false},
    {"day-one", NULL, NULL, "gaming since before the first event", false},
    {"anyone", NULL, NULL, "gamers from all people, not from the heavier users alone", false},
    {"no-bursts", NULL, NULL, "leave out deadlines, experiments and other honest oddities",
     false},
    {"seed", "K", "1", "another seed, another company", false},
    {"start", "DATE", NULL, "first day, a Monday; absent: 2026-02-02", false},
    {"out", "DIR", NULL, "folder to write to; made when it is not there", false},
};

const struct gh_command gh_command_simulate = {
    .name = "simulate",
    .positional = "",
    .summary = "makes a labelled stream of events, for trials and for tests",
    .details = "Writes DIR/events.ndjson and, for every actor, the truth to DIR/labels.json:\n"
               "behaviour, from, until, strength and tokens gamed, and the honest oddities.\n"
               "The same flags give the same bytes.\n\n"
               "  goodhart simulate --actors 500 --weeks 6 --gamers 0.05 --out company\n"
               "  goodhart replay company/events.ndjson --findings -\n",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(*flags),
    .run = simulate_run,
};
