/* What: a binary event is taken or refused as the same event in JSON is, and as protobuf-c
 *       reads it.
 * How:  200,000 events of every kind, put together at random from the key table and from values
 *       good and bad, are written in both forms: the reference decoder of JSON and that of
 *       binary pieces make the same event, or refuse it for the same reason in the same words.
 *       Then the bytes are damaged, and protobuf-c must agree. The seed is fixed.
 *       tests/fuzz looks further, without end. */
#include "edge/wire.h"
#include "support/gh_test.h"
#include "support/protobuf/binary_pair.h"

enum { EVENTS = 200000, PIECE_SIZE = 16384 };

static uint64_t seed = 20261122;

static uint32_t below(uint32_t n) /* xorshift64* */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* One event in both forms; written by hand, not by the encoders that are on trial. */
static char json[PIECE_SIZE], binary[PIECE_SIZE];
static size_t json_size, binary_size;

static void add_json(const char *at, size_t size)
{
    memcpy(json + json_size, at, size);
    json_size += size;
}

static void add_bytes(const void *at, size_t size)
{
    memcpy(binary + binary_size, at, size);
    binary_size += size;
}

static void add_varint(uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        binary[binary_size++] = (char)(value | 0x80);
    binary[binary_size++] = (char)value;
}

static void add_tag(uint32_t number, unsigned wire)
{
    add_varint((uint64_t)number << 3 | wire);
}

static void add_name(const char *name)
{
    add_json(json_size > 1 ? ",\"" : "\"", json_size > 1 ? 2 : 1);
    add_json(name, strlen(name));
    add_json("\":", 2);
}

/* JSON escapes two control characters; other ones are written as U+XXXX. */
static void add_text(const char *text, size_t size)
{
    add_json("\"", 1);
    for (size_t i = 0; i < size; i++) {
        char escape[8];
        const unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            add_json(text + i, 1);
        else
            add_json(escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
    }
    add_json("\"", 1);
    add_varint(size);
    add_bytes(text, size);
}

static void add_integer(int64_t value)
{
    char digits[24];

    add_json(digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value));
    add_varint((uint64_t)value);
}

static void add_real(double value)
{
    char digits[40];

    add_json(digits, (size_t)snprintf(digits, sizeof digits, "%.17g", value));
    add_bytes(&value, sizeof value);
}

static void add_hash(void)
{
    char digits[20];
    const uint64_t hash = (uint64_t)below(UINT32_MAX) << 32 | below(UINT32_MAX);

    add_json(digits,
             (size_t)snprintf(digits, sizeof digits, "\"%016llx\"", (unsigned long long)hash));
    add_bytes(&hash, sizeof hash);
}

static const char *const texts[] = {"a",
                                    "x y",
                                    "",
                                    "\"quoted\\\"",
                                    "\x07",
                                    "\x7f",
                                    "caf\xc3\xa9",
                                    "\xc2\x85",
                                    "\xf0\x9f\x98\x80",
                                    "tab\tline\n",
                                    "\xed\xa0\x80",
                                    "\xff",
                                    "a string of more than sixteen bytes",
                                    "Mon-Fri",
                                    "09:00-18:00",
                                    "Fri-Tue,Wed",
                                    "24:00-00:00",
                                    "25:00-00:00",
                                    "Mon-"};
enum { TEXTS = sizeof texts / sizeof *texts };

static void add_any_text(void)
{
    static char many[GH_NOTE_BYTES_MAX + 2];
    static const size_t sizes[] = {GH_STRING_BYTES_MAX, GH_STRING_BYTES_MAX + 1,
                                   GH_NOTE_BYTES_MAX, GH_NOTE_BYTES_MAX + 1};

    const uint32_t text = below(TEXTS);

    memset(many, 'm', sizeof many);
    if (below(20) == 0)
        add_text(many, sizes[below(4)]);
    else
        add_text(texts[text], strlen(texts[text]));
}

static void add_choice(const struct gh_value_names *names, uint32_t choice)
{
    add_json("\"", 1);
    add_json(names->name[choice].at, names->name[choice].size);
    add_json("\"", 1);
    add_varint(choice - names->first + 1);
}

