/* metrics_table.c - the rows of the table and the values that labels may have. */
#include "edge/operate/metrics.h"

#include "edge/hooks/hooks.h"
#include "edge/http/handover.h"
#include "edge/http/sources.h"
#include "edge/keys.h"
#include "edge/operate/note.h"
#include "goodhart/event.h"
#include "goodhart/finding.h"

#include <assert.h>

#define ROW_OF(prefix, name, type, unit, first, second, help) \
    {prefix #name, GH_##type, unit, GH_LABEL_##first, GH_LABEL_##second, help},
#define OWN_ROW(...) ROW_OF("goodhart_", __VA_ARGS__)
#define PROCESS_ROW(...) ROW_OF("process_", __VA_ARGS__)

static const struct gh_metric_row rows[] = {GH_METRICS(OWN_ROW)
                                                GH_PROCESS_METRICS(PROCESS_ROW)};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == GH_METRIC_COUNT, "a row for each metric");

const struct gh_metric_row *gh_metric_row(enum gh_metric metric)
{
    assert(metric < GH_METRIC_COUNT);
    return &rows[metric];
}

const char *gh_metric_type_name(enum gh_metric_type type)
{
    static const char *const name[] = {"gauge", "counter", "info", "histogram"};
    return name[type];
}

/* As names of sinks begin (edge/sinks/sinks.h). */
const char *const gh_sink_kinds[GH_SINK_KINDS] = {"alertmanager", "slack", "webhook", "mail"};

static const char *revision = "";

void gh_label_revision(const char *text)
{
    revision = text;
}

static const char *of_none(size_t index)
{
    (void)index;
    return "";
}

static const char *of_version(size_t index)
{
    (void)index;
    return GH_VERSION;
}

static const char *of_revision(size_t index)
{
    (void)index;
    return revision;
}

/* In the order of enum gh_outcome, of which those that are held have not become anything. */
static const char *const outcomes[] = {"applied", "duplicate", "late", "refused"};
static const char *const stages[] = {"decode", "engine", "alerts"};
/* In the order of enum gh_hand_end. */
static const char *const hands[] = {"kept", "full", "stalled", "closed"};
static const char *const servers[] = {"web", "otlp"};
static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
/* In the order of enum gh_mapped. */
static const char *const records[] = {"event", "total", "of_no_use", "unknown", "bad"};
/* In the order of enum gh_hook_service. */
static const char *const hooks[] = {"github", "gitlab", "generic"};
static const char *const delays[] = {"1",    "10",    "60",    "300",   "900",    "3600",
                                     "7200", "21600", "43200", "86400", "172800", "+Inf"};
static const char *const pauses[] = {"0.001", "0.0025", "0.005", "0.01", "0.025",
                                     "0.05",  "0.1",    "0.25",  "0.5",  "1",
                                     "2.5",   "5",      "10",    "+Inf"};
static const char *const sizes[] = {"1",     "10",    "100",    "1000",
                                    "10000", "65536", "262144", "+Inf"};

static const char *of_outcome(size_t index)
{
    return outcomes[index];
}

/* No refusal is none of the reasons. */
static const char *of_reason(size_t index)
{
    return gh_refusal_name((enum gh_refusal)(index + 1));
}

static const char *of_kind(size_t index)
{
    return gh_kind_name((enum gh_kind)index);
}

static const char *of_detector(size_t index)
{
    return gh_behaviour_name((enum gh_behaviour)index);
}

static const char *of_track(size_t index)
{
    return gh_track_name((enum gh_track)index);
}

static const char *of_change(size_t index)
{
    return gh_change_name((enum gh_change)index);
}

static const char *of_stage(size_t index)
{
    return stages[index];
}

static const char *of_state(size_t index)
{
    return gh_key_state_name((enum gh_key_state)index);
}

static const char *of_level(size_t index)
{
    return gh_note_level_name((enum gh_note_level)index);
}

static const char *of_server(size_t index)
{
    return servers[index];
}

static const char *of_class(size_t index)
{
    return classes[index];
}

static const char *of_hand(size_t index)
{
    return hands[index];
}

static const char *of_record(size_t index)
{
    return records[index];
}

static const char *of_hook(size_t index)
{
    return hooks[index];
}

static const char *of_answer(size_t index)
{
    return gh_hook_outcome_name((enum gh_hook_outcome)index);
}

static const char *of_sink(size_t index)
{
    return gh_sink_kinds[index];
}

static const char *of_delay(size_t index)
{
    return delays[index];
}

static const char *of_pause(size_t index)
{
    return pauses[index];
}

static const char *of_size(size_t index)
{
    return sizes[index];
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct {
    const char *name;
    size_t count;
    const char *(*value)(size_t index);
} labels[] = {
    [GH_LABEL_none] = {"", 1, of_none},
    [GH_LABEL_version] = {"version", 1, of_version},
    [GH_LABEL_revision] = {"revision", 1, of_revision},
    [GH_LABEL_outcome] = {"outcome", COUNT(outcomes), of_outcome},
    [GH_LABEL_reason] = {"reason", GH_REFUSAL_COUNT - 1, of_reason},
    [GH_LABEL_kind] = {"kind", GH_KIND_COUNT, of_kind},
    [GH_LABEL_detector] = {"detector", GH_BEHAVIOUR_COUNT, of_detector},
    [GH_LABEL_track] = {"track", GH_TRACK_COUNT, of_track},
    [GH_LABEL_change] = {"change", GH_CHANGE_COUNT, of_change},
    [GH_LABEL_stage] = {"stage", COUNT(stages), of_stage},
    [GH_LABEL_state] = {"state", GH_KEY_STATES, of_state},
    [GH_LABEL_level] = {"level", GH_NOTE_LEVELS, of_level},
    [GH_LABEL_server] = {"server", COUNT(servers), of_server},
    [GH_LABEL_class] = {"class", COUNT(classes), of_class},
    [GH_LABEL_hand] = {"outcome", COUNT(hands), of_hand},
    [GH_LABEL_record] = {"record", COUNT(records), of_record},
    [GH_LABEL_hook] = {"hook", COUNT(hooks), of_hook},
    [GH_LABEL_answer] = {"outcome", GH_HOOK_OUTCOMES, of_answer},
    [GH_LABEL_sink] = {"sink", GH_SINK_KINDS, of_sink},
    [GH_LABEL_delay] = {"le", COUNT(delays), of_delay},
    [GH_LABEL_pause] = {"le", COUNT(pauses), of_pause},
    [GH_LABEL_size] = {"le", COUNT(sizes), of_size},
};
_Static_assert(COUNT(records) == GH_MAPPED_COUNT, "a word for each sort of a record");
_Static_assert(COUNT(hooks) == GH_HOOK_SERVICES, "a word for each sort of hook");
_Static_assert(COUNT(hands) == GH_HAND_ENDS, "a word for each end of a hand");
_Static_assert(COUNT(labels) == GH_LABEL_COUNT, "values for each label");

const char *gh_label_name(enum gh_label label)
{
    return labels[label].name;
}

size_t gh_label_count(enum gh_label label)
{
    return labels[label].count;
}

const char *gh_label_value(enum gh_label label, size_t index)
{
    assert(index < labels[label].count);
    return labels[label].value(index);
}
