// SPDX-License-Identifier: Apache-2.0
// One file of a spool: 8 bytes that say what it is and in which version, then records. It only
// grows; whatever a failed write has left is cut off at once or by the next opening.
#ifndef TICKHOUSE_INGEST_LIVE_SEGMENT_H
#define TICKHOUSE_INGEST_LIVE_SEGMENT_H

#include "record.h"

enum { SEGMENT_HEAD_BYTES = 8, SEGMENT_BYTES_MOST = 16 << 20, SEGMENT_NAME_BYTES = 48 };

struct segment {
    uint64_t first; // batch, after which it is named
    size_t size;
};

void segment_name(uint64_t first, char out[static SEGMENT_NAME_BYTES]);
bool segment_of_name(const char *name, uint64_t *first);

// Everything below works on the file in `folder`, a descriptor; `path` is its name for messages.
// ENOSPC and EDQUOT give retriable errors, others lasting ones.
int segment_create(int folder, const char *path, uint64_t first, int *fd, struct err *err);

// Writes the records at *size and flushes them to disk; *size grows. After a failure the file is as
// it was.
int segment_append(int fd, size_t *size, const struct buffer *records, struct err *err);

// To append to one that is there.
int segment_open(int folder, const char *path, uint64_t first, int *fd, struct err *err);

// Reads what the file has beyond data->size.
int segment_load(int folder, const char *path, uint64_t first, struct buffer *data,
                 struct err *err);

// What a check finds.
struct segment_check {
    size_t whole;    // bytes up to the first record that is not
    bool is_torn;    // nothing good comes after those: a write that a crash cut off
    bool is_damaged; // something good does
    bool is_foreign; // no head of ours: `version` says which one it has, 0 for none at all
    unsigned version;
};

// Of the segment whose first batch that is: batches only go up, and a record whose batch does not
// is no more good than one whose checksum is wrong.
struct segment_check segment_check(const struct buffer *data, uint64_t first);

int segment_cut(int folder, const char *path, uint64_t first, size_t size, struct err *err);

// Keeps the file as NAME.damaged and puts its good records in its place; `data` becomes those.
int segment_mend(int folder, const char *path, uint64_t first, struct buffer *data,
                 struct err *err);

#endif
