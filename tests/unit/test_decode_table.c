/* What: every key of GH_EVENT_KEYS in every kind that knows it, with legal and illegal
 *       values of its type; the lookup of keys; the dictionary of the fuzzer.
 * How:  the smallest legal event of each kind, with one key exchanged. Every piece goes
 *       through both decoders, and what is taken through the encoder and back. */
#include "edge/event_value.h"
#include "edge/key_lookup.h"
#include "support/decode_rows.h"

struct bad_value {
    const char *json;
    enum gh_refusal reason;
};

/* First the value that the other keys of an event get. */
#define STRING_OF(name, value) "\"" #name "\"",
static const char *const legal[GH_TYPES][12] = {
    [GH_TYPE_TEXT] = {"\"a\"", "\"\xc3\xa9 \xf0\x9f\x98\x80\"", "\"\\u00e9\\\"\\\\\"", "\" \""},
    [GH_TYPE_NOTE] = {"\"\"", "\"a\\n\\tb\"", "\"\xe2\x82\xac\""},
    [GH_TYPE_COUNT] = {"0", "-0", "1", "9007199254740991", "1234567890123456"},
    [GH_TYPE_NUMBER] = {"0", "1", "0.1", "1e3", "-0.0", "1.7976931348623157e308", "5e-324",
                        "9223372036854775807", "0.30000000000000004", "12345678901234567890.5"},
    [GH_TYPE_TIME] = {"0", "253402300799999", "\"2026-11-20T09:31:05.123Z\"",
                      "\"2026-11-20t09:31:05+01:00\"", "\"1970-01-01T00:00:00Z\""},
    [GH_TYPE_HASH] = {"\"0000000000000000\"", "\"0123456789abcdef\"", "\"FFFFFFFFFFFFFFFF\""},
    [GH_TYPE_HOURS] = {"\"09:00-18:00\"", "\"22:30-06:00\"", "\"00:00-24:00\"",
                       "\"24:00-00:00\""},
    [GH_TYPE_DAYS] = {"\"Mon-Fri\"", "\"Mon,Wed,Fri\"", "\"Fri-Tue\"", "\"Sun\"", "\"Sun-Thu\"",
                      "\"Mon-Sun\"", "\"Tue-Tue,Mon\"", "\"Sat-Fri\""},
    [GH_TYPE_VERSION] = {"1"},
    [GH_TYPE_KIND] = {GH_KIND_LIST(STRING_OF)},
    [GH_TYPE_ORIGIN] = {"\"interactive\"", "\"scheduled\"", "\"ci\"", "\"api\""},
    [GH_TYPE_STATUS] = {GH_CALL_STATUS_LIST(STRING_OF)},
    [GH_TYPE_ARTIFACT] = {GH_ARTIFACT_LIST(STRING_OF)},
    [GH_TYPE_STATE] = {GH_STATE_LIST(STRING_OF)},
    [GH_TYPE_ACCOUNT] = {GH_ACCOUNT_LIST(STRING_OF)},
    [GH_TYPE_SCHEDULE] = {GH_SCHEDULE_LIST(STRING_OF)},
    [GH_TYPE_PERIOD] = {GH_PERIOD_LIST(STRING_OF)},
    [GH_TYPE_VERDICT] = {GH_VERDICT_LIST(STRING_OF)},
};

#define NOT_TEXT                                                                      \
    {"null", GH_REFUSED_TYPE}, {"true", GH_REFUSED_TYPE}, {"false", GH_REFUSED_TYPE}, \
        {"1.5", GH_REFUSED_TYPE},                                                     \
    {                                                                                 \
        "-1.0", GH_REFUSED_TYPE                                                       \
    }
#define NOT_INTEGER                       \
    NOT_TEXT, {"\"1\"", GH_REFUSED_TYPE}, \
    {                                     \
        "1.0", GH_REFUSED_TYPE            \
    }
#define NOT_NAME                                                                               \
    NOT_TEXT, {"1", GH_REFUSED_TYPE}, {"\"\"", GH_REFUSED_VALUE}, {"\"x\"", GH_REFUSED_VALUE}, \
        {"\"unknown\"", GH_REFUSED_VALUE},                                                     \
    {                                                                                          \
        "\"\\u0000\"", GH_REFUSED_SYNTAX                                                       \
    }

