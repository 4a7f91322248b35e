// SPDX-License-Identifier: Apache-2.0
// One Stooq text into the batcher: every row becomes a bar, is left out by the filters, or goes to
// quarantine.
#ifndef TICKHOUSE_INGEST_STOOQ_TEXT_H
#define TICKHOUSE_INGEST_STOOQ_TEXT_H

#include "batcher.h"

struct stooq_text {
    struct batcher *batcher;
    struct ticker_set seen;
    const struct ticker_set *wanted; // of --tickers; NULL for all
    int32_t from, to;                // dates, both included
    struct arena *marks;             // what only one file needs
    uint32_t file;                   // number of the file under way
};

int stooq_text_init(struct stooq_text *text, struct arena *arena, struct arena *marks,
                    struct batcher *batcher, struct err *err);

// `name` is what quarantine calls the text; a CSV is of `ticker`, or of the ticker that `name`
// holds when that is NULL.
int stooq_text_load(struct stooq_text *text, const char *name, const struct ticker *ticker,
                    const char *data, size_t size, struct err *err);

#endif
