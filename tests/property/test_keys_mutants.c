/* test_keys_mutants.c - key files with a byte changed, left out or put in: each is refused with
 * its place, or says what it says. */
#include "support/gh_test.h"
#include "support/keys_check.h"

static const char file[] =
    "{\"keys\": [\n"
    "{\"name\": \"ada\", \"public\": \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\",\n"
    " \"roles\": [\"produce\", \"subscribe\"], \"actors\": [\"ada\", \"j\\u00f6rg\"]},\n"
    "{\"name\": \"gate\", \"public\": \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\",\n"
    " \"roles\": [\"control\"], \"actors\": [\"*\"], \"teams\": [\"pay\", \"ops\"],\n"
    " \"topics\": [\"team/pay/\", \"actor/ada/\"], \"not_before\": \"2026-01-01T00:00:00Z\",\n"
    " \"not_after\": \"2027-01-01T00:00:00+01:00\", \"revoked\": \"2026-07-01T12:00:00Z\"}]}\n";
enum { FILE_SIZE = sizeof(file) - 1 };
static const char bytes[] = "\"\\{}[]:,* /a0\n\x01\xc3\xff";

static void mutant_check(const char *what, size_t at, const char *text, size_t size)
{
    const char *trouble = gh_keys_check("k.json", text, size);
    CHECK(!trouble);
    if (trouble)
        printf("# %s at %zu: %s\n", what, at, trouble);
}

static void the_file_itself_is_legal(void)
{
    struct gh_keys *keys = NULL;
    struct gh_error error = {0};
    CHECK(gh_keys_read(&keys, "k.json", file, FILE_SIZE, &error) == GH_OK);
    gh_keys_free(keys);
    mutant_check("nothing", 0, file, FILE_SIZE);
}

static void a_byte_that_is_changed_is_refused_or_means_what_it_says(void)
{
    char text[FILE_SIZE];
    for (size_t at = 0; at < FILE_SIZE; at++)
        for (size_t b = 0; b < sizeof(bytes); b++) {
            memcpy(text, file, FILE_SIZE);
            text[at] = bytes[b];
            mutant_check("changed", at, text, FILE_SIZE);
        }
}

static void a_byte_that_is_missing_or_too_many_is_refused_or_means_what_it_says(void)
{
    char text[FILE_SIZE + 1];
    for (size_t at = 0; at < FILE_SIZE; at++) {
        memcpy(text, file, at);
        memcpy(text + at, file + at + 1, FILE_SIZE - at - 1);
        mutant_check("missing", at, text, FILE_SIZE - 1);
        mutant_check("cut", at, file, at);
        memcpy(text + at + 1, file + at, FILE_SIZE - at);
        for (size_t b = 0; b < sizeof(bytes); b++) {
            text[at] = bytes[b];
            mutant_check("put in", at, text, FILE_SIZE + 1);
        }
    }
}

static const struct gh_test tests[] = {
    GH_TEST(the_file_itself_is_legal),
    GH_TEST(a_byte_that_is_changed_is_refused_or_means_what_it_says),
    GH_TEST(a_byte_that_is_missing_or_too_many_is_refused_or_means_what_it_says),
};
GH_TEST_MAIN(tests)
