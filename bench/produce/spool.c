// SPDX-License-Identifier: Apache-2.0
// The spool alone: spool FOLDER BATCHES ROWS. Batches of so many rows are added, each flushed to
// disk, then read and released. Prints rows/s and MB/s of both, and flushes a second.
#include "live/spool.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct live_batch *batch, uint64_t number, int rows)
{
    live_batch_clear(batch);
    batch->number = number;
    for (int i = 0; i < rows; i++) {
        char volume[16];
        const int size = snprintf(volume, sizeof volume, "%d", i);
        const struct tick tick = {{"AAPL", 4}, {"179.66", 6}, {volume, (size_t)size}, i};
        (void)live_batch_add_tick(batch, &tick, NULL);
    }
}

static void report(const char *what, double seconds, double batches, double rows, uint64_t bytes)
{
    (void)printf("%s\t%.0f\t%.1f\t%.0f\n", what, rows / seconds, (double)bytes / seconds * 1e-6,
                 batches / seconds);
}

static int measure(struct spool *spool, struct live_batch *batch, int batches, int rows,
                   struct err *err)
{
    struct spool_counts counts;
    double started = clock_seconds();
    for (int i = 1; i <= batches; i++) {
        fill(batch, (uint64_t)i, rows);
        TRY(spool_add(spool, batch, 0, 0, err));
        TRY(spool_seal(spool, err));
    }
    spool_count(spool, &counts);
    report("write", clock_seconds() - started, batches, (double)batches * rows, counts.bytes);
    started = clock_seconds();
    while (spool_has_batch(spool)) {
        TRY(spool_read(spool, batch, err));
        TRY(spool_release(spool, err));
    }
    report("read", clock_seconds() - started, batches, (double)batches * rows, counts.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct spool *spool;
    struct live_batch batch;
    if (argc != 4)
        return EX_USAGE;
    int code = live_batch_init(&batch, &err);
    if (code == 0)
        code = spool_open(&spool, argv[1], 8ULL << 30, true, &err);
    if (code == 0) {
        code = measure(spool, &batch, (int)strtol(argv[2], NULL, 10),
                       (int)strtol(argv[3], NULL, 10), &err);
        spool_close(spool);
    }
    if (err.code != 0)
        (void)fprintf(stderr, "%s\n", err.text);
    return code;
}
