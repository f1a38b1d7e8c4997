/* test_binary.c - binary frames by hand: how they are split, each key both ways, each limit,
 * each reason to refuse. */
#include "edge/wire.h"
#include "support/gh_test.h"

static struct gh_decoder *decoder;
static struct gh_event event;
static struct gh_refused refused;

#define USAGE "\x0a\x01\x65\x10\x01\x1a\x01\x61" /* id e, ts 1, actor a */

/* A copy of the exact size, so that a sanitizer sees its end; the event's texts are in it. */
static bool decode(const char *at, size_t size)
{
    static char *copy;

    free(copy);
    copy = memcpy(malloc(size + (size == 0)), at, size);
    const struct gh_piece piece = {.at = copy, .size = size, .form = GH_FORM_BINARY};
    return gh_decode(decoder, &piece, &event, &refused);
}

/* Refused for `reason` at byte `at`, in these words. */
static void refuses(const char *bytes, size_t size, enum gh_refusal reason, uint64_t at,
                    const char *text)
{
    refused = (struct gh_refused){.text = "taken"};
    CHECK(!decode(bytes, size));
    CHECK(refused.reason == reason && refused.at == at && strcmp(refused.text, text) == 0);
    if (refused.reason != reason || refused.at != at || strcmp(refused.text, text) != 0)
        printf("# %s at %d: %s\n", gh_refusal_name(refused.reason), (int)refused.at,
               refused.text);
}
#define REFUSES(bytes, reason, at, text) refuses(bytes, sizeof bytes - 1, reason, at, text)

static void a_decoder_can_be_made(void)
{
    decoder = gh_decoder_new();
    CHECK(decoder != NULL);
    if (gh_test_failures)
        exit(1);
}

/* "offset+size form;" of each piece */
static const char *pieces(const char *at, size_t size, bool go_on)
{
    static char text[512];
    static const char forms[] = "jbu";
    struct gh_frame frame;
    struct gh_piece piece;
    size_t used = 0;

    text[0] = '\0';
    if (go_on)
        gh_frame_go_on(&frame, at, size, true);
    else
        gh_frame_init(&frame, at, size);
    while (gh_frame_next(&frame, &piece)) {
        CHECK(piece.at == at + piece.offset && piece.line == 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "%d+%d%c;", (int)piece.offset,
                                 (int)piece.size, forms[piece.form]);
    }
    CHECK(!gh_frame_next(&frame, &piece)); /* and it stays ended */
    return text;
}
#define SPLITS(bytes, wanted) CHECK(!strcmp(pieces(bytes, sizeof bytes - 1, false), wanted))

static void a_frame_splits_into_its_events(void)
{
    SPLITS(GH_MARKER, "");
    SPLITS(GH_MARKER "\x0a\x02xy\x0a\x00\x0a\x01z", "6+2b;10+0b;12+1b;");
    SPLITS(GH_MARKER "\x0a\x82\x00xy", "7+2b;"); /* a long way to write 2 */
}

static void frames_may_be_joined(void)
{
    SPLITS(GH_MARKER GH_MARKER "\x0a\x01x" GH_MARKER "\x0a\x01y" GH_MARKER, "10+1b;17+1b;");
    CHECK(!strcmp(pieces("\x0a\x01x\x0a\x01y", 6, true), "2+1b;5+1b;"));
    CHECK(!strcmp(pieces(GH_MARKER "\x0a\x01x", 7, true), "6+1b;"));
    CHECK(!strcmp(pieces("", 0, true), ""));
}

static void what_is_no_event_costs_itself_alone(void)
{
    SPLITS(GH_MARKER "\x10\x05\x0a\x01x\x12\x01y\x0a\x01z", "4+2u;8+1b;9+3u;14+1b;");
    SPLITS(GH_MARKER "\x08\x05\x0a\x01x", "4+2u;8+1b;"); /* field 1 as a number */
    SPLITS(GH_MARKER "\x15"
                     "abcd\x19"
                     "abcdefgh",
           "4+5u;9+9u;"); /* fixed ones */
}

