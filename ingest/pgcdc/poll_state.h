// SPDX-License-Identifier: Apache-2.0
// How far polling has come in each table: a file of lines, replaced as a whole once what it says
// has arrived. Values are texts as PostgreSQL prints them.
#ifndef TICKHOUSE_INGEST_PGCDC_POLL_STATE_H
#define TICKHOUSE_INGEST_PGCDC_POLL_STATE_H

#include "base/err.h"

#include <stddef.h>

enum { POLL_VALUE_BYTES = 256, POLL_NAME_BYTES = 160, POLL_TABLES_MOST = 1024 };

// The last row that has arrived; an empty text: none has.
struct poll_place {
    char table[POLL_NAME_BYTES]; // schema.table
    char incrementing[POLL_VALUE_BYTES], timestamp[POLL_VALUE_BYTES];
};

struct poll_state {
    const char *path;
    char columns[2 * POLL_VALUE_BYTES]; // what the values are of: mode and columns
    struct poll_place *places;
    size_t count;
};

// Reads the file; one that is not there is a beginning. EX_CONFIG when it was made with another
// mode or other columns.
int poll_state_open(struct poll_state *state, const char *path, const char *columns,
                    struct err *err);
void poll_state_close(struct poll_state *state);

// The table's place, made when it is not there; NULL with `err` when there are too many.
struct poll_place *poll_state_find(struct poll_state *state, const char *table, struct err *err);

int poll_state_save(const struct poll_state *state, struct err *err);

#endif
