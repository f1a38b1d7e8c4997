/* gh_test.h - a test program in TAP: explicit list, one line for each test, exit 1 when
 * one failed. A test is a sentence that holds. */
#ifndef GH_TEST_H
#define GH_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gh_test {
    const char *name;
    void (*run)(void);
};
static int gh_test_failures;

#define CHECK(condition)                                             \
    do {                                                             \
        if (!(condition)) {                                          \
            gh_test_failures++;                                      \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                            \
    } while (0)
/* |a - b| <= tolerance; derive the tolerance where you use it. */
#define CHECK_NEAR(a, b, tolerance)                                                        \
    do {                                                                                   \
        const double a_ = (a), b_ = (b);                                                   \
        if (!(a_ - b_ <= (tolerance) && b_ - a_ <= (tolerance))) {                         \
            gh_test_failures++;                                                            \
            printf("# %s:%d: %s = %.17g, wanted %.17g\n", __FILE__, __LINE__, #a, a_, b_); \
        }                                                                                  \
    } while (0)
#define GH_TEST(name) \
    {                 \
#name, name   \
    }
#define GH_TEST_MAIN(tests)                                                    \
    int main(void)                                                             \
    {                                                                          \
        const size_t count = sizeof(tests) / sizeof((tests)[0]);               \
        int failed = 0;                                                        \
        printf("1..%zu\n", count);                                             \
        for (size_t i = 0; i < count; i++) {                                   \
            gh_test_failures = 0;                                              \
            (tests)[i].run();                                                  \
            failed += gh_test_failures > 0;                                    \
            printf("%s %zu - %s\n", gh_test_failures ? "not ok" : "ok", i + 1, \
                   (tests)[i].name);                                           \
        }                                                                      \
        return failed ? 1 : 0;                                                 \
    }

#endif
