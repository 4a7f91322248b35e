// SPDX-License-Identifier: Apache-2.0
// The connector's file, read for use here: placeholders are resolved.
#ifndef TICKHOUSE_INGEST_PGCDC_CONFIG_H
#define TICKHOUSE_INGEST_PGCDC_CONFIG_H

#include "capture/settings.h"

// Texts live in the arena. "${env:NAME}" stands for a variable of the environment, as with
// Connect's EnvVarConfigProvider, wherever a property of the database has it.
int config_read(const char *path, struct arena *arena, struct capture_settings *settings,
                struct err *err);

#endif
