/* signals.c - see signals.h. */
#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int gh_signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool gh_signals_take(int signals)
{
    struct signalfd_siginfo signal;
    return read(signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal);
}
