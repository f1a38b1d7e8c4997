/* health.c - see health.h. */
#include "edge/http/health.h"

#include "edge/json.h"

#include <stdlib.h>
#include <string.h>

unsigned gh_http_admit_control(void *context, struct gh_http_request *request,
                               char text[GH_HTTP_TEXT_SIZE])
{
    const struct gh_http_intake *intake = context;
    return gh_http_admit_role(intake->ring, GH_ROLE_CONTROL, request, text);
}

void gh_http_healthy(void *context, struct gh_http_request *request)
{
    (void)context;
    gh_http_say(request, 200, "healthy");
}

void gh_http_ready(void *context, struct gh_http_request *request)
{
    const struct gh_http_intake *intake = context;
    const enum gh_hand_end state = gh_handover_state(intake->handover);
    gh_http_say(request, gh_http_status_of(state),
                state == GH_HAND_DONE ? "ready" : gh_hand_end_text(state));
}

static bool covered_write(void *context, const struct gh_covered *covered)
{
    struct gh_json *json = context;
    const struct {
        const char *name;
        double value;
    } row[] = {{"calls", (double)covered->calls},
               {"missing", (double)covered->missing},
               {"call_tokens", covered->call_tokens},
               {"total_tokens", covered->total_tokens}};
    gh_json_open(json, '{');
    gh_json_key(json, "actor");
    gh_json_text(json, covered->actor);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(json, row[i].name);
        gh_json_number(json, row[i].value);
    }
    gh_json_key(json, "newest");
    gh_json_time(json, covered->newest_ms);
    gh_json_close(json, '}');
    gh_json_raw(json, "\n", 1);
    return !json->failed;
}

void gh_http_coverage(void *context, struct gh_http_request *request)
{
    const struct gh_http_intake *intake = context;
    struct gh_json json = {0};
    gh_coverage_each(gh_sources_coverage(intake->sources), covered_write, &json);
    char *text = json.failed ? NULL : gh_json_take(&json);
    if (!text)
        gh_http_say(request, 503, gh_hand_end_text(GH_HAND_FULL));
    else
        gh_http_answer(
            request, &(struct gh_http_reply){200, "application/x-ndjson", text, strlen(text)});
    free(text);
}

struct reload {
    struct gh_ask ask; /* first: one is the other */
    struct gh_http_request *request;
};

static void reload_told(struct gh_ask *ask, const struct gh_error *error)
{
    struct gh_http_request *request = ((struct reload *)ask)->request;
    free(ask);
    const unsigned refused = error && error->status == GH_ECONFIG ? 422 : 500;
    gh_http_say(request, error ? refused : 200, error ? error->text : "read again");
}

void gh_http_reload(void *context, struct gh_http_request *request)
{
    const struct gh_http_intake *intake = context;
    struct reload *made = calloc(1, sizeof(*made));
    enum gh_hand_end state = GH_HAND_FULL;
    if (made) {
        made->request = request;
        made->ask.told = reload_told;
        state = gh_handover_ask(intake->handover, &made->ask);
    }
    if (state == GH_HAND_DONE)
        return; /* the request may be gone by now */
    free(made);
    gh_http_say(request, gh_http_status_of(state), gh_hand_end_text(state));
}
