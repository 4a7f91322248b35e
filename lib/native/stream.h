// SPDX-License-Identifier: Apache-2.0
// What the readers of lib/native share: bytes, numbers and lengths from a source, each checked
// against its ceiling.
#ifndef TICKHOUSE_NATIVE_STREAM_H
#define TICKHOUSE_NATIVE_STREAM_H

#include "native/native.h"

int native_at_end(struct native_source *source, bool *end, struct err *err);
int native_take(struct native_source *source, void *to, size_t size, struct err *err);
int native_take_byte(struct native_source *source, uint8_t *byte, struct err *err);

// Shows the next bytes without taking them: `size` of them, fewer only at the end of the input or
// when a pipe is silent for `patience` milliseconds. With -1 it waits: ask for no more than must
// follow.
int native_peek(struct native_source *source, size_t size, int patience, const uint8_t **bytes,
                size_t *got, struct err *err);

// dialect.c: whether columns say before their data how they are serialized, decided at the first
// column of a block (`columns` of them) whose type has just been read.
int native_guess_dialect(struct native_source *source, struct arena *arena,
                         const struct native_type *type, size_t rows, size_t columns,
                         bool *says_serialization, struct err *err);

// An unsigned number in groups of 7 bits; above `ceiling` it is an error that names `what` it
// counts.
int native_take_varint(struct native_source *source, uint64_t ceiling, const char *what,
                       uint64_t *value, struct err *err);

// False when the source is memory that has fewer bytes left.
bool native_may_hold(const struct native_source *source, uint64_t bytes);

#endif
