// SPDX-License-Identifier: Apache-2.0
// An arena: one reserved range of addresses that is handed out from its start and given back all at
// once. Pages cost memory only once they are written, so a hostile length costs nothing, and the
// last allocation can grow in place.
#ifndef TICKHOUSE_BASE_ARENA_H
#define TICKHOUSE_BASE_ARENA_H

#include "base/err.h"
#include <stddef.h>

struct arena {
    char *base;
    size_t used, reserved;
    size_t peak; // the largest `used` since the last reset
};

// Reserves `bytes` of address space (rounded up to a page).
int arena_open(struct arena *arena, size_t bytes, struct err *err);
void arena_close(struct arena *arena);

// `count` objects of `size` bytes, aligned to 64, not cleared; NULL with `err` set when the ceiling
// is passed.
void *arena_alloc(struct arena *arena, size_t count, size_t size, struct err *err);

// Copies `text` with its NUL.
int arena_text(struct arena *arena, const char *text, const char **copy, struct err *err);

// Makes the most recent allocation `bytes` long in place, longer or shorter; `last` is its address.
int arena_resize_last(struct arena *arena, void *last, size_t bytes, struct err *err);

// Gives everything back; memory beyond LIMIT_ARENA_KEEP_BYTES returns to the system.
void arena_reset(struct arena *arena);

// A place to return to: arena_rewind frees what was allocated after arena_mark.
size_t arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, size_t mark);

// For tests: the n-th allocation from now fails (0 switches this off).
void arena_fail_after(size_t n);

#endif
