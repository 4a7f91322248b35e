// SPDX-License-Identifier: Apache-2.0
#include "net/backoff.h"
#include "base/time.h"

#include <time.h>
#include <unistd.h>

void backoff_init(struct backoff *backoff, int tries_most)
{
    const uint64_t seed = (uint64_t)clock_microseconds() ^ (uint64_t)getpid() << 32;
    *backoff = (struct backoff){0, tries_most, 0.1, 8, seed | 1};
}

// xorshift64: spreads waits, nothing else depends on it.
static double random_unit(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

bool backoff_next(struct backoff *backoff, double *seconds)
{
    if (backoff->tries == backoff->tries_most)
        return false;
    backoff->tries++;
    *seconds = backoff->seconds * (0.75 + 0.5 * random_unit(&backoff->random));
    backoff->seconds *= 2;
    if (backoff->seconds > backoff->seconds_most)
        backoff->seconds = backoff->seconds_most;
    return true;
}

bool backoff_sleep(double seconds)
{
    const double whole = (double)(time_t)seconds;
    const struct timespec wait = {(time_t)seconds, (long)((seconds - whole) * 1e9)};
    return nanosleep(&wait, NULL) == 0;
}
