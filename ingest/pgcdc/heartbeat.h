// SPDX-License-Identifier: Apache-2.0
// Heartbeats as Debezium sends them: a message on a topic of their own, so that consumers can tell
// a quiet table from a dead capture.
#ifndef TICKHOUSE_INGEST_PGCDC_HEARTBEAT_H
#define TICKHOUSE_INGEST_PGCDC_HEARTBEAT_H

#include "capture/capture.h"

struct heartbeat {
    const struct capture_settings *settings;
    double sent_at;
};

// Sends one through `emit` when heartbeat.interval.ms has passed.
int heartbeat_step(struct heartbeat *heartbeat, capture_emit *emit, void *context, struct err *err);

#endif
