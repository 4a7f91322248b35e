// SPDX-License-Identifier: Apache-2.0
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void on_signal(int signal_number)
{
    stop_signal = signal_number;
}

// Without SA_RESTART, so that a sleep between two tries ends.
void stop_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGPIPE, &action, NULL);
}

const char *stop_name(void)
{
    return stop_signal == 0 ? NULL : stop_signal == SIGINT ? "SIGINT" : "SIGTERM";
}

int stop_check(struct err *err)
{
    if (stop_signal == 0)
        return 0;
    return err_set(err, EX_TEMPFAIL,
                   "stopped by %s; what is counted as loaded is stored, and the same command again "
                   "loads the rest",
                   stop_name());
}