static void add_value(const struct gh_key_row *row, bool legal)
{
    static const int64_t integers[] = {0,
                                       1,
                                       127,
                                       128,
                                       1795167065123,
                                       GH_COUNT_MAX,
                                       GH_COUNT_MAX + 1,
                                       -1,
                                       INT64_MAX,
                                       INT64_MIN,
                                       253402300799999,
                                       253402300800000};
    static const double reals[] = {0.0, 0.0412, 1e308, 4.9e-324, 12345.678, -0.0, -1.5};
    const struct gh_value_names *names = gh_value_names(row->type);

    if (names != NULL) {
        add_choice(names, names->first + below(names->count - names->first));
    } else if (row->type == GH_TYPE_NUMBER) {
        add_real(reals[below(legal ? 5 : 7)]);
    } else if (row->type == GH_TYPE_HASH) {
        add_hash();
    } else if (row->type == GH_TYPE_VERSION) {
        add_integer(legal ? 1 : below(3));
    } else if (row->type == GH_TYPE_COUNT || row->type == GH_TYPE_TIME) {
        add_integer(legal ? (int64_t)below(1 << 30) : integers[below(12)]);
    } else if (!legal) {
        add_any_text();
    } else {
        const char *const text = row->type == GH_TYPE_HOURS  ? "09:00-18:00"
                                 : row->type == GH_TYPE_DAYS ? "Mon-Fri"
                                                             : "ann";
        add_text(text, strlen(text));
    }
}

static uint32_t number_of(unsigned key)
{
    uint32_t number = 1;

    while (gh_field_keys[number] != key + 1)
        number++;
    return number;
}

static void add_member(unsigned key, bool legal)
{
    const struct gh_key_row *row = &gh_key_rows[key];

    add_name(row->name.at);
    add_tag(number_of(key), gh_wire_of(row->type));
    add_value(row, legal);
}

/* A key that nobody knows, of any type. */
static void add_unknown(void)
{
    add_name("nobodys");
    add_json("7", 1);
    switch (below(4)) {
    case 0:
        add_tag(GH_FIELDS + below(1000), GH_WIRE_VARINT);
        add_varint(below(UINT32_MAX));
        break;
    case 1:
        add_tag(GH_FIELDS, GH_WIRE_FIXED64);
        add_bytes("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        break;
    case 2:
        add_tag(GH_FIELDS + 9, GH_WIRE_FIXED32);
        add_bytes("\x00\x01\x02\x03", 4);
        break;
    default:
        add_tag(536870911, GH_WIRE_BYTES);
        add_varint(3);
        add_bytes("\xff{\"", 3);
    }
}

static void event_make(void)
{
    const unsigned kind = below(GH_KIND_COUNT);
    const bool legal = below(2);

    json_size = binary_size = 0;
    add_json("{", 1);
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        const struct gh_key_row *row = &gh_key_rows[key];
        const bool needed = row->required >> kind & 1u || key == GH_KEY_actor;
        if (key == GH_KEY_kind ? false
            : needed           ? below(50) == 0
                               : below(row->kinds >> kind & 1u ? 2 : 60) > 0)
            continue;
        if (key != GH_KEY_kind) {
            add_member(key, legal || below(8) > 0);
        } else if (kind != GH_USAGE || below(2)) {
            add_name("kind");
            add_tag(number_of(key), GH_WIRE_VARINT);
            add_choice(gh_value_names(GH_TYPE_KIND), kind);
        }
    }
    if (below(20) == 0)
        add_unknown();
    add_json("}", 1);
}

static struct gh_binary_pair pair;
static struct gh_decoder *reference;
static uint64_t json_refused[GH_REFUSAL_COUNT];

static void the_schema_is_what_the_tables_say(void)
{
    const char *const trouble = gh_binary_schema_trouble();

    CHECK(trouble == NULL);
    if (trouble != NULL)
        printf("# %s\n", trouble);
}

static void decoders_can_be_made(void)
{
    reference = gh_decoder_new();
    CHECK(gh_binary_pair_init(&pair) && reference != NULL);
    if (gh_test_failures)
        exit(1);
}

