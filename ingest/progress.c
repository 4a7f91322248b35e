// SPDX-License-Identifier: Apache-2.0
#include "progress.h"
#include "base/time.h"

#include <stdio.h>
#include <unistd.h>

static const double progress_after = 2, progress_every = 0.2;

void progress_start(struct progress *progress, bool quiet)
{
    *progress = (struct progress){!quiet && isatty(STDERR_FILENO) == 1, false, clock_seconds(), 0};
}

void progress_show(struct progress *progress, uint64_t files, uint64_t rows, uint64_t bytes)
{
    if (!progress->shown_here)
        return;
    const double now = clock_seconds(), seconds = now - progress->started;
    if (seconds < progress_after || now - progress->last < progress_every)
        return;
    progress->last = now;
    progress->line_open = true;
    (void)fprintf(stderr, "\r%llu files, %llu rows, %.0f MB, %.1f MB/s, %.0f s \x1b[K",
                  (unsigned long long)files, (unsigned long long)rows, (double)bytes * 1e-6,
                  (double)bytes * 1e-6 / seconds, seconds);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->line_open)
        (void)fprintf(stderr, "\r\x1b[K");
    progress->line_open = false;
}
