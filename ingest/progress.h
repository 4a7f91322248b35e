// SPDX-License-Identifier: Apache-2.0
// One line of progress on a terminal, for what takes longer than two seconds.
#ifndef TICKHOUSE_INGEST_PROGRESS_H
#define TICKHOUSE_INGEST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown_here; // stderr is a terminal and nobody asked for quiet
    bool line_open;
    double started, last;
};

void progress_start(struct progress *progress, bool quiet);
void progress_show(struct progress *progress, uint64_t files, uint64_t rows, uint64_t bytes);

// The same with words of the caller's.
void progress_say(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Clears the line, so that other text can follow.
void progress_end(struct progress *progress);

#endif
