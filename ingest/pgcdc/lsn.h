// SPDX-License-Identifier: Apache-2.0
// Positions of PostgreSQL's write-ahead log, written as two halves in hexadecimal: 16/B374D848.
#ifndef TICKHOUSE_INGEST_PGCDC_LSN_H
#define TICKHOUSE_INGEST_PGCDC_LSN_H

#include <stdbool.h>
#include <stdint.h>

enum { LSN_BYTES = 20 };

void lsn_format(uint64_t lsn, char out[static LSN_BYTES]);

// False when the text is anything else.
bool lsn_parse(const char *text, uint64_t *lsn);

#endif