static const struct bad_value illegal[GH_TYPES][20] = {
    [GH_TYPE_TEXT] = {NOT_TEXT,
                      {"1", GH_REFUSED_TYPE},
                      {"\"\"", GH_REFUSED_LENGTH},
                      {"\"\\n\"", GH_REFUSED_CONTROL},
                      {"\"\x7f\"", GH_REFUSED_CONTROL},
                      {"\"\xc2\x80\"", GH_REFUSED_CONTROL},
                      {"\"\xff\"", GH_REFUSED_ENCODING},
                      {"\"\t\"", GH_REFUSED_SYNTAX}},
    [GH_TYPE_NOTE] = {NOT_TEXT,
                      {"1", GH_REFUSED_TYPE},
                      {"\"\\r\"", GH_REFUSED_CONTROL},
                      {"\"\\u009f\"", GH_REFUSED_CONTROL},
                      {"\"\n\"", GH_REFUSED_SYNTAX}},
    [GH_TYPE_COUNT] = {NOT_INTEGER,
                       {"-1", GH_REFUSED_RANGE},
                       {"9007199254740992", GH_REFUSED_RANGE},
                       {"18446744073709551616", GH_REFUSED_RANGE},
                       {"1e3", GH_REFUSED_TYPE},
                       {"NaN", GH_REFUSED_SYNTAX},
                       {"00", GH_REFUSED_SYNTAX}},
    [GH_TYPE_NUMBER] = {{"null", GH_REFUSED_TYPE},
                        {"true", GH_REFUSED_TYPE},
                        {"\"1\"", GH_REFUSED_TYPE},
                        {"-1", GH_REFUSED_RANGE},
                        {"-1e-300", GH_REFUSED_RANGE},
                        {"1e309", GH_REFUSED_RANGE},
                        {"-1e309", GH_REFUSED_RANGE},
                        {"9223372036854775808", GH_REFUSED_RANGE},
                        {"Infinity", GH_REFUSED_SYNTAX},
                        {".5", GH_REFUSED_SYNTAX}},
    [GH_TYPE_TIME] = {NOT_TEXT,
                      {"-1", GH_REFUSED_RANGE},
                      {"253402300800000", GH_REFUSED_RANGE},
                      {"\"\"", GH_REFUSED_TIME},
                      {"\"2026-11-20\"", GH_REFUSED_TIME},
                      {"\"2026-02-29T00:00:00Z\"", GH_REFUSED_TIME},
                      {"\"2026-11-20T09:31:05\"", GH_REFUSED_TIME},
                      {"\"1969-12-31T23:59:59Z\"", GH_REFUSED_TIME}},
    [GH_TYPE_HASH] = {NOT_TEXT,
                      {"1", GH_REFUSED_TYPE},
                      {"\"\"", GH_REFUSED_VALUE},
                      {"\"000000000000000\"", GH_REFUSED_VALUE},
                      {"\"00000000000000000\"", GH_REFUSED_VALUE},
                      {"\"000000000000000g\"", GH_REFUSED_VALUE},
                      {"\"0x00000000000000\"", GH_REFUSED_VALUE}},
    [GH_TYPE_HOURS] = {NOT_TEXT,
                       {"9", GH_REFUSED_TYPE},
                       {"\"9:00-18:00\"", GH_REFUSED_VALUE},
                       {"\"09:00-18:60\"", GH_REFUSED_VALUE},
                       {"\"09:00-24:01\"", GH_REFUSED_VALUE},
                       {"\"09:00 18:00\"", GH_REFUSED_VALUE},
                       {"\"09-00-18:00\"", GH_REFUSED_VALUE},
                       {"\"09:00-18:0\"", GH_REFUSED_VALUE},
                       {"\"\"", GH_REFUSED_VALUE}},
    [GH_TYPE_DAYS] = {NOT_TEXT,
                      {"1", GH_REFUSED_TYPE},
                      {"\"\"", GH_REFUSED_VALUE},
                      {"\"mon\"", GH_REFUSED_VALUE},
                      {"\"Mon-\"", GH_REFUSED_VALUE},
                      {"\"Mon,\"", GH_REFUSED_VALUE},
                      {"\"Mon-Fri-Sun\"", GH_REFUSED_VALUE},
                      {"\"Mon, Tue\"", GH_REFUSED_VALUE},
                      {"\"Monday\"", GH_REFUSED_VALUE}},
    [GH_TYPE_VERSION] = {NOT_INTEGER,
                         {"0", GH_REFUSED_VERSION},
                         {"2", GH_REFUSED_VERSION},
                         {"-1", GH_REFUSED_VERSION}},
    [GH_TYPE_KIND] = {NOT_TEXT,
                      {"1", GH_REFUSED_TYPE},
                      {"\"\"", GH_REFUSED_KIND},
                      {"\"Usage\"", GH_REFUSED_KIND},
                      {"\"usage \"", GH_REFUSED_KIND}},
    [GH_TYPE_ORIGIN] = {NOT_NAME, {"\"CI\"", GH_REFUSED_VALUE}},
    [GH_TYPE_STATUS] = {NOT_NAME},
    [GH_TYPE_ARTIFACT] = {NOT_NAME, {"\"pull request\"", GH_REFUSED_VALUE}},
    [GH_TYPE_STATE] = {NOT_NAME},
    [GH_TYPE_ACCOUNT] = {NOT_NAME},
    [GH_TYPE_SCHEDULE] = {NOT_NAME},
    [GH_TYPE_PERIOD] = {NOT_NAME},
    [GH_TYPE_VERDICT] = {NOT_NAME},
};

