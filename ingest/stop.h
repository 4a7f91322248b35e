// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM: the first asks to stop after the batch under way, the second ends at once.
#ifndef TICKHOUSE_INGEST_STOP_H
#define TICKHOUSE_INGEST_STOP_H

#include "base/err.h"

void stop_install(void);

// The signal that asks to stop, or NULL.
const char *stop_name(void);

// 0, or EX_TEMPFAIL with `err` naming the signal that came.
int stop_check(struct err *err);

#endif
