/* test_keys.c - the key file: each error with its place, look-ups, and what a key may do. */
#include "edge/keys.h"
#include "support/gh_test.h"

#define P1 "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define P2 "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define P3 "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define KEY1 "{\"name\": \"ada\", \"public\": \"" P1 "\", \"roles\": [\"produce\"]"

static struct gh_error error;

static struct gh_keys *keys_of(const char *text)
{
    struct gh_keys *keys = NULL;
    error = (struct gh_error){0};
    if (gh_keys_read(&keys, "k.json", text, strlen(text), &error) != GH_OK)
        printf("# %s\n", error.text);
    return keys;
}

static struct gh_text word(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static const struct gh_text nobody = {NULL, 0};

static const struct {
    const char *text, *wanted;
} wrong[] = {
    {"", "k.json:1:0: '[' or '{' expected near end of file"},
    {"{\"keys\": [}", "k.json:1:11: "},
    {"{\"keys\": [],\n \"keys\": []}", "k.json:2:7: duplicate object key near '\"keys\"'"},
    {"[]", "k.json:1:1: keys: the file is one object"},
    {"{}", "k.json:1:1: keys: the file is one object"},
    {"{\"keys\": 3}", "k.json:1:1: keys: the file is one object"},
    {"{\"keys\": [], \"more\": 1}", "k.json:1:1: keys: the file is one object"},
    {"{\"keys\": [3]}", "k.json:1:11: key 1: an object with"},
    {"{\"keys\": [\n  {}]}", "k.json:2:3: key 1: name: missing"},
    {"{\"keys\": [{\"name\": \"ada\"}]}", "k.json:1:11: key 1 (ada): public: missing"},
    {"{\"keys\": [{\"name\": \"ada\", \"public\": \"" P1 "\"}]}",
     "key 1 (ada): roles: missing"},
    {"{\"keys\": [{\"name\": \"a*\"}]}", "k.json:1:20: key 1 (a*): name: 1 to 64 bytes"},
    {"{\"keys\": [{\"name\": \"a/b\"}]}", "name: 1 to 64 bytes"},
    {"{\"keys\": [{\"name\": \"a\\u0007\"}]}", "key 1: name: 1 to 64 bytes"},
    {"{\"keys\": [{\"name\": \"a\\u009b\"}]}", "key 1: name: 1 to 64 bytes"},
    {"{\"keys\": [{\"name\": \"\"}]}", "name: 1 to 64 bytes"},
    {"{\"keys\": [{\"name\": 7}]}", "name: 1 to 64 bytes"},
    {"{\"keys\": [{\"public\": \"short\"}]}", "k.json:1:22: key 1: public: 40 characters"},
    {"{\"keys\": [{\"public\": \"~q:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"}]}", "public: 40"},
    {"{\"keys\": [{\"public\": \"0000000000000000000000000000000000000000\"}]}", "public: 40"},
    {"{\"keys\": [{\"public\": \"########################################\"}]}", "public: 40"},
    {"{\"keys\": [{\"roles\": []}]}", "k.json:1:21: key 1: roles: a list of produce"},
    {"{\"keys\": [{\"roles\": [\"produce\",\n\"admin\"]}]}",
     "k.json:2:1: key 1: roles: a list"},
    {"{\"keys\": [{\"roles\": [\"produce\", \"produce\"]}]}",
     "k.json:1:33: key 1: roles: twice"},
    {"{\"keys\": [{\"actors\": \"ada\"}]}", "k.json:1:22: key 1: actors: a list of texts"},
    {"{\"keys\": [{\"actors\": [\"a\", 3]}]}", "k.json:1:28: key 1: actors: 1 to 256 bytes"},
    {"{\"keys\": [{\"actors\": [\"a\", \"*\"]}]}",
     "k.json:1:28: key 1: actors: \"*\" among others"},
    {"{\"keys\": [{\"teams\": [\"*\", \"b\"]}]}",
     "k.json:1:22: key 1: teams: \"*\" among others"},
    {"{\"keys\": [{\"teams\": [\"\"]}]}", "teams: 1 to 256 bytes"},
    {"{\"keys\": [{\"topics\": [\"alert/\"]}]}", "k.json:1:23: key 1: topics: \"team/NAME/\""},
    {"{\"keys\": [{\"topics\": [\"team/\"]}]}", "topics: \"team/NAME/\""},
    {"{\"keys\": [{\"topics\": [\"team//\"]}]}", "topics: \"team/NAME/\""},
    {"{\"keys\": [{\"topics\": [\"team/pay\"]}]}", "topics: \"team/NAME/\""},
    {"{\"keys\": [{\"topics\": [\"team/a/b/\"]}]}", "topics: \"team/NAME/\""},
    {"{\"keys\": [{\"not_before\": \"today\"}]}",
     "k.json:1:26: key 1: not_before: a time such"},
    {"{\"keys\": [{\"not_after\": 5}]}", "not_after: a time such"},
    {"{\"keys\": [{\"revoked\": true}]}", "revoked: a time such"},
    {"{\"keys\": [{\"rolse\": []}]}", "k.json:1:21: key 1: rolse: not a member; members are"},
    {"{\"keys\": [" KEY1 "},\n" KEY1 "}]}",
     "k.json:2:10: key 2 (ada): name: the same as that of key 1: unique"},
    {"{\"keys\": [" KEY1 "},\n{\"name\": \"bob\", \"public\": \"" P1
     "\", \"roles\": [\"produce\"]}]}",
     "k.json:2:27: key 2 (bob): public: the same as that of key 1: unique"},
    {"{\"keys\": [{\"token\": \"gh_secret\"}]}", "k.json:1:21: key 1: token: the SHA-256"},
    {"{\"keys\": [{\"token\": 5}]}", "token: the SHA-256"},
    {"{\"keys\": [" KEY1 ", \"token\": \"" HASH "\"},\n{\"name\": \"bob\", \"public\": \"" P2
     "\", \"token\": \"" HASH "\", \"roles\": [\"produce\"]}]}",
     "key 2 (bob): token: the same as that of another key: unique"},
};

