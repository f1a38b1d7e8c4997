/* replay_summary.c - see replay_summary.h. */
#include "app/replay_summary.h"

#include "base/write.h"

#include <glib.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>

static size_t behaviour_find(const char *name)
{
    size_t i = 0;

    while (i < GH_BEHAVIOUR_COUNT && strcmp(gh_behaviour_name((enum gh_behaviour)i), name))
        i++;
    return i;
}

static bool same_text(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && !memcmp(a.at, b.at, a.size);
}

static void who_add(struct gh_text who[GH_WHO_MAX], struct gh_text actor)
{
    for (size_t i = 0; i < GH_WHO_MAX; i++) {
        if (!who[i].at)
            who[i] = actor;
        if (same_text(who[i], actor))
            return;
    }
}

void gh_summary_findings(struct gh_summary *summary, const struct gh_engine *engine)
{
    GHashTable *actors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct gh_finding finding;
    uint64_t cursor = 0;

    while (gh_engine_finding(engine, &cursor, &finding)) {
        const size_t behaviour = behaviour_find(finding.detector);

        summary->findings++;
        if (behaviour < GH_BEHAVIOUR_COUNT) {
            summary->found[behaviour][finding.track]++;
            who_add(summary->who[behaviour], finding.actor);
        }
        if (gh_reviewable(finding.track) && finding.actor.at)
            g_hash_table_add(actors, g_strndup(finding.actor.at, finding.actor.size));
    }
    summary->reviewable_actors = g_hash_table_size(actors);
    g_hash_table_destroy(actors);
}

static uint64_t found_by(const struct gh_summary *s, size_t behaviour)
{
    uint64_t sum = 0;

    for (size_t t = 0; t < GH_TRACK_COUNT; t++)
        sum += s->found[behaviour][t];
    return sum;
}

