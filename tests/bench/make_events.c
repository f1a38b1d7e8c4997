/* make_events.c - `make_events EVENTS ACTORS`: a simulated company's first EVENTS events on
 * standard output. The same numbers give the same bytes. */
#include "app/simulate/simulate.h"
#include "edge/decode.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 256 };

static unsigned long argument(const char *text, unsigned long most)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 10);

    if (*end != '\0' || value < 2 || value > most) {
        fprintf(stderr, "make_events: %s: a number from 2 to %lu\n", text, most);
        exit(2);
    }
    return value;
}

static unsigned long write_events(struct gh_sim *sim, unsigned long count)
{
    static struct gh_event event[BATCH];
    static char line[6 * GH_EVENT_BYTES_MAX];
    unsigned long written = 0;

    while (written < count) {
        const size_t made = gh_sim_next(sim, event, BATCH);
        if (made == 0)
            break;
        for (size_t i = 0; i < made && written < count; i++, written++)
            fwrite(line, 1, gh_encode(&event[i], line, sizeof line), stdout);
    }
    return written;
}

int main(int argc, char **argv)
{
    struct gh_sim_plan plan = gh_sim_plan_default();
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: make_events EVENTS ACTORS\n");
        return 2;
    }
    const unsigned long count = argument(argv[1], 1000000000);
    plan.actors = (uint32_t)argument(argv[2], 1000000);
    plan.weeks = 104;
    if (gh_sim_new(&sim, &plan, &error) != GH_OK) {
        fprintf(stderr, "make_events: %s\n", error.text);
        return 1;
    }
    const unsigned long written = write_events(sim, count);
    gh_sim_free(sim);
    if (written < count)
        fprintf(stderr, "make_events: the company has only %lu events\n", written);
    return fflush(stdout) == 0 && written == count ? 0 : 1;
}
