// SPDX-License-Identifier: Apache-2.0
// `ingest pgcdc --replay`: recorded bytes of pgoutput instead of a database.
#ifndef TICKHOUSE_INGEST_PGCDC_REPLAY_H
#define TICKHOUSE_INGEST_PGCDC_REPLAY_H

#include "base/err.h"

// `file` has lines {"lsn":"0/1D71950","data":"<hex>"}, `config` is the connector's configuration.
// Prints the messages, one a line, as {"topic","key","value"} with key and value as JSON strings
// or null.
int pgcdc_replay(const char *file, const char *config, struct err *err);

#endif