static void each_error_names_place_key_member_and_what_is_legal(void)
{
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct gh_keys *keys = NULL;
        error = (struct gh_error){0};
        CHECK(gh_keys_read(&keys, "k.json", wrong[i].text, strlen(wrong[i].text), &error) ==
              GH_ECONFIG);
        CHECK(!keys && strstr(error.text, wrong[i].wanted));
        if (!strstr(error.text, wrong[i].wanted))
            printf("# %s\n# wanted %s\n", error.text, wrong[i].wanted);
    }
}

static void sizes_are_bounded(void)
{
    const size_t size = GH_KEYS_BYTES_MAX + 1;
    char *text = malloc(size);
    struct gh_keys *keys = NULL;
    memset(text, ' ', size);
    memcpy(text, "{\"keys\": []}", 12);
    CHECK(gh_keys_read(&keys, "k", text, size - 1, &error) == GH_OK);
    gh_keys_free(keys);
    keys = NULL;
    error = (struct gh_error){0};
    CHECK(gh_keys_read(&keys, "k", text, size, &error) == GH_ECONFIG && !keys);
    CHECK(!strcmp(error.text, "k: more than 1 MiB: at most 1048576 bytes"));
    memcpy(text, "{\"keys\": [0", 11);
    size_t used = 11;
    for (int i = 0; i < GH_KEYS_MAX; i++, used += 2)
        memcpy(text + used, ",0", 2);
    memcpy(text + used, "]}", 2);
    error = (struct gh_error){0};
    CHECK(gh_keys_read(&keys, "k", text, used + 2, &error) == GH_ECONFIG);
    CHECK(!strcmp(error.text, "k:1:10: keys: more than 10000 keys: at most 10000"));
    free(text);
}

static void a_file_that_is_not_there_is_an_error_that_says_so(void)
{
    struct gh_keys *keys = NULL;
    error = (struct gh_error){0};
    CHECK(gh_keys_load(&keys, "/nowhere/keys.json", &error) == GH_EIO && !keys);
    CHECK(!strcmp(error.text, "/nowhere/keys.json: cannot be read: No such file or directory"));
}