/* The smallest legal event of `kind` with `key` of value `json`; NULL: without that key.
 * `every`: with all keys that the kind knows. */
static const char *event_with(unsigned kind, unsigned key, const char *json, bool every)
{
    static char text[8192];
    size_t used = 0;

    for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
        const struct gh_key_row *row = &gh_key_rows[k];
        const bool needed =
            row->required >> kind & 1u || k == GH_KEY_kind ||
            (k == GH_KEY_actor && gh_actor_required((enum gh_kind)kind, false)) ||
            (every && row->kinds >> kind & 1u);
        const char *value = k == GH_KEY_kind    ? legal[GH_TYPE_KIND][kind]
                            : k == GH_KEY_until ? "253402300799999"
                                                : legal[row->type][0];
        if (k == key)
            value = json;
        if (k == key ? !json : !needed)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%c\"%s\":%s",
                                 used ? ',' : '{', row->name.at, value);
    }
    snprintf(text + used, sizeof text - used, "}");
    return text;
}

static void an_event_may_hold_every_key_of_its_kind_or_the_required_ones(void)
{
    for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
        CHECK(taken(event_with(kind, GH_KEY_COUNT, NULL, false))->kind == kind);
        CHECK(taken(event_with(kind, GH_KEY_COUNT, NULL, true))->kind == kind);
        uint64_t known = 0;
        for (unsigned k = 0; k < GH_KEY_COUNT; k++)
            known |= (uint64_t)(gh_key_rows[k].kinds >> kind & 1u) << k;
        CHECK(pair.event.present == known);
    }
}

static void every_key_takes_the_legal_values_of_its_type(void)
{
    for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
        for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
            const struct gh_key_row *row = &gh_key_rows[k];
            if (!(row->kinds >> kind & 1u) || k == GH_KEY_kind)
                continue;
            CHECK(legal[row->type][0] != NULL);
            for (unsigned i = 0; legal[row->type][i]; i++) {
                const char *const until = k == GH_KEY_until ? "253402300799999" : NULL;
                const char *const text =
                    event_with(kind, k, until ? until : legal[row->type][i], true);
                CHECK(taken(text)->present >> k & 1u);
            }
        }
    }
}

static void every_key_refuses_the_illegal_values_of_its_type(void)
{
    for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
        for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
            const struct gh_key_row *row = &gh_key_rows[k];
            const struct bad_value *bad = illegal[row->type];
            if (!(row->kinds >> kind & 1u))
                continue;
            CHECK(bad->json != NULL);
            for (; bad->json; bad++) {
                const char *const text = event_with(kind, k, bad->json, true);
                CHECK(!decode_bytes(text, strlen(text)));
                CHECK(pair.refused[0].reason == bad->reason);
                CHECK(bad->reason == GH_REFUSED_ENCODING ||
                      strcmp(pair.refused[0].key, row->name.at) == 0);
                if (gh_test_failures) {
                    printf("# %s\n# %s\n", text, pair.refused[0].text);
                    return;
                }
            }
        }
    }
}

static void every_required_key_is_missed(void)
{
    for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
        for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
            const bool required =
                gh_key_rows[k].required >> kind & 1u ||
                (k == GH_KEY_actor && (kind == GH_USAGE || kind == GH_OUTPUT ||
                                       kind == GH_PROFILE || kind == GH_VERDICT));
            const char *const text = event_with(kind, k, NULL, true);
            const bool whole = decode_bytes(text, strlen(text));
            if (k == GH_KEY_kind) /* then it is usage */
                continue;
            CHECK(whole == !required);
            CHECK(whole || pair.refused[0].reason == GH_REFUSED_MISSING);
            CHECK(whole || strcmp(pair.refused[0].key, gh_key_rows[k].name.at) == 0);
        }
    }
}

