/* What: how the decoders refuse: reason, place and words.
 * How:  bad pieces written out. Every piece goes through both decoders, which must agree;
 *       place and words are the fast one's. */
#include "support/decode_rows.h"

static void a_value_of_another_type_is_refused(void)
{
    refused(HEAD ",\"input_tokens\":\"5\"}", GH_REFUSED_TYPE, "\"5\"",
            "input_tokens: a string: an integer from 0 to 9007199254740991");
    refused(HEAD ",\"input_tokens\":1.0}", GH_REFUSED_TYPE, "1.0",
            "input_tokens: 1: an integer from 0 to 9007199254740991");
    refused(HEAD ",\"input_tokens\":1e3}", GH_REFUSED_TYPE, "1e3",
            "input_tokens: 1000: an integer from 0 to 9007199254740991");
    refused(HEAD ",\"team\":null}", GH_REFUSED_TYPE, "null",
            "team: null: 1 to 256 bytes of UTF-8 without control characters");
    refused(HEAD ",\"cost_usd\":true}", GH_REFUSED_TYPE, "true",
            "cost_usd: true: a finite number, 0 or more");
    refused("{\"v\":\"1\",\"id\":\"a\"}", GH_REFUSED_TYPE, "\"1\"",
            "v: a string: the integer 1");
}

static void a_missing_key_is_refused(void)
{
    refused("{\"ts\":1,\"actor\":\"ann\"}", GH_REFUSED_MISSING, NULL,
            "id: missing: required in kind usage");
    refused("{\"id\":\"a\",\"ts\":1,\"team\":\"t\"}", GH_REFUSED_MISSING, NULL,
            "actor: missing: required in kind usage");
    refused("{\"kind\":\"quota\",\"id\":\"a\",\"ts\":1,\"period\":\"day\"}", GH_REFUSED_MISSING,
            NULL, "actor: missing: required in kind quota, where team may stand in its place");
    refused("{}", GH_REFUSED_MISSING, NULL, "id: missing: required in kind usage");
}

static void what_is_not_a_json_number_is_refused(void)
{
    static const char words[] =
        "cost_usd: not a JSON value: a string, a number, true, false or null";
    static const char number[] = "cost_usd: not a JSON number: such as 0, 12 or 1.5e-3";

    refused(HEAD ",\"cost_usd\":NaN}", GH_REFUSED_SYNTAX, "NaN", words);
    refused(HEAD ",\"cost_usd\":Infinity}", GH_REFUSED_SYNTAX, "Infinity", words);
    refused(HEAD ",\"cost_usd\":+1}", GH_REFUSED_SYNTAX, "+1", words);
    refused(HEAD ",\"cost_usd\":-Infinity}", GH_REFUSED_SYNTAX, "Infinity", number);
    refused(HEAD ",\"cost_usd\":01}", GH_REFUSED_SYNTAX, "1}", number);
    refused(HEAD ",\"cost_usd\":1.}", GH_REFUSED_SYNTAX, "}", number);
    refused(HEAD ",\"cost_usd\":1e+}", GH_REFUSED_SYNTAX, "+}", number);
}

static void a_number_out_of_range_is_refused(void)
{
    static const char count[] = "an integer from 0 to 9007199254740991";
    static const char large[] =
        "a number too large: an integer of 64 bits or a real within 1.8e308";
    char words[200];

    snprintf(words, sizeof words, "input_tokens: -3: %s", count);
    refused(HEAD ",\"input_tokens\":-3}", GH_REFUSED_RANGE, "-3", words);
    snprintf(words, sizeof words, "input_tokens: 9007199254740992: %s", count);
    refused(HEAD ",\"input_tokens\":9007199254740992}", GH_REFUSED_RANGE, "9007", words);
    refused(HEAD ",\"cost_usd\":-0.5}", GH_REFUSED_RANGE, "-0.5",
            "cost_usd: -0.5: a finite number, 0 or more");
    snprintf(words, sizeof words, "x: %s", large);
    refused(HEAD ",\"x\":9223372036854775808}", GH_REFUSED_RANGE, "9223", words);
    refused(HEAD ",\"x\":-9223372036854775809}", GH_REFUSED_RANGE, "-9223", words);
    refused(HEAD ",\"x\":1e309}", GH_REFUSED_RANGE, "1e309", words);
    taken(HEAD ",\"x\":-9223372036854775808}");
}

