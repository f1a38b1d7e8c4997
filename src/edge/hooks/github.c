/* github.c - webhooks of GitHub. Names: docs.github.com, "Webhook events and payloads". */
#include "edge/hooks/hooks_inside.h"

#include <string.h>

static const char *header(const struct gh_hook_tale *tale, const char *name)
{
    return tale->call->header(tale->call->request, name);
}

/* "github:LOGIN" of the user at this path; "": there is none, as when an account is deleted. */
static struct gh_hook_name account_at(const json_t *value, const char *path)
{
    const char *login = gh_hook_text(gh_hook_at(value, path), "login");

    return login ? gh_hook_name("github:%s", login) : gh_hook_name("%s", "");
}

static bool is_bot(const json_t *value, const char *path)
{
    return gh_hook_is(gh_hook_at(value, path), "type", "Bot");
}

/* "OWNER/REPO#N" of the object at `path`. */
static struct gh_hook_name number_ref(struct gh_hook_tale *tale, const char *path)
{
    const char *repository = gh_hook_need_text(tale, tale->body, "repository.full_name");
    const struct gh_hook_name number = gh_hook_name("%s.number", path);

    return gh_hook_name("%s#%lld", repository,
                        (long long)gh_hook_need_count(tale, tale->body, number.text));
}

static void request_reverts(struct gh_hook_tale *tale, const json_t *request, int64_t ts_ms)
{
    const char *repository = gh_hook_need_text(tale, tale->body, "repository.full_name");
    const int64_t number =
        gh_hook_reverts(gh_hook_text(request, "title"))
            ? gh_hook_number_after(gh_hook_text(request, "body"), "Reverts ", '#', repository)
            : 0;
    const struct gh_hook_name ref = gh_hook_name("%s#%lld", repository, (long long)number);

    if (number > 0)
        gh_hook_tell_maker(tale, (struct gh_hook_output){.artifact = GH_PULL_REQUEST,
                                                         .state = GH_REVERTED,
                                                         .ref = ref.text,
                                                         .ts_ms = ts_ms});
}

/* Which time says when it came to this state; NULL: the action changes no state. */
static const char *request_time(const json_t *body, const json_t *request, enum gh_state *state)
{
    *state = GH_PROPOSED;
    if (gh_hook_is(body, "action", "closed")) {
        const bool merged = gh_hook_true(request, "merged");
        *state = merged ? GH_ACCEPTED : GH_REJECTED;
        return merged ? "merged_at" : "closed_at";
    }
    if (gh_hook_true(request, "draft"))
        return NULL;
    if (gh_hook_is(body, "action", "opened"))
        return "created_at";
    return gh_hook_is(body, "action", "reopened") ||
                   gh_hook_is(body, "action", "ready_for_review")
               ? "updated_at"
               : NULL;
}

static void pull_request(struct gh_hook_tale *tale)
{
    const json_t *request = gh_hook_at(tale->body, "pull_request");
    enum gh_state state;
    const char *when = request_time(tale->body, request, &state);

    if (!when)
        return;
    const int64_t ts_ms = gh_hook_need_time(tale, request, when);
    const struct gh_hook_name ref = number_ref(tale, "pull_request");
    const struct gh_hook_name account = account_at(request, "user");
    gh_hook_tell(tale, &(struct gh_hook_output){
                           .artifact = GH_PULL_REQUEST,
                           .state = state,
                           .ref = ref.text,
                           .account = account.text,
                           .ts_ms = ts_ms,
                           .sized = true,
                           .lines_added = gh_hook_need_count(tale, request, "additions"),
                           .lines_removed = gh_hook_need_count(tale, request, "deletions"),
                           .service = is_bot(request, "user"),
                       });
    if (state == GH_ACCEPTED)
        request_reverts(tale, request, ts_ms);
}

/* One for each reviewer of a request: answers to comments are reviews as well. */
static void review(struct gh_hook_tale *tale)
{
    const json_t *told = gh_hook_at(tale->body, "review");
    const struct gh_hook_name by = account_at(told, "user");
    const struct gh_hook_name author = account_at(tale->body, "pull_request.user");

    if (!gh_hook_is(tale->body, "action", "submitted") || strcmp(by.text, author.text) == 0)
        return;
    const struct gh_hook_name request = number_ref(tale, "pull_request");
    const struct gh_hook_name ref = gh_hook_name("%s/review/%s", request.text, by.text);
    gh_hook_tell(tale, &(struct gh_hook_output){
                           .artifact = GH_ARTIFACT_REVIEW,
                           .state = GH_ACCEPTED,
                           .ref = ref.text,
                           .account = by.text,
                           .ts_ms = gh_hook_need_time(tale, told, "submitted_at"),
                           .service = is_bot(told, "user"),
                       });
}

