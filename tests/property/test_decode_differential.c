/* What: the fast decoder equals the reference on pieces that are nearly events.
 * How:  200,000 pieces: an event of every kind, put together at random from the key table
 *       and from values good and bad, then often damaged: bytes changed, cut, doubled. Each is
 *       decoded twice, for the fast decoder remembers how keys stood, and from memory that ends
 *       where it ends. The seed is fixed. tests/fuzz looks further, without end. */
#include "edge/event_value.h"
#include "support/decode_rows.h"

enum { PIECES = 200000, PIECE_SIZE = 4096 };

static uint64_t seed = 20261120;

static uint32_t below(uint32_t n) /* xorshift64* */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

struct text {
    char at[PIECE_SIZE];
    size_t size;
};

static void add(struct text *t, const char *word)
{
    const size_t size = strlen(word);

    if (t->size + size > sizeof t->at)
        return;
    memcpy(t->at + t->size, word, size);
    t->size += size;
}

/* Producers differ in their blanks, and each writes all its events alike. */
enum { BLANK_AFTER_COMMA = 1, BLANK_AFTER_COLON = 2, STYLES = 4 };
static unsigned style;

static void add_space(struct text *t)
{
    static const char *const space[] = {" ", "\n", "\t", "\r\n", "  "};

    if (below(30) == 0)
        add(t, space[below(5)]);
}

static const char *const values[] = {
    "0",
    "-0",
    "1",
    "7",
    "-1",
    "1.0",
    "0.1",
    "1e3",
    "1E-7",
    "-2.5",
    "9007199254740991",
    "9007199254740992",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1e308",
    "1e309",
    "-1e400",
    "0.000000000000000000000000001",
    "123456.789012345678901234",
    "4.9e-324",
    "1e-500",
    "1.5e",
    "01",
    "-",
    "+1",
    ".5",
    "NaN",
    "Infinity",
    "true",
    "false",
    "null",
    "nul",
    "truee",
    "[]",
    "{}",
    "[1,{\"a\":[]}]",
    "{\"id\":1}",
    "\"\"",
    "\"a\"",
    "\"x y\"",
    "\"\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\u0000\"",
    "\"\\n\"",
    "\"\\t\\/\"",
    "\"\\q\"",
    "\"\x7f\"",
    "\"\x1f\"",
    "\"\xc3\xa9\"",
    "\"\xc2\x85\"",
    "\"\xed\xa0\x80\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"0123456789abcdef\"",
    "\"0123456789ABCDEG\"",
    "\"2026-11-20T09:31:05.123Z\"",
    "\"2026-11-31T09:31:05Z\"",
    "\"2026-11-20T23:59:60+01:00\"",
    "\"2026-11-20T09:31:60.000Z\"",
    "\"2026-11-20T09:31:5.0000Z\"",
    "\"2026-11-20T09:31:05.12Z\"",
    "\"2026-11-20t09:31:59.999z\"",
    "\"2026-11-20t09:31:59.999Z\"",
    "\"0123456789abcDEF0\"",
    "253402300799999",
    "253402300800000",
    "\"Mon-Fri\"",
    "\"Sat,Sun\"",
    "\"Fri-Tue\"",
    "\"Mo\"",
    "\"09:00-18:00\"",
    "\"24:00-24:00\"",
    "\"25:00-01:00\"",
    "\"unknown\"",
    "\"a string of more than sixteen bytes\"",
};
enum { VALUE_COUNT = sizeof values / sizeof *values };

/* A decimal of up to 21 digits: what is read by hand, and what is not. */
static void add_decimal(struct text *t)
{
    const uint32_t count = 1 + below(21), point = below(count);

    add(t, point == 0 ? "0" : "7");
    for (uint32_t i = 1; i <= count; i++) {
        const char digit[] = {(char)('0' + below(10)), '\0'};
        if (i == point || (i == 1 && point == 0))
            add(t, ".");
        add(t, digit);
    }
}

/* Times of few minutes, as streams have them. */
static void add_time(struct text *t)
{
    char time[] = "\"2026-11-20T09:3m:ss.123Z\"";

    time[16] = (char)('1' + below(3));
    time[18] = (char)('0' + below(6));
    time[19] = (char)('0' + below(10));
    add(t, time);
}

/* Mostly a value that is legal for the type. */
static void add_value(struct text *t, enum gh_value_type type)
{
    static const char *const usual[GH_TYPES] = {
        [GH_TYPE_TEXT] = "\"ann\"",
        [GH_TYPE_NOTE] = "\"well\\n\"",
        [GH_TYPE_COUNT] = "1200",
        [GH_TYPE_NUMBER] = "0.0412",
        [GH_TYPE_TIME] = "1795167065123",
        [GH_TYPE_HASH] = "\"00ff00ff00ff00ff\"",
        [GH_TYPE_HOURS] = "\"09:00-18:00\"",
        [GH_TYPE_DAYS] = "\"Mon-Fri\"",
        [GH_TYPE_VERSION] = "1",
    };
    const struct gh_value_names *names = gh_value_names(type);

    if (below(40) == 0) {
        add(t, values[below(VALUE_COUNT)]);
    } else if (names) {
        add(t, "\"");
        add(t, names->name[below(names->count)].at);
        add(t, "\"");
    } else if (type == GH_TYPE_NUMBER && below(2)) {
        add_decimal(t);
    } else if (type == GH_TYPE_TIME && below(2)) {
        add_time(t);
    } else {
        add(t, usual[type]);
    }
}

