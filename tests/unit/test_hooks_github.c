/* test_hooks_github.c - what payloads of GitHub become. */
#include "support/hook_takes.h"

#define REQUEST(action, members)                                                \
    "{'action':'" action                                                        \
    "','pull_request':{'number':5,'title':'Add x','body':null,'user':" HOOK_ADA \
    ",'created_at':'2026-08-05T10:00:00Z','updated_at':'2026-08-05T11:00:00Z'," \
    "'additions':10,'deletions':2," members "}," HOOK_REPOSITORY "," HOOK_SENDER "}"
#define OPEN "'merged':false,'merged_at':null,'closed_at':null"
#define MERGED                                                                    \
    "'draft':false,'merged':true,'merged_at':'2026-08-06T07:06:40Z','closed_at':" \
    "'2026-08-06T07:06:40Z'"

static void a_pull_request_is_proposed_by_its_author_when_it_is_opened(void)
{
    CHECK(hook_take("pull_request", REQUEST("opened", "'draft':false," OPEN)) == GH_HOOK_TOLD);
    CHECK(hook_told(
        "{'kind':'output','id':'github:acme/api#5:proposed:1785924000000',"
        "'ts':'2026-08-05T10:00:00.000Z','actor':'github:ada','artifact':'pull_request',"
        "'ref':'acme/api#5','state':'proposed','lines_added':10,'lines_removed':2}\n"));
    CHECK(hook_take("pull_request", REQUEST("reopened", "'draft':false," OPEN)) ==
          GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"ts\":\"2026-08-05T11:00:00.000Z\""));
    hook_forget();
}

static void a_draft_is_nothing_until_it_is_ready(void)
{
    CHECK(hook_take("pull_request", REQUEST("opened", "'draft':true," OPEN)) == GH_HOOK_IDLE);
    CHECK(hook_take("pull_request", REQUEST("ready_for_review", "'draft':false," OPEN)) ==
          GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "proposed"));
    hook_forget();
}

static void closed_is_accepted_when_merged_and_else_rejected(void)
{
    CHECK(hook_take("pull_request", REQUEST("closed", MERGED)) == GH_HOOK_TOLD);
    CHECK(hook_told(
        "{'kind':'output','id':'github:acme/api#5:accepted:1786000000000',"
        "'ts':'2026-08-06T07:06:40.000Z','actor':'github:ada','artifact':'pull_request',"
        "'ref':'acme/api#5','state':'accepted','lines_added':10,'lines_removed':2}\n"));
    CHECK(
        hook_take("pull_request",
                  REQUEST("closed", "'draft':true,'merged':false,'merged_at':null,'closed_at':"
                                    "'2026-08-06T07:06:40Z'")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"state\":\"rejected\""));
    hook_forget();
}

static void other_actions_and_events_tell_nothing(void)
{
    CHECK(hook_take("pull_request", REQUEST("synchronize", MERGED)) == GH_HOOK_IDLE);
    CHECK(hook_take("pull_request", REQUEST("labeled", MERGED)) == GH_HOOK_IDLE);
    CHECK(hook_take("ping", "{'zen':'Design for failure.'}") == GH_HOOK_IDLE);
    CHECK(hook_take("star", "{}") == GH_HOOK_IDLE);
    CHECK(hook_take("pull_request", "{}") == GH_HOOK_IDLE);
    hook_forget();
}

#define REVERT(title, body)                                                                \
    "{'action':'closed','pull_request':{'number':7,'title':'" title "','body':'" body "'," \
    "'user':{'login':'grace'},'additions':2,'deletions':10,'merged':true,'merged_at':"     \
    "'2026-08-07T07:06:40Z'}," HOOK_REPOSITORY "}"

