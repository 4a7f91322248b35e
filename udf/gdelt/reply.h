// SPDX-License-Identifier: Apache-2.0
// Builds the answers of this family: columns whose ceiling is known before they are filled, since
// no answer has more entries than the field has separators, nor more bytes than the field.
#ifndef TICKHOUSE_GDELT_REPLY_H
#define TICKHOUSE_GDELT_REPLY_H

#include "columns.h"
#include "parse/view.h"
#include "udf.h"

static inline struct view given_text(const struct native_column *column, size_t row)
{
    const uint64_t start = native_start(column->ends, row);
    return (struct view){column->bytes + start, column->ends[row] - start};
}

// All bytes of a String column.
static inline struct view given_all_text(const struct native_column *column)
{
    return (struct view){column->bytes, column->rows != 0 ? column->ends[column->rows - 1] : 0};
}

// Makes the call's result, an Array or Map, with room for what `text` can hold when `separator`
// ends an entry.
int reply_open_array(struct udf_call *call, const struct native_column *text, char separator,
                     struct err *err);

// Says how many elements the array's children have once all rows are filled.
void reply_close_array(struct udf_call *call);

static inline void reply_string(struct native_column *column, size_t at, struct view text)
{
    reply_bytes(column, at, text.data, text.size);
}

#endif
