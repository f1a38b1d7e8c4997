/* test_notify.c - what a supervisor hears, on a real datagram socket. */
#include "edge/operate/notify.h"

#include "edge/clock.h"
#include "support/gh_test.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int supervisor;

/* `name` begins with '@' for a socket that is in no folder. */
static void supervisor_open(const char *name, const char *watchdog_us)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const size_t size = strlen(name);
    char pid[32];
    memcpy(at.sun_path, name, size);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(bind(supervisor, (const struct sockaddr *)&at,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) == 0);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    setenv("WATCHDOG_PID", pid, 1);
    if (watchdog_us)
        setenv("WATCHDOG_USEC", watchdog_us, 1);
    else
        unsetenv("WATCHDOG_USEC");
}

static bool hears(const char *wanted)
{
    char got[512];
    const ssize_t size = recv(supervisor, got, sizeof got - 1, 0);
    got[size < 0 ? 0 : size] = '\0';
    if (strcmp(got, wanted) != 0)
        printf("# heard: %s\n", got);
    return strcmp(got, wanted) == 0;
}

static void each_stage_is_told(void)
{
    struct gh_notify n;
    char name[64];
    snprintf(name, sizeof name, "@goodhart-notify-%d", (int)getpid());
    supervisor_open(name, NULL);
    gh_notify_open(&n);
    gh_notify_status(&n, "reading what is kept");
    CHECK(hears("STATUS=reading what is kept"));
    gh_notify_ready(&n, "taking events");
    CHECK(hears("READY=1\nSTATUS=taking events"));
    gh_notify_stopping(&n);
    CHECK(hears("STOPPING=1\nSTATUS=judging and publishing what has arrived"));
    gh_notify_ready(&n, "taking events"); /* too late */
    gh_notify_alive(&n);                  /* nobody asked for it */
    CHECK(hears(""));
    CHECK(gh_notify_due_ms(&n, 77) == 77 && !n.failed);
    close(supervisor);
}

static void reloading_tells_the_monotonic_time(void)
{
    struct gh_notify n;
    char name[64], got[256] = "";
    long long us = 0;
    snprintf(name, sizeof name, "/tmp/goodhart-notify-%d", (int)getpid());
    supervisor_open(name, NULL);
    gh_notify_open(&n);
    const long long before_us = gh_clock_ms() * 1000;
    gh_notify_reloading(&n);
    CHECK(recv(supervisor, got, sizeof got - 1, 0) > 0);
    CHECK(sscanf(got, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading", &us) == 1);
    CHECK(us >= before_us && us <= (gh_clock_ms() + 1) * 1000);
    close(supervisor);
    unlink(name);
}

static void the_watchdog_hears_at_half_its_time(void)
{
    struct gh_notify n;
    char name[64];
    snprintf(name, sizeof name, "@goodhart-watchdog-%d", (int)getpid());
    supervisor_open(name, "60000000");
    gh_notify_open(&n);
    CHECK(n.every_ms == 30000);
    gh_notify_alive(&n);
    CHECK(hears("WATCHDOG=1"));
    gh_notify_alive(&n);
    CHECK(hears(""));
    const int64_t due_ms = gh_notify_due_ms(&n, INT64_MAX);
    CHECK(due_ms > gh_clock_ms() && due_ms <= gh_clock_ms() + 30000);
    n.alive_ms -= 30000;
    gh_notify_alive(&n);
    CHECK(hears("WATCHDOG=1"));
    setenv("WATCHDOG_PID", "1", 1); /* meant for another process */
    gh_notify_open(&n);
    CHECK(n.every_ms == 0);
    close(supervisor);
}

static void without_a_supervisor_nothing_happens(void)
{
    struct gh_notify n;
    unsetenv("NOTIFY_SOCKET");
    setenv("WATCHDOG_USEC", "1000000", 1);
    unsetenv("WATCHDOG_PID");
    gh_notify_open(&n);
    CHECK(!n.asked && n.every_ms == 0);
    gh_notify_ready(&n, "taking events");
    gh_notify_alive(&n);
    CHECK(!n.failed);
}

static void one_that_is_gone_is_told_of_once_and_harms_nobody(void)
{
    struct gh_notify n;
    setenv("NOTIFY_SOCKET", "@goodhart-nobody-listens-here", 1);
    unsetenv("WATCHDOG_USEC");
    gh_notify_open(&n);
    gh_notify_ready(&n, "taking events");
    CHECK(n.failed);
    gh_notify_status(&n, "still here");
    CHECK(n.failed);
}

static const struct gh_test tests[] = {
    GH_TEST(each_stage_is_told),
    GH_TEST(reloading_tells_the_monotonic_time),
    GH_TEST(the_watchdog_hears_at_half_its_time),
    GH_TEST(without_a_supervisor_nothing_happens),
    GH_TEST(one_that_is_gone_is_told_of_once_and_harms_nobody),
};
GH_TEST_MAIN(tests)
