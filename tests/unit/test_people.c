/* test_people.c - the people file: whose accounts are whose, and profiles of it. */
#include "edge/decode.h"
#include "edge/fields/people.h"

#include "support/gh_test.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define T(text) ((struct gh_text){text, sizeof(text) - 1})

static char path[64];
static struct gh_people *people;
static struct gh_error error;

/* Written at this time, so that only what it says is another file. */
static void file_write(const char *text, time_t written)
{
    const struct timespec times[2] = {{.tv_sec = written}, {.tv_sec = written}};
    FILE *file = fopen(path, "w");

    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

static enum gh_status load(const char *text)
{
    snprintf(path, sizeof(path), "/tmp/goodhart-people-XXXXXX");
    close(mkstemp(path));
    file_write(text, 1000);
    people = NULL;
    error = (struct gh_error){0};
    const enum gh_status status = gh_people_load(&people, path, &error);
    unlink(path);
    return status;
}

/* The error that the text leads to, behind the name of the file. */
static bool refuses(const char *text, const char *wanted)
{
    const bool refused = load(text) == GH_ECONFIG;
    const size_t size = strlen(path);

    if (refused && !strncmp(error.text, path, size) && strstr(error.text + size, wanted))
        return true;
    printf("# %s\n", refused ? error.text : "taken");
    gh_people_free(people);
    return false;
}

static bool is_text(struct gh_text text, const char *wanted)
{
    return text.at && text.size == strlen(wanted) && !memcmp(text.at, wanted, text.size);
}

#define ADA                                                                          \
    "people:\n"                                                                      \
    "  - actor: ada\n"                                                               \
    "    ids: [Ada@Example.com, github:Ada, 11111111-2222-4333-8444-555555555555]\n" \
    "    team: payments\n"                                                           \
    "    manager: BOB@example.com\n"                                                 \
    "    role: engineer\n"                                                           \
    "    account: human\n"                                                           \
    "    timezone: Europe/Berlin\n"                                                  \
    "    workdays: Mon-Thu\n"                                                        \
    "    hours: 09:00-17:30\n"
#define BOB "  - {actor: bob, ids: [bob@example.com]}\n"

static void every_account_leads_to_its_person(void)
{
    CHECK(load(ADA BOB) == GH_OK && gh_people_count(people) == 2);
    CHECK(is_text(gh_people_find(people, T("ada@example.com")), "ada"));
    CHECK(is_text(gh_people_find(people, T("ADA@EXAMPLE.COM")), "ada"));
    CHECK(is_text(gh_people_find(people, T("github:Ada")), "ada"));
    CHECK(is_text(gh_people_find(people, T("ada")), "ada"));
    CHECK(is_text(gh_people_find(people, T("bob@example.com")), "bob"));
    CHECK(!gh_people_find(people, T("github:ada")).at);
    CHECK(!gh_people_find(people, T("eve@example.com")).at);
    CHECK(!gh_people_find(people, (struct gh_text){NULL, 0}).at);
    gh_people_free(people);
}

static void json_is_as_good(void)
{
    CHECK(load("{\"people\": [{\"actor\": \"ada\", \"ids\": [\"a@x\", \"\\u00e9\"],\n"
               " \"team\": null, \"hours\": \"22:00-06:00\"}]}\n") == GH_OK);
    CHECK(is_text(gh_people_find(people, T("a@X")), "ada"));
    CHECK(is_text(gh_people_find(people, T("\xc3\xa9")), "ada"));
    gh_people_free(people);
}

static void what_is_known_is_a_profile(void)
{
    struct gh_event event, again;
    struct gh_decoder *decoder = gh_decoder_new();
    struct gh_refused refused;
    char line[1024];

    CHECK(load(ADA BOB) == GH_OK && decoder);
    CHECK(gh_people_profile(people, 0, 1786000000123, &event));
    CHECK(event.kind == GH_PROFILE && event.ts_ms == 1786000000123);
    CHECK(is_text(event.actor, "ada") && is_text(event.team, "payments"));
    CHECK(is_text(event.manager, "bob") && is_text(event.role, "engineer"));
    CHECK(GH_HAS(&event, account) && event.account == GH_HUMAN && event.workdays == 0x0f);
    CHECK(event.hours.from_min == 540 && event.hours.until_min == 1050);
    const struct gh_piece piece = {.at = line, .size = gh_encode(&event, line, sizeof(line))};
    CHECK(gh_decode(decoder, &piece, &again, &refused) && gh_same_event(&event, &again));
    CHECK(!gh_people_profile(people, 1, 1786000000123, &event));
    gh_decoder_free(decoder);
    gh_people_free(people);
}

static struct gh_text profile_id(const char *text, time_t written, char id[64])
{
    struct gh_event event = {.id = {NULL, 0}};

    CHECK(load(ADA) == GH_OK);
    gh_people_free(people);
    people = NULL;
    file_write(text, written);
    CHECK(gh_people_load(&people, path, &error) == GH_OK);
    unlink(path);
    CHECK(gh_people_profile(people, 0, 1, &event) && event.id.size < 64);
    memcpy(id, event.id.at, event.id.size);
    gh_people_free(people);
    return (struct gh_text){id, event.id.size};
}

static bool same(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && !memcmp(a.at, b.at, a.size);
}

static void the_same_file_makes_the_same_ids_and_another_one_others(void)
{
    char id[4][64];
    const struct gh_text a = profile_id(ADA, 1000, id[0]), b = profile_id(ADA, 1000, id[1]);
    const struct gh_text more =
        profile_id("people: [{actor: ada, team: payments}]", 1000, id[2]);
    const struct gh_text later = profile_id(ADA, 1001, id[3]);

    CHECK(same(a, b) && !same(a, more) && !same(a, later));
}

static void no_id_twice(void)
{
    CHECK(refuses("people:\n"
                  "  - {actor: ada, ids: [a@x]}\n"
                  "  - {actor: bob, ids: [b@x, A@X]}\n",
                  ":3:29: person 2 (bob): ids: the same as that of person 1 (ada): no id"));
    CHECK(refuses("people: [{actor: ada, ids: [bob]}, {actor: bob}]",
                  "person 2 (bob): actor: the same as that of person 1 (ada)"));
    CHECK(load("people: [{actor: ada@x, ids: [ADA@x]}]") == GH_OK);
    gh_people_free(people);
}

static void what_is_not_understood_is_refused_with_its_place(void)
{
    CHECK(refuses("people:\n  - actor: ada\n    tema: x\n", ":3:5: person 1 (ada): not a mem"));
    CHECK(
        refuses("people:\n  - actor: ada\n    hours: 9-17\n", ":3:12: person 1 (ada): hours"));
    CHECK(refuses("people: [{actor: ada, timezone: Berlin}]", "timezone: no such zone"));
    CHECK(refuses("people: [{actor: ada, account: robot}]", "human, service"));
    CHECK(refuses("people: [{actor: ada, team: a, team: b}]", "team: given twice"));
    CHECK(refuses("people: [{ids: [a]}]", "person 1: actor: missing"));
    CHECK(refuses("people: [{actor: \"a\\u0007b\"}]", "control character"));
    CHECK(refuses("people: [{actor: ada, ids: [[a]]}]", "ids: a list of texts"));
    CHECK(refuses("people: [{actor: ada, ids: {a: b}}]", "ids: a list of texts"));
    CHECK(refuses("people: [{actor: &a ada}, {actor: *a}]", "person 2: actor: a text"));
    CHECK(refuses("people: [ada]", "must be a mapping"));
    CHECK(refuses("people: [{actor: ada}]\nteams: []\n", "and nothing else"));
    CHECK(refuses("- actor: ada\n", "the file is one mapping"));
    CHECK(refuses("", "the file is one mapping"));
    CHECK(refuses("people: [{actor: ada}\n", "must be YAML or JSON"));
    CHECK(refuses("people: [{actor: \xff}]", "must be YAML or JSON"));
    CHECK(gh_people_load(&people, "/nowhere/people.yaml", &error) != GH_OK);
}

static void who_is_nobody_s_stays_and_is_counted(void)
{
    struct gh_strangers *strangers = gh_strangers_new();
    struct gh_event event = {.actor = T("Eve@x")};

    CHECK(load(ADA BOB) == GH_OK && strangers);
    CHECK(!gh_people_place(people, strangers, &event) && is_text(event.actor, "Eve@x"));
    event.actor = T("eve@X");
    CHECK(!gh_people_place(people, strangers, &event));
    event.actor = T("ada@example.com");
    CHECK(gh_people_place(people, strangers, &event) && is_text(event.actor, "ada"));
    CHECK(gh_strangers_count(strangers) == 1 && gh_strangers_events(strangers) == 2);
    CHECK(is_text(gh_strangers_at(strangers, 0).account, "eve@x"));
    CHECK(gh_strangers_at(strangers, 0).events == 2);
    for (unsigned i = 0; i < 2 * GH_STRANGERS_MAX; i++) {
        char name[16];
        event.actor = (struct gh_text){name, (uint32_t)snprintf(name, sizeof(name), "n%u", i)};
        CHECK(!gh_people_place(people, strangers, &event));
    }
    CHECK(gh_strangers_count(strangers) == GH_STRANGERS_MAX);
    CHECK(gh_strangers_events(strangers) == 2 + 2 * GH_STRANGERS_MAX);
    gh_strangers_free(strangers);
    gh_people_free(people);
}

static void without_a_file_nobody_is_a_stranger(void)
{
    struct gh_strangers *strangers = gh_strangers_new();
    struct gh_event event = {.actor = T("eve")};

    CHECK(gh_people_load(&people, "", &error) == GH_OK && gh_people_count(people) == 0);
    CHECK(gh_people_place(people, strangers, &event) && is_text(event.actor, "eve"));
    CHECK(gh_strangers_events(strangers) == 0);
    gh_strangers_free(strangers);
    gh_people_free(people);
}

static const struct gh_test tests[] = {
    GH_TEST(every_account_leads_to_its_person),
    GH_TEST(json_is_as_good),
    GH_TEST(what_is_known_is_a_profile),
    GH_TEST(the_same_file_makes_the_same_ids_and_another_one_others),
    GH_TEST(no_id_twice),
    GH_TEST(what_is_not_understood_is_refused_with_its_place),
    GH_TEST(who_is_nobody_s_stays_and_is_counted),
    GH_TEST(without_a_file_nobody_is_a_stranger),
};
GH_TEST_MAIN(tests)
