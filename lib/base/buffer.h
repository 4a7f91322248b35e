// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer that is born with a ceiling.
#ifndef TICKHOUSE_BASE_BUFFER_H
#define TICKHOUSE_BASE_BUFFER_H

#include "base/err.h"
#include <stddef.h>

struct buffer {
    char *data;
    size_t size, capacity, ceiling;
};

void buffer_init(struct buffer *buffer, size_t ceiling);
void buffer_free(struct buffer *buffer);

// Makes room for `extra` more bytes and returns where they go, or NULL with `err` set; `size` is
// for the caller to move.
char *buffer_reserve(struct buffer *buffer, size_t extra, struct err *err);

int buffer_append(struct buffer *buffer, const void *data, size_t size, struct err *err);
int buffer_printf(struct buffer *buffer, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// For tests: the n-th growth from now fails (0 switches this off).
void buffer_fail_after(size_t n);

#endif