static void add_member(struct text *t, unsigned key)
{
    static const char *const odd[] = {"\"x\"",
                                      "\"\"",
                                      "\"i\\u0064\"",
                                      "\"\\u006\"",
                                      "id",
                                      "\"ID\"",
                                      "\"a name of more than sixteen bytes\"",
                                      "\"\xc3\xa9\""};

    if (t->at[t->size - 1] == ',' && (style & BLANK_AFTER_COMMA))
        add(t, " ");
    add_space(t);
    if (below(30) == 0) {
        add(t, odd[below(8)]);
        add(t, ":");
        add(t, values[below(VALUE_COUNT)]);
        return;
    }
    add(t, "\"");
    add(t, gh_key_rows[key].name.at);
    add(t, "\"");
    add_space(t);
    add(t, style & BLANK_AFTER_COLON ? ": " : ":");
    add_space(t);
    add_value(t, gh_key_rows[key].type);
}

/* An event of a kind with what it requires and some of what it may have. */
static void event_make(struct text *t)
{
    const unsigned kind = below(GH_KIND_COUNT);
    const char *before = "{";

    t->size = 0;
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        const struct gh_key_row *row = &gh_key_rows[key];
        const bool needed = row->required >> kind & 1u || key == GH_KEY_actor;
        if (needed ? below(50) == 0 : row->kinds >> kind & 1u ? below(2) : below(60))
            continue;
        add(t, before);
        before = ",";
        if (key != GH_KEY_kind) {
            add_member(t, key);
            continue;
        }
        add(t, "\"kind\":\"");
        add(t, gh_kind_name((enum gh_kind)kind));
        add(t, "\"");
    }
    if (kind != GH_USAGE && !memmem(t->at, t->size, "\"kind\"", 6)) {
        add(t, ",\"kind\":\"");
        add(t, gh_kind_name((enum gh_kind)kind));
        add(t, "\"");
    }
    add_space(t);
    add(t, "}");
    add_space(t);
}

/* One wound: a byte changed, a part cut out, a part doubled, the end cut off. */
static void event_damage(struct text *t)
{
    static const char marks[] = "{}[]:,\"\\ \n0.eE+-\x00\xc3\xff";
    const size_t at = below((uint32_t)t->size), left = t->size - at;
    const size_t size = left > 0 ? below((uint32_t)(left < 40 ? left : 40)) : 0;

    switch (below(5)) {
    case 0:
        t->at[at] = (char)below(256);
        break;
    case 1:
        t->at[at] = marks[below(sizeof marks - 1)];
        break;
    case 2:
        memmove(t->at + at, t->at + at + size, left - size);
        t->size -= size;
        break;
    case 3:
        if (t->size + size > sizeof t->at)
            break;
        memmove(t->at + at + size, t->at + at, left);
        t->size += size;
        break;
    default:
        t->size = at + 1;
    }
}

static void decode_twice(const struct text *t)
{
    char *const exact = malloc(t->size);

    if (exact == NULL)
        exit(1);
    memcpy(exact, t->at, t->size);
    decode_bytes(exact, t->size);
    decode_bytes(exact, t->size);
    gh_pair_reset(&pair);
    free(exact);
}

static void both_decoders_make_the_same_of_the_same_bytes(void)
{
    static struct text t;
    unsigned reasons = 0;

    for (int i = 0; i < PIECES && gh_test_failures == 0; i++) {
        event_make(&t);
        for (uint32_t wounds = below(3); wounds > 0; wounds--)
            event_damage(&t);
        decode_twice(&t);
        if (i % 64 == 0)
            style = below(STYLES);
    }
    /* The pieces are worth something only when they come to every end. */
    CHECK(pair.taken_count > PIECES / 10);
    for (unsigned reason = 1; reason < GH_REFUSED_FUTURE; reason++) {
        reasons += pair.refused_by[reason] > 0;
        printf("# %s %llu\n", gh_refusal_name((enum gh_refusal)reason),
               (unsigned long long)pair.refused_by[reason]);
    }
    CHECK(reasons == GH_REFUSED_FUTURE - 2); /* all but too_long */
}

static const struct gh_test tests[] = {
    GH_TEST(decoders_can_be_made),
    GH_TEST(both_decoders_make_the_same_of_the_same_bytes),
    GH_TEST(decoders_can_be_freed),
};
GH_TEST_MAIN(tests)