/* JSON decides on UTF-8 before it knows keys, so it names none. */
static const char *forms_compare(void)
{
    const struct gh_piece piece = {.at = json, .size = json_size};
    struct gh_event event;
    struct gh_refused refused;
    const uint64_t unknown = gh_decoder_unknown_keys(reference);
    const uint64_t unknown_binary = gh_decoder_unknown_keys(pair.decoder);
    const char *trouble = gh_binary_pair_decode(&pair, binary, binary_size);

    if (trouble != NULL)
        return trouble;
    const bool taken = gh_decode_reference(reference, &piece, &event, &refused);
    if (taken != pair.taken)
        return "one form is taken, the other refused";
    if (taken && !gh_same_event(&event, &pair.event))
        return "the two forms give other events";
    if (taken && gh_decoder_unknown_keys(reference) - unknown !=
                     gh_decoder_unknown_keys(pair.decoder) - unknown_binary)
        return "the two forms count unknown keys differently";
    if (taken)
        return NULL;
    json_refused[refused.reason]++;
    if (refused.reason != pair.refused.reason)
        return "the two forms are refused for other reasons";
    return refused.reason == GH_REFUSED_ENCODING || strcmp(refused.text, pair.refused.text) == 0
               ? NULL
               : "the two forms are refused in other words";
}

static void an_event_is_the_same_in_both_forms(void)
{
    unsigned reasons = 0;

    for (int i = 0; i < EVENTS && gh_test_failures == 0; i++) {
        event_make();
        const char *const trouble = forms_compare();
        gh_decoder_reset(reference);
        if (trouble) {
            gh_test_failures++;
            printf("# %s: %.*s\n# binary: %s\n", trouble, (int)json_size, json,
                   pair.taken ? "taken" : pair.refused.text);
        }
    }
    CHECK(pair.taken_count > EVENTS / 4);
    for (unsigned reason = 1; reason < GH_REFUSED_FUTURE; reason++) {
        reasons += json_refused[reason] > 0;
        printf("# %s %llu\n", gh_refusal_name((enum gh_refusal)reason),
               (unsigned long long)json_refused[reason]);
    }
    /* encoding, version, missing, range, length, control, value */
    CHECK(reasons == 7);
}

/* One wound: a byte changed, a part cut out, a part doubled, the end cut off. */
static void event_damage(void)
{
    const size_t at = below((uint32_t)binary_size), left = binary_size - at;
    const size_t size = below((uint32_t)(left < 40 ? left : 40) + 1);

    switch (below(5)) {
    case 0:
        binary[at] = (char)below(256);
        break;
    case 1:
        binary[at] = (char)(binary[at] ^ 1 << below(8));
        break;
    case 2:
        memmove(binary + at, binary + at + size, left - size);
        binary_size -= size;
        break;
    case 3:
        memmove(binary + at + size, binary + at, left);
        binary_size += size;
        break;
    default:
        binary_size = at + 1;
    }
}

static void what_is_damaged_is_read_as_protobuf_reads_it(void)
{
    const uint64_t before = pair.taken_count;

    for (int i = 0; i < EVENTS && gh_test_failures == 0; i++) {
        event_make();
        for (uint32_t wounds = 1 + below(3); wounds > 0 && binary_size > 0; wounds--)
            event_damage();
        const char *const trouble = gh_binary_pair_decode(&pair, binary, binary_size);
        if (trouble) {
            gh_test_failures++;
            printf("# %s: %s\n# ", trouble, pair.taken ? "taken" : pair.refused.text);
            for (size_t b = 0; b < binary_size && b < 400; b++)
                printf("%02x", (unsigned char)binary[b]);
            printf("\n");
        }
    }
    CHECK(pair.taken_count - before > EVENTS / 50);
    /* There is nothing to nest, and a time is a number: out of range or not. */
    for (unsigned reason = GH_REFUSED_ENCODING; reason < GH_REFUSED_FUTURE; reason++)
        CHECK((pair.refused_by[reason] > 0) !=
              (reason == GH_REFUSED_NESTED || reason == GH_REFUSED_TIME));
}

static void decoders_can_be_freed(void)
{
    gh_binary_pair_free(&pair);
    gh_decoder_free(reference);
}

static const struct gh_test tests[] = {
    GH_TEST(the_schema_is_what_the_tables_say),
    GH_TEST(decoders_can_be_made),
    GH_TEST(an_event_is_the_same_in_both_forms),
    GH_TEST(what_is_damaged_is_read_as_protobuf_reads_it),
    GH_TEST(decoders_can_be_freed),
};
GH_TEST_MAIN(tests)
