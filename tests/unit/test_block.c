/* What: a machine's own instructions say of a block what plain C says, and plain C what the
 *       header says.
 * How:  each byte at each place of blocks of several kinds; digits of every count. */
#include "edge/block.h"
#include "edge/json_scan.h"
#include "support/gh_test.h"

static const char *const kinds[] = {"abcdefghijklmnop", "0123456789abcdef", "FEDCBA9876543210",
                                    "\"\\ ~!#[]/:@GZgz`",
                                    "\x7f\x1f\x80\xff\xc3\xa9\n\t\r\0\1'{},."};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool is_special(unsigned char c)
{
    return c < ' ' || c > '~' || c == '"' || c == '\\';
}

static void block_check(const char *at, unsigned place)
{
    _Alignas(GH_BLOCK_SIZE) char aligned[GH_BLOCK_SIZE];
    uint64_t value = 0, portable = 0;

    CHECK(gh_block_special(at) == gh_portable_special(at));
    CHECK((gh_portable_special(at) >> place & 1u) == is_special((unsigned char)at[place]));
    CHECK(gh_block_ascii(at) == gh_portable_ascii(at));
    CHECK(gh_block_hex(at, &value) == gh_portable_hex(at, &portable));
    if (gh_portable_hex(at, &portable))
        CHECK(value == portable);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        memcpy(aligned, kinds[kind], sizeof aligned);
        CHECK(gh_block_same(aligned, at) == gh_portable_same(aligned, at));
        CHECK((gh_portable_same(aligned, at) >> place & 1u) == (aligned[place] == at[place]));
    }
}

static void each_byte_at_each_place_is_seen_alike(void)
{
    char block[1 + GH_BLOCK_SIZE]; /* not aligned */

    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned place = 0; place < GH_BLOCK_SIZE; place++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                memcpy(block + 1, kinds[kind], GH_BLOCK_SIZE);
                block[1 + place] = (char)byte;
                block_check(block + 1, place);
            }
        }
    }
}

static void hex_digits_are_a_number_in_either_case(void)
{
    uint64_t value = 0;

    CHECK(gh_portable_hex("0123456789abcdef", &value) && value == 0x0123456789abcdef);
    CHECK(gh_block_hex("FEDCBA9876543210", &value) && value == 0xfedcba9876543210);
    CHECK(!gh_block_hex("0123456789abcdeg", &value));
    CHECK(!gh_portable_hex("/123456789abcdef", &value));
}

static void digits_are_counted_and_worth_what_they_say(void)
{
    static const char *const ends[] = {",", "}", ".", "/", ":", "\xb0", "\0"};
    uint64_t worth = 0;

    CHECK(gh_digits_bits(gh_digits_load("12345678")) == 64);
    CHECK(gh_digits_worth(gh_digits_load("12345678"), 64) == 12345678);
    CHECK(gh_digits_worth(gh_digits_load("99999999"), 64) == 99999999);
    for (unsigned count = 0; count < 8; count++) {
        for (unsigned end = 0; end < sizeof ends / sizeof *ends; end++) {
            char text[8];
            memcpy(text, "90817263", sizeof text);
            text[count] = ends[end][0];
            const uint64_t raw = gh_digits_load(text);
            CHECK(gh_digits_bits(raw) == count * 8);
            CHECK(count == 0 || gh_digits_worth(raw, count * 8) == worth);
        }
        worth = worth * 10 + (uint64_t)("90817263"[count] - '0');
    }
}

static const struct gh_test tests[] = {
    GH_TEST(each_byte_at_each_place_is_seen_alike),
    GH_TEST(hex_digits_are_a_number_in_either_case),
    GH_TEST(digits_are_counted_and_worth_what_they_say),
};
GH_TEST_MAIN(tests)
