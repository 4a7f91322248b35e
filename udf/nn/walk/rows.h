// SPDX-License-Identifier: Apache-2.0
// The rows to learn from: blocks of ticker, date, features and target on a descriptor, ordered by
// ticker and date.
#ifndef TICKHOUSE_NN_ROWS_H
#define TICKHOUSE_NN_ROWS_H

#include "native/native.h"
#include "walk/settings.h"
#include "walk/table.h"

#define DAY_SECONDS 86400

struct rows {
    size_t count, features, ticker_count;
    size_t own_features; // without those of another model alone, which come last
    const char **names;  // of the features, in the order in which --features names them
    const char *target;  // name of the column
    float *values;       // (count, features), raw; what is not finite stays so
    double *targets;     // (count): the target's column
    int64_t *times;      // seconds since 1970-01-01 UTC
    int32_t *days;       // the same in days
    uint32_t *tickers;   // counted from 0 in the order of coming
    char hash[65];       // SHA-256 of tickers, times, features and targets
};

// Which columns are wanted.
struct rows_wanted {
    const char *features; // separated by commas; NULL: every column of numbers but the target
    const char *target;
    bool target_is_feature; // it is known when its row is: a price, of which the label is a return
    const char *also;       // further columns that are features of another model; or NULL
    struct table *table;    // waits for the rows with us; or NULL
};

// Reads to the end. `input` holds the blocks and can be reset afterwards; the rows are in `arena`.
int rows_read(int fd, const struct rows_wanted *wanted, struct arena *input, struct arena *arena,
              struct rows *rows, struct err *err);

// The feature of that name; rows->features when there is none.
size_t rows_feature(const struct rows *rows, const char *name);

#endif