static void a_merged_revert_takes_back_what_its_author_made(void)
{
    CHECK(hook_take("pull_request", REQUEST("closed", MERGED)) == GH_HOOK_TOLD);
    CHECK(hook_take("pull_request", REVERT("Revert \\\"Add x\\\"", "Reverts acme/api#5")) ==
          GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'github:acme/api#7:accepted:1786086400000',"
                    "'ts':'2026-08-07T07:06:40.000Z','actor':'github:grace','artifact':"
                    "'pull_request','ref':'acme/api#7','state':'accepted','lines_added':2,"
                    "'lines_removed':10}\n"
                    "{'kind':'output','id':'github:acme/api#5:reverted:1786086400000',"
                    "'ts':'2026-08-07T07:06:40.000Z','actor':'github:ada','artifact':"
                    "'pull_request','ref':'acme/api#5','state':'reverted'}\n"));
    CHECK(gh_hooks_counters(hooks).forgotten == 0);
    hook_forget();
}

static void a_revert_of_what_nobody_remembers_is_counted_and_nobodys(void)
{
    CHECK(hook_take("pull_request", REVERT("Revert \\\"Add x\\\"", "Reverts #5")) ==
          GH_HOOK_TOLD);
    CHECK(!strstr(lines.at, "reverted"));
    CHECK(gh_hooks_counters(hooks).forgotten == 1);
    hook_forget();
}

static void no_revert_reaches_into_another_repository_or_is_made_by_words_alone(void)
{
    CHECK(hook_take("pull_request", REQUEST("closed", MERGED)) == GH_HOOK_TOLD);
    CHECK(hook_take("pull_request", REVERT("Revert \\\"Add x\\\"", "Reverts acme/web#5")) ==
          GH_HOOK_TOLD);
    CHECK(!strstr(lines.at, "reverted"));
    CHECK(hook_take("pull_request", REVERT("Mend y", "Reverts acme/api#5")) == GH_HOOK_TOLD);
    CHECK(!strstr(lines.at, "reverted"));
    CHECK(hook_take("pull_request",
                    REVERT("Revert \\\"Add x\\\"", "Reverts acme/api#99999999999999999999")) ==
          GH_HOOK_TOLD);
    CHECK(!strstr(lines.at, "reverted") && gh_hooks_counters(hooks).forgotten == 0);
    hook_forget();
}

#define REVIEW(login, action)                                                             \
    "{'action':'" action "','review':{'id':80,'state':'approved','user':{'login':'" login \
    "'},'submitted_at':'" HOOK_DATE "'},'pull_request':{'number':5,'user':" HOOK_ADA      \
    "}," HOOK_REPOSITORY "}"

static void a_review_is_its_reviewers_and_one_for_each_request(void)
{
    CHECK(hook_take("pull_request_review", REVIEW("grace", "submitted")) == GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'github:acme/api#5/review/github:grace:accepted:"
                    "1786000000000','ts':'2026-08-06T07:06:40.000Z','actor':'github:grace',"
                    "'artifact':'review','ref':'acme/api#5/review/github:grace',"
                    "'state':'accepted'}\n"));
    CHECK(hook_take("pull_request_review", REVIEW("ada", "submitted")) == GH_HOOK_IDLE);
    CHECK(hook_take("pull_request_review", REVIEW("grace", "dismissed")) == GH_HOOK_IDLE);
    hook_forget();
}

#define COMMIT(sha, message, author)                                                   \
    "{'id':'" sha "','message':'" message "','timestamp':'2026-08-01T09:06:40+02:00'," \
    "'author':{'name':'A'" author "}}"
#define PUSH(ref, commits) \
    "{'ref':'refs/heads/" ref "','forced':false,'commits':[" commits "]," HOOK_REPOSITORY "}"
#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void commits_on_the_default_branch_count_once_each_at_the_time_of_the_push(void)
{
    const char *commits = COMMIT(SHA_A, "Add x", ",'username':'ada'") "," COMMIT(
        SHA_B, "Add y", ",'username':null,'email':'grace@example.test'");
    char payload[2048];
    snprintf(payload, sizeof(payload), PUSH("main", "%s"), commits);
    CHECK(hook_take("push", payload) == GH_HOOK_TOLD);
    CHECK(
        hook_told("{'kind':'output','id':'github:commit:" SHA_A "','ts':"
                  "'2026-08-06T07:06:40.000Z','actor':'github:ada','artifact':'commit',"
                  "'ref':'acme/api@" SHA_A "','state':'accepted'}\n"
                  "{'kind':'output','id':'github:commit:" SHA_B "','ts':"
                  "'2026-08-06T07:06:40.000Z','actor':'grace@example.test','artifact':'commit',"
                  "'ref':'acme/api@" SHA_B "','state':'accepted'}\n"));
    snprintf(payload, sizeof(payload), PUSH("topic", "%s"), commits);
    CHECK(hook_take("push", payload) == GH_HOOK_IDLE);
    hook_forget();
}

