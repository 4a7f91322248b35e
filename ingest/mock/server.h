// SPDX-License-Identifier: Apache-2.0
// The market behind Finnhub's interface: replies over HTTP, trades over WebSocket, on loopback.
#ifndef TICKHOUSE_INGEST_MOCK_SERVER_H
#define TICKHOUSE_INGEST_MOCK_SERVER_H

#include "fault.h"
#include "feed.h"

struct server_settings {
    struct feed_settings feed;
    double speed;          // of the market's time; 0: as fast as it goes
    double replay_seconds; // that a new connection gets again
    int64_t port;
    const char *certificate, *key; // PEM files: https and wss; NULL: neither
    bool quiet, start_now;
    struct faults *faults;
};

// Serves until a signal comes.
int server_run(struct server_settings *settings, struct err *err);

#endif
