// SPDX-License-Identifier: Apache-2.0
// Just enough of SQL's CREATE TABLE and CREATE TYPE ... AS ENUM to describe the tables of a
// recording without the database that made it. Other statements that could
// describe a table are passed over, and named on stderr.
#ifndef TICKHOUSE_INGEST_PGCDC_DDL_H
#define TICKHOUSE_INGEST_PGCDC_DDL_H

#include "capture/capture.h"

// `file` is what the text is called. Describes each table that the text creates, in the schema
// public unless it names another.
int ddl_describe(struct capture *capture, const char *file, const char *text, size_t size,
                 struct arena *arena, struct err *err);

#endif
