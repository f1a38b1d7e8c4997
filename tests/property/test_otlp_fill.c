/* What: a request in protobuf tells what it tells when protobuf-c unpacks it, and is refused
 *       where that is; one as exporters write it is read without protobuf-c.
 * How:  made-up requests as they are; with fields swapped, doubled, left out, and unknown ones
 *       between them; and with bytes changed. What is not usual is written by hand too. */
#include "edge/otlp/fill.h"

#include "edge/otlp/fields.h"
#include "support/gh_test.h"
#include "support/otlp_kit.h"
#include "support/otlp_write.h"

enum { REQUESTS = 4000, BYTES_MAX = 1 << 20, FIELDS_MAX = 512, ROOM = 64 << 20 };

static struct gh_otlp_reader *reader;
static struct gh_otlp_arena arena;
static unsigned filled, left, taken, refused;

static uint64_t pick(uint64_t *seed, uint64_t count)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (*seed >> 33) % count;
}

static bool fills(enum gh_otlp_signal signal, const char *bytes, size_t size)
{
    const struct gh_otlp_bytes all = {bytes, bytes + size};

    gh_otlp_arena_reset(&arena, ROOM);
    return gh_otlp_fill(&arena, gh_otlp_message(signal), all, GH_OTLP_DEPTH_MAX) != NULL;
}

static void reader_need(void)
{
    if (reader == NULL)
        reader = gh_otlp_reader_new();
    CHECK(reader != NULL);
}

/* Returns whether it was taken. */
static bool same(enum gh_otlp_signal signal, const char *bytes, size_t size)
{
    const struct gh_otlp_request request = {signal, false, bytes, size};
    struct gh_otlp_heard is = gh_otlp_hear(reader, &request);
    struct gh_otlp_heard must = gh_otlp_hear_unpacked(&request);
    const bool good = is.status == GH_OK;

    CHECK(is.status == must.status);
    CHECK(strcmp(is.lines, must.lines) == 0);
    CHECK(is.counts.told == must.counts.told && is.counts.refused == must.counts.refused);
    CHECK(is.counts.fields_dropped == must.counts.fields_dropped);
    if (gh_test_failures > 0) {
        printf("# %s %d %d\n# %s# unpacked\n# %s#", is.error.text, is.status, must.status,
               is.lines, must.lines);
        for (size_t i = 0; i < size; i++)
            printf("%02x", (unsigned char)bytes[i]);
        printf("\n");
    }
    gh_otlp_heard_free(&is);
    gh_otlp_heard_free(&must);
    return good;
}

static size_t put(char *to, size_t used, const char *at, size_t size)
{
    CHECK(used + size <= BYTES_MAX);
    memcpy(to + used, at, size);
    return used + size;
}

static size_t varint_put(char *to, size_t used, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        used = put(to, used, &(char){(char)(value | 0x80)}, 1);
    return put(to, used, &(char){(char)value}, 1);
}

static size_t shuffle(const ProtobufCMessageDescriptor *message, struct gh_otlp_bytes bytes,
                      char *to, uint64_t *seed);

/* A field as it is, or, where it is a message, with its own fields shuffled. */
static size_t field_put(const ProtobufCMessageDescriptor *message, struct gh_otlp_bytes bytes,
                        char *to, size_t used, uint64_t *seed)
{
    struct gh_wire_field field = {0};

    CHECK(gh_otlp_field_read(bytes.at, bytes.end, &field) == bytes.end);
    const ProtobufCFieldDescriptor *const known = gh_otlp_field_of(message, field.number);
    if (known == NULL || known->type != PROTOBUF_C_TYPE_MESSAGE)
        return put(to, used, bytes.at, (size_t)(bytes.end - bytes.at));
    char *const inside = malloc(BYTES_MAX);
    CHECK(inside != NULL);
    const size_t size =
        shuffle(known->descriptor,
                (struct gh_otlp_bytes){field.bytes.at, field.bytes.at + field.bytes.size},
                inside, seed);
    used = varint_put(to, used, field.number << 3 | GH_WIRE_BYTES);
    used = put(to, varint_put(to, used, size), inside, size);
    free(inside);
    return used;
}

