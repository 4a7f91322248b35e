// SPDX-License-Identifier: Apache-2.0
// Faults on demand: --fault KIND[@N],... meets the N-th reply over HTTP or message of the socket,
// counted from 1 over all connections; without @N every one.
#ifndef TICKHOUSE_INGEST_MOCK_FAULT_H
#define TICKHOUSE_INGEST_MOCK_FAULT_H

#include "base/err.h"

#include <stdint.h>

enum fault_kind {
    FAULT_NONE,
    // replies
    FAULT_401,
    FAULT_403,
    FAULT_404,
    FAULT_429,
    FAULT_429_LONG, // with a wait of two hours
    FAULT_500,
    FAULT_HTML,      // a page in place of JSON
    FAULT_TRUNCATED, // half of the JSON, as if it were whole
    FAULT_BROKEN,    // half of the bytes that were announced
    FAULT_EMPTY,
    FAULT_TYPES, // texts where numbers belong
    FAULT_ZEROS, // the quote of a symbol that nobody knows
    FAULT_SLOW,  // a second late
    FAULT_REPLIES_END,
    // the socket
    FAULT_HANDSHAKE, // 401 to the request that opens it
    FAULT_BUSY,      // 429
    FAULT_CLOSE1006,
    FAULT_CLOSE1001,
    FAULT_NO_PONG, // reads and sends nothing any more
    FAULT_GARBAGE,
    FAULT_UTF8,
    FAULT_OVERSIZE,
    FAULT_FRAGMENTS,
    FAULT_ERROR,    // {"type":"error"}
    FAULT_PING,     // {"type":"ping"}
    FAULT_ODDITIES, // trades that are none among those that are
    FAULT_KINDS,
};

enum { FAULTS = 32 };

struct faults {
    size_t count;
    struct fault {
        enum fault_kind kind;
        uint64_t at; // 0: each
    } list[FAULTS];
    uint64_t replies, messages, handshakes; // so far
};

int faults_parse(struct faults *faults, const char *text, struct err *err);

enum fault_kind faults_of_reply(struct faults *faults);
enum fault_kind faults_of_message(struct faults *faults);
enum fault_kind faults_of_handshake(struct faults *faults);

#endif
