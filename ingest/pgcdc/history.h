// SPDX-License-Identifier: Apache-2.0
// Whether a server still has the history that was read of it. A position of the log means something
// only within one: a server restored from an older copy writes other changes at positions that were
// delivered already, and a standby that took over may never have had the last ones.
#ifndef TICKHOUSE_INGEST_PGCDC_HISTORY_H
#define TICKHOUSE_INGEST_PGCDC_HISTORY_H

#include "base/err.h"

#include <libpq-fe.h>
#include <stdint.h>

struct history {
    char system[24]; // the system's identifier; empty: none was met
    uint32_t timeline;
};

// Looks at the server behind `replication`, which speaks the replication protocol. EX_UNAVAILABLE
// when everything up to `reached` was read of another history than it has.
int history_check(PGconn *replication, struct history *known, uint64_t reached, struct err *err);

#endif