static void what_cannot_be_split_costs_the_rest(void)
{
    SPLITS(GH_MARKER "\x0a\x01x\x0a\x05yz", "6+1b;7+4u;");
    SPLITS(GH_MARKER "\x0a\x01x\x0a", "6+1b;7+1u;");
    SPLITS(GH_MARKER "\x0b\x0a\x01x", "4+4u;");             /* a group */
    SPLITS(GH_MARKER "\x02\x01x", "4+3u;");                 /* the number 0 */
    SPLITS(GH_MARKER "\x8a\x80\x80\x80\x10\x01x", "4+7u;"); /* cut down it would be field 1 */
    SPLITS(GH_MARKER "\x0a\xff\xff\xff\xff\xff\xff", "4+7u;");
    SPLITS(GH_MARKER "{\"id\":1}", "4+8u;");
}

static void another_version_is_one_piece(void)
{
    const struct gh_piece piece = {
        .at = "\x8fGH2\x0a\x01x", .size = 7, .form = GH_FORM_UNSPLIT};

    SPLITS("\x8fGH2\x0a\x01x", "0+7u;");
    SPLITS(GH_MARKER "\x0a\x01x\x8fGH2\x0a\x01x", "6+1b;7+7u;");
    CHECK(!gh_decode(decoder, &piece, &event, &refused));
    CHECK(refused.reason == GH_REFUSED_VERSION && refused.at == 3);
    CHECK(!strcmp(refused.text, "event: a binary frame of another version: one that begins "
                                "with 8F 47 48 31"));
}

static void json_is_no_binary_frame(void)
{
    CHECK(!gh_frame_is_binary("{\"id\":1}", 8) && !gh_frame_is_binary("GHP1", 4));
    CHECK(!gh_frame_is_binary("\x8fGH", 3) && gh_frame_is_binary(GH_MARKER, 4));
    SPLITS("{\"id\":1}", "0+8j;");
    SPLITS("\x8fGH", "0+3j;");
}

static void what_was_not_split_is_never_an_event(void)
{
    const struct gh_piece piece = {
        .at = USAGE, .size = sizeof USAGE - 1, .form = GH_FORM_UNSPLIT};

    CHECK(decode(USAGE, sizeof USAGE - 1));
    CHECK(!gh_decode(decoder, &piece, &event, &refused));
    CHECK(refused.reason == GH_REFUSED_SYNTAX && refused.at == 0);
    CHECK(!strcmp(refused.text,
                  "event: no event of a Batch: field 1 and its bytes, as in events.proto"));
}

/* What an event of the kind must have, and the key, with a value of its type. */
static struct gh_event event_with(unsigned key, unsigned kind)
{
    static const struct gh_text text = {"m", 1};
    struct gh_event e = {.kind = (enum gh_kind)kind, .version = 0};
    uint64_t set = UINT64_C(1) << GH_KEY_kind | UINT64_C(1) << key;

    for (unsigned k = 0; k < GH_KEY_COUNT; k++)
        set |= (uint64_t)(gh_key_rows[k].required >> kind & 1u) << k;
    if (kind != GH_TICK)
        set |= UINT64_C(1) << GH_KEY_actor;
    for (unsigned k = 0; k < GH_KEY_COUNT; k++) {
        void *field = (char *)&e + gh_key_rows[k].field;
        const struct gh_value_names *names = gh_value_names(gh_key_rows[k].type);
        const unsigned last = names && k != GH_KEY_kind ? names->count - 1 : kind;
        if (!(set >> k & 1u))
            continue;
        if (names)
            memcpy(field, &last, sizeof last);
        else if (gh_key_rows[k].type == GH_TYPE_TEXT || gh_key_rows[k].type == GH_TYPE_NOTE)
            *(struct gh_text *)field = text;
        else if (gh_key_rows[k].type == GH_TYPE_NUMBER)
            *(double *)field = 0.1;
        else if (gh_key_rows[k].type == GH_TYPE_HASH)
            *(uint64_t *)field = UINT64_C(0xfedcba9876543210);
        else if (gh_key_rows[k].type == GH_TYPE_HOURS)
            *(struct gh_hours *)field = (struct gh_hours){540, 1440};
        else if (gh_key_rows[k].type == GH_TYPE_DAYS)
            *(uint8_t *)field = 0x55;
        else if (gh_key_rows[k].type == GH_TYPE_VERSION)
            *(uint8_t *)field = 1;
        else
            *(int64_t *)field = 123456789012;
    }
    e.present = set;
    return e;
}

