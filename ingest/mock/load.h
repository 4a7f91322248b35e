// SPDX-License-Identifier: Apache-2.0
// The market straight into a sink, without a server and a client between them. A run that is begun
// again goes on after the last trade that was stored.
#ifndef TICKHOUSE_INGEST_MOCK_LOAD_H
#define TICKHOUSE_INGEST_MOCK_LOAD_H

#include "feed.h"
#include "live/pump.h"

struct load_settings {
    struct feed_settings feed;
    double speed;      // of the market's time; 0: as fast as it goes
    const char *state; // file with the number of rows that are stored; NULL: none
    const struct pump_options *pump;
};

int load_run(struct load_settings *settings, struct err *err);

#endif
