/* signals.c - see signals.h. */
#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int gh_signals_open(bool reload)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (reload)
        sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

enum gh_signal gh_signals_take(int signals)
{
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
        return GH_SIGNAL_NONE;
    return signal.ssi_signo == SIGHUP ? GH_SIGNAL_RELOAD : GH_SIGNAL_END;
}