/* Decodes what the encoder wrote of `e`; the same event must come of it. */
static void comes_back(const struct gh_event *e)
{
    static char bytes[GH_BINARY_BYTES_MAX];
    const size_t size = gh_encode_binary(e, bytes, sizeof bytes);
    struct gh_frame frame;
    struct gh_piece piece = {0};

    gh_frame_go_on(&frame, bytes, size, true);
    CHECK(size > 0 && gh_frame_next(&frame, &piece) && piece.form == GH_FORM_BINARY &&
          frame.used == size);
    CHECK(decode(piece.at, piece.size) && gh_same_event(&event, e));
    if (gh_test_failures)
        printf("# %s\n", refused.text);
    CHECK(gh_encode_binary(e, bytes, size) == size &&
          gh_encode_binary(e, bytes, size - 1) == 0);
}

static void each_key_of_each_kind_comes_back(void)
{
    unsigned trials = 0;

    for (unsigned key = 0; key < GH_KEY_COUNT; key++)
        for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
            if (!(gh_key_rows[key].kinds >> kind & 1u))
                continue;
            const struct gh_event e = event_with(key, kind);
            comes_back(&e);
            trials++;
        }
    CHECK(trials > GH_KEY_COUNT);
}

static void each_name_of_each_list_comes_back(void)
{
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        const struct gh_value_names *names = gh_value_names(gh_key_rows[key].type);
        const unsigned kind = (unsigned)__builtin_ctz(gh_key_rows[key].kinds);
        for (unsigned i = names ? names->first : 1; names && i < names->count; i++) {
            struct gh_event e = event_with(key, key == GH_KEY_kind ? i : kind);
            memcpy((char *)&e + gh_key_rows[key].field, &i, sizeof i);
            comes_back(&e);
        }
    }
}

static void absent_is_not_zero(void)
{
    CHECK(decode(USAGE "\x50\x00\x6a\x00", sizeof USAGE + 1)); /* input_tokens 0 */
    CHECK(GH_HAS(&event, input_tokens) && event.input_tokens == 0);
    CHECK(!GH_HAS(&event, output_tokens) && event.kind == GH_USAGE && !GH_HAS(&event, kind));
    CHECK(event.owner == 0 && event.session.at == NULL);
}

static void texts_have_the_limits_of_json(void)
{
    char bytes[512] = USAGE "\x22"; /* team */
    size_t head = sizeof USAGE;

    bytes[head++] = (char)0x80;
    bytes[head++] = 2;
    memset(bytes + head, 't', GH_STRING_BYTES_MAX + 1);
    CHECK(decode(bytes, head + GH_STRING_BYTES_MAX) && event.team.size == GH_STRING_BYTES_MAX);
    bytes[head - 2] = (char)0x81;
    refuses(bytes, head + GH_STRING_BYTES_MAX + 1, GH_REFUSED_LENGTH, sizeof USAGE - 1,
            "team: a string of 257 bytes: 1 to 256 bytes of UTF-8 without control characters");
    REFUSES(USAGE "\x22\x00", GH_REFUSED_LENGTH, 8,
            "team: a string of 0 bytes: 1 to 256 bytes of UTF-8 without control characters");
    CHECK(decode(USAGE "\x22\x05"
                       "\"\\\xc3\xa9.",
                 sizeof USAGE + 6) &&
          event.team.size == 5);
    REFUSES(USAGE "\x22\x03"
                  "a\0b",
            GH_REFUSED_CONTROL, 8,
            "team: a control character: 1 to 256 bytes of UTF-8 without control characters");
    REFUSES(USAGE "\x22\x02\xc2\x85", GH_REFUSED_CONTROL, 8,
            "team: a control character: 1 to 256 bytes of UTF-8 without control characters");
    REFUSES(USAGE "\x22\x02"
                  "a\xc3",
            GH_REFUSED_ENCODING, 11, "team: not valid UTF-8: UTF-8");
    REFUSES(USAGE "\x22\x14"
                  "0123456789abcdefghi\n",
            GH_REFUSED_CONTROL, 8,
            "team: a control character: 1 to 256 bytes of UTF-8 without control characters");
}

