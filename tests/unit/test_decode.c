/* What: what both decoders take, and what the encoder makes of it.
 * How:  pieces written out, with the event that they have to give. Every piece goes
 *       through both decoders, which must agree. Refusals: test_decode_refusals.c. */
#include "support/decode_rows.h"

static void a_usage_event_is_read(void)
{
    const struct gh_event *e = taken(
        "{\"v\":1,\"kind\":\"usage\",\"id\":\"e1\",\"ts\":\"2026-11-20T09:31:05.123Z\","
        "\"actor\":\"ann\",\"origin\":\"ci\",\"input_tokens\":9007199254740991,"
        "\"cost_usd\":0.0412,\"prompt_hash\":\"00ff00FF12345678\",\"status\":\"cancelled\"}");

    CHECK(e->version == 1 && e->kind == GH_USAGE && text_is(e->id, "e1"));
    CHECK(e->ts_ms == INT64_C(1795167065123)); /* date -d 2026-11-20T09:31:05Z +%s */
    CHECK(e->origin == GH_CI && e->status == GH_CALL_CANCELLED);
    CHECK(e->input_tokens == GH_COUNT_MAX && e->cost_usd == 0.0412);
    CHECK(e->prompt_hash == UINT64_C(0x00ff00ff12345678));
    CHECK(GH_HAS(e, v) && GH_HAS(e, cost_usd) && !GH_HAS(e, team) && !e->team.at);
    CHECK(e->output_tokens == 0 && !GH_HAS(e, output_tokens));
}

static void the_kind_may_stand_anywhere_and_defaults_to_usage(void)
{
    CHECK(taken(HEAD "}")->kind == GH_USAGE && !GH_HAS(&pair.event, kind));
    const struct gh_event *e =
        taken("{\"period\":\"week\",\"tokens\":5,\"team\":\"pay\",\"ts\":7,"
              "\"id\":\"q\",\"kind\":\"quota\"}");
    CHECK(e->kind == GH_QUOTA && e->period == GH_WEEK && e->tokens == 5 && e->ts_ms == 7);
}

static void white_space_is_free(void)
{
    CHECK(text_is(taken(" \t{ \"id\" : \"a\" ,\r\n\"ts\":\n1\t,\"actor\": \"ann\" } \n")->actor,
                  "ann"));
}

static void escapes_are_read(void)
{
    const struct gh_event *e = taken(
        "{\"i\\u0064\":\"\\u00e9\\ud83d\\ude00\\/\\\\\\\"\",\"ts\":1,\"actor\":\"A\\u0042\"}");

    CHECK(text_is(e->id, "\xc3\xa9\xf0\x9f\x98\x80/\\\""));
    CHECK(text_is(e->actor, "AB"));
    e = taken("{\"kind\":\"verdict\",\"id\":\"v\",\"ts\":1,\"actor\":\"a\",\"finding\":\"f\","
              "\"verdict\":\"waste\",\"note\":\"\\tone\\ntwo\\u20ac\"}");
    CHECK(text_is(e->note, "\tone\ntwo\xe2\x82\xac"));
}

static void texts_live_until_the_reset(void)
{
    static const char first[] = HEAD ",\"team\":\"\\u0041\"}",
                      second[] = HEAD ",\"team\":\"\\u0042\"}";
    struct gh_event one, two;
    struct gh_refused why;
    const struct gh_piece a = piece_of(first, sizeof first - 1),
                          b = piece_of(second, sizeof second - 1);

    CHECK(gh_decode(pair.decoder, &a, &one, &why));
    CHECK(gh_decode(pair.decoder, &b, &two, &why));
    CHECK(text_is(one.team, "A") && text_is(two.team, "B"));
    CHECK(!gh_same_event(&one, &two) && gh_same_event(&one, &one));
}

static void keys_of_no_or_another_kind_are_ignored_and_counted(void)
{
    const uint64_t before = gh_decoder_unknown_keys(pair.decoder);
    const struct gh_event *e = taken(HEAD ",\"x\":null,\"\":\"\",\"y\":true,\"z\":-1.5e3,"
                                          "\"w\":\"\\n\",\"tokens\":\"not a count\"}");

    CHECK(gh_decoder_unknown_keys(pair.decoder) - before == 6);
    CHECK(e->present == (1u << GH_KEY_id | 1u << GH_KEY_ts | 1u << GH_KEY_actor));
    refused("{\"x\":1,\"y\":2}", GH_REFUSED_MISSING, NULL,
            "id: missing: required in kind usage");
    CHECK(gh_decoder_unknown_keys(pair.decoder) - before == 6);
}

