// SPDX-License-Identifier: Apache-2.0
// The connector's file, read whole.
#ifndef TICKHOUSE_INGEST_PGCDC_CONFIG_H
#define TICKHOUSE_INGEST_PGCDC_CONFIG_H

#include "capture/settings.h"

// Texts live in the arena.
int config_read(const char *path, struct arena *arena, struct capture_settings *settings,
                struct err *err);

#endif