static void numbers_have_the_limits_of_json(void)
{
    const char most[] = USAGE "\x50\xff\xff\xff\xff\xff\xff\xff\x0f";

    CHECK(decode(most, sizeof most - 1) && event.input_tokens == GH_COUNT_MAX);
    REFUSES(USAGE "\x50\x80\x80\x80\x80\x80\x80\x80\x10", GH_REFUSED_RANGE, 8,
            "input_tokens: 9007199254740992: an integer from 0 to 9007199254740991");
    REFUSES(USAGE "\x50\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01", GH_REFUSED_RANGE, 8,
            "input_tokens: -3: an integer from 0 to 9007199254740991");
    REFUSES("\x0a\x01"
            "e\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x1a\x01"
            "a",
            GH_REFUSED_RANGE, 3,
            "ts: -1: RFC 3339 with an offset, or milliseconds from 0 to 253402300799999");
    CHECK(decode(USAGE "\x69\x00\x00\x00\x00\x00\x00\x00\x80", sizeof USAGE + 8));
    CHECK(event.cost_usd == 0.0 && !__builtin_signbit(event.cost_usd)); /* -0 is 0 */
    REFUSES(USAGE "\x69\x00\x00\x00\x00\x00\x00\xf0\x7f", GH_REFUSED_RANGE, 8,
            "cost_usd: inf: a finite number, 0 or more");
    REFUSES(USAGE "\x69\x00\x00\x00\x00\x00\x00\xf8\x7f", GH_REFUSED_RANGE, 8,
            "cost_usd: nan: a finite number, 0 or more");
    REFUSES(USAGE "\x69\x00\x00\x00\x00\x00\x00\xf8\xbf", GH_REFUSED_RANGE, 8,
            "cost_usd: -1.5: a finite number, 0 or more");
}

static void choices_are_numbers_of_their_list(void)
{
    CHECK(decode(USAGE "\x98\x01\x04", sizeof USAGE + 2) && event.origin == GH_API);
    CHECK(decode(USAGE "\x98\x01\x84\x80\x80\x80\x10", sizeof USAGE + 6) &&
          event.origin == GH_API); /* 2^32 + 4 is 4, as everywhere */
    REFUSES(USAGE "\x98\x01\x05", GH_REFUSED_VALUE, 8,
            "origin: 5: one of interactive, scheduled, ci, api");
    REFUSES(USAGE "\x98\x01\x00", GH_REFUSED_VALUE, 8,
            "origin: 0: one of interactive, scheduled, ci, api");
    REFUSES(USAGE "\x80\x01\x09", GH_REFUSED_KIND, 8,
            "kind: 9: one of usage, output, profile, schedule, experiment, quota, verdict, "
            "tick");
    REFUSES(USAGE "\x88\x01\x02", GH_REFUSED_VERSION, 8, "v: 2: the integer 1");
}

static void what_is_missing_is_named(void)
{
    REFUSES("", GH_REFUSED_MISSING, 0, "id: missing: required in kind usage");
    REFUSES("\x0a\x01"
            "e\x10\x01",
            GH_REFUSED_MISSING, 0, "actor: missing: required in kind usage");
    REFUSES("\x0a\x01"
            "e\x10\x01\x80\x01\x06",
            GH_REFUSED_MISSING, 0,
            "actor: missing: required in kind quota, where team may stand in its place");
}

static void bytes_that_are_no_event_are_refused_in_their_order(void)
{
    REFUSES(USAGE "\x22", GH_REFUSED_SYNTAX, 8,
            "event: a field that is cut or of no known wire type: an Event of events.proto");
    REFUSES(USAGE "\x2b\x22\x00", GH_REFUSED_SYNTAX, 8,
            "event: a field that is cut or of no known wire type: an Event of events.proto");
    REFUSES(USAGE "\x10\x02", GH_REFUSED_DUPLICATE_KEY, 8,
            "ts: twice in one object: each key once");
    REFUSES(USAGE "\x52\x01x\x10\x02", GH_REFUSED_TYPE, 8,
            "input_tokens: another wire type than in events.proto");
    REFUSES(USAGE "\x55"
                  "aaaa",
            GH_REFUSED_TYPE, 8, "input_tokens: another wire type than in events.proto");
    REFUSES(USAGE "\x22\x01\xff\x22\x01x", GH_REFUSED_ENCODING, 10,
            "team: not valid UTF-8: UTF-8");
}

