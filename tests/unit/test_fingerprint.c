/* What: the numeric fingerprint is the same at every call, and another where arithmetic is
 *       another.
 * How:  this program once more, with the C library told to do without fused multiply-add. */
#include "stat/fingerprint.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const asked = "GOODHART_TEST_FINGERPRINT";

static void it_is_the_same_at_every_call(void)
{
    gh_law_init();
    const uint64_t print = gh_numeric_fingerprint();

    if (getenv(asked)) {
        printf("print %" PRIx64 "\n", print);
        exit(0);
    }
    CHECK(print != 0 && gh_numeric_fingerprint() == print);
}

/* What this program says elsewhere under these tunables of the C library; 0: nothing. */
static uint64_t print_under(const char *tunables)
{
    char line[128];
    uint64_t print = 0;
    int ends[2];

    if (pipe(ends) != 0)
        return 0;
    const pid_t child = fork();
    if (child == 0) {
        setenv(asked, "1", 1);
        setenv("GLIBC_TUNABLES", tunables, 1);
        dup2(ends[1], STDOUT_FILENO);
        execl("/proc/self/exe", "test_fingerprint", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *said = fdopen(ends[0], "r");
    while (said && fgets(line, sizeof line, said))
        if (strncmp(line, "print ", 6) == 0)
            print = strtoull(line + 6, NULL, 16);
    if (said)
        fclose(said);
    waitpid(child, NULL, 0);
    return print;
}

static void it_is_another_where_arithmetic_is_another(void)
{
    const uint64_t here = gh_numeric_fingerprint();

    CHECK(print_under("") == here);
#if defined(__x86_64__) && defined(__GLIBC__)
    if (__builtin_cpu_supports("fma"))
        CHECK(print_under("glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable") != here);
#endif
}

static const struct gh_test tests[] = {
    GH_TEST(it_is_the_same_at_every_call),
    GH_TEST(it_is_another_where_arithmetic_is_another),
};

GH_TEST_MAIN(tests)
