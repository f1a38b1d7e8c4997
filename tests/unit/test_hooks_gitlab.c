/* test_hooks_gitlab.c - what payloads of GitLab become. */
#include "support/hook_takes.h"

#define ADA "{'id':1,'username':'ada'}"
#define GRACE "{'id':2,'username':'grace'}"
#define MERGE(by, members, more)                                                            \
    "{'object_kind':'merge_request','user':" by "," HOOK_PROJECT ",'object_attributes':{"   \
    "'iid':3,'author_id':1,'title':'Add x','updated_at':'2026-08-06 07:06:40 UTC'," members \
    "}" more "}"

static void a_merge_request_is_its_authors_whoever_merges_it(void)
{
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'open','draft':false", "")) == GH_HOOK_TOLD);
    CHECK(
        hook_told("{'kind':'output','id':'gitlab:acme/web/shop!3:proposed:1786000000000','ts':"
                  "'2026-08-06T07:06:40.000Z','actor':'gitlab:ada','artifact':'pull_request',"
                  "'ref':'acme/web/shop!3','state':'proposed'}\n"));
    /* The author is known from when it was opened. */
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'merge','merged_at':'2026-08-07T07:06:40Z'",
                                "")) == GH_HOOK_TOLD);
    CHECK(
        hook_told("{'kind':'output','id':'gitlab:acme/web/shop!3:accepted:1786086400000','ts':"
                  "'2026-08-07T07:06:40.000Z','actor':'gitlab:ada','artifact':'pull_request',"
                  "'ref':'acme/web/shop!3','state':'accepted'}\n"));
    hook_forget();
}

static void an_author_is_found_among_those_named_else_called_by_number(void)
{
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'merge'",
                                ",'assignees':[" GRACE "," ADA "]")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"gitlab:ada\""));
    hook_forget();
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'merge'", ",'reviewers':[" ADA "]")) ==
          GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"gitlab:ada\""));
    hook_forget();
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'merge'", "")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"gitlab:id:1\""));
    hook_forget();
}

static void drafts_are_nothing_until_ready_and_closed_is_rejected(void)
{
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'open','draft':true", "")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'open','work_in_progress':true", "")) ==
          GH_HOOK_IDLE);
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'update','draft':false", "")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'update','draft':false",
                                ",'changes':{'draft':{'previous':true,'current':false}}")) ==
          GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"state\":\"proposed\""));
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'close','draft':true", "")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"state\":\"rejected\""));
    hook_forget();
}

static void an_approval_or_a_comment_is_a_review_of_somebody_elses_request(void)
{
    static const char review[] =
        "{'kind':'output','id':'gitlab:acme/web/shop!3/review/gitlab:grace:accepted:"
        "1786000000000','ts':'2026-08-06T07:06:40.000Z','actor':'gitlab:grace','artifact':"
        "'review','ref':'acme/web/shop!3/review/gitlab:grace','state':'accepted'}\n";
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'approved'", "")) == GH_HOOK_TOLD &&
          hook_told(review));
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'approval','draft':true", "")) ==
          GH_HOOK_TOLD);
    CHECK(hook_told(review));
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'approved'", "")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, MERGE(GRACE, "'action':'unapproved'", "")) == GH_HOOK_IDLE);
    hook_forget();
}

#define NOTE(by, on, more)                                                       \
    "{'object_kind':'note','user':" by "," HOOK_PROJECT ",'object_attributes':{" \
    "'noteable_type':'" on "','created_at':'2026-08-06 07:06:40 UTC'" more "},"  \
    "'merge_request':{'iid':3,'author_id':1}}"

static void a_note_counts_on_a_request_of_another_and_not_by_the_system(void)
{
    CHECK(hook_take(NULL, NOTE(GRACE, "MergeRequest", "")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"ref\":\"acme/web/shop!3/review/gitlab:grace\""));
    CHECK(hook_take(NULL, NOTE(ADA, "MergeRequest", "")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, NOTE(GRACE, "Issue", "")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, NOTE(GRACE, "MergeRequest", ",'system':true")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, NOTE(GRACE, "MergeRequest", ",'action':'update'")) == GH_HOOK_IDLE);
    hook_forget();
}