static const char three[] =
    "{\"keys\": [" KEY1 ", \"actors\": [\"ada\", \"cy\", \"ada\"]},\n"
    "{\"name\": \"lead\", \"public\": \"" P2 "\", \"roles\": [\"subscribe\", \"control\"],\n"
    " \"teams\": [\"pay/eu\"], \"not_before\": \"2026-01-01T00:00:00Z\","
    " \"not_after\": \"2026-02-01T00:00:00Z\", \"revoked\": \"2026-01-15T00:00:00+01:00\"},\n"
    "{\"name\": \"gate\", \"public\": \"" P3 "\", \"roles\": [\"produce\"],\n"
    " \"actors\": [\"*\"], \"teams\": [\"pay\"]}]}";

static void keys_are_found_by_name_and_by_public_key(void)
{
    struct gh_keys *keys = keys_of(three);
    CHECK(keys && gh_keys_count(keys) == 3);
    const struct gh_access_key *lead = gh_keys_by_name(keys, "lead");
    CHECK(lead == gh_keys_at(keys, 1) && lead == gh_keys_by_public(keys, P2));
    CHECK(lead->roles == (GH_ROLE_SUBSCRIBE | GH_ROLE_CONTROL));
    CHECK(!gh_keys_by_name(keys, "lea") && !gh_keys_by_name(keys, ""));
    CHECK(!gh_keys_by_name(keys, P2) && !gh_keys_by_public(keys, "lead"));
    gh_keys_free(keys);
}

static void a_key_speaks_for_whom_it_lists_and_nobody_else(void)
{
    struct gh_keys *keys = keys_of(three);
    const struct gh_access_key *ada = gh_keys_by_name(keys, "ada");
    const struct gh_access_key *gate = gh_keys_by_name(keys, "gate");
    CHECK(gh_key_may_speak(ada, word("ada"), nobody) &&
          gh_key_may_speak(ada, word("cy"), nobody));
    CHECK(!gh_key_may_speak(ada, word("bob"), nobody) &&
          !gh_key_may_speak(ada, word("Ada"), nobody));
    CHECK(!gh_key_may_speak(ada, word("ada "), nobody) &&
          !gh_key_may_speak(ada, word("*"), nobody));
    CHECK(!gh_key_may_speak(ada, word("ada"), word("pay"))); /* no teams: it names none */
    CHECK(!gh_key_may_speak(ada, word("gate"), nobody));     /* another key's name */
    CHECK(!gh_key_may_speak(ada, word("pay"), nobody));      /* another key's team */
    CHECK(gh_key_may_speak(gate, word("anybody"), word("pay")));
    CHECK(!gh_key_may_speak(gate, word("anybody"), word("pay/eu")));
    CHECK(!gh_key_may_speak(gate, nobody, word("anybody")));
    gh_keys_free(keys);
}

/* Names as gh_key_permits gives them for an event of a kind, an actor and a team. */
static const char *trouble(const struct gh_access_key *key, enum gh_kind kind,
                           const char *actor, const char *team)
{
    struct gh_event event = {.kind = kind};
    const char *name = NULL;
    if (actor)
        event.actor = word(actor);
    if (team)
        event.team = word(team);
    const char *why = gh_key_permits(key, &event, &name);
    CHECK((why == NULL) == (name[0] == '\0'));
    return name;
}

