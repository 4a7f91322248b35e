// SPDX-License-Identifier: Apache-2.0
// Gathers bars of many files into batches and hands each to the sink when it is full. Batches
// depend only on the rows and their order, so that the same inputs give the same batches again.
#ifndef TICKHOUSE_INGEST_BATCHER_H
#define TICKHOUSE_INGEST_BATCHER_H

#include "market/ticker_set.h"
#include "progress.h"
#include "sink.h"

struct batcher {
    struct sink *sink;
    struct progress *progress;
    struct bars bars;
    struct quarantine bad;
    uint32_t batch; // number of the batch being filled, from 1
    uint64_t files, bytes, rows, quarantined;
};

int batcher_init(struct batcher *batcher, struct arena *arena, struct sink *sink,
                 struct progress *progress, struct err *err);
void batcher_free(struct batcher *batcher);

int batcher_bar(struct batcher *batcher, struct ticker_entry *ticker, const struct bar *bar,
                struct err *err);

// `line` 0 and an empty `raw` for a whole file.
int batcher_quarantine(struct batcher *batcher, const char *file, uint64_t line, const char *reason,
                       struct csv_view raw, struct err *err);

// Hands over what is left.
int batcher_flush(struct batcher *batcher, struct err *err);

#endif