static void a_commit_that_takes_another_back_names_its_author(void)
{
    CHECK(hook_take("push", PUSH("main", COMMIT(SHA_A, "Add x", ",'username':'ada'"))) ==
          GH_HOOK_TOLD);
    CHECK(
        hook_take("push", PUSH("main", COMMIT(SHA_B, "Undo\\n\\nThis reverts commit " SHA_A ".",
                                              ",'username':'grace'"))) == GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'github:commit:" SHA_B ":reverts:" SHA_A "',"
                    "'ts':'2026-08-06T07:06:40.000Z','actor':'github:ada','artifact':'commit',"
                    "'ref':'acme/api@" SHA_A "','state':'reverted'}\n"
                    "{'kind':'output','id':'github:commit:" SHA_B "','ts':"
                    "'2026-08-06T07:06:40.000Z','actor':'github:grace','artifact':'commit',"
                    "'ref':'acme/api@" SHA_B "','state':'accepted'}\n"));
    hook_forget();
}

static void merges_are_no_work_and_commits_without_an_author_nobodys(void)
{
    CHECK(hook_take("push", PUSH("main", COMMIT(SHA_A, "Merge pull request #5 from acme/x",
                                                ",'username':'ada'"))) == GH_HOOK_IDLE);
    CHECK(hook_take("push", PUSH("main", COMMIT(SHA_A, "Add x", ""))) == GH_HOOK_IDLE);
    CHECK(gh_hooks_counters(hooks).nameless == 1);
    CHECK(hook_take("push",
                    "{'ref':'refs/heads/main','deleted':true,'commits':[]," HOOK_REPOSITORY
                    "}") == GH_HOOK_IDLE);
    hook_forget();
}

#define ISSUE(action, reason, assignee)                                 \
    "{'action':'" action "','issue':{'number':9,'state_reason':" reason \
    ",'assignee':" assignee ",'closed_at':'" HOOK_DATE                  \
    "','updated_at':'2026-08-07T07:06:40Z'}," HOOK_REPOSITORY "," HOOK_SENDER "}"

static void a_closed_issue_is_its_assignees_else_whoever_closed_it(void)
{
    CHECK(hook_take("issues", ISSUE("closed", "'completed'", HOOK_ADA)) == GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'github:acme/api#9:accepted:1786000000000','ts':"
                    "'2026-08-06T07:06:40.000Z','actor':'github:ada','artifact':'ticket',"
                    "'ref':'acme/api#9','state':'accepted'}\n"));
    CHECK(hook_take("issues", ISSUE("closed", "null", "null")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"github:grace\""));
    CHECK(hook_take("issues", ISSUE("closed", "'not_planned'", "null")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"state\":\"rejected\""));
    CHECK(hook_take("issues", ISSUE("opened", "null", "null")) == GH_HOOK_IDLE);
    hook_forget();
}

static void an_issue_opened_again_is_taken_from_whoever_it_was_credited_to(void)
{
    CHECK(hook_take("issues", ISSUE("reopened", "'reopened'", "null")) == GH_HOOK_IDLE);
    CHECK(gh_hooks_counters(hooks).forgotten == 1);
    CHECK(hook_take("issues", ISSUE("closed", "'completed'", HOOK_ADA)) == GH_HOOK_TOLD);
    CHECK(hook_take("issues", ISSUE("reopened", "'reopened'", "null")) == GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'github:acme/api#9:proposed:1786086400000','ts':"
                    "'2026-08-07T07:06:40.000Z','actor':'github:ada','artifact':'ticket',"
                    "'ref':'acme/api#9','state':'proposed'}\n"));
    hook_forget();
}

#define DEPLOYMENT(state, transient)                                                        \
    "{'deployment_status':{'state':'" state "','created_at':'" HOOK_DATE "'},'deployment':" \
    "{'id':3,'transient_environment':" transient ",'creator':{'login':'release[bot]',"      \
    "'type':'Bot'}}," HOOK_REPOSITORY "}"

