/* test_hooks_generic.c - documents of other services, by map files, on real files. */
#include "support/gh_test.h"
#include "support/hook_kit.h"

static char folder[64], secrets[96], maps_folder[96];
static struct gh_hooks *hooks;
static struct gh_maps *maps;
static struct gh_json lines;
static struct gh_error error;

static void file_write(const char *parent, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", parent, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
}

static void file_remove(const char *parent, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", parent, name);
    CHECK(unlink(path) == 0);
}

static const char *hook_name = "tracker";
static const char map_text[] =
    "{'source': ['tracker'], 'id': {'space': 'tracker', 'of': [['issue.key', 'issue.moved']]},"
    "'keys': {'ts': 'issue.moved', 'actor': ['issue.assignee.mail']},"
    "'rules': ["
    "{'kind': 'row', 'where': {'issue.status': ['done']}, 'is': 'output',"
    " 'keys': {'artifact': {'constant': 'ticket'}, 'ref': 'issue.key'}},"
    "{'kind': 'row', 'where': {'issue.status': ['open']}, 'is': 'ignore'}]}";

static enum gh_status options_read(void)
{
    struct gh_hooks_options options = {
        .signature_headers = {"X-Hub-Signature, Linear-Signature"}};
    snprintf(options.generic_secrets.text, sizeof(options.generic_secrets.text), "%s", secrets);
    error = (struct gh_error){0};
    return gh_hooks_new(&hooks, &options, &error);
}

