/* gitlab.c - webhooks of GitLab. Field names: docs.gitlab.com, "Webhook events". */
#include "edge/hooks/hooks_inside.h"

#include <stdlib.h>
#include <string.h>

static const char *project(struct gh_hook_tale *tale)
{
    return gh_hook_need_text(tale, tale->body, "project.path_with_namespace");
}

static struct gh_hook_name account_of(const char *username)
{
    return username ? gh_hook_name("gitlab:%s", username) : gh_hook_name("%s", "");
}

/* Who brought the event about. */
static struct gh_hook_name sender(const struct gh_hook_tale *tale)
{
    return account_of(gh_hook_text(tale->body, "user.username"));
}

/* "GROUP/PROJECT!N" or "#N" of the object at `path`. */
static struct gh_hook_name number_ref(struct gh_hook_tale *tale, char sign, const char *path)
{
    const struct gh_hook_name number = gh_hook_name("%s.iid", path);
    const int64_t iid = gh_hook_need_count(tale, tale->body, number.text);

    return gh_hook_name("%s%c%lld", project(tale), sign, (long long)iid);
}

static const char *username_among(const json_t *people, int64_t id)
{
    const json_t *person;
    size_t i;

    json_array_foreach(people, i, person)
    {
        if (json_is_integer(gh_hook_at(person, "id")) &&
            json_integer_value(gh_hook_at(person, "id")) == id)
            return gh_hook_text(person, "username");
    }
    return NULL;
}

/* Payloads tell an author by number alone. The name stands there when the author is the sender,
 * an assignee or a reviewer, or was told when the request was opened. */
static struct gh_hook_name author_of(struct gh_hook_tale *tale, const char *ref, int64_t ts_ms)
{
    const int64_t id = gh_hook_need_count(tale, tale->body, "object_attributes.author_id");
    const char *username = NULL;
    char made_by[GH_MAKER_SIZE];

    if (json_integer_value(gh_hook_at(tale->body, "user.id")) == id)
        username = gh_hook_text(tale->body, "user.username");
    if (!username)
        username = username_among(gh_hook_at(tale->body, "assignees"), id);
    if (!username)
        username = username_among(gh_hook_at(tale->body, "reviewers"), id);
    if (username)
        return account_of(username);
    if (gh_hook_memory_maker(tale->memory, ref, ts_ms, made_by))
        return gh_hook_name("%s", made_by);
    return gh_hook_name("gitlab:id:%lld", (long long)id);
}

static void request_reverts(struct gh_hook_tale *tale, const json_t *request, int64_t ts_ms)
{
    const int64_t number =
        gh_hook_reverts(gh_hook_text(request, "title"))
            ? gh_hook_number_after(gh_hook_text(request, "description"),
                                   "This reverts merge request ", '!', project(tale))
            : 0;
    const struct gh_hook_name ref = gh_hook_name("%s!%lld", project(tale), (long long)number);

    if (number > 0)
        gh_hook_tell_maker(tale, (struct gh_hook_output){.artifact = GH_PULL_REQUEST,
                                                         .state = GH_REVERTED,
                                                         .ref = ref.text,
                                                         .ts_ms = ts_ms});
}

/* Approvals, and comments on somebody else's request: one for each reviewer of it. */
static void review_tell(struct gh_hook_tale *tale, const char *request, int64_t ts_ms)
{
    const struct gh_hook_name by = sender(tale);
    const struct gh_hook_name ref = gh_hook_name("%s/review/%s", request, by.text);

    gh_hook_tell(tale, &(struct gh_hook_output){.artifact = GH_ARTIFACT_REVIEW,
                                                .state = GH_ACCEPTED,
                                                .ref = ref.text,
                                                .account = by.text,
                                                .ts_ms = ts_ms});
}

/* False: the action changes no state. */
static bool request_state(const json_t *told, enum gh_state *state)
{
    static const struct {
        const char *action;
        enum gh_state state;
    } table[] = {{"open", GH_PROPOSED},
                 {"reopen", GH_PROPOSED},
                 {"merge", GH_ACCEPTED},
                 {"close", GH_REJECTED}};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        *state = table[i].state;
        if (gh_hook_is(told, "action", table[i].action))
            return true;
    }
    /* Ready is an update that takes the mark of a draft away. */
    *state = GH_PROPOSED;
    return false;
}

static bool became_ready(const json_t *body)
{
    const json_t *draft = gh_hook_at(body, "changes.draft");

    return gh_hook_is(body, "object_attributes.action", "update") &&
           gh_hook_true(draft, "previous") && json_is_false(gh_hook_at(draft, "current"));
}

static void merge_request(struct gh_hook_tale *tale)
{
    const json_t *told = gh_hook_at(tale->body, "object_attributes");
    const bool draft = gh_hook_true(told, "draft") || gh_hook_true(told, "work_in_progress");
    enum gh_state state;
    int64_t ts_ms = 0;

    const bool approved =
        gh_hook_is(told, "action", "approved") || gh_hook_is(told, "action", "approval");
    const bool changed = request_state(told, &state) || became_ready(tale->body);
    if ((!changed && !approved) || (state == GH_PROPOSED && draft && !approved))
        return;
    if (state != GH_ACCEPTED || !gh_hook_time(told, "merged_at", &ts_ms))
        ts_ms = gh_hook_need_time(tale, told, "updated_at");
    const struct gh_hook_name ref = number_ref(tale, '!', "object_attributes");
    const struct gh_hook_name account = author_of(tale, ref.text, ts_ms);
    if (approved) {
        if (strcmp(account.text, sender(tale).text) != 0)
            review_tell(tale, ref.text, ts_ms);
        return;
    }
    gh_hook_tell(tale, &(struct gh_hook_output){.artifact = GH_PULL_REQUEST,
                                                .state = state,
                                                .ref = ref.text,
                                                .account = account.text,
                                                .ts_ms = ts_ms});
    if (state == GH_ACCEPTED)
        request_reverts(tale, told, ts_ms);
}

