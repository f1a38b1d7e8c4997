/* starve_kit.h - a piece of work, done again and again: the N-th request for memory is refused,
 * once, and all from it on, for N = 1, 2, … until the work needs no more. It ends as it should,
 * or says that memory is out; what it leaves is checked each time; nothing leaks.
 *
 * GOODHART_STARVE=N tries every N-th request; 1 is all of them (make torture). */
#ifndef GH_STARVE_KIT_H
#define GH_STARVE_KIT_H

#include "goodhart/error.h"
#include "support/gh_test.h"
#include "support/starve.h"

#include <stdbool.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define STARVE_LEAKS() __lsan_do_recoverable_leak_check()
#endif
#endif
#ifndef STARVE_LEAKS
#define STARVE_LEAKS() 0
#endif

struct starve_work {
    void (*before)(void); /* NULL: nothing; here and after there is memory */
    enum gh_status (*work)(struct gh_error *error);
    /* What the work came to, GH_OK or not, is what it may have come to; ends all. */
    void (*after)(enum gh_status status);
    bool forgiving; /* it may do without what is refused and still be done */
};

static inline bool starve_once(const struct starve_work *w, long at, bool for_good)
{
    struct gh_error error = {0};

    if (w->before)
        w->before();
    gh_starve(at, for_good);
    const enum gh_status status = w->work(&error);
    const bool reached = gh_starve_refused() > 0;
    gh_starve(0, false);
    CHECK(status == GH_OK || (reached && (status == GH_EMEMORY || status == GH_EIO)));
    CHECK(status == GH_OK || strstr(error.text, "memory"));
    CHECK(status != GH_OK || !reached || w->forgiving);
    if (w->after)
        w->after(status);
    CHECK(STARVE_LEAKS() == 0);
    if (gh_test_failures)
        printf("# request %ld%s: status %d: %s\n", at, for_good ? " and all after" : "",
               (int)status, error.text);
    return reached;
}

static inline void starve(const struct starve_work *w)
{
    const char *text = getenv("GOODHART_STARVE");
    const long stride = text ? strtol(text, NULL, 10) : 0;
    long requests = 0;

    for (int for_good = 0; for_good < 2; for_good++) {
        long at = 1;
        while (gh_test_failures == 0 && starve_once(w, at, for_good))
            at += stride ? stride : 1 + at / 4;
        requests = at;
    }
    printf("# enough from %ld requests on\n", requests);
    CHECK(requests > 1);
}

#endif