static void each_kind_asks_for_its_permission(void)
{
    struct gh_keys *keys =
        keys_of("{\"keys\": [" KEY1 ", \"actors\": [\"ada\"]},"
                "{\"name\": \"judge\", \"public\": \"" P2
                "\", \"roles\": [\"control\"], \"actors\": [\"*\"]},"
                "{\"name\": \"gate\", \"public\": \"" P3 "\", \"roles\": [\"produce\"],"
                " \"actors\": [\"*\"], \"teams\": [\"pay\"]}]}");
    const struct gh_access_key *ada = gh_keys_by_name(keys, "ada");
    const struct gh_access_key *judge = gh_keys_by_name(keys, "judge");
    const struct gh_access_key *gate = gh_keys_by_name(keys, "gate");
    for (int k = GH_USAGE; k <= GH_QUOTA; k++) {
        const enum gh_kind kind = (enum gh_kind)k;
        CHECK(!strcmp(trouble(ada, kind, "ada", NULL), ""));
        CHECK(!strcmp(trouble(ada, kind, "bob", NULL), "actor"));
        CHECK(!strcmp(trouble(ada, kind, "ada", "pay"), "team"));
        CHECK(!strcmp(trouble(ada, kind, NULL, "pay"), "team"));
        CHECK(!strcmp(trouble(gate, kind, "bob", "pay"), ""));
        CHECK(!strcmp(trouble(gate, kind, "bob", "ops"), "team"));
        CHECK(!strcmp(trouble(judge, kind, "ada", NULL), "kind"));
    }
    CHECK(!strcmp(trouble(ada, GH_TICK, NULL, NULL), "kind"));
    CHECK(!strcmp(trouble(judge, GH_TICK, NULL, NULL), "kind"));
    CHECK(!strcmp(trouble(gate, GH_TICK, NULL, NULL), ""));
    CHECK(!strcmp(trouble(ada, GH_VERDICT, "ada", NULL), "kind"));
    CHECK(!strcmp(trouble(gate, GH_VERDICT, "ada", NULL), "kind"));
    CHECK(!strcmp(trouble(judge, GH_VERDICT, "ada", NULL), ""));
    CHECK(!strcmp(trouble(judge, GH_VERDICT, "ada", "pay"), "team"));
    gh_keys_free(keys);
}

static void a_verdict_of_a_key_that_speaks_for_some_is_refused(void)
{
    struct gh_keys *keys =
        keys_of("{\"keys\": [{\"name\": \"r\", \"public\": \"" P1 "\","
                "\"roles\": [\"control\", \"produce\"], \"actors\": [\"ada\"]}]}");
    const struct gh_access_key *r = gh_keys_by_name(keys, "r");
    CHECK(!strcmp(trouble(r, GH_VERDICT, "ada", NULL), "kind"));
    CHECK(!strcmp(trouble(r, GH_USAGE, "ada", NULL), ""));
    gh_keys_free(keys);
}

static void a_key_is_good_between_its_times(void)
{
    struct gh_keys *keys = keys_of(three);
    const struct gh_access_key *ada = gh_keys_by_name(keys, "ada");
    const struct gh_access_key *lead = gh_keys_by_name(keys, "lead");
    const int64_t january = 1767225600000, revoked = january + 14 * 86400000 - 3600000;
    CHECK(gh_key_state(NULL, 0) == GH_KEY_UNKNOWN);
    CHECK(gh_key_state(ada, 0) == GH_KEY_GOOD &&
          gh_key_state(ada, INT64_MAX - 1) == GH_KEY_GOOD);
    CHECK(gh_key_state(lead, january - 1) == GH_KEY_EARLY);
    CHECK(gh_key_state(lead, january) == GH_KEY_GOOD);
    CHECK(gh_key_state(lead, revoked - 1) == GH_KEY_GOOD);
    CHECK(gh_key_state(lead, revoked) == GH_KEY_REVOKED);
    CHECK(gh_key_state_for(lead, GH_ROLE_PRODUCE, january) == GH_KEY_ROLE);
    CHECK(gh_key_state_for(lead, GH_ROLE_PRODUCE | GH_ROLE_CONTROL, january) == GH_KEY_GOOD);
    CHECK(gh_key_state_for(lead, 0, january) == GH_KEY_ROLE);
    CHECK(gh_key_state_for(NULL, GH_ROLE_PRODUCE, january) == GH_KEY_UNKNOWN);
    gh_keys_free(keys);
    keys = keys_of("{\"keys\": [" KEY1 ", \"not_after\": \"2026-01-01T00:00:00Z\"}]}");
    CHECK(gh_key_state(gh_keys_at(keys, 0), january - 1) == GH_KEY_GOOD);
    CHECK(gh_key_state(gh_keys_at(keys, 0), january) == GH_KEY_EXPIRED);
    gh_keys_free(keys);
}

static bool hears(const struct gh_keys *keys, const char *name, const char *prefix)
{
    return gh_key_may_hear(gh_keys_by_name(keys, name), word(prefix));
}