static void a_revert_takes_back_the_request_that_it_names(void)
{
    CHECK(hook_take(NULL, MERGE(ADA, "'action':'merge'", "")) == GH_HOOK_TOLD);
    CHECK(hook_take(NULL,
                    "{'object_kind':'merge_request','user':" GRACE "," HOOK_PROJECT
                    ",'object_attributes':{'iid':4,'author_id':2,'action':'merge','title':"
                    "'Revert \\\"Add x\\\"','description':'This reverts merge request !3',"
                    "'updated_at':'2026-08-07 07:06:40 UTC'}}") == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"id\":\"gitlab:acme/web/shop!4:accepted:1786086400000\""));
    CHECK(strstr(lines.at, "\"id\":\"gitlab:acme/web/shop!3:reverted:1786086400000\",\"ts\":"
                           "\"2026-08-07T07:06:40.000Z\",\"actor\":\"gitlab:ada\""));
    hook_forget();
}

#define COMMIT(sha, message, time, mail)                                               \
    "{'id':'" sha "','message':'" message "','timestamp':'" time "','author':{'name':" \
    "'A','email':" mail "}}"
#define PUSH(ref, commits) \
    "{'object_kind':'push','ref':'refs/heads/" ref "'," HOOK_PROJECT ",'commits':[" commits "]}"
#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void commits_have_the_time_of_their_arrival_and_the_mail_of_their_author(void)
{
    CHECK(hook_take(
              NULL,
              PUSH("main", COMMIT(SHA_A, "Add x", "2026-08-01T09:06:40+02:00",
                                  "'ada@example.test'") "," COMMIT(SHA_B, "Add y",
                                                                   "2026-08-02T09:06:40+02:00",
                                                                   "'[REDACTED]'"))) ==
          GH_HOOK_TOLD);
    CHECK(hook_told("{'kind':'output','id':'gitlab:commit:" SHA_A "','ts':"
                    "'2026-08-06T07:06:40.000Z','actor':'ada@example.test','artifact':'commit',"
                    "'ref':'acme/web/shop@" SHA_A "','state':'accepted'}\n"));
    CHECK(gh_hooks_counters(hooks).nameless == 1);
    CHECK(hook_take(NULL, PUSH("topic", COMMIT(SHA_A, "Add x", HOOK_DATE,
                                               "'ada@example.test'"))) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, PUSH("main", COMMIT(SHA_B, "Merge branch \\u0027x\\u0027 into main",
                                              HOOK_DATE, "'ada@example.test'"))) ==
          GH_HOOK_IDLE);
    hook_forget();
}

#define ISSUE(action, who, time)                                                             \
    "{'object_kind':'issue','user':" GRACE "," HOOK_PROJECT ",'object_attributes':{'iid':8," \
    "'action':'" action "','updated_at':'" time "'},'assignees':[" who "]}"

static void an_issue_is_its_assignees_and_taken_back_when_opened_again(void)
{
    CHECK(hook_take(NULL, ISSUE("close", ADA, "2026-08-06 07:06:40 UTC")) == GH_HOOK_TOLD);
    CHECK(
        hook_told("{'kind':'output','id':'gitlab:acme/web/shop#8:accepted:1786000000000','ts':"
                  "'2026-08-06T07:06:40.000Z','actor':'gitlab:ada','artifact':'ticket','ref':"
                  "'acme/web/shop#8','state':'accepted'}\n"));
    CHECK(hook_take(NULL, ISSUE("reopen", "", "2026-08-07 07:06:40 UTC")) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"gitlab:ada\"") && strstr(lines.at, "proposed"));
    CHECK(hook_take(NULL, ISSUE("update", ADA, HOOK_DATE)) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, ISSUE("close", "", HOOK_DATE)) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "\"actor\":\"gitlab:grace\""));
    hook_forget();
}

