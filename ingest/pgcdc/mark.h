// SPDX-License-Identifier: Apache-2.0
// A mark in the catalog that slots were made: a comment on the publication. A standby that takes
// over has the comment and not the slot, so that a start there does not pass for the first one.
#ifndef TICKHOUSE_INGEST_PGCDC_MARK_H
#define TICKHOUSE_INGEST_PGCDC_MARK_H

#include "base/err.h"

#include <libpq-fe.h>

// Whether the publication says that the slot was made.
int mark_read(PGconn *connection, const char *publication, const char *slot, bool *is_marked,
              struct err *err);

// Says it, beside what is said of other slots. An error when the publication is somebody else's, or
// has a comment of somebody else's: then there is no mark.
int mark_write(PGconn *connection, const char *publication, const char *slot, struct err *err);

// Takes it back.
int mark_clear(PGconn *connection, const char *publication, const char *slot, struct err *err);

#endif
