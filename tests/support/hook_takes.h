/* hook_takes.h - payloads handed to hooks one by one, and what they become, for a test of one
 * service. */
#ifndef GOODHART_TESTS_SUPPORT_HOOK_TAKES_H
#define GOODHART_TESTS_SUPPORT_HOOK_TAKES_H

#include "support/gh_test.h"
#include "support/hook_kit.h"

static struct gh_hooks *hooks;
static struct gh_json lines;
static struct gh_error error;

/* event NULL: GitLab. */
static inline enum gh_hook_outcome hook_take(const char *event, const char *payload)
{
    struct hook_request request;
    char *body = hook_quoted(payload);
    const struct gh_hook_call call = hook_call(&request, event, body, strlen(body));
    hooks = hooks ? hooks : hook_hooks();
    gh_json_free(&lines);
    error = (struct gh_error){0};
    const enum gh_hook_outcome outcome = gh_hooks_take(hooks, &call, &lines, &error);
    CHECK(!hook_lines_trouble(&lines));
    CHECK(outcome == GH_HOOK_TOLD || lines.used == 0);
    free(body);
    return outcome;
}

/* Whether the last payload became these lines, with ' for ". */
static inline bool hook_told(const char *wanted)
{
    char *quoted = hook_quoted(wanted);
    const bool same = lines.at && !strcmp(lines.at, quoted);
    if (!same)
        printf("# got: %s\n", lines.at ? lines.at : "");
    free(quoted);
    return same;
}

static inline void hook_forget(void)
{
    gh_hooks_free(hooks);
    hooks = NULL;
    gh_json_free(&lines);
}

#endif