static size_t shuffle(const ProtobufCMessageDescriptor *message, struct gh_otlp_bytes bytes,
                      char *to, uint64_t *seed)
{
    static const char *const unknown[] = {"\xf8\x07\x01", "\xfa\x07\x02zz", "\xfd\x07zzzz"};
    struct gh_otlp_bytes field[FIELDS_MAX];
    struct gh_wire_field read = {0};
    size_t count = 0, used = 0;

    for (; bytes.at < bytes.end && count < FIELDS_MAX; count++) {
        field[count].at = bytes.at;
        bytes.at = field[count].end = gh_otlp_field_read(bytes.at, bytes.end, &read);
        if (bytes.at == NULL)
            abort();
    }
    for (size_t i = 0; i < count; i++) {
        const size_t other = pick(seed, 8) == 0 ? pick(seed, count) : i;
        const struct gh_otlp_bytes now = field[other];
        field[other] = field[i];
        if (pick(seed, 64) == 0)
            continue;
        used = field_put(message, now, to, used, seed);
        if (pick(seed, 64) == 0)
            used = field_put(message, now, to, used, seed);
        if (pick(seed, 32) == 0) {
            const char *const more = unknown[pick(seed, 3)];
            used = put(to, used, more, strlen(more));
        }
    }
    return used;
}

static void tried(enum gh_otlp_signal signal, const char *bytes, size_t size)
{
    const bool quick = fills(signal, bytes, size), good = same(signal, bytes, size);

    CHECK(good || !quick);
    filled += quick;
    left += good && !quick;
    taken += good;
    refused += !good;
}

static void a_request_tells_what_protobuf_c_unpacks(void)
{
    static char bytes[BYTES_MAX], other[BYTES_MAX];
    uint64_t seed = 20261123;

    reader_need();
    for (unsigned i = 0; i < REQUESTS && gh_test_failures == 0; i++) {
        const enum gh_otlp_signal signal = i % 3;
        gh_otlp_arena_reset(&arena, ROOM);
        const ProtobufCMessage *const m =
            gh_otlp_invent(gh_otlp_message(signal), &arena, &seed);
        size_t size = protobuf_c_message_get_packed_size(m);
        CHECK(size <= BYTES_MAX);
        protobuf_c_message_pack(m, (uint8_t *)bytes);
        CHECK(fills(signal, bytes, size));
        CHECK(same(signal, bytes, size));
        size = shuffle(gh_otlp_message(signal), (struct gh_otlp_bytes){bytes, bytes + size},
                       other, &seed);
        tried(signal, other, size);
        for (unsigned k = 0; k < 4 && size > 0; k++) {
            other[pick(&seed, size)] = (char)pick(&seed, 256);
            tried(signal, other, size);
        }
    }
    printf("# filled %u left %u taken %u refused %u\n", filled, left, taken, refused);
    CHECK(filled > REQUESTS / 2 && left > REQUESTS / 20 && refused > REQUESTS / 2);
}

/* Each field again, in its order: of the same bytes, or it is not filled alike. */
static void what_is_filled_is_what_was_packed(void)
{
    static uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
    uint64_t seed = 20261124;

    for (unsigned i = 0; i < REQUESTS && gh_test_failures == 0; i++) {
        const ProtobufCMessageDescriptor *const message = gh_otlp_message(i % 3);
        gh_otlp_arena_reset(&arena, ROOM);
        const ProtobufCMessage *m = gh_otlp_invent(message, &arena, &seed);
        const size_t size = protobuf_c_message_pack(m, bytes);
        const struct gh_otlp_bytes all = {(const char *)bytes, (const char *)bytes + size};
        m = gh_otlp_fill(&arena, message, all, GH_OTLP_DEPTH_MAX);
        CHECK(m != NULL && protobuf_c_message_get_packed_size(m) == size);
        if (gh_test_failures == 0)
            CHECK(protobuf_c_message_pack(m, again) == size && memcmp(bytes, again, size) == 0);
    }
}

/* Attributes of a log record alone, whether they are read without protobuf-c, and what they
 * tell; NULL: nothing, for they are refused. */
