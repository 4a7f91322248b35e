// SPDX-License-Identifier: Apache-2.0
#include "walk/progress.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

void progress_catch_signals(void)
{
    const struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool progress_stopped(void)
{
    return stopped != 0;
}

static bool watched(void)
{
    static int answer = -1;
    if (answer < 0)
        answer = isatty(STDERR_FILENO);
    return answer == 1;
}

void progress_line(const char *format, ...)
{
    va_list arguments;
    if (!watched())
        return;
    (void)fputs("\r\033[K", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fflush(stderr);
}

void progress_clear(void)
{
    progress_line("%s", "");
}
