// SPDX-License-Identifier: Apache-2.0
// The tables that are captured, as PostgreSQL's catalog has them.
#ifndef TICKHOUSE_INGEST_PGCDC_CATALOG_H
#define TICKHOUSE_INGEST_PGCDC_CATALOG_H

#include "base/arena.h"
#include "capture/capture.h"

#include <libpq-fe.h>

// The tables that the settings include, by schema and name; or only the one with the OID `table`,
// where that is not 0. They live in the arena.
int catalog_read(PGconn *connection, const struct capture_settings *settings, uint32_t table,
                 struct arena *arena, struct capture_table **tables, size_t *count,
                 struct err *err);

// Takes tables out that the publication's changes do not name: a partitioned table, whose changes
// name its partitions, or the other way round. EX_CONFIG when changes of a table that is listed
// would name one that is not.
int catalog_leave_out_unnamed(PGconn *connection, const struct capture_settings *settings,
                              struct capture_table *tables, size_t *count, struct err *err);

// Whether PostgreSQL can tell rows of the table apart. Without, it refuses to update and delete
// them once the table is published.
bool catalog_has_identity(PGconn *connection, uint32_t table);

#endif
