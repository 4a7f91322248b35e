// SPDX-License-Identifier: Apache-2.0
// Records of a spool: some rows of one batch, with a length and a checksum before them.
//
//     size u32 | zero u32 | batch u64 | checksum u64 | body, `size` bytes          little endian
//     body: ticks u32 | articles u32
//           for each tick: ts i64 | sizes of symbol, price, volume u8 | the texts
//           for each article: id u64 | ts i64 | sizes of the six texts u32 | the texts
//
// The checksum is XXH3 over the body, seeded with that of the 16 bytes before it and with where in
// its file the record begins: a copy that lies elsewhere is no record.
#ifndef TICKHOUSE_INGEST_LIVE_RECORD_H
#define TICKHOUSE_INGEST_LIVE_RECORD_H

#include "batch.h"

enum { RECORD_HEAD_BYTES = 24, RECORD_BYTES_MOST = 32 << 20 };

struct record {
    uint64_t batch;
    const char *body;
    size_t size, rows;
};

enum record_state {
    RECORD_GOOD, // *at has moved behind it
    RECORD_END,  // `at` is the end
    RECORD_BAD,  // whatever begins there is not whole
};

enum record_state record_next(const char *data, size_t size, size_t *at, struct record *record);

// Where the next good record begins at or after `at`; `size` when there is none.
size_t record_find(const char *data, size_t size, size_t at);

// Appends a record of the batch's rows from `tick` and `article` on. It wants a place yet.
int record_append(const struct live_batch *batch, size_t tick, size_t article, struct buffer *out,
                  struct err *err);

// Makes the record good where it begins at `at`, and nowhere else.
void record_place(char *record, size_t at);

// Adds the rows to `batch`. EX_DATAERR when they are no rows that a batch would take.
int record_read(const struct record *record, struct live_batch *batch, struct err *err);

#endif
