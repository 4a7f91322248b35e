// SPDX-License-Identifier: Apache-2.0
// Doing something again, after a wait, when what it stands on is away for a while.
#ifndef TICKHOUSE_INGEST_PGCDC_AGAIN_H
#define TICKHOUSE_INGEST_PGCDC_AGAIN_H

#include "base/err.h"

#include <stdint.h>

struct again {
    const char *name; // begins the line on stderr
    int64_t tries;    // in a row, without progress between; negative: for ever
    int (*once)(void *context, struct err *err);
    uint64_t (*progress)(void *context); // a number that changes when something came through
    void *context;
};

// Calls `once` until it returns 0, or fails for good, or a signal asks to stop, which is 0 too.
int again_run(const struct again *again, struct err *err);

#endif
