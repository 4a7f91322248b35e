// SPDX-License-Identifier: Apache-2.0
// Builds the answers of this family: columns whose ceiling is known before they are filled, since
// no answer has more entries than the field has separators, nor more bytes than the field.
#ifndef TICKHOUSE_GDELT_REPLY_H
#define TICKHOUSE_GDELT_REPLY_H

#include "parse/view.h"
#include "udf.h"

static inline struct view reply_text(const struct native_column *column, size_t row)
{
    const uint64_t start = native_start(column->ends, row);
    return (struct view){column->bytes + start, column->ends[row] - start};
}

// All bytes of a String column.
static inline struct view reply_all_text(const struct native_column *column)
{
    return (struct view){column->bytes, column->rows != 0 ? column->ends[column->rows - 1] : 0};
}

// Gives the column, with its children, room for `rows` values; Strings get `bytes` bytes each.
int reply_reserve(struct arena *arena, struct native_column *column, size_t rows, size_t bytes,
                  struct err *err);

// Makes the call's result, an Array or Map, with room for what `text` can hold when `separator`
// ends an entry.
int reply_open_array(struct udf_call *call, const struct native_column *text, char separator,
                     struct err *err);

// Says how many elements the array's children have once all rows are filled.
void reply_close_array(struct udf_call *call);

// Values go in order: value `at` of a String column begins where the one before it ends.
static inline void reply_string(struct native_column *column, size_t at, struct view text)
{
    const uint64_t start = native_start(column->ends, at);
    if (text.size != 0)
        memcpy(column->bytes + start, text.data, text.size);
    column->ends[at] = start + text.size;
}

static inline void reply_uint8(struct native_column *column, size_t at, uint8_t value)
{
    ((uint8_t *)column->values)[at] = value;
}

static inline void reply_uint32(struct native_column *column, size_t at, uint32_t value)
{
    ((uint32_t *)column->values)[at] = value;
}

static inline void reply_float64(struct native_column *column, size_t at, double value)
{
    ((double *)column->values)[at] = value;
}

#endif
