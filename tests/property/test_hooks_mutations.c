/* test_hooks_mutations.c - payloads in which one value is of another type, missing or odd: they
 * are told of or refused, and whatever is told is an event. */
#include "support/gh_test.h"
#include "support/hook_kit.h"

#include <jansson.h>

static struct gh_hooks *hooks;
static unsigned told, bad, idle;

static void take(const char *event, const json_t *body)
{
    struct hook_request request;
    struct gh_json lines = {0};
    struct gh_error error = {0};
    char *text = json_dumps(body, JSON_COMPACT);
    const struct gh_hook_call call = hook_call(&request, event, text, strlen(text));
    const enum gh_hook_outcome outcome = gh_hooks_take(hooks, &call, &lines, &error);
    const char *trouble = hook_lines_trouble(&lines);

    CHECK(outcome == GH_HOOK_TOLD || outcome == GH_HOOK_IDLE || outcome == GH_HOOK_BAD);
    CHECK(trouble == NULL);
    CHECK((outcome == GH_HOOK_TOLD) == (lines.used > 0));
    CHECK((outcome == GH_HOOK_BAD) == (error.text[0] != '\0'));
    told += outcome == GH_HOOK_TOLD;
    bad += outcome == GH_HOOK_BAD;
    idle += outcome == GH_HOOK_IDLE;
    gh_json_free(&lines);
    free(text);
}

static json_t *odd_value(int which)
{
    switch (which) {
    case 0:
        return json_null();
    case 1:
        return json_integer(-1);
    case 2:
        return json_integer(INT64_MAX);
    case 3:
        return json_real(1.5e300);
    case 4:
        return json_string("");
    case 5:
        return json_string("a\x01\x7f\xc2\x80\n\"\\ b");
    case 6:
        return json_pack("[{s:[]}]", "a");
    case 7:
        return json_true();
    default:
        return NULL; /* a long text */
    }
}
enum { ODD_VALUES = 9 };

/* Each member of each object below is put in another way, one at a time. */
static void members_change(const char *event, const json_t *root, json_t *at)
{
    static char longest[70001];
    const char *name;
    json_t *value, *element;
    void *next;
    size_t i;

    memset(longest, 'x', sizeof(longest) - 1);
    json_object_foreach_safe(at, next, name, value)
    {
        json_t *kept = json_incref(value);
        for (int odd = 0; odd < ODD_VALUES; odd++) {
            json_t *other = odd_value(odd);
            json_object_set_new(at, name, other ? other : json_string(longest));
            take(event, root);
        }
        json_object_set_new(at, name, kept);
    }
    json_object_foreach(at, name, value)
    {
        members_change(event, root, value);
        json_array_foreach(value, i, element) members_change(event, root, element);
    }
}

static void a_changed_value_is_told_or_refused_and_never_more(void)
{
    hooks = hook_hooks();
    for (size_t i = 0; i < HOOK_PAYLOADS; i++) {
        char *text = hook_quoted(hook_payloads[i].body);
        json_t *body = json_loads(text, 0, NULL);
        CHECK(body != NULL);
        members_change(hook_payloads[i].event, body, body);
        /* It is whole again. */
        const unsigned before = told;
        take(hook_payloads[i].event, body);
        CHECK(told == before + (i > 0));
        json_decref(body);
        free(text);
    }
    printf("# %u told, %u refused, %u idle\n", told, bad, idle);
    CHECK(told > 200 && bad > 200 && idle > 200);
    gh_hooks_free(hooks);
}

static void an_event_read_as_another_is_told_or_refused_and_never_more(void)
{
    hooks = hook_hooks();
    for (size_t i = 0; i < HOOK_PAYLOADS; i++) {
        char *text = hook_quoted(hook_payloads[i].body);
        json_t *body = json_loads(text, 0, NULL);
        for (size_t j = 0; j < HOOK_PAYLOADS; j++)
            take(hook_payloads[j].event, body);
        json_decref(body);
        free(text);
    }
    gh_hooks_free(hooks);
}

static const struct gh_test tests[] = {
    GH_TEST(a_changed_value_is_told_or_refused_and_never_more),
    GH_TEST(an_event_read_as_another_is_told_or_refused_and_never_more),
};
GH_TEST_MAIN(tests)
