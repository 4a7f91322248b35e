// SPDX-License-Identifier: Apache-2.0
// A mark in the catalog that a slot was made: a comment on the publication. A standby that takes
// over has the comment and not the slot, so that a start there does not pass for the first one.
#ifndef TICKHOUSE_INGEST_PGCDC_MARK_H
#define TICKHOUSE_INGEST_PGCDC_MARK_H

#include "base/err.h"

#include <libpq-fe.h>

// Whether the publication says that the slot was made.
int mark_read(PGconn *connection, const char *publication, const char *slot, bool *is_marked,
              struct err *err);

// Says it, unless the publication has a comment of somebody else's, or is somebody else's: then
// there is no mark.
void mark_write(PGconn *connection, const char *publication, const char *slot);

// Takes the mark away.
void mark_clear(PGconn *connection, const char *publication, const char *slot);

#endif