#define DEPLOYMENT(status, tier)                                              \
    "{'object_kind':'deployment','status':'" status "','status_changed_at':"  \
    "'2026-08-06 09:06:40 +0200','deployment_id':6,'environment_tier':'" tier \
    "','user':" GRACE "," HOOK_PROJECT "}"

static void a_deployment_counts_when_it_succeeds_and_is_no_preview(void)
{
    CHECK(hook_take(NULL, DEPLOYMENT("success", "production")) == GH_HOOK_TOLD);
    CHECK(hook_told(
        "{'kind':'output','id':'gitlab:acme/web/shop/deploy/6:accepted:1786000000000',"
        "'ts':'2026-08-06T07:06:40.000Z','actor':'gitlab:grace','artifact':'deploy',"
        "'ref':'acme/web/shop/deploy/6','state':'accepted'}\n"));
    CHECK(hook_take(NULL, DEPLOYMENT("running", "production")) == GH_HOOK_IDLE);
    CHECK(hook_take(NULL, DEPLOYMENT("success", "development")) == GH_HOOK_IDLE);
    hook_forget();
}

static void times_are_read_in_each_form_that_is_sent_and_no_other(void)
{
    static const char *const good[] = {"2026-08-06 07:06:40 UTC", "2026-08-06 09:06:40 +0200",
                                       "2026-08-06 05:36:40 -0130", "2026-08-06T07:06:40.000Z"};
    static const char *const bad[] = {"2026-08-06",
                                      "2026-08-06 07:06:40",
                                      "yesterday at noon, UTC",
                                      "2026-13-06 07:06:40 UTC",
                                      "2026-08-06 07:06:40 CEST",
                                      "2026-08-06 07:06:40 +02",
                                      ""};
    char payload[512];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(payload, sizeof(payload), ISSUE("close", "", "%s"), good[i]);
        CHECK(hook_take(NULL, payload) == GH_HOOK_TOLD &&
              strstr(lines.at, "\"2026-08-06T07:06:40.000Z\""));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(payload, sizeof(payload), ISSUE("close", "", "%s"), bad[i]);
        CHECK(hook_take(NULL, payload) == GH_HOOK_BAD &&
              !strcmp(error.text, "updated_at: a time is missing"));
    }
    hook_forget();
}

/* A long path has no room in a name: its hash stands for it, in the id as well. */
static void names_too_long_for_an_event_are_told_as_their_hash(void)
{
    char payload[1024], path[281];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    snprintf(payload, sizeof(payload),
             "{'object_kind':'issue','user':" GRACE ",'project':{'path_with_namespace':'%s'},"
             "'object_attributes':{'iid':8,'action':'close','updated_at':'" HOOK_DATE "'}}",
             path);
    CHECK(hook_take(NULL, payload) == GH_HOOK_TOLD);
    CHECK(!strstr(lines.at, "ppp") && strstr(lines.at, ":accepted:1786000000000\""));
    hook_forget();
}

static const struct gh_test tests[] = {
    GH_TEST(a_merge_request_is_its_authors_whoever_merges_it),
    GH_TEST(an_author_is_found_among_those_named_else_called_by_number),
    GH_TEST(drafts_are_nothing_until_ready_and_closed_is_rejected),
    GH_TEST(an_approval_or_a_comment_is_a_review_of_somebody_elses_request),
    GH_TEST(a_note_counts_on_a_request_of_another_and_not_by_the_system),
    GH_TEST(a_revert_takes_back_the_request_that_it_names),
    GH_TEST(commits_have_the_time_of_their_arrival_and_the_mail_of_their_author),
    GH_TEST(an_issue_is_its_assignees_and_taken_back_when_opened_again),
    GH_TEST(a_deployment_counts_when_it_succeeds_and_is_no_preview),
    GH_TEST(times_are_read_in_each_form_that_is_sent_and_no_other),
    GH_TEST(names_too_long_for_an_event_are_told_as_their_hash),
};
GH_TEST_MAIN(tests)
