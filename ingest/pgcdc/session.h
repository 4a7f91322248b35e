// SPDX-License-Identifier: Apache-2.0
// A session: from connecting to PostgreSQL until it ends, or something breaks. What outlives it is
// how far everything had arrived: the next one goes on from there.
#ifndef TICKHOUSE_INGEST_PGCDC_SESSION_H
#define TICKHOUSE_INGEST_PGCDC_SESSION_H

#include "capture/settings.h"
#include "heartbeat.h"
#include "history.h"
#include "outbox.h"
#include "status.h"

struct session_settings {
    const struct capture_settings *capture;
    bool is_quiet, ends_when_caught_up;
    uint64_t until; // ends when everything up to there has arrived; 0: does not
    double silent;  // seconds without an answer, until it is a failure
};

// What a run remembers from session to session.
struct session_memory {
    struct outbox *outbox;
    struct status status;
    struct heartbeat heartbeat;
    struct history history; // of the server that was read
    uint64_t confirmed;     // up to where everything has arrived, by any outbox so far; 0: unknown
    uint64_t until;         // where it ends, once that is known
    bool had_snapshot, is_mark_missed;
};

// Returns 0 when it is done, or was asked to stop and has taken leave; else memory->confirmed says
// how far it came. An error of the outbox leaves memory->outbox in its hands: outbox_serve gives it
// again.
int session_run(const struct session_settings *settings, struct session_memory *memory,
                struct err *err);

#endif
