/* service_sinks.c - alerts on their way to Alertmanager, Slack, webhook and mail. */
#include "app/service_inside.h"

#include "edge/json.h"
#include "edge/operate/note.h"
#include "store/store_options.h"

enum gh_status gh_service_sinks_open(struct gh_service *s, const struct gh_config *config,
                                     struct gh_error *error)
{
    const struct gh_sinks_options *options = gh_config_group(config, "sinks");
    const struct gh_store_options *store = gh_config_group(config, "store");
    struct gh_sinks_counts counts;
    if (!gh_sinks_wanted(options))
        return GH_OK;
    const enum gh_status status = gh_sinks_new(&s->sinks, options, store->folder.text,
                                               s->alerts_options->source.text, error);
    if (status != GH_OK)
        return status;
    gh_sinks_counts(s->sinks, &counts);
    for (size_t i = 0; i < counts.count; i++)
        gh_note(GH_NOTE_listening, "alerts to %s, after number %llu", counts.sink[i].name,
                (unsigned long long)counts.sink[i].position);
    return GH_OK;
}

enum gh_status gh_service_sinks_reload(struct gh_service *s, struct gh_error *error)
{
    if (!s->sinks)
        return GH_OK;
    const enum gh_status status = gh_sinks_reload(s->sinks, error);
    if (status == GH_OK)
        gh_note(GH_NOTE_sources, "files of sinks: read again");
    else
        gh_note(GH_NOTE_sources_failed, "%s: sinks stay as they were", error->text);
    return status;
}

static void sink_write(struct gh_json *json, const struct gh_sink_counts *c)
{
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {{"messages", c->messages},     {"told", c->told},
               {"collapsed", c->collapsed},   {"filtered", c->filtered},
               {"refused", c->refused},       {"unknown", c->unknown},
               {"unreadable", c->unreadable}, {"retried", c->retried},
               {"waiting", c->waiting},       {"position", c->position}};
    gh_json_open(json, '{');
    gh_json_key(json, "sink");
    gh_json_string(json, c->name);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(json, row[i].name);
        gh_json_count(json, row[i].value);
    }
    gh_json_key(json, "trouble");
    gh_json_string(json, c->trouble);
    gh_json_close(json, '}');
}

void gh_service_sinks_write(const struct gh_service *s, struct gh_json *json)
{
    struct gh_sinks_counts counts;
    if (!s->sinks)
        return;
    gh_sinks_counts(s->sinks, &counts);
    gh_json_key(json, "sinks");
    gh_json_open(json, '[');
    for (size_t i = 0; i < counts.count; i++)
        sink_write(json, &counts.sink[i]);
    gh_json_close(json, ']');
}
