// SPDX-License-Identifier: Apache-2.0
// How often Finnhub may be asked: a bucket of tokens each of which comes back a minute after it was
// taken, so that no minute has more calls than it holds, and a second bucket for the second. The
// times of the calls are in a file that all processes with the same folder share and that survives
// them.
#ifndef TICKHOUSE_INGEST_FINNHUB_RATE_H
#define TICKHOUSE_INGEST_FINNHUB_RATE_H

#include "base/err.h"

#include <stdint.h>

enum {
    RATE_MINUTE_MOST = 1000,
    RATE_WAIT_MOST = 86400, // seconds, whatever the server asks for
};

struct rate {
    int fd;
    int64_t per_minute, per_second;
    char path[4096];
};

// Makes the folder, and the file `finnhub-calls` in it.
int rate_open(struct rate *rate, const char *folder, int64_t per_minute, int64_t per_second,
              struct err *err);
void rate_close(struct rate *rate);

// Takes a token at `now`, microseconds since 1970; *wait is 0 then, else the microseconds until one
// is there.
int rate_take(struct rate *rate, int64_t now, int64_t *wait, struct err *err);

// No token before `until`, at most RATE_WAIT_MOST away: the server asked for it.
int rate_defer(struct rate *rate, int64_t until, struct err *err);

// $XDG_STATE_HOME/tickhouse, else ~/.local/state/tickhouse.
void rate_folder(char *folder, size_t size);

#endif