static void a_deployment_that_succeeds_counts_and_a_bots_account_is_a_service(void)
{
    CHECK(hook_take("deployment_status", DEPLOYMENT("success", "false")) == GH_HOOK_TOLD);
    CHECK(hook_told(
        "{'kind':'profile','id':'github:release[bot]:service','ts':"
        "'2026-08-06T07:06:40.000Z','actor':'github:release[bot]',"
        "'account':'service'}\n"
        "{'kind':'output','id':'github:acme/api/deploy/3:accepted:1786000000000','ts':"
        "'2026-08-06T07:06:40.000Z','actor':'github:release[bot]','artifact':'deploy',"
        "'ref':'acme/api/deploy/3','state':'accepted'}\n"));
    CHECK(hook_take("deployment_status", DEPLOYMENT("success", "true")) == GH_HOOK_IDLE);
    CHECK(hook_take("deployment_status", DEPLOYMENT("failure", "false")) == GH_HOOK_IDLE);
    hook_forget();
}

static void what_is_missing_or_of_another_type_is_told_by_its_name(void)
{
    CHECK(hook_take("pull_request", REQUEST("closed", "'merged':true,'merged_at':7.5")) ==
          GH_HOOK_BAD);
    CHECK(!strcmp(error.text, "merged_at: a time is missing"));
    CHECK(hook_take("issues", "{'action':'closed','issue':{'number':'9','closed_at':'" HOOK_DATE
                              "'}," HOOK_REPOSITORY "," HOOK_SENDER "}") == GH_HOOK_BAD);
    CHECK(!strcmp(error.text, "issue.number: a whole number from 0 on is missing"));
    CHECK(hook_take("issues", "{'action':'closed','issue':{'number':9,'closed_at':'" HOOK_DATE
                              "'}," HOOK_SENDER "}") == GH_HOOK_BAD);
    CHECK(!strcmp(error.text, "repository.full_name: a text is missing"));
    CHECK(gh_hooks_counters(hooks).outcome[GH_HOOK_GITHUB][GH_HOOK_BAD] == 3);
    hook_forget();
}

/* A deleted account is null: nobody, and no fault of the sender. */
static void a_request_without_an_author_is_nobodys(void)
{
    CHECK(hook_take("pull_request", "{'action':'closed','pull_request':{'number':5,'user':null,"
                                    "'merged':true,'merged_at':'" HOOK_DATE "','additions':1,"
                                    "'deletions':1}," HOOK_REPOSITORY "}") == GH_HOOK_IDLE);
    CHECK(gh_hooks_counters(hooks).nameless == 1 && gh_hooks_counters(hooks).events == 0);
    hook_forget();
}

static const struct gh_test tests[] = {
    GH_TEST(a_pull_request_is_proposed_by_its_author_when_it_is_opened),
    GH_TEST(a_draft_is_nothing_until_it_is_ready),
    GH_TEST(closed_is_accepted_when_merged_and_else_rejected),
    GH_TEST(other_actions_and_events_tell_nothing),
    GH_TEST(a_merged_revert_takes_back_what_its_author_made),
    GH_TEST(a_revert_of_what_nobody_remembers_is_counted_and_nobodys),
    GH_TEST(no_revert_reaches_into_another_repository_or_is_made_by_words_alone),
    GH_TEST(a_review_is_its_reviewers_and_one_for_each_request),
    GH_TEST(commits_on_the_default_branch_count_once_each_at_the_time_of_the_push),
    GH_TEST(a_commit_that_takes_another_back_names_its_author),
    GH_TEST(merges_are_no_work_and_commits_without_an_author_nobodys),
    GH_TEST(a_closed_issue_is_its_assignees_else_whoever_closed_it),
    GH_TEST(an_issue_opened_again_is_taken_from_whoever_it_was_credited_to),
    GH_TEST(a_deployment_that_succeeds_counts_and_a_bots_account_is_a_service),
    GH_TEST(what_is_missing_or_of_another_type_is_told_by_its_name),
    GH_TEST(a_request_without_an_author_is_nobodys),
};
GH_TEST_MAIN(tests)
