// SPDX-License-Identifier: Apache-2.0
// A connection to Finnhub's WebSocket that is made again as often as it breaks: with growing waits,
// and a subscription for every symbol each time. A connection is broken when it is closed, refused,
// or says nothing for PING_SECONDS and then does not answer a ping.
#ifndef TICKHOUSE_INGEST_FINNHUB_SOCKET_H
#define TICKHOUSE_INGEST_FINNHUB_SOCKET_H

#include "base/buffer.h"

#include <stdint.h>

struct trades;

struct socket_settings {
    const char *url;   // ws:// or wss://HOST[:PORT][/PATH]
    const char *token; // goes into the request that opens the connection, and nowhere else
    const char *const *symbols;
    size_t symbol_count;
    int64_t ping_seconds;   // of silence before a ping,
    int64_t hangup_seconds; // and of silence before the connection is given up
    bool quiet;
    bool once; // a connection that the server closes orderly is the end
    // A whole message came, whose data[size] is NUL; what it returns, when not 0, ends the run.
    int (*take)(struct trades *trades, const char *data, size_t size, struct err *err);
    void (*connected)(struct trades *trades);
    struct trades *trades;
    int (*tick)(void *context, struct err *err); // about every 0.1 s; the same
    void *context;
};

struct socket_counts {
    uint64_t connections, messages, bytes;
};

// Returns when `take` or `tick` say so, or with an error that no other try can mend: EX_NOPERM for
// a key that is refused, EX_USAGE for a wrong address.
int socket_run(const struct socket_settings *settings, struct socket_counts *counts,
               struct err *err);

#endif