static void keys_of_other_kinds_are_left_out_whatever_they_hold(void)
{
    for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
        for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
            const uint64_t before = gh_decoder_unknown_keys(pair.decoder);
            if (gh_key_rows[k].kinds >> kind & 1u)
                continue;
            CHECK(!(taken(event_with(kind, k, "-1.5", true))->present >> k & 1u));
            CHECK(gh_decoder_unknown_keys(pair.decoder) == before + 1);
        }
    }
}

static void the_lookup_finds_each_key_and_nothing_else(void)
{
    struct gh_key_lookup lookup;

    gh_key_lookup_init(&lookup);
    CHECK(gh_key_find(&lookup, (struct gh_text){"", 0}, "") == GH_KEY_COUNT);
    for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
        const uint32_t size = gh_key_rows[k].name.size;
        char padded[64];
        memset(padded, '"', sizeof padded);
        memcpy(padded, gh_key_rows[k].name.at, size);
        const struct gh_text name = {padded, size};
        CHECK(strcmp(gh_key_name((enum gh_key)k), gh_key_rows[k].name.at) == 0);
        CHECK(gh_key_find(&lookup, name, padded + sizeof padded) == (enum gh_key)k);
        CHECK(gh_key_find(&lookup, name, padded + size) == (enum gh_key)k);
        for (uint32_t i = 0; i < size; i++) {
            padded[i] ^= 0x20;
            CHECK(gh_key_find(&lookup, name, padded + sizeof padded) == GH_KEY_COUNT);
            CHECK(gh_key_find(&lookup, name, padded + size) == GH_KEY_COUNT);
            padded[i] ^= 0x20;
        }
        const struct gh_text longer = {padded, size + 1};
        CHECK(gh_key_find(&lookup, longer, padded + sizeof padded) == GH_KEY_COUNT);
    }
}

static void the_lookup_finds_each_name_in_its_list_alone(void)
{
    struct gh_name_lookup lookup;
    unsigned found;

    gh_name_lookup_init(&lookup);
    for (unsigned type = 0; type < GH_TYPES; type++) {
        const struct gh_value_names *const names = gh_value_names((enum gh_value_type)type);
        for (unsigned i = names ? names->first : 0; names && i < names->count; i++) {
            const uint32_t size = names->name[i].size;
            char padded[64];
            memset(padded, '"', sizeof padded);
            memcpy(padded, names->name[i].at, size);
            CHECK(gh_name_find(&lookup, type, padded, size, &found) && found == i);
            CHECK(!gh_name_find(&lookup, type, padded, size + 1, &found));
            CHECK(!gh_name_find(&lookup, type, padded, size - 1, &found));
            for (unsigned other = 0; other < GH_TYPES; other++)
                CHECK(other == type || !gh_name_find(&lookup, other, padded, size, &found));
            for (uint32_t k = 0; k < size; k++) {
                padded[k] ^= 0x20;
                CHECK(!gh_name_find(&lookup, type, padded, size, &found));
                padded[k] ^= 0x20;
            }
        }
    }
}

static void the_dictionary_of_the_fuzzer_holds_every_key_and_name(void)
{
    static char words[65536];
    FILE *file = fopen("tests/fuzz/decode.dict", "r");
    char wanted[64];

    CHECK(file != NULL);
    if (!file)
        return;
    words[fread(words, 1, sizeof words - 1, file)] = '\0';
    fclose(file);
    for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
        snprintf(wanted, sizeof wanted, "\n\"\\\"%s\\\":\"\n", gh_key_rows[k].name.at);
        CHECK(strstr(words, wanted) != NULL);
    }
    for (unsigned type = 0; type < GH_TYPES; type++) {
        const struct gh_value_names *names = gh_value_names((enum gh_value_type)type);
        for (uint32_t i = 0; names && i < names->count; i++) {
            snprintf(wanted, sizeof wanted, "\n\"\\\"%s\\\"\"\n", names->name[i].at);
            CHECK(strstr(words, wanted) != NULL);
        }
    }
}

static const struct gh_test tests[] = {
    GH_TEST(decoders_can_be_made),
    GH_TEST(an_event_may_hold_every_key_of_its_kind_or_the_required_ones),
    GH_TEST(every_key_takes_the_legal_values_of_its_type),
    GH_TEST(every_key_refuses_the_illegal_values_of_its_type),
    GH_TEST(every_required_key_is_missed),
    GH_TEST(keys_of_other_kinds_are_left_out_whatever_they_hold),
    GH_TEST(the_lookup_finds_each_key_and_nothing_else),
    GH_TEST(the_lookup_finds_each_name_in_its_list_alone),
    GH_TEST(the_dictionary_of_the_fuzzer_holds_every_key_and_name),
    GH_TEST(decoders_can_be_freed),
};
GH_TEST_MAIN(tests)