static void a_text_too_long_or_empty_is_refused(void)
{
    char text[600];

    refused(HEAD ",\"team\":\"\"}", GH_REFUSED_LENGTH, "\"\"}",
            "team: a string of 0 bytes: 1 to 256 bytes of UTF-8 without control characters");
    snprintf(text, sizeof text, HEAD ",\"team\":\"%0257d\"}", 7);
    refused(text, GH_REFUSED_LENGTH, "\"000",
            "team: a string of 257 bytes: 1 to 256 bytes of UTF-8 without control characters");
    snprintf(text, sizeof text, HEAD ",\"team\":\"%0256d\"}", 7);
    CHECK(taken(text)->team.size == 256);
}

static void a_piece_over_64_kib_is_refused_before_anything(void)
{
    static char text[GH_EVENT_BYTES_MAX + 1];

    memset(text, ' ', sizeof text);
    memcpy(text, HEAD "}", sizeof HEAD);
    CHECK(decode_bytes(text, GH_EVENT_BYTES_MAX));
    text[100] = '\xff';
    CHECK(!decode_bytes(text, sizeof text));
    CHECK(pair.refused[0].reason == GH_REFUSED_TOO_LONG);
    CHECK(pair.refused[0].at == GH_EVENT_BYTES_MAX);
}

static void control_characters_are_refused(void)
{
    static const char words[] =
        "team: a control character: 1 to 256 bytes of UTF-8 without control characters";

    refused(HEAD ",\"team\":\"a\\nb\"}", GH_REFUSED_CONTROL, "\"a\\n", words);
    refused(HEAD ",\"team\":\"a\x7f\"}", GH_REFUSED_CONTROL, "\"a\x7f", words);
    refused(HEAD ",\"team\":\"a\\u0085\"}", GH_REFUSED_CONTROL, "\"a\\u", words);
    refused(HEAD ",\"team\":\"\xc2\x9f\"}", GH_REFUSED_CONTROL, "\"\xc2\x9f", words);
    taken(HEAD ",\"team\":\"\xc2\xa0\"}");
    refused(HEAD ",\"team\":\"a\nb\"}", GH_REFUSED_SYNTAX, "\n",
            "team: a control character in a string: an escape such as \\n");
    refused("{\"kind\":\"verdict\",\"id\":\"v\",\"ts\":1,\"actor\":\"a\",\"finding\":\"f\","
            "\"verdict\":\"waste\",\"note\":\"\\r\"}",
            GH_REFUSED_CONTROL, "\"\\r",
            "note: a control character: up to 4096 bytes of UTF-8, no control characters but "
            "newline and tab");
}

static void bytes_that_are_not_utf8_are_refused_before_syntax(void)
{
    static const char *const bad[] = {"\xff",
                                      "\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xc3",
                                      "\xe2\x82",
                                      "\xf0\x9f\x98"};
    static const char *const good[] = {"\xc2\xa1",         "\xdf\xbf",        "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",     "\xee\x80\x80",    "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    char text[200];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "{oops 0123456789 \"%s\"}", bad[i]);
        refused(text, GH_REFUSED_ENCODING, bad[i], "event: not valid UTF-8: UTF-8");
        snprintf(text, sizeof text, HEAD ",\"x\":\"%s", bad[i]);
        refused(text, GH_REFUSED_ENCODING, bad[i], "event: not valid UTF-8: UTF-8");
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, HEAD ",\"team\":\"%s\"}", good[i]);
        CHECK(text_is(taken(text)->team, good[i]));
    }
}

static void escapes_that_stand_for_no_character_are_refused(void)
{
    static const char *const bad[] = {"\\u0000",        "\\ud800", "\\udc00", "\\ud800\\u0041",
                                      "\\ud800\\ud800", "\\u12",   "\\u12g4", "\\x",
                                      "\\U0041"};
    static const char words[] =
        "x: a bad escape in a string: \\\" \\\\ \\/ \\b \\f \\n \\r \\t, "
        "or \\uXXXX of a whole character but U+0000";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD ",\"x\":\"a%s\"}", bad[i]);
        refused(text, GH_REFUSED_SYNTAX, bad[i], words);
    }
}

