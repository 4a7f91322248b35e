// SPDX-License-Identifier: Apache-2.0
// Filling result columns: room whose ceiling is known before, then values in order.
#ifndef TICKHOUSE_UDF_COLUMNS_H
#define TICKHOUSE_UDF_COLUMNS_H

#include "native/native.h"
#include <string.h>

// Gives the column, with its children, room for `rows` values; Strings get `bytes` bytes each.
int reply_reserve(struct arena *arena, struct native_column *column, size_t rows, size_t bytes,
                  struct err *err);

// Says how many rows the column's children have, and theirs, down to where an Array counts its
// own.
void reply_set_rows(struct native_column *column, size_t rows);

// Values go in order: value `at` of a String column begins where the one before it ends.
static inline void reply_bytes(struct native_column *column, size_t at, const void *bytes,
                               size_t size)
{
    const uint64_t start = native_start(column->ends, at);
    if (size != 0)
        memcpy(column->bytes + start, bytes, size);
    column->ends[at] = start + size;
}

static inline void reply_text(struct native_column *column, size_t at, const char *text)
{
    reply_bytes(column, at, text, strlen(text));
}

static inline void reply_uint8(struct native_column *column, size_t at, uint8_t value)
{
    ((uint8_t *)column->values)[at] = value;
}

static inline void reply_uint16(struct native_column *column, size_t at, uint16_t value)
{
    ((uint16_t *)column->values)[at] = value;
}

static inline void reply_uint32(struct native_column *column, size_t at, uint32_t value)
{
    ((uint32_t *)column->values)[at] = value;
}

static inline void reply_uint64(struct native_column *column, size_t at, uint64_t value)
{
    ((uint64_t *)column->values)[at] = value;
}

static inline void reply_float64(struct native_column *column, size_t at, double value)
{
    ((double *)column->values)[at] = value;
}

#endif