static void a_subscription_selects_no_more_than_what_is_granted(void)
{
    struct gh_keys *keys = keys_of(three);
    CHECK(hears(keys, "lead", "team/pay%2Feu/") && hears(keys, "lead", "team/pay%2Feu/x"));
    CHECK(!hears(keys, "lead", "team/pay/eu/") && !hears(keys, "lead", "team/pay%2Feu"));
    CHECK(!hears(keys, "lead", "team/") && !hears(keys, "lead", "") &&
          !hears(keys, "lead", "t"));
    CHECK(!hears(keys, "lead", "team/pay/") && !hears(keys, "lead", "alert/"));
    CHECK(!hears(keys, "lead", "actor/pay%2Feu/") && !hears(keys, "lead", "alert/x/"));
    CHECK(hears(keys, "ada", "actor/ada/") && hears(keys, "ada", "actor/cy/"));
    CHECK(!hears(keys, "ada", "actor/bob/") && !hears(keys, "ada", "actor/a"));
    CHECK(hears(keys, "lead", "heartbeat/") && hears(keys, "ada", "heartbeat/"));
    CHECK(!hears(keys, "lead", "heartbeat") && !hears(keys, "lead", "heart"));
    CHECK(hears(keys, "gate", "") && hears(keys, "gate", "severity/critical/"));
    gh_keys_free(keys);
}

static void topics_that_are_written_stand_in_place_of_those_of_its_people(void)
{
    struct gh_keys *keys =
        keys_of("{\"keys\": [" KEY1 ", \"actors\": [\"ada\"], \"topics\": [\"team/pay/\"]},"
                "{\"name\": \"all\", \"public\": \"" P2
                "\", \"roles\": [\"subscribe\"], \"topics\": [\"*\"]},"
                "{\"name\": \"none\", \"public\": \"" P3 "\", \"roles\": [\"subscribe\"],"
                " \"actors\": [\"*\"], \"topics\": []}]}");
    CHECK(hears(keys, "ada", "team/pay/") && !hears(keys, "ada", "actor/ada/"));
    CHECK(hears(keys, "all", "alert/") &&
          !gh_key_may_speak(gh_keys_by_name(keys, "all"), word("x"), nobody));
    CHECK(!hears(keys, "none", "alert/") && hears(keys, "none", "heartbeat/"));
    gh_keys_free(keys);
}

static void what_two_keys_hear_is_compared_across_files(void)
{
    struct gh_keys *a = keys_of(three);
    struct gh_keys *b =
        keys_of("{\"keys\": [" KEY1 ", \"actors\": [\"zoe\", \"cy\", \"ada\"]},"
                "{\"name\": \"b\", \"public\": \"" P2 "\", \"roles\": [\"subscribe\"],"
                " \"actors\": [\"cy\", \"ada\"]}]}");
    CHECK(gh_key_hears(gh_keys_by_name(a, "ada")) == gh_key_hears(gh_keys_by_name(b, "b")));
    CHECK(gh_key_hears(gh_keys_by_name(a, "ada")) != gh_key_hears(gh_keys_by_name(b, "ada")));
    CHECK(gh_key_hears(gh_keys_by_name(a, "gate")) != gh_key_hears(gh_keys_by_name(a, "lead")));
    gh_keys_free(a);
    gh_keys_free(b);
}

static const struct gh_test tests[] = {
    GH_TEST(each_error_names_place_key_member_and_what_is_legal),
    GH_TEST(sizes_are_bounded),
    GH_TEST(a_file_that_is_not_there_is_an_error_that_says_so),
    GH_TEST(keys_are_found_by_name_and_by_public_key),
    GH_TEST(a_key_speaks_for_whom_it_lists_and_nobody_else),
    GH_TEST(each_kind_asks_for_its_permission),
    GH_TEST(a_verdict_of_a_key_that_speaks_for_some_is_refused),
    GH_TEST(a_key_is_good_between_its_times),
    GH_TEST(a_subscription_selects_no_more_than_what_is_granted),
    GH_TEST(topics_that_are_written_stand_in_place_of_those_of_its_people),
    GH_TEST(what_two_keys_hear_is_compared_across_files),
};
GH_TEST_MAIN(tests)