static void numbers_are_exact(void)
{
    static const struct {
        const char *text;
        double value;
    } row[] = {
        {"0", 0.0},
        {"-0", 0.0},
        {"-0.0", 0.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"0.1", 0.1},
        {"1E+2", 100.0},
        {"123456789.123456789e-5", 1234.56789123456789},
        {"5e-324", 5e-324},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1e-400", 0.0},
        {"0e999999999999", 0.0},
        {"9007199254740993.0", 9007199254740992.0}, /* half way, to even */
        {"9007199254740993.00000000000000000001", 9007199254740994.0},
        {"9007199254740993e1", 90071992547409936.0},
        {"9223372036854775807", 9223372036854775808.0},
        {"0.000000000000000000000000000000000000001", 1e-39},
        {"100000000000000000000000000000.0", 1e29},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD ",\"cost_usd\":%s}", row[i].text);
        CHECK(taken(text)->cost_usd == row[i].value);
    }
}

static void as_many_names_as_a_piece_can_hold_are_told_apart(void)
{
    static char text[GH_EVENT_BYTES_MAX + 1];
    int used = snprintf(text, sizeof text, HEAD);
    unsigned count = 0;

    while (used + 16 < GH_EVENT_BYTES_MAX)
        used += snprintf(text + used, sizeof text - (size_t)used, ",\"%x\":0", count++);
    const uint64_t before = gh_decoder_unknown_keys(pair.decoder);
    snprintf(text + used, sizeof text - (size_t)used, "}");
    taken(text);
    CHECK(gh_decoder_unknown_keys(pair.decoder) - before == count && count > 7000);
    snprintf(text + used, sizeof text - (size_t)used, ",\"%x\":0}", count / 2);
    CHECK(!decode_bytes(text, strlen(text)));
    CHECK(pair.refused[0].reason == GH_REFUSED_DUPLICATE_KEY);
}

static void a_bad_event_leaves_the_rest_of_its_frame(void)
{
    static const char text[] = HEAD "}\n" HEAD ",\"input_tokens\":-1}\nnonsense\n" HEAD "}\n"
                                    "{\"id\":\"b\",\"ts\":[]}\n" HEAD "}";
    static const enum gh_refusal wanted[] = {GH_REFUSED_NOT,    GH_REFUSED_RANGE,
                                             GH_REFUSED_SYNTAX, GH_REFUSED_NOT,
                                             GH_REFUSED_NESTED, GH_REFUSED_NOT};
    struct gh_frame frame;
    struct gh_piece piece;
    unsigned count = 0;

    gh_frame_init(&frame, text, sizeof text - 1);
    while (gh_frame_next(&frame, &piece) && count < 6) {
        const bool is_taken = decode_bytes(piece.at, piece.size);
        CHECK(is_taken == (wanted[count] == GH_REFUSED_NOT));
        CHECK(is_taken || pair.refused[0].reason == wanted[count]);
        CHECK(piece.line == count + 1);
        count++;
    }
    CHECK(count == 6);
}

static void the_encoder_writes_what_the_contract_says(void)
{
    char line[400];
    const struct gh_event *e =
        taken("{\"kind\":\"profile\",\"id\":\"p\\\"1\",\"ts\":0,\"actor\":\"a\",\"workdays\":"
              "\"Fri-Mon\",\"hours\":\"22:00-06:30\"}");
    const size_t size = gh_encode(e, line, sizeof line);
    static const char wanted[] =
        "{\"kind\":\"profile\",\"id\":\"p\\\"1\",\"ts\":\"1970-01-01T00:00:00.000Z\",\"actor\":"
        "\"a\",\"workdays\":\"Mon,Fri,Sat,Sun\",\"hours\":\"22:00-06:30\"}\n";

    CHECK(size == sizeof wanted - 1 && memcmp(line, wanted, size) == 0);
    CHECK(gh_encode(e, line, size) == size && gh_encode(e, line, size - 1) == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(decoders_can_be_made),
    GH_TEST(a_usage_event_is_read),
    GH_TEST(the_kind_may_stand_anywhere_and_defaults_to_usage),
    GH_TEST(white_space_is_free),
    GH_TEST(escapes_are_read),
    GH_TEST(texts_live_until_the_reset),
    GH_TEST(keys_of_no_or_another_kind_are_ignored_and_counted),
    GH_TEST(numbers_are_exact),
    GH_TEST(as_many_names_as_a_piece_can_hold_are_told_apart),
    GH_TEST(a_bad_event_leaves_the_rest_of_its_frame),
    GH_TEST(the_encoder_writes_what_the_contract_says),
    GH_TEST(decoders_can_be_freed),
};
GH_TEST_MAIN(tests)