static uint64_t found_on(const struct gh_summary *s, size_t track)
{
    uint64_t sum = 0;

    for (size_t b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        sum += s->found[b][track];
    return sum;
}

static json_t *count_json(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* Tokens are whole as long as a double can hold them apart. */
static json_t *number_json(double value)
{
    if (!isfinite(value))
        return json_null();
    return value == floor(value) && fabs(value) < 9e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

static json_t *refused_json(const struct gh_summary *s)
{
    json_t *object = json_object();

    for (int r = GH_REFUSED_NOT + 1; r < GH_REFUSAL_COUNT; r++)
        json_object_set_new(object, gh_refusal_name((enum gh_refusal)r),
                            count_json(s->tally.refused_by[r]));
    return object;
}

static json_t *detectors_json(const struct gh_summary *s)
{
    json_t *object = json_object();

    for (size_t b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        json_object_set_new(object, gh_behaviour_name((enum gh_behaviour)b),
                            count_json(found_by(s, b)));
    return object;
}

static json_t *tracks_json(const struct gh_summary *s)
{
    json_t *object = json_object();

    for (size_t t = 0; t < GH_TRACK_COUNT; t++)
        json_object_set_new(object, gh_track_name((enum gh_track)t),
                            count_json(found_on(s, t)));
    return object;
}

static json_t *stages_json(const struct gh_summary *s)
{
    json_t *object = json_object();

    json_object_set_new(object, "read", json_real(s->read_seconds));
    json_object_set_new(object, "decode", json_real((double)s->tally.decode_ns / 1e9));
    json_object_set_new(object, "engine", json_real((double)s->tally.engine_ns / 1e9));
    json_object_set_new(object, "alerts", json_real((double)s->tally.change_ns / 1e9));
    json_object_set_new(object, "findings", json_real(s->findings_seconds));
    return object;
}

static uint64_t peak_memory_bytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void log_set(json_t *object, const struct gh_summary *s)
{
    const struct gh_tally *tally = &s->tally;
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {
        {"files", s->files},
        {"bytes", tally->bytes},
        {"events", tally->pieces},
        {"applied", tally->applied},
        {"authenticated", tally->engine.authenticated},
        {"kept_apart", tally->engine.kept_apart},
        {"late", tally->late},
        {"duplicates", tally->duplicate},
        {"refused", tally->refused},
        {"unknown_keys", tally->unknown_keys},
        {"cost_unknown", tally->engine.cost_unknown},
        {"missing", tally->engine.missing},
        {"uncovered_days", tally->engine.uncovered},
        {"zone_unknown", tally->engine.zone_unknown},
        {"verdicts_void", tally->engine.verdicts_void},
        {"audited", tally->engine.audited},
        {"allowances_moved", tally->engine.allowances_moved},
        {"cells_refused", tally->engine.cells_refused},
        {"actors", tally->engine.actors},
        {"teams", tally->engine.teams},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_object_set_new(object, rows[i].key, count_json(rows[i].value));
    json_object_set_new(object, "refused_by", refused_json(s));
    json_object_set_new(object, "tokens", number_json(tally->engine.tokens));
    json_object_set_new(object, "cost_usd", number_json(tally->engine.cost_usd));
}

char *gh_summary_json(const struct gh_summary *summary)
{
    const struct gh_summary *s = summary;
    json_t *object = json_object();
    char *text;

    log_set(object, s);
    json_object_set_new(object, "findings", count_json(s->findings));
    json_object_set_new(object, "findings_by_detector", detectors_json(s));
    json_object_set_new(object, "findings_by_track", tracks_json(s));
    json_object_set_new(object, "reviewable_actors", count_json(s->reviewable_actors));
    json_object_set_new(object, "alerts", count_json(s->tally.changes));
    json_object_set_new(object, "shards", count_json(s->shards));
    json_object_set_new(object, "seconds", json_real(s->seconds));
    json_object_set_new(object, "events_per_second",
                        json_real(s->seconds > 0 ? (double)s->tally.pieces / s->seconds : 0));
    json_object_set_new(object, "peak_memory_bytes", count_json(peak_memory_bytes()));
    json_object_set_new(object, "stages", stages_json(s));
    text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(object);
    return text;
}

static void count_print(FILE *out, uint64_t value, const char *what)
{
    char text[64];
    struct gh_writer w = gh_writer_on(text, sizeof(text));

    gh_write_count(&w, (double)value);
    fprintf(out, "%s%s", text, what);
}

static void log_print(const struct gh_summary *s, FILE *out)
{
    const struct gh_tally *tally = &s->tally;
    char text[128];
    struct gh_writer w = gh_writer_on(text, sizeof(text));

    count_print(out, tally->pieces, " events: ");
    count_print(out, tally->applied, " applied, ");
    count_print(out, tally->late, " late, ");
    count_print(out, tally->duplicate, " duplicates, ");
    count_print(out, tally->refused, " refused");
    for (int r = GH_REFUSED_NOT + 1; r < GH_REFUSAL_COUNT; r++)
        if (tally->refused_by[r])
            fprintf(out, "\n  refused: %" PRIu64 " %s", tally->refused_by[r],
                    gh_refusal_text((enum gh_refusal)r));
    fputc('\n', out);
    count_print(out, tally->engine.actors, " actors, ");
    gh_write_short(&w, tally->engine.tokens);
    gh_write(&w, " tokens, ");
    gh_write_money(&w, tally->engine.cost_usd);
    fprintf(out, "%s%s", text, tally->engine.cost_unknown ? "; " : "");
    if (tally->engine.cost_unknown)
        count_print(out, tally->engine.cost_unknown, " calls without a known price");
    fputc('\n', out);
}

static void detector_print(const struct gh_summary *s, size_t behaviour, FILE *out)
{
    const struct gh_text *who = s->who[behaviour];

    fprintf(out, "%-18s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  ",
            gh_behaviour_name((enum gh_behaviour)behaviour), s->found[behaviour][GH_INCIDENT],
            s->found[behaviour][GH_REVIEW], s->found[behaviour][GH_CASE]);
    for (size_t i = 0; i < GH_WHO_MAX && who[i].at; i++)
        fprintf(out, "%s%.*s", i ? ", " : "", (int)who[i].size, who[i].at);
    fputs(found_by(s, behaviour) > GH_WHO_MAX ? " …\n" : "\n", out);
}

void gh_summary_print(const struct gh_summary *summary, FILE *out)
{
    const double actors = (double)summary->tally.engine.actors;
    char share[32];
    struct gh_writer w = gh_writer_on(share, sizeof(share));

    log_print(summary, out);
    if (summary->findings)
        fprintf(out, "\n%-18s %9s %9s %9s  %s\n", "detector", "incident", "review", "case",
                "who");
    for (size_t b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        if (found_by(summary, b))
            detector_print(summary, b, out);
    gh_write_percent(&w, actors > 0 ? (double)summary->reviewable_actors / actors : 0);
    fprintf(out, "\nactors with a finding to review: %" PRIu64 " of %.0f (%s)\n",
            summary->reviewable_actors, actors, share);
}