/* When it was pushed is when it came to the branch; the times of commits are their authors'. */
static int64_t push_time(struct gh_hook_tale *tale)
{
    int64_t ts_ms = 0;

    return gh_hook_time(tale->body, "repository.pushed_at", &ts_ms)
               ? ts_ms
               : gh_hook_need_time(tale, tale->body, "head_commit.timestamp");
}

static void push(struct gh_hook_tale *tale)
{
    const char *branch = gh_hook_text(tale->body, "repository.default_branch");
    const struct gh_hook_name wanted = gh_hook_name("refs/heads/%s", branch ? branch : "");
    const json_t *commits = gh_hook_at(tale->body, "commits");
    const json_t *told;
    size_t i;

    if (!gh_hook_is(tale->body, "ref", wanted.text) || json_array_size(commits) == 0)
        return;
    const int64_t ts_ms = push_time(tale);
    const char *repository = gh_hook_need_text(tale, tale->body, "repository.full_name");
    json_array_foreach(commits, i, told)
    {
        const char *login = gh_hook_text(told, "author.username");
        const char *mail = gh_hook_text(told, "author.email");
        const struct gh_hook_name account =
            login ? gh_hook_name("github:%s", login) : gh_hook_name("%s", mail ? mail : "");
        const struct gh_hook_commit commit = {
            .repository = repository,
            .sha = gh_hook_need_text(tale, told, "id"),
            .message = gh_hook_text(told, "message") ? gh_hook_text(told, "message") : "",
            .account = account.text,
            .ts_ms = ts_ms,
        };
        gh_hook_tell_commit(tale, &commit);
    }
}

static void issue(struct gh_hook_tale *tale)
{
    const json_t *told = gh_hook_at(tale->body, "issue");
    const bool closed = gh_hook_is(tale->body, "action", "closed");

    if (!closed && !gh_hook_is(tale->body, "action", "reopened"))
        return;
    const struct gh_hook_name ref = number_ref(tale, "issue");
    const char *whose = gh_hook_at(told, "assignee") ? "issue.assignee" : "sender";
    const struct gh_hook_name account = account_at(tale->body, whose);
    const bool refused = gh_hook_is(told, "state_reason", "not_planned") ||
                         gh_hook_is(told, "state_reason", "duplicate");
    const struct gh_hook_output output = {
        .artifact = GH_TICKET,
        .state = !closed   ? GH_PROPOSED
                 : refused ? GH_REJECTED
                           : GH_ACCEPTED,
        .ref = ref.text,
        .account = account.text,
        .ts_ms = gh_hook_need_time(tale, told, closed ? "closed_at" : "updated_at"),
        .service = is_bot(tale->body, whose),
    };
    if (closed)
        gh_hook_tell(tale, &output);
    else
        gh_hook_tell_maker(tale, output);
}

/* Previews come by the dozen with each request, and are no release of anything. */
static void deployment_status(struct gh_hook_tale *tale)
{
    const json_t *deployment = gh_hook_at(tale->body, "deployment");

    if (!gh_hook_is(tale->body, "deployment_status.state", "success") ||
        gh_hook_true(deployment, "transient_environment"))
        return;
    const struct gh_hook_name account = account_at(deployment, "creator");
    const struct gh_hook_name ref = gh_hook_name(
        "%s/deploy/%lld", gh_hook_need_text(tale, tale->body, "repository.full_name"),
        (long long)gh_hook_need_count(tale, tale->body, "deployment.id"));
    gh_hook_tell(
        tale, &(struct gh_hook_output){
                  .artifact = GH_DEPLOY,
                  .state = GH_ACCEPTED,
                  .ref = ref.text,
                  .account = account.text,
                  .ts_ms = gh_hook_need_time(tale, tale->body, "deployment_status.created_at"),
                  .service = is_bot(deployment, "creator"),
              });
}

void gh_hook_github(struct gh_hook_tale *tale)
{
    static const struct {
        const char *event;
        void (*tell)(struct gh_hook_tale *tale);
    } table[] = {
        {"pull_request", pull_request},
        {"pull_request_review", review},
        {"push", push},
        {"issues", issue},
        {"deployment_status", deployment_status},
    };
    const char *event = header(tale, "X-GitHub-Event");

    if (!event)
        gh_hook_bad(tale, "X-GitHub-Event: is missing");
    for (size_t i = 0; event && i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(event, table[i].event) == 0)
            table[i].tell(tale);
}
