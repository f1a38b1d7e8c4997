/* test_hooks.c - which requests are let in, what is remembered, what is counted. */
#include "support/gh_test.h"
#include "support/hook_kit.h"

static struct gh_hooks *hooks;
static struct gh_json lines;
static struct gh_error error;
static const char *person_name = "ada";

static enum gh_hook_outcome take(const struct gh_hook_call *call)
{
    gh_json_free(&lines);
    error = (struct gh_error){0};
    const enum gh_hook_outcome outcome = gh_hooks_take(hooks, call, &lines, &error);
    CHECK(outcome == GH_HOOK_TOLD || lines.used == 0);
    return outcome;
}

static void begin(void)
{
    gh_hooks_free(hooks);
    hooks = hook_hooks();
    CHECK(hooks && gh_hooks_any(hooks));
}

static void end(void)
{
    gh_hooks_free(hooks);
    hooks = NULL;
    gh_json_free(&lines);
}

static uint64_t counted(enum gh_hook_service service, enum gh_hook_outcome outcome)
{
    return gh_hooks_counters(hooks).outcome[service][outcome];
}

static void every_payload_of_the_kit_is_told_but_for_the_ping(void)
{
    begin();
    for (size_t i = 0; i < HOOK_PAYLOADS; i++) {
        struct hook_request request;
        char *body = hook_quoted(hook_payloads[i].body);
        const struct gh_hook_call call =
            hook_call(&request, hook_payloads[i].event, body, strlen(body));
        CHECK(take(&call) == (i == 0 ? GH_HOOK_IDLE : GH_HOOK_TOLD));
        free(body);
    }
    CHECK(gh_hooks_counters(hooks).events == 12);
    end();
}

static void without_a_signature_401_with_a_wrong_one_403_and_nothing_is_read(void)
{
    static const char body[] = "not json";
    struct hook_request request;
    struct gh_hook_call call = hook_call(&request, "push", body, sizeof(body) - 1);
    begin();
    CHECK(take(&call) == GH_HOOK_BAD && gh_hook_outcome_status(GH_HOOK_BAD) == 400);
    request.signature[10] ^= 1;
    CHECK(take(&call) == GH_HOOK_FORGED && gh_hook_outcome_status(GH_HOOK_FORGED) == 403);
    request.header[0].value = NULL;
    CHECK(take(&call) == GH_HOOK_UNSIGNED && gh_hook_outcome_status(GH_HOOK_UNSIGNED) == 401);
    call = hook_call(&request, NULL, body, sizeof(body) - 1);
    request.header[0].value = "something else, long";
    CHECK(take(&call) == GH_HOOK_FORGED);
    call.name = "jira";
    CHECK(take(&call) == GH_HOOK_OFF && gh_hook_outcome_status(GH_HOOK_OFF) == 404);
    CHECK(counted(GH_HOOK_GITHUB, GH_HOOK_BAD) == 1 &&
          counted(GH_HOOK_GITHUB, GH_HOOK_FORGED) == 1 &&
          counted(GH_HOOK_GITHUB, GH_HOOK_UNSIGNED) == 1 &&
          counted(GH_HOOK_GITLAB, GH_HOOK_FORGED) == 1 &&
          counted(GH_HOOK_GENERIC, GH_HOOK_OFF) == 1);
    end();
}

static void what_is_no_object_or_too_large_is_refused(void)
{
    static const char *const bad[] = {"", "[]", "1", "{", "{\"a\":}", "\xff", "{} x"};
    struct hook_request request;
    begin();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct gh_hook_call call = hook_call(&request, "push", bad[i], strlen(bad[i]));
        CHECK(take(&call) == GH_HOOK_BAD && error.text[0]);
    }
    char *large = malloc(GH_HOOK_BYTES_MAX + 1);
    memset(large, ' ', GH_HOOK_BYTES_MAX + 1);
    memcpy(large, "{}", 2);
    struct gh_hook_call call = hook_call(&request, "push", large, GH_HOOK_BYTES_MAX);
    CHECK(take(&call) == GH_HOOK_IDLE);
    call = hook_call(&request, "push", large, GH_HOOK_BYTES_MAX + 1);
    CHECK(take(&call) == GH_HOOK_LARGE);
    free(large);
    end();
}