static void begin(void)
{
    char *map = hook_quoted(map_text);
    snprintf(folder, sizeof(folder), "/tmp/goodhart-hooks-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(secrets, sizeof(secrets), "%s/secrets", folder);
    snprintf(maps_folder, sizeof(maps_folder), "%s/maps", folder);
    CHECK(mkdir(secrets, 0700) == 0 && mkdir(maps_folder, 0700) == 0);
    file_write(secrets, "tracker", HOOK_SECRET "\n");
    file_write(maps_folder, "tracker.json", map);
    free(map);
    error = (struct gh_error){0};
    if (gh_maps_load(&maps, maps_folder, &error) != GH_OK)
        printf("# %s\n", error.text);
    CHECK(maps != NULL);
    CHECK(options_read() == GH_OK);
}

static void end(void)
{
    file_remove(secrets, "tracker");
    file_remove(maps_folder, "tracker.json");
    CHECK(rmdir(secrets) == 0 && rmdir(maps_folder) == 0 && rmdir(folder) == 0);
    gh_hooks_free(hooks);
    gh_maps_free(maps);
    gh_json_free(&lines);
    hooks = NULL;
    maps = NULL;
}

/* With this header, which is the signature where `value` is NULL. */
static enum gh_hook_outcome take(const char *payload, const char *header, const char *value)
{
    char *body = hook_quoted(payload);
    struct hook_request request = {.header = {{header, value}}};
    hook_sign(request.signature, HOOK_SECRET, body, strlen(body));
    if (!value)
        request.header[0].value = request.signature;
    const struct gh_hook_call call = {.name = hook_name,
                                      .body = body,
                                      .size = strlen(body),
                                      .header = hook_header_of,
                                      .request = &request,
                                      .maps = maps};
    gh_json_free(&lines);
    error = (struct gh_error){0};
    const enum gh_hook_outcome outcome = gh_hooks_take(hooks, &call, &lines, &error);
    CHECK(!hook_lines_trouble(&lines));
    free(body);
    return outcome;
}

#define ISSUE(key, status)                                                            \
    "{'issue':{'key':'" key "','status':'" status "','moved':'2026-08-06T07:06:40Z'," \
    "'assignee':{'mail':'ada@example.test'}}}"

static void a_document_is_told_as_its_map_file_says(void)
{
    begin();
    CHECK(take(ISSUE("PAY-7", "done"), "X-Hub-Signature", NULL) == GH_HOOK_TOLD);
    CHECK(lines.at && strstr(lines.at, "\"actor\":\"ada@example.test\"") &&
          strstr(lines.at, "\"artifact\":\"ticket\",\"ref\":\"PAY-7\"") &&
          strstr(lines.at, "\"ts\":\"2026-08-06T07:06:40.000Z\""));
    CHECK(take(ISSUE("PAY-7", "open"), "X-Hub-Signature", NULL) == GH_HOOK_IDLE);
    CHECK(take("{'page':{'id':7}}", "X-Hub-Signature", NULL) == GH_HOOK_UNMAPPED);
    CHECK(take("[" ISSUE("PAY-8", "done") "," ISSUE("PAY-9", "done") "]", "X-Hub-Signature",
               NULL) == GH_HOOK_TOLD);
    CHECK(strstr(lines.at, "PAY-8") && strstr(lines.at, "PAY-9"));
    CHECK(gh_hooks_counters(hooks).events == 3);
    end();
}

static void each_listed_header_and_the_bearer_are_taken_and_no_other(void)
{
    begin();
    CHECK(take(ISSUE("PAY-7", "open"), "Linear-Signature", NULL) == GH_HOOK_IDLE);
    CHECK(take(ISSUE("PAY-7", "open"), "Authorization", "Bearer " HOOK_SECRET) == GH_HOOK_IDLE);
    CHECK(take(ISSUE("PAY-7", "open"), "Authorization", "bearer " HOOK_SECRET) == GH_HOOK_IDLE);
    CHECK(take(ISSUE("PAY-7", "open"), "Authorization", "Bearer x") == GH_HOOK_FORGED);
    CHECK(take(ISSUE("PAY-7", "open"), "Authorization", "Basic x") == GH_HOOK_UNSIGNED);
    CHECK(take(ISSUE("PAY-7", "open"), "X-Other-Signature", NULL) == GH_HOOK_UNSIGNED);
    CHECK(take(ISSUE("PAY-7", "open"), "X-Hub-Signature", "sha256=00") == GH_HOOK_FORGED);
    end();
}

#define JIRA(category, resolution, when)                                                      \
    "{'timestamp':" when ",'webhookEvent':'jira:issue_updated','user':{'accountId':'u-2'},"   \
    "'issue':{'key':'PAY-7','fields':{'status':{'statusCategory':{'key':'" category "'}},"    \
    "'resolution':{'name':'" resolution "'},'resolutiondate':'2026-08-06T09:06:40.000+0200'," \
    "'assignee':{'accountId':'u-1','emailAddress':'ada@example.test'}}}}"
#define LINEAR(state, when)                                                                    \
    "{'action':'update','type':'Issue','webhookTimestamp':1786000000500,'data':{'identifier':" \
    "'ENG-5','state':{'type':'" state "'},'" when "':'2026-08-06T07:06:40.000Z','assignee':"   \
    "{'id':'u-1','name':'Ada'}}}"

static bool told(const char *wanted)
{
    char *quoted = hook_quoted(wanted);
    const bool found = lines.at && strstr(lines.at, quoted);
    if (!found)
        printf("# got: %s\n", lines.at ? lines.at : error.text);
    free(quoted);
    return found;
}

static void the_id_is(char id[128])
{
    const char *at = lines.at ? strstr(lines.at, "\"id\":\"") : NULL;
    snprintf(id, 128, "%.*s", at ? (int)strcspn(at + 6, "\"") : 0, at ? at + 6 : "");
}

static void what_jira_tells_is_known_without_a_map_file_of_ones_own(void)
{
    char first[128], again[128];
    begin();
    file_write(secrets, "jira", HOOK_SECRET);
    gh_hooks_free(hooks);
    CHECK(options_read() == GH_OK);
    hook_name = "jira";
    CHECK(take(JIRA("done", "Done", "1786000000000"), "X-Hub-Signature", NULL) == GH_HOOK_TOLD);
    CHECK(told("'ts':'2026-08-06T07:06:40.000Z','actor':'ada@example.test','artifact':"
               "'ticket','ref':'PAY-7','state':'accepted'"));
    the_id_is(first);
    /* A comment on what is done: the same event. */
    CHECK(take(JIRA("done", "Done", "1786086400000"), "X-Hub-Signature", NULL) == GH_HOOK_TOLD);
    the_id_is(again);
    CHECK(first[0] && !strcmp(first, again));
    CHECK(take(JIRA("done", "Duplicate", "1786000000000"), "X-Hub-Signature", NULL) ==
              GH_HOOK_TOLD &&
          told("'state':'rejected'"));
    CHECK(take(JIRA("indeterminate", "", "1786000000000"), "X-Hub-Signature", NULL) ==
          GH_HOOK_IDLE);
    hook_name = "tracker";
    file_remove(secrets, "jira");
    end();
}

static void what_linear_tells_is_known_without_a_map_file_of_ones_own(void)
{
    begin();
    file_write(secrets, "linear", HOOK_SECRET);
    gh_hooks_free(hooks);
    CHECK(options_read() == GH_OK);
    hook_name = "linear";
    CHECK(take(LINEAR("completed", "completedAt"), "Linear-Signature", NULL) == GH_HOOK_TOLD);
    CHECK(told("'ts':'2026-08-06T07:06:40.000Z','actor':'u-1','artifact':'ticket','ref':"
               "'ENG-5','state':'accepted'"));
    CHECK(take(LINEAR("canceled", "canceledAt"), "Linear-Signature", NULL) == GH_HOOK_TOLD &&
          told("'state':'rejected'"));
    CHECK(take(LINEAR("started", "startedAt"), "Linear-Signature", NULL) == GH_HOOK_IDLE);
    hook_name = "tracker";
    file_remove(secrets, "linear");
    end();
}

static void without_map_files_every_document_is_unmapped(void)
{
    begin();
    struct gh_maps *kept = maps;
    maps = NULL;
    CHECK(take(ISSUE("PAY-7", "done"), "X-Hub-Signature", NULL) == GH_HOOK_UNMAPPED);
    maps = kept;
    end();
}

static void names_that_are_no_hook_are_an_error_at_the_start(void)
{
    static const char *const names[] = {"github", "Jira", "a b", "x.secret"};
    begin();
    gh_hooks_free(hooks);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        file_write(secrets, names[i], HOOK_SECRET);
        CHECK(options_read() == GH_ECONFIG && hooks == NULL);
        CHECK(strstr(error.text, "hooks.generic_secrets: ") && strstr(error.text, names[i]));
        file_remove(secrets, names[i]);
    }
    file_write(secrets, ".hidden", "x");
    CHECK(options_read() == GH_OK);
    file_remove(secrets, ".hidden");
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(a_document_is_told_as_its_map_file_says),
    GH_TEST(each_listed_header_and_the_bearer_are_taken_and_no_other),
    GH_TEST(what_jira_tells_is_known_without_a_map_file_of_ones_own),
    GH_TEST(what_linear_tells_is_known_without_a_map_file_of_ones_own),
    GH_TEST(without_map_files_every_document_is_unmapped),
    GH_TEST(names_that_are_no_hook_are_an_error_at_the_start),
};
GH_TEST_MAIN(tests)