static void an_unknown_kind_or_version_is_refused_before_other_keys(void)
{
    refused(
        "{\"kind\":\"usge\"}", GH_REFUSED_KIND, "\"usge",
        "kind: \"usge\": one of usage, output, profile, schedule, experiment, quota, verdict, "
        "tick");
    refused("{\"kind\":\"usge\",\"v\":2}", GH_REFUSED_VERSION, "2}", "v: 2: the integer 1");
    refused("{\"id\":\"\",\"v\":0}", GH_REFUSED_VERSION, "0}", "v: 0: the integer 1");
    refused(
        "{\"kind\":\"\"}", GH_REFUSED_KIND, "\"\"}",
        "kind: \"\": one of usage, output, profile, schedule, experiment, quota, verdict, tick");
}

static void an_array_or_object_inside_is_refused_at_any_depth(void)
{
    enum { DEPTH = 30000 };
    static char deep[2 * DEPTH + 100];
    const size_t head = (size_t)snprintf(deep, sizeof deep, HEAD ",\"x\":");

    refused(HEAD ",\"x\":{}}", GH_REFUSED_NESTED, "{}}",
            "x: an array or object: a single value");
    refused(HEAD ",\"actor\":[1]}", GH_REFUSED_DUPLICATE_KEY, "\"actor\":[",
            "actor: twice in one object: each key once");
    refused("[1]", GH_REFUSED_NESTED, "[", "event: an array: a JSON object");
    memset(deep + head, '[', DEPTH);
    memset(deep + head + DEPTH, ']', DEPTH);
    deep[head + 2 * DEPTH] = '}';
    refused(deep, GH_REFUSED_NESTED, "[", "x: an array or object: a single value");
}

static void a_hundred_thousand_brackets_cost_one_piece(void)
{
    enum { DEPTH = 100000 };
    static char frame_text[2 * DEPTH];
    struct gh_frame frame;
    struct gh_piece piece;

    memset(frame_text, '[', DEPTH);
    gh_frame_init(&frame, frame_text, DEPTH);
    CHECK(gh_frame_next(&frame, &piece) && piece.size == DEPTH - 1 && piece.offset == 1);
    CHECK(!decode_bytes(piece.at, piece.size));
    CHECK(pair.refused[0].reason == GH_REFUSED_TOO_LONG);
    CHECK(!gh_frame_next(&frame, &piece));
    CHECK(!decode_bytes(frame_text, GH_EVENT_BYTES_MAX));
    CHECK(pair.refused[0].reason == GH_REFUSED_NESTED);
}

static void the_same_key_twice_is_refused(void)
{
    refused(HEAD ",\"id\":\"b\"}", GH_REFUSED_DUPLICATE_KEY, "\"id\":\"b",
            "id: twice in one object: each key once");
    refused(HEAD ",\"x\":1,\"\\u0078\":2}", GH_REFUSED_DUPLICATE_KEY, "\"\\u0078",
            "x: twice in one object: each key once");
    refused(HEAD ",\"tokens\":1,\"tokens\":1}", GH_REFUSED_DUPLICATE_KEY, "\"tokens\":1}",
            "tokens: twice in one object: each key once");
}

static void what_is_not_a_time_is_refused(void)
{
    static const char words[] =
        "RFC 3339 with an offset, or milliseconds from 0 to 253402300799999";
    char text[200], wanted[200];

    snprintf(wanted, sizeof wanted, "ts: \"2026-02-30T00:00:00Z\": %s", words);
    refused("{\"id\":\"a\",\"ts\":\"2026-02-30T00:00:00Z\",\"actor\":\"a\"}", GH_REFUSED_TIME,
            "\"2026", wanted);
    snprintf(wanted, sizeof wanted, "ts: \"2026-02-28T00:00:00\": %s", words);
    refused("{\"id\":\"a\",\"ts\":\"2026-02-28T00:00:00\",\"actor\":\"a\"}", GH_REFUSED_TIME,
            "\"2026", wanted);
    snprintf(wanted, sizeof wanted, "ts: 253402300800000: %s", words);
    refused("{\"id\":\"a\",\"ts\":253402300800000,\"actor\":\"a\"}", GH_REFUSED_RANGE, "2534",
            wanted);
    snprintf(text, sizeof text, "{\"id\":\"a\",\"ts\":%lld,\"actor\":\"a\"}",
             253402300799999LL);
    CHECK(taken(text)->ts_ms == INT64_C(253402300799999));
}

