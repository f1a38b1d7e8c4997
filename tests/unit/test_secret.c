/* What: secrets come from files of their owner's alone (edge/secret.h).
 * How:  real files with modes, lengths and bytes. */
#include "edge/secret.h"

#include "support/gh_test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 16 };

/* What gh_secret_read says of a file with these bytes; the caller wipes. */
static enum gh_status file_read(const char *bytes, size_t size, mode_t mode,
                                struct gh_secret *secret, struct gh_error *error)
{
    char path[] = "/tmp/goodhart-secret-XXXXXX";
    const int file = mkstemp(path);
    CHECK(file >= 0 && write(file, bytes, size) == (ssize_t)size && fchmod(file, mode) == 0);
    *error = (struct gh_error){0};
    const enum gh_status status = gh_secret_read(secret, path, "hooks.secret", LEAST, error);
    close(file);
    unlink(path);
    return status;
}

/* Whether it is refused, and in these words. */
static bool refused(const char *bytes, size_t size, mode_t mode, const char *words)
{
    struct gh_secret secret;
    struct gh_error error;
    const enum gh_status status = file_read(bytes, size, mode, &secret, &error);
    const bool told = !strstr(error.text, "0123456789abcdef") && strstr(error.text, words);
    CHECK(secret.size == 0 && !secret.at);
    return status == GH_ECONFIG && told;
}

static size_t length_of(const char *bytes, size_t size)
{
    struct gh_secret secret;
    struct gh_error error;
    if (file_read(bytes, size, 0600, &secret, &error) != GH_OK)
        return 0;
    const size_t length = secret.size;
    CHECK(secret.at[length] == '\0' && memcmp(secret.at, bytes, length) == 0);
    gh_secret_wipe(&secret);
    CHECK(!secret.at && secret.size == 0);
    return length;
}

static void a_secret_is_the_line_without_what_ends_it(void)
{
    CHECK(length_of("0123456789abcdef", 16) == 16);
    CHECK(length_of("0123456789abcdef\r\n", 18) == 16);
    CHECK(length_of("0123456789 abcdef \t\n\n", 21) == 17);
}

static void others_must_not_be_able_to_read_it(void)
{
    CHECK(refused("0123456789abcdef", 16, 0640, "others may read it"));
    CHECK(refused("0123456789abcdef", 16, 0604, "chmod 600"));
}

static void it_is_one_line_neither_too_short_nor_too_long(void)
{
    char bytes[GH_SECRET_BYTES_MAX + 1];
    memset(bytes, 'x', sizeof(bytes));
    CHECK(refused(bytes, LEAST - 1, 0600, "one line of text of 16 to 4096 bytes"));
    CHECK(length_of(bytes, LEAST) == LEAST);
    CHECK(length_of(bytes, GH_SECRET_BYTES_MAX) == GH_SECRET_BYTES_MAX);
    CHECK(refused(bytes, GH_SECRET_BYTES_MAX + 1, 0600, "one line of text"));
    CHECK(refused("0123456789abcdef\nmore\n", 22, 0600, "one line of text"));
    CHECK(refused("", 0, 0600, "hooks.secret: "));
    bytes[3] = '\0';
    CHECK(refused(bytes, 32, 0600, "hooks.secret: "));
}

static void what_is_no_file_is_told_by_name(void)
{
    struct gh_secret secret;
    struct gh_error error = {0};
    CHECK(gh_secret_read(&secret, "/nowhere/x", "o", LEAST, &error) == GH_EIO);
    CHECK(strstr(error.text, "o: /nowhere/x: cannot be read"));
    error = (struct gh_error){0};
    CHECK(gh_secret_read(&secret, "/tmp", "o", LEAST, &error) == GH_EIO);
    CHECK(strstr(error.text, "not a file"));
}

static const struct gh_test tests[] = {
    GH_TEST(a_secret_is_the_line_without_what_ends_it),
    GH_TEST(others_must_not_be_able_to_read_it),
    GH_TEST(it_is_one_line_neither_too_short_nor_too_long),
    GH_TEST(what_is_no_file_is_told_by_name),
};

GH_TEST_MAIN(tests)