static void a_delivery_is_taken_again_until_it_is_kept_and_then_seen(void)
{
    struct hook_request request;
    char *body = hook_quoted(hook_payloads[4].body), *first;
    const struct gh_hook_call call = hook_call(&request, "issues", body, strlen(body));
    begin();
    CHECK(take(&call) == GH_HOOK_TOLD);
    first = gh_json_take(&lines);
    CHECK(take(&call) == GH_HOOK_TOLD && !strcmp(first, lines.at));
    gh_hooks_kept(hooks, gh_hooks_delivery(&call));
    CHECK(take(&call) == GH_HOOK_SEEN && gh_hook_outcome_status(GH_HOOK_SEEN) == 200);
    /* Under the name of another event the same bytes are another delivery. */
    request.header[1].value = "push";
    CHECK(take(&call) == GH_HOOK_IDLE);
    free(first);
    free(body);
    end();
}

static void deliveries_are_forgotten_in_the_order_in_which_they_came(void)
{
    struct hook_request request;
    char body[64];
    begin();
    for (int i = 0; i <= GH_HOOK_DELIVERIES; i++) {
        snprintf(body, sizeof(body), "{\"n\":%d}", i);
        const struct gh_hook_call call = hook_call(&request, "push", body, strlen(body));
        gh_hooks_kept(hooks, gh_hooks_delivery(&call));
    }
    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof(body), "{\"n\":%d}", i);
        const struct gh_hook_call call = hook_call(&request, "push", body, strlen(body));
        CHECK(take(&call) == (i == 0 ? GH_HOOK_IDLE : GH_HOOK_SEEN));
    }
    end();
}

static struct gh_text person(void *people, struct gh_text account)
{
    const char *name = *(const char **)people;
    if (!name)
        return (struct gh_text){NULL, 0};
    CHECK(account.size > 7 && !memcmp(account.at, "github:", 7));
    return (struct gh_text){name, (uint32_t)strlen(name)};
}

static void people_are_put_in_for_accounts(void)
{
    struct hook_request request;
    char *body = hook_quoted(hook_payloads[4].body);
    struct gh_hook_call call = hook_call(&request, "issues", body, strlen(body));
    call.person = person;
    call.people = &person_name;
    begin();
    CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"actor\":\"ada\""));
    const char *nobody = NULL;
    call.people = &nobody;
    CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"actor\":\"github:ada\""));
    free(body);
    end();
}

static void a_push_to_gitlab_is_of_when_it_was_sent_else_of_when_it_arrived(void)
{
    static const char *const odd[] = {NULL, "",           "yesterday",
                                      "-5", "178600010 ", "999999999999"};
    struct hook_request request;
    char *body = hook_quoted(hook_payloads[9].body);
    const struct gh_hook_call call = hook_call(&request, NULL, body, strlen(body));
    begin();
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        request.header[2] = (struct hook_header){"webhook-timestamp", odd[i]};
        CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"2026-08-06T07:06:40.000Z\""));
    }
    request.header[2].value = "1786000100";
    CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"2026-08-06T07:08:20.000Z\""));
    free(body);
    end();
}

static void what_the_contract_refuses_is_refused_with_its_words(void)
{
    static const char name[] = "{\"action\":\"closed\",\"issue\":{\"number\":9,\"closed_at\":"
                               "\"2026-08-06T07:06:40Z\"},\"repository\":{\"full_name\":"
                               "\"acme/api\"},\"sender\":{\"login\":\"a\\u0007b\"}}";
    struct hook_request request;
    const struct gh_hook_call call = hook_call(&request, "issues", name, sizeof(name) - 1);
    begin();
    CHECK(take(&call) == GH_HOOK_BAD);
    CHECK(strstr(error.text, "actor: "));
    end();
}

static struct gh_hooks *hooks_with(const char *units)
{
    struct gh_hooks_options options = {.key = {""}};
    char path[] = "/tmp/goodhart-hook-XXXXXX";
    const int file = mkstemp(path);
    CHECK(write(file, HOOK_SECRET, sizeof(HOOK_SECRET) - 1) > 0);
    snprintf(options.github_secret.text, sizeof(options.github_secret.text), "%s", path);
    snprintf(options.units.text, sizeof(options.units.text), "%s", units);
    error = (struct gh_error){0};
    struct gh_hooks *made = NULL;
    CHECK((gh_hooks_new(&made, &options, &error) == GH_OK) == (made != NULL));
    close(file);
    unlink(path);
    return made;
}

