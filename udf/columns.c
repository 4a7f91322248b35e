// SPDX-License-Identifier: Apache-2.0
#include "columns.h"

int reply_reserve(struct arena *arena, struct native_column *column, size_t rows, size_t bytes,
                  struct err *err)
{
    TRY(native_column_new(arena, column->type, rows, column, err));
    if (column->type->kind == NATIVE_STRING &&
        (column->bytes = arena_alloc(arena, bytes, 1, err)) == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < column->type->child_count; i++)
        TRY(reply_reserve(arena, &column->children[i], rows, bytes, err));
    return 0;
}

void reply_set_rows(struct native_column *column, size_t rows)
{
    column->rows = rows;
    const bool counts = column->type->kind == NATIVE_ARRAY || column->type->kind == NATIVE_MAP;
    if (counts)
        rows = rows == 0 ? 0 : column->ends[rows - 1];
    for (size_t i = 0; i < column->type->child_count; i++)
        reply_set_rows(&column->children[i], rows);
}