static const struct {
    const char *hex;
    bool quick;
    const char *fields;
} row[] = {
    {"32080a016112030a0178", true, "{\"a\":\"x\"}"},
    {"32070a016112021805", true, "{\"a\":5}"},
    {"32070a016112021000", true, "{\"a\":false}"},
    {"32070a016112021002", true, "{\"a\":true}"},
    {"320e0a0161120921000000000000f83f", true, "{\"a\":1.5r}"},
    {"32100a0161120b18feffffffffffffffff01", true, "{\"a\":-2}"},
    {"32100a0161120b18ffffffffffffffffff7f", true, "{\"a\":-1}"},
    /* a truth of two bytes, and one past the 64th bit */
    {"32080a01611203108001", false, "{\"a\":true}"},
    {"32100a0161120b1080808080808080808002", false, "{\"a\":true}"},
    {"32080a01611203108000", false, "{\"a\":false}"},
    /* the value first; none; an empty one; no name; the last of two kinds holds */
    {"3207120218050a0161", true, "{\"a\":5}"},
    {"32030a0161", true, ""},
    {"32050a01611200", true, ""},
    {"320412021805", true, "{\"\":5}"},
    {"320a0a0161120518050a0178", true, "{\"a\":\"x\"}"},
    {"320a0a016112050a01781805", true, "{\"a\":5}"},
    /* a text, then a number of nobody's; a tag in two bytes */
    {"320b0a016112060a0178f80701", true, "{\"a\":\"x\"}"},
    {"32080a01611203980005", true, "{\"a\":5}"},
    /* a value twice: merged, or the last of it */
    {"320b0a01611202180512021806", false, "{\"a\":6}"},
    {"32090a0161120218051200", false, "{\"a\":5}"},
    {"32070a016112001200", false, NULL}, /* protobuf-c cannot merge these */
    /* cut, or of another wire type */
    {"32070a016112031805", false, NULL},
    {"32070a016112021885", false, NULL},
    {"32080a016112031a0178", false, NULL},
    {"32060a0161120121", false, NULL},
    {"32080a016112030a0278", false, NULL},
    {"32080a016112030a0078", false, NULL},
    {"320408011200", false, NULL},
};

static void attributes_in_all_shapes_tell_what_they_must(void)
{
    char hex[256], lines[512], bytes[128], byte[3] = "";

    reader_need();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const size_t record = strlen(row[i].hex) / 2;
        snprintf(hex, sizeof hex, "0a%02zx12%02zx12%02zx%s", record + 4, record + 2, record,
                 row[i].hex);
        for (size_t k = 0; k < record + 6; k++) {
            memcpy(byte, hex + 2 * k, 2);
            bytes[k] = (char)strtoul(byte, NULL, 16);
        }
        struct gh_otlp_heard heard = gh_otlp_hear(
            reader, &(struct gh_otlp_request){GH_OTLP_LOGS, false, bytes, record + 6});
        lines[0] = '\0';
        if (row[i].fields != NULL)
            snprintf(lines, sizeof lines,
                     "{\"kind\":\"log\",\"failed\":false,\"value\":0,"
                     "\"cumulative\":false,\"fields\":[%s]}\n",
                     row[i].fields);
        CHECK(strcmp(heard.lines, lines) == 0);
        CHECK((heard.status == GH_OK) == (row[i].fields != NULL));
        CHECK(fills(GH_OTLP_LOGS, bytes, record + 6) == row[i].quick);
        same(GH_OTLP_LOGS, bytes, record + 6);
        if (gh_test_failures > 0)
            printf("# %s: %s\n", row[i].hex, heard.lines);
        gh_otlp_heard_free(&heard);
    }
}

/* Puts the tag and the size of a message in front of it. */
static size_t wrap(char *bytes, size_t size, const char *tag)
{
    char head[8];
    size_t used = put(head, 0, tag, strlen(tag));

    used = varint_put(head, used, size);
    memmove(bytes + used, bytes, size);
    memcpy(bytes, head, used);
    return size + used;
}

/* Lists of attributes in lists of attributes: the innermost value is 5 + 3 * lists deep. */
static void a_value_that_is_too_deep_is_refused(void)
{
    static const char *const outer[] = {"\x2a", "\x12", "\x12", "\x0a"};
    static char bytes[4096];

    reader_need();
    for (int lists = 17; lists < 23; lists++) {
        size_t size = put(bytes, 0, "\x18\x05", 2);
        for (int i = 0; i < lists; i++) {
            size = wrap(bytes, size, "\x0a\x01k\x12"); /* a name, and it is the value */
            size = wrap(bytes, size, "\x0a");
            size = wrap(bytes, size, "\x32");
        }
        for (int i = 0; i < 4; i++)
            size = wrap(bytes, size, outer[i]);
        const bool sound = 5 + 3 * lists <= GH_OTLP_DEPTH_MAX;
        CHECK(fills(GH_OTLP_LOGS, bytes, size) == sound);
        CHECK(same(GH_OTLP_LOGS, bytes, size) == sound);
    }
}

static void all_is_freed(void)
{
    gh_otlp_reader_free(reader);
    gh_otlp_arena_free(&arena);
    CHECK(arena.first == NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(a_request_tells_what_protobuf_c_unpacks),
    GH_TEST(what_is_filled_is_what_was_packed),
    GH_TEST(attributes_in_all_shapes_tell_what_they_must),
    GH_TEST(a_value_that_is_too_deep_is_refused),
    GH_TEST(all_is_freed),
};
GH_TEST_MAIN(tests)
