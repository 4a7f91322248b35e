// SPDX-License-Identifier: Apache-2.0
#include "progress.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const double progress_after = 2, progress_every = 0.2;

void progress_start(struct progress *progress, bool quiet)
{
    *progress = (struct progress){!quiet && isatty(STDERR_FILENO) == 1, false, clock_seconds(), 0};
}

void progress_say(struct progress *progress, const char *format, ...)
{
    va_list arguments;
    if (!progress->shown_here)
        return;
    const double now = clock_seconds(), seconds = now - progress->started;
    if (seconds < progress_after || now - progress->last < progress_every)
        return;
    progress->last = now;
    progress->line_open = true;
    (void)fputs("\r", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputs(" \x1b[K", stderr);
    (void)fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t files, uint64_t rows, uint64_t bytes)
{
    const double seconds = clock_seconds() - progress->started;
    progress_say(progress, "%llu files, %llu rows, %.0f MB, %.1f MB/s, %.0f s",
                 (unsigned long long)files, (unsigned long long)rows, (double)bytes * 1e-6,
                 (double)bytes * 1e-6 / seconds, seconds);
}

void progress_end(struct progress *progress)
{
    if (progress->line_open)
        (void)fprintf(stderr, "\r\x1b[K");
    progress->line_open = false;
}
