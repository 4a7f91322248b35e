// SPDX-License-Identifier: Apache-2.0
// How far a training is, for who watches a terminal; and whether it was asked to stop.
#ifndef TICKHOUSE_NN_PROGRESS_H
#define TICKHOUSE_NN_PROGRESS_H

#include <stdbool.h>

// From now on SIGINT and SIGTERM only make progress_stopped() true; a second one kills as ever.
void progress_catch_signals(void);
bool progress_stopped(void);

// Writes over the last line of standard error where that is a terminal, else nothing.
void progress_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_clear(void);

#endif
