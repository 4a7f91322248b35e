// SPDX-License-Identifier: Apache-2.0
// Just enough of SQL's CREATE TABLE and CREATE TYPE ... AS ENUM to describe the tables of a
// recording without the database that made it. Statements that are neither are passed over.
#ifndef TICKHOUSE_INGEST_PGCDC_DDL_H
#define TICKHOUSE_INGEST_PGCDC_DDL_H

#include "capture/capture.h"

// Describes each table that the text creates, in the schema public unless it names another.
int ddl_describe(struct capture *capture, const char *text, size_t size, struct arena *arena,
                 struct err *err);

#endif
