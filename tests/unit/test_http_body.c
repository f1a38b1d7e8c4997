/* test_http_body.c - bodies in parts, packed or not, and what they may cost. */
#include "edge/http/body.h"

#include "support/gh_test.h"

#include <stdint.h>
#include <zlib.h>

enum { MOST = 100000, BUDGET = 1000000, PACKED = 70000 };

static struct gh_body_budget budget = {.most = BUDGET};
static char packed[PACKED];

/* The bytes as gzip, behind what stands at `at` already. */
static size_t pack(size_t at, const char *bytes, size_t size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes,
                  .avail_in = (uInt)size,
                  .next_out = (Bytef *)packed + at,
                  .avail_out = (uInt)(PACKED - at)};
    CHECK(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return PACKED - z.avail_out;
}

static void parts_become_one_body(void)
{
    struct gh_body body;
    gh_body_init(&body, MOST, &budget, false);
    for (int i = 0; i < 1000; i++)
        CHECK(gh_body_add(&body, "0123456789", 10) == GH_BODY_GOOD);
    CHECK(gh_body_end(&body) == GH_BODY_GOOD && body.size == 10000);
    CHECK(body.at && !memcmp(body.at + 9990, "0123456789", 10));
    CHECK(atomic_load(&budget.used) >= 10000);
    gh_body_free(&body);
    CHECK(atomic_load(&budget.used) == 0);
}

static void a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(void)
{
    struct gh_body body;
    char *bytes = calloc(1, MOST);
    gh_body_init(&body, MOST, &budget, false);
    CHECK(gh_body_add(&body, bytes, MOST) == GH_BODY_GOOD && body.size == MOST);
    CHECK(gh_body_add(&body, "", 1) == GH_BODY_LARGE && body.at == NULL);
    CHECK(gh_body_add(&body, "", 1) == GH_BODY_LARGE && gh_body_end(&body) == GH_BODY_LARGE);
    CHECK(atomic_load(&budget.used) == 0);
    gh_body_free(&body);
    free(bytes);
}

static void gzip_is_unpacked_however_it_is_cut(void)
{
    char bytes[20000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * i % 251);
    const size_t size = pack(0, bytes, sizeof(bytes));
    const size_t steps[] = {1, 7, 1000, size};
    for (size_t i = 0; i < 4; i++) {
        struct gh_body body;
        gh_body_init(&body, MOST, &budget, true);
        for (size_t at = 0; at < size; at += steps[i])
            CHECK(gh_body_add(&body, packed + at,
                              size - at < steps[i] ? size - at : steps[i]) == GH_BODY_GOOD);
        CHECK(gh_body_end(&body) == GH_BODY_GOOD && body.size == sizeof(bytes));
        CHECK(body.at && !memcmp(body.at, bytes, sizeof(bytes)));
        gh_body_free(&body);
    }
}

static void members_behind_each_other_are_one_body(void)
{
    struct gh_body body;
    size_t size = pack(0, "first,", 6);
    size = pack(size, "second", 6);
    gh_body_init(&body, MOST, &budget, true);
    CHECK(gh_body_add(&body, packed, size) == GH_BODY_GOOD);
    CHECK(gh_body_end(&body) == GH_BODY_GOOD && body.size == 12);
    CHECK(body.at && !memcmp(body.at, "first,second", 12));
    gh_body_free(&body);
}

/* 20 MB of zeros: 200 times the limit, in 20 KB. */
static void a_bomb_costs_no_more_than_the_limit(void)
{
    struct gh_body body;
    char *zeros = calloc(1, 20000000);
    const size_t size = pack(0, zeros, 20000000);
    free(zeros);
    gh_body_init(&body, MOST, &budget, true);
    size_t held = 0;
    for (size_t at = 0; at < size; at += 10) {
        gh_body_add(&body, packed + at, size - at < 10 ? size - at : 10);
        held = body.room > held ? body.room : held;
    }
    CHECK(body.state == GH_BODY_LARGE && held > 0 && held <= MOST);
    CHECK(atomic_load(&budget.used) == 0 && body.stream == NULL);
    gh_body_free(&body);
}

static void what_is_not_gzip_or_ends_early_is_broken(void)
{
    struct gh_body body;
    const size_t size = pack(0, "0123456789", 10);
    gh_body_init(&body, MOST, &budget, true);
    CHECK(gh_body_add(&body, "{\"id\":1}", 8) == GH_BODY_BROKEN);
    gh_body_free(&body);
    gh_body_init(&body, MOST, &budget, true);
    CHECK(gh_body_add(&body, packed, size - 1) == GH_BODY_GOOD);
    CHECK(gh_body_end(&body) == GH_BODY_BROKEN);
    gh_body_free(&body);
    gh_body_init(&body, MOST, &budget, true);
    CHECK(gh_body_end(&body) == GH_BODY_BROKEN); /* nothing is no gzip */
    gh_body_free(&body);
    memcpy(packed + size, "tail", 4);
    gh_body_init(&body, MOST, &budget, true);
    CHECK(gh_body_add(&body, packed, size + 4) == GH_BODY_BROKEN);
    gh_body_free(&body);
}

static void together_they_hold_no_more_than_their_budget(void)
{
    struct gh_body_budget small = {.most = 50000};
    struct gh_body body[4];
    char bytes[16384] = {0};
    for (int i = 0; i < 4; i++) {
        gh_body_init(&body[i], MOST, &small, false);
        CHECK(gh_body_add(&body[i], bytes, sizeof(bytes)) ==
              (i < 3 ? GH_BODY_GOOD : GH_BODY_FULL));
    }
    gh_body_free(&body[0]);
    gh_body_init(&body[0], MOST, &small, false);
    CHECK(gh_body_add(&body[0], bytes, sizeof(bytes)) == GH_BODY_GOOD);
    for (int i = 0; i < 4; i++)
        gh_body_free(&body[i]);
    CHECK(atomic_load(&small.used) == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(parts_become_one_body),
    GH_TEST(a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not),
    GH_TEST(gzip_is_unpacked_however_it_is_cut),
    GH_TEST(members_behind_each_other_are_one_body),
    GH_TEST(a_bomb_costs_no_more_than_the_limit),
    GH_TEST(what_is_not_gzip_or_ends_early_is_broken),
    GH_TEST(together_they_hold_no_more_than_their_budget),
};
GH_TEST_MAIN(tests)
