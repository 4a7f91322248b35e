// SPDX-License-Identifier: Apache-2.0
// What sources hand to sinks: batches of rows, column by column in the layout of ClickHouse's
// Native columns, so that a sink writes them as they are.
#ifndef TICKHOUSE_INGEST_ROWS_H
#define TICKHOUSE_INGEST_ROWS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/csv.h"
#include "base/limits.h"
#include "market/bar.h"

enum {
    BARS_CAPACITY = 262144, // rows of one insert: about 12 MB
    QUARANTINE_CAPACITY = 4096,
    QUARANTINE_RAW_BYTES = LIMIT_LINE_BYTES, // kept of one bad row
};

struct strings {
    size_t count;
    uint64_t *ends; // where each text ends in `bytes`
    struct buffer bytes;
};

enum bar_column { BAR_OPEN, BAR_HIGH, BAR_LOW, BAR_CLOSE, BAR_VOLUME, BAR_COLUMNS };

struct bars {
    size_t rows;
    uint32_t *ticker; // index into `tickers`
    uint16_t *date;
    double *columns[BAR_COLUMNS];
    struct strings tickers; // each of the batch's tickers once
};

struct quarantine {
    size_t rows;
    struct strings file, reason, raw;
    uint64_t *line; // 0 for a whole file
};

int bars_init(struct bars *bars, struct arena *arena, struct err *err);
void bars_free(struct bars *bars);
void bars_clear(struct bars *bars);
int quarantine_init(struct quarantine *quarantine, struct arena *arena, struct err *err);
void quarantine_free(struct quarantine *quarantine);
void quarantine_clear(struct quarantine *quarantine);

// The caller has made sure that there is room: rows < capacity.
void bars_add(struct bars *bars, uint32_t ticker, const struct bar *bar);
int quarantine_add(struct quarantine *quarantine, const char *file, uint64_t line,
                   const char *reason, struct csv_view raw, struct err *err);

int strings_add(struct strings *strings, const char *text, size_t size, struct err *err);
struct csv_view strings_at(const struct strings *strings, size_t index);

#endif
