// SPDX-License-Identifier: Apache-2.0
// The publication: which tables' changes the slot delivers. Made, or brought up to date, as
// publication.autocreate.mode says.
#ifndef TICKHOUSE_INGEST_PGCDC_PUBLICATION_H
#define TICKHOUSE_INGEST_PGCDC_PUBLICATION_H

#include "capture/capture.h"

#include <libpq-fe.h>

// `tables` are those that the settings include. Must come before the slot is made: a slot sees only
// publications that are older than what it decodes.
int publication_prepare(PGconn *connection, const struct capture_settings *settings,
                        const struct capture_table *tables, size_t count, struct err *err);

#endif
