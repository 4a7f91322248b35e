// SPDX-License-Identifier: Apache-2.0
// Waiting between tries: each wait doubles, up to a ceiling, and is spread by a random half, so
// that many clients of a server that restarts do not come back at the same moment.
#ifndef TICKHOUSE_NET_BACKOFF_H
#define TICKHOUSE_NET_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    int tries, tries_most; // waits taken so far, and allowed
    double seconds, seconds_most;
    uint64_t random;
};

enum { BACKOFF_TRIES = 9 }; // about 30 s in all

// Waits of 0.1 s doubling to at most 8 s, `tries_most` of them.
void backoff_init(struct backoff *backoff, int tries_most);

// The length of the next wait in seconds; false when the tries are used up.
bool backoff_next(struct backoff *backoff, double *seconds);

// Sleeps; false when a signal ended the sleep early.
bool backoff_sleep(double seconds);

#endif
