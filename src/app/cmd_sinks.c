/* cmd_sinks.c - `goodhart sinks`: test messages, and what was refused. */
#include "app/command.h"
#include "app/outfile.h"
#include "app/terminal.h"
#include "edge/json.h"
#include "edge/sinks/sinks.h"
#include "store/delivered.h"
#include "store/store_options.h"

#include <string.h>

struct tried {
    unsigned failed;
};

static void test_told(void *context, const char *sink, const char *trouble)
{
    struct tried *tried = context;
    const char *what = trouble[0] ? trouble : "took the test message";

    tried->failed += trouble[0] != '\0';
    gh_terminal_text(stderr, (struct gh_text){sink, (uint32_t)strlen(sink)});
    fputs(": ", stderr);
    gh_terminal_text(stderr, (struct gh_text){what, (uint32_t)strlen(what)});
    fputc('\n', stderr);
}

static enum gh_status sinks_test(const struct gh_arguments *a, const char *name,
                                 struct gh_error *error)
{
    const struct gh_alerts_options *alerts = gh_config_group(a->config, "alerts");
    struct tried tried = {0};
    const struct gh_sinks_test test = {
        .source = alerts->source.text, .name = name, .context = &tried, .told = test_told};
    const enum gh_status status =
        gh_sinks_test(gh_config_group(a->config, "sinks"), &test, error);

    if (status == GH_OK && tried.failed > 0)
        return gh_error_set(error, GH_EIO, "sinks test: %u did not take it", tried.failed);
    return status;
}

static void aside_write(void *context, const struct gh_set_aside *aside)
{
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "sink");
    gh_json_text(&json, aside->sink);
    gh_json_key(&json, "first");
    gh_json_count(&json, aside->first);
    gh_json_key(&json, "last");
    gh_json_count(&json, aside->last);
    gh_json_key(&json, "code");
    gh_json_count(&json, aside->code);
    gh_json_key(&json, "time");
    gh_json_time(&json, aside->time_ms);
    gh_json_key(&json, "reason");
    gh_json_text(&json, aside->reason);
    gh_json_close(&json, '}');
    gh_outfile_line(context, gh_json_take(&json));
}

static enum gh_status sinks_refused(const struct gh_arguments *a, const char *name,
                                    struct gh_error *error)
{
    const struct gh_store_options *store = gh_config_group(a->config, "store");
    struct gh_delivered *delivered = NULL;
    struct gh_outfile out = {0};

    if (name[0] || !store->folder.text[0])
        return gh_error_set(error, GH_EUSAGE,
                            "sinks refused: takes no name, and store.folder must be set");
    enum gh_status status = gh_delivered_open_reader(&delivered, store->folder.text, error);
    if (status == GH_OK)
        status = gh_outfile_open(&out, "-", error);
    if (status == GH_OK)
        status = gh_delivered_aside(delivered, aside_write, &out, error);
    gh_delivered_close(delivered);
    return status == GH_OK ? gh_outfile_close(&out, error) : status;
}

static enum gh_status sinks_run(const struct gh_arguments *a, struct gh_error *error)
{
    const char *name = a->positional_count > 1 ? a->positional[1] : "";

    if (strcmp(a->positional[0], "test") == 0)
        return sinks_test(a, name, error);
    if (strcmp(a->positional[0], "refused") == 0)
        return sinks_refused(a, name, error);
    return gh_error_set(error, GH_EUSAGE, "sinks: '%s': test or refused", a->positional[0]);
}

const struct gh_command gh_command_sinks = {
    .name = "sinks",
    .positional = "test|refused [NAME]",
    .positional_min = 1,
    .positional_max = 2,
    .summary = "tries the sinks of alerts out, and tells what they refused",
    .details =
        "test sends a message that says that it is one to every sink of the configuration,\n"
        "or to those whose names begin with NAME, and tells what came of it. refused prints\n"
        "a line of JSON for what a sink refused for good; `first` and `last` are numbers of\n"
        "alerts.\n"
        "\n"
        "Example:\n"
        "  goodhart sinks test slack --config goodhart.yaml",
    .run = sinks_run,
};
