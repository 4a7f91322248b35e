// SPDX-License-Identifier: Apache-2.0
// A queue of batches on disk, for rows that a sink does not take at present: bounded, in order,
// checksummed, and there again after the process was killed.
//
// A folder holds segments, files that only grow, each named after the first batch in it. Rows are
// added and on disk when the call returns; a seal ends a batch. Batches are read from the oldest
// on; a segment is deleted when its last batch is released. One process uses a folder at a time.
#ifndef TICKHOUSE_INGEST_LIVE_SPOOL_H
#define TICKHOUSE_INGEST_LIVE_SPOOL_H

#include "batch.h"

struct spool;

struct spool_counts {
    uint64_t bytes, batches, rows; // that wait
    uint64_t damaged;              // files that were set aside since the opening
};

// Makes the folder where there is none. A record that a crash tore at the end of the last segment
// is cut off; a segment that is damaged elsewhere is renamed to *.damaged, what it holds before the
// damage stays in the queue, and a sentence on stderr says so. EX_TEMPFAIL when another process has
// the folder.
int spool_open(struct spool **spool, const char *folder, uint64_t bytes_most, bool quiet,
               struct err *err);
void spool_close(struct spool *spool);

// The number of the newest batch that this folder has ever held.
uint64_t spool_newest(const struct spool *spool);

// Adds the rows from `tick` and `article` on to the batch `batch->number`, which is not sealed yet.
// Retriable: the spool or the disk is full, and nothing has been written.
int spool_add(struct spool *spool, const struct live_batch *batch, size_t tick, size_t article,
              struct err *err);

// Ends the batch that rows were added to; nothing to do when there is none.
int spool_seal(struct spool *spool, struct err *err);

// Whether a sealed batch waits.
bool spool_has_batch(const struct spool *spool);

// Reads the oldest batch; the same one again until it is released. EX_NOINPUT when there is none,
// EX_IOERR when it is not what was written: the segment has been set aside then, and a new opening
// goes on with what is good in it.
int spool_read(struct spool *spool, struct live_batch *batch, struct err *err);
int spool_release(struct spool *spool, struct err *err);

void spool_count(const struct spool *spool, struct spool_counts *counts);

#endif