static void an_end_before_its_start_is_refused(void)
{
    refused("{\"kind\":\"schedule\",\"id\":\"s\",\"ts\":1,\"team\":\"t\",\"type\":\"leave\","
            "\"from\":3,\"until\":2}",
            GH_REFUSED_VALUE, "3,", "from: later than until: a time at or before it");
    taken("{\"kind\":\"schedule\",\"id\":\"s\",\"ts\":1,\"team\":\"t\",\"type\":\"leave\","
          "\"from\":2,\"until\":2}");
}

static void json_that_ends_early_is_refused_wherever_it_ends(void)
{
    static const char whole[] =
        HEAD ",\"cost_usd\":0.5,\"x\":null,\"team\":\"\\u0041\xc3\xa9\"}";

    for (size_t size = 0; size < sizeof whole - 1; size++) {
        char *cut =
            malloc(size + 1); /* of this size, so that a sanitizer sees a step too far */
        memcpy(cut, whole, size);
        CHECK(!decode_bytes(cut, size));
        CHECK(pair.refused[0].reason == GH_REFUSED_SYNTAX ||
              pair.refused[0].reason == GH_REFUSED_ENCODING);
        free(cut);
    }
    CHECK(!decode_bytes(HEAD ",\"x\":\"abc", sizeof HEAD + 8));
    CHECK(pair.refused[0].at == sizeof HEAD + 8);
    CHECK(strcmp(pair.refused[0].text, "x: ends early: a whole JSON object") == 0);
}

static void what_is_not_one_json_object_is_refused(void)
{
    refused("", GH_REFUSED_SYNTAX, NULL, "event: nothing: a JSON object");
    refused("17", GH_REFUSED_SYNTAX, NULL, "event: not JSON: a JSON object");
    refused(HEAD "} {}", GH_REFUSED_SYNTAX, "{}", "event: bytes after the object: one object");
    refused(HEAD ",}", GH_REFUSED_SYNTAX, "}", "event: not JSON: a key in double quotes");
    refused("{,}", GH_REFUSED_SYNTAX, ",", "event: not JSON: a key in double quotes");
    refused("{\"id\" \"a\"}", GH_REFUSED_SYNTAX, "\"a", "id: not JSON: a colon after the key");
    refused("{\"id\":\"a\" \"ts\":1}", GH_REFUSED_SYNTAX, "\"ts",
            "event: not JSON: a comma or the closing brace");
    refused("{'id':1}", GH_REFUSED_SYNTAX, "'id", "event: not JSON: a key in double quotes");
    CHECK(!decode_bytes("{\"id\":1\0}", 9) && pair.refused[0].reason == GH_REFUSED_SYNTAX);
}

/* The words of a wrong value reach logs; so a prompt in the wrong place must not. */
static void refusals_do_not_quote_what_somebody_wrote(void)
{
    static const char *const key[] = {"team", "prompt_hash", "input_tokens", "cost_usd"};

    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        char text[500];
        snprintf(text, sizeof text, HEAD ",\"%s\":\"secret\\u0007%0300d\"}", key[i], 1);
        CHECK(!decode_bytes(text, strlen(text)));
        CHECK(strstr(pair.refused[0].text, "secret") == NULL);
        CHECK(strcmp(pair.refused[0].key, key[i]) == 0);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(decoders_can_be_made),
    GH_TEST(a_value_of_another_type_is_refused),
    GH_TEST(a_missing_key_is_refused),
    GH_TEST(what_is_not_a_json_number_is_refused),
    GH_TEST(a_number_out_of_range_is_refused),
    GH_TEST(a_text_too_long_or_empty_is_refused),
    GH_TEST(a_piece_over_64_kib_is_refused_before_anything),
    GH_TEST(control_characters_are_refused),
    GH_TEST(bytes_that_are_not_utf8_are_refused_before_syntax),
    GH_TEST(escapes_that_stand_for_no_character_are_refused),
    GH_TEST(an_unknown_kind_or_version_is_refused_before_other_keys),
    GH_TEST(an_array_or_object_inside_is_refused_at_any_depth),
    GH_TEST(a_hundred_thousand_brackets_cost_one_piece),
    GH_TEST(the_same_key_twice_is_refused),
    GH_TEST(what_is_not_a_time_is_refused),
    GH_TEST(an_end_before_its_start_is_refused),
    GH_TEST(json_that_ends_early_is_refused_wherever_it_ends),
    GH_TEST(what_is_not_one_json_object_is_refused),
    GH_TEST(refusals_do_not_quote_what_somebody_wrote),
    GH_TEST(decoders_can_be_freed),
};
GH_TEST_MAIN(tests)
