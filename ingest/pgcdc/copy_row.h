// SPDX-License-Identifier: Apache-2.0
// A row of COPY's text format: fields between tabs, \N for null, backslashes before what would end
// a field.
#ifndef TICKHOUSE_INGEST_PGCDC_COPY_ROW_H
#define TICKHOUSE_INGEST_PGCDC_COPY_ROW_H

#include "base/err.h"

#include <stddef.h>

// Splits the row in its place: `values` get NULL or texts that end with a NUL. EX_PROTOCOL when
// there are not `count` fields. `row` needs its newline or a NUL at row[size].
int copy_row_split(char *row, size_t size, const char **values, size_t *sizes, size_t count,
                   struct err *err);

#endif