static void a_long_event_is_refused_before_it_is_read(void)
{
    static char bytes[GH_EVENT_BYTES_MAX + 16];
    const char unknown[] = "\xba\x03\xf4\xff\x03"; /* field 55, 65,524 bytes */
    size_t head = sizeof USAGE - 1;

    memcpy(bytes, USAGE, head);
    memcpy(bytes + head, unknown, sizeof unknown - 1);
    head += sizeof unknown - 1;
    CHECK(head + 65524 == GH_EVENT_BYTES_MAX + 1);
    refuses(bytes, GH_EVENT_BYTES_MAX + 1, GH_REFUSED_TOO_LONG, GH_EVENT_BYTES_MAX,
            "event: longer than 65536 bytes: a flat object of up to 65536 bytes");
    bytes[head - 3] = (char)0xf3;
    CHECK(decode(bytes, GH_EVENT_BYTES_MAX));
}

static void unknown_fields_are_counted_however_often(void)
{
    const uint64_t before = gh_decoder_unknown_keys(decoder);
    const struct gh_piece piece = {.at = USAGE
                                   "\xb8\x03\x05\xba\x03\x02\xff\xff\xb8\x03\x05\xf0\x02\x01",
                                   .size = sizeof USAGE - 1 + 15 - 1,
                                   .form = GH_FORM_BINARY};

    /* Field 55 twice as a number and once as bytes, and `period`, which is of another kind. */
    CHECK(gh_decode(decoder, &piece, &event, &refused));
    CHECK(gh_decoder_unknown_keys(decoder) - before == 4);
    CHECK(!GH_HAS(&event, period));
    REFUSES(USAGE "\xb8\x03\x05\x10\x02", GH_REFUSED_DUPLICATE_KEY, 11,
            "ts: twice in one object: each key once");
    CHECK(gh_decoder_unknown_keys(decoder) - before == 4); /* of events that were taken */
}

static void an_event_that_ends_before_it_begins_is_refused(void)
{
    const char ok[] = "\x0a\x01"
                      "e\x10\x01\x1a\x01"
                      "a\x80\x01\x04\xb8\x02\x01\xc0\x02\x05\xc8\x02\x05";

    CHECK(decode(ok, sizeof ok - 1) && event.kind == GH_SCHEDULE && event.from_ms == 5);
    REFUSES("\x0a\x01"
            "e\x10\x01\x1a\x01"
            "a\x80\x01\x04\xb8\x02\x01\xc0\x02\x06\xc8\x02\x05",
            GH_REFUSED_VALUE, 14, "from: later than until: a time at or before it");
}

static void the_decoder_can_be_freed(void)
{
    gh_decoder_free(decoder);
}

static const struct gh_test tests[] = {
    GH_TEST(a_decoder_can_be_made),
    GH_TEST(a_frame_splits_into_its_events),
    GH_TEST(frames_may_be_joined),
    GH_TEST(what_is_no_event_costs_itself_alone),
    GH_TEST(what_cannot_be_split_costs_the_rest),
    GH_TEST(another_version_is_one_piece),
    GH_TEST(json_is_no_binary_frame),
    GH_TEST(what_was_not_split_is_never_an_event),
    GH_TEST(each_key_of_each_kind_comes_back),
    GH_TEST(each_name_of_each_list_comes_back),
    GH_TEST(absent_is_not_zero),
    GH_TEST(texts_have_the_limits_of_json),
    GH_TEST(numbers_have_the_limits_of_json),
    GH_TEST(choices_are_numbers_of_their_list),
    GH_TEST(what_is_missing_is_named),
    GH_TEST(bytes_that_are_no_event_are_refused_in_their_order),
    GH_TEST(a_long_event_is_refused_before_it_is_read),
    GH_TEST(unknown_fields_are_counted_however_often),
    GH_TEST(an_event_that_ends_before_it_begins_is_refused),
    GH_TEST(the_decoder_can_be_freed),
};
GH_TEST_MAIN(tests)