static void note(struct gh_hook_tale *tale)
{
    const json_t *told = gh_hook_at(tale->body, "object_attributes");
    const json_t *author = gh_hook_at(tale->body, "merge_request.author_id");
    const json_t *by = gh_hook_at(tale->body, "user.id");

    if (!gh_hook_is(told, "noteable_type", "MergeRequest") || gh_hook_true(told, "system") ||
        gh_hook_is(told, "action", "update") || json_equal(author, by))
        return;
    const int64_t ts_ms = gh_hook_need_time(tale, told, "created_at");
    const struct gh_hook_name request = number_ref(tale, '!', "merge_request");
    review_tell(tale, request.text, ts_ms);
}

/* Payloads do not say when something was pushed, and commits can be older than any lateness:
 * then the work would count for nothing. A hook that signs says when it was sent. */
static int64_t push_time(const struct gh_hook_tale *tale)
{
    const char *sent = tale->call->header(tale->call->request, "webhook-timestamp");
    const size_t digits = sent ? strspn(sent, "0123456789") : 0;

    return digits > 0 && digits < 12 && sent[digits] == '\0'
               ? (int64_t)strtoll(sent, NULL, 10) * 1000
               : tale->call->arrived_ms;
}

static void push(struct gh_hook_tale *tale)
{
    const char *branch = gh_hook_text(tale->body, "project.default_branch");
    const struct gh_hook_name wanted = gh_hook_name("refs/heads/%s", branch ? branch : "");
    const json_t *commits = gh_hook_at(tale->body, "commits");
    const json_t *told;
    size_t i;

    if (!gh_hook_is(tale->body, "ref", wanted.text) || json_array_size(commits) == 0)
        return;
    const int64_t ts_ms = push_time(tale);
    json_array_foreach(commits, i, told)
    {
        const char *mail = gh_hook_text(told, "author.email");
        const char *message = gh_hook_text(told, "message");
        const bool hidden = !mail || strcmp(mail, "[REDACTED]") == 0;
        gh_hook_tell_commit(tale, &(struct gh_hook_commit){
                                      .repository = project(tale),
                                      .sha = gh_hook_need_text(tale, told, "id"),
                                      .message = message ? message : "",
                                      .account = hidden ? NULL : mail,
                                      .ts_ms = ts_ms,
                                  });
    }
}

static void issue(struct gh_hook_tale *tale)
{
    const json_t *told = gh_hook_at(tale->body, "object_attributes");
    const json_t *assignee = json_array_get(gh_hook_at(tale->body, "assignees"), 0);
    const bool closed = gh_hook_is(told, "action", "close");
    int64_t ts_ms = 0;

    if (!closed && !gh_hook_is(told, "action", "reopen"))
        return;
    if (!closed || !gh_hook_time(told, "closed_at", &ts_ms))
        ts_ms = gh_hook_need_time(tale, told, "updated_at");
    const struct gh_hook_name ref = number_ref(tale, '#', "object_attributes");
    const struct gh_hook_name account =
        assignee ? account_of(gh_hook_text(assignee, "username")) : sender(tale);
    const struct gh_hook_output output = {.artifact = GH_TICKET,
                                          .state = closed ? GH_ACCEPTED : GH_PROPOSED,
                                          .ref = ref.text,
                                          .account = account.text,
                                          .ts_ms = ts_ms};
    if (closed)
        gh_hook_tell(tale, &output);
    else
        gh_hook_tell_maker(tale, output);
}

static void deployment(struct gh_hook_tale *tale)
{
    if (!gh_hook_is(tale->body, "status", "success") ||
        gh_hook_is(tale->body, "environment_tier", "development"))
        return;
    const struct gh_hook_name account = sender(tale);
    const struct gh_hook_name ref =
        gh_hook_name("%s/deploy/%lld", project(tale),
                     (long long)gh_hook_need_count(tale, tale->body, "deployment_id"));
    gh_hook_tell(tale, &(struct gh_hook_output){
                           .artifact = GH_DEPLOY,
                           .state = GH_ACCEPTED,
                           .ref = ref.text,
                           .account = account.text,
                           .ts_ms = gh_hook_need_time(tale, tale->body, "status_changed_at"),
                       });
}

/* The kind in the payload: hooks of groups and of the whole system have other headers. */
void gh_hook_gitlab(struct gh_hook_tale *tale)
{
    static const struct {
        const char *kind;
        void (*tell)(struct gh_hook_tale *tale);
    } table[] = {
        {"merge_request", merge_request}, {"note", note}, {"push", push}, {"issue", issue},
        {"deployment", deployment},
    };
    const char *kind = gh_hook_need_text(tale, tale->body, "object_kind");

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(kind, table[i].kind) == 0)
            table[i].tell(tale);
}
