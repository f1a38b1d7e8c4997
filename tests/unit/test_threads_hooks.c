/* test_threads_hooks.c - requests that several threads take at once. */
#include "support/gh_test.h"
#include "support/hook_kit.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 50 };
static struct gh_hooks *hooks;

/* Every payload in a form of its own, twice: the second time it has been kept. */
static void *requests_take(void *number)
{
    const int thread = *(const int *)number;
    uint64_t told = 0, seen = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 1; i < HOOK_PAYLOADS; i++) {
            char *quoted = hook_quoted(hook_payloads[i].body), body[4096];
            struct hook_request request;
            struct gh_json lines = {0};
            struct gh_error error = {0};
            snprintf(body, sizeof(body), "%.*s,\"n\":%d}", (int)strlen(quoted) - 1, quoted,
                     round * THREADS + thread);
            const struct gh_hook_call call =
                hook_call(&request, hook_payloads[i].event, body, strlen(body));
            told += gh_hooks_take(hooks, &call, &lines, &error) == GH_HOOK_TOLD;
            gh_hooks_kept(hooks, gh_hooks_delivery(&call));
            seen += gh_hooks_take(hooks, &call, &lines, &error) == GH_HOOK_SEEN;
            gh_json_free(&lines);
            free(quoted);
        }
    }
    return told == seen && told == ROUNDS * (HOOK_PAYLOADS - 1) ? hooks : NULL;
}

static void each_thread_is_told_as_if_it_were_alone(void)
{
    pthread_t thread[THREADS];
    int number[THREADS];
    uint64_t told = 0, seen = 0;

    hooks = hook_hooks();
    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        CHECK(pthread_create(&thread[i], NULL, requests_take, &number[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *fine = NULL;
        CHECK(pthread_join(thread[i], &fine) == 0 && fine == hooks);
    }
    const struct gh_hooks_counters c = gh_hooks_counters(hooks);
    for (int i = 0; i < GH_HOOK_SERVICES; i++) {
        told += c.outcome[i][GH_HOOK_TOLD];
        seen += c.outcome[i][GH_HOOK_SEEN];
    }
    CHECK(told == THREADS * ROUNDS * (HOOK_PAYLOADS - 1) && seen == told);
    gh_hooks_free(hooks);
}

static const struct gh_test tests[] = {
    GH_TEST(each_thread_is_told_as_if_it_were_alone),
};
GH_TEST_MAIN(tests)