static void units_are_told_of_the_artifacts_that_are_named(void)
{
    struct hook_request request;
    char *body = hook_quoted(hook_payloads[4].body);
    const struct gh_hook_call call = hook_call(&request, "issues", body, strlen(body));
    hooks = hooks_with("pull_request=5, ticket=0.25");
    CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"units\":0.25"));
    gh_hooks_free(hooks);
    hooks = hooks_with("ticket=0");
    CHECK(take(&call) == GH_HOOK_TOLD && strstr(lines.at, "\"units\":0}"));
    gh_hooks_free(hooks);
    hooks = hooks_with("review=2");
    CHECK(take(&call) == GH_HOOK_TOLD && !strstr(lines.at, "units"));
    free(body);
    end();
}

static void units_of_another_form_are_an_error_at_the_start(void)
{
    static const char *const bad[] = {
        "ticket", "ticket=", "ticket=-1",         "ticket=nan",   "ticket=inf", "ticket=1x",
        "pr=1",   "=1",      "ticket=1;review=2", "ticket=1e400", "ticket=0x1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(hooks_with(bad[i]) == NULL && error.status == GH_ECONFIG);
        CHECK(strstr(error.text, "hooks.units: ") && strstr(error.text, "pull_request"));
    }
}

static void a_secret_that_cannot_be_used_is_an_error_at_the_start(void)
{
    struct gh_hooks_options options = {.key = {""}};
    CHECK(gh_hooks_new(&hooks, &options, &error) == GH_OK && !gh_hooks_any(hooks));
    gh_hooks_free(hooks);
    error = (struct gh_error){0};
    snprintf(options.gitlab_secret.text, sizeof(options.gitlab_secret.text), "/nowhere/s");
    CHECK(gh_hooks_new(&hooks, &options, &error) == GH_EIO && hooks == NULL);
    CHECK(strstr(error.text, "hooks.gitlab_secret: /nowhere/s: cannot be read"));
    error = (struct gh_error){0};
    options = (struct gh_hooks_options){.generic_secrets = {"/nowhere"}};
    CHECK(gh_hooks_new(&hooks, &options, &error) == GH_EIO && hooks == NULL);
    CHECK(strstr(error.text, "hooks.generic_secrets: /nowhere: cannot be read"));
}

/* GitLab's signing token: what X-Gitlab-Token says does not matter then. */
static void a_signing_token_is_never_taken_as_it_is(void)
{
    static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    struct gh_hooks_options options = {.key = {""}};
    char path[] = "/tmp/goodhart-hook-XXXXXX";
    const int file = mkstemp(path);
    CHECK(write(file, secret, sizeof(secret) - 1) > 0);
    snprintf(options.gitlab_secret.text, sizeof(options.gitlab_secret.text), "%s", path);
    CHECK(gh_hooks_new(&hooks, &options, &error) == GH_OK);
    struct hook_request request = {
        .header = {{"X-Gitlab-Token", secret},
                   {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                   {"webhook-timestamp", "1614265330"},
                   {NULL, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}}};
    static const char body[] = "{\"test\": 2432232314}";
    const struct gh_hook_call call = {.name = "gitlab",
                                      .body = body,
                                      .size = sizeof(body) - 1,
                                      .header = hook_header_of,
                                      .request = &request};
    CHECK(take(&call) == GH_HOOK_UNSIGNED);
    request.header[3].name = "webhook-signature";
    CHECK(take(&call) == GH_HOOK_BAD);
    CHECK(!strcmp(error.text, "object_kind: a text is missing"));
    request.header[2].value = "1614265331";
    CHECK(take(&call) == GH_HOOK_FORGED);
    close(file);
    unlink(path);
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(every_payload_of_the_kit_is_told_but_for_the_ping),
    GH_TEST(without_a_signature_401_with_a_wrong_one_403_and_nothing_is_read),
    GH_TEST(what_is_no_object_or_too_large_is_refused),
    GH_TEST(a_delivery_is_taken_again_until_it_is_kept_and_then_seen),
    GH_TEST(deliveries_are_forgotten_in_the_order_in_which_they_came),
    GH_TEST(people_are_put_in_for_accounts),
    GH_TEST(a_push_to_gitlab_is_of_when_it_was_sent_else_of_when_it_arrived),
    GH_TEST(what_the_contract_refuses_is_refused_with_its_words),
    GH_TEST(units_are_told_of_the_artifacts_that_are_named),
    GH_TEST(units_of_another_form_are_an_error_at_the_start),
    GH_TEST(a_secret_that_cannot_be_used_is_an_error_at_the_start),
    GH_TEST(a_signing_token_is_never_taken_as_it_is),
};
GH_TEST_MAIN(tests)
