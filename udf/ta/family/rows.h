// SPDX-License-Identifier: Apache-2.0
// Rows of many series, one after the other: which column is what, where a series begins, and the
// indicators of each.
#ifndef TICKHOUSE_UDF_TA_ROWS_H
#define TICKHOUSE_UDF_TA_ROWS_H

#include "native/native.h"
#include "plan.h"

// Columns are known by their names, without regard to case: ticker or symbol starts a new series
// whenever it changes; date, time, timestamp or ts must not fall within a series; open, high, low,
// close and volume are the values, and x, value or price (else close) the one series that most
// indicators read.
struct ta_roles {
    size_t key, time; // column numbers, SIZE_MAX where there is none
    size_t series[TA_SERIES_COUNT];
};

struct ta_rows {
    struct ta_plan plan;
    struct ta_roles roles;
    const struct native_type *number; // Float64
    struct arena types;
    struct arena *work; // for results; the caller resets it between blocks
    uint64_t rows_done;
    uint64_t *keys_seen; // hashes of the series that are complete
    size_t keys_used, keys_room;
};

int ta_rows_open(struct ta_rows *rows, const char *spec, struct arena *work, struct err *err);
void ta_rows_close(struct ta_rows *rows);

// Finds the roles in the first block's columns and checks that the plan's series are there.
int ta_rows_roles(struct ta_rows *rows, const struct native_block *block, struct err *err);

// Is the key of row `b_row` of `b` the one of row `a_row` of `a`? Without a key column all rows are
// one series.
bool ta_rows_same_series(const struct ta_rows *rows, const struct native_block *a, size_t a_row,
                         const struct native_block *b, size_t b_row);

// Appends the plan's outputs to a block of whole series; block->columns has room for them.
int ta_rows_run(struct ta_rows *rows, struct native_block *block, struct err *err);

#endif
