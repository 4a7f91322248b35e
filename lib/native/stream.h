// SPDX-License-Identifier: Apache-2.0
// What the readers of lib/native share: bytes, numbers and lengths from a source, each checked
// against its ceiling.
#ifndef TICKHOUSE_NATIVE_STREAM_H
#define TICKHOUSE_NATIVE_STREAM_H

#include "native/native.h"

int native_at_end(struct native_source *source, bool *end, struct err *err);
int native_take(struct native_source *source, void *to, size_t size, struct err *err);
int native_take_byte(struct native_source *source, uint8_t *byte, struct err *err);

// Shows the next bytes without taking them: `size` of them, fewer only at the end of the input. At
// most a few, and from a pipe it waits for them: ask for no more than must follow.
int native_peek(struct native_source *source, size_t size, const uint8_t **bytes, size_t *got,
                struct err *err);

// An unsigned number in groups of 7 bits; above `ceiling` it is an error that names `what` it
// counts.
int native_take_varint(struct native_source *source, uint64_t ceiling, const char *what,
                       uint64_t *value, struct err *err);

// False when the source is memory that has fewer bytes left.
bool native_may_hold(const struct native_source *source, uint64_t bytes);

#endif
