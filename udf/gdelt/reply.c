// SPDX-License-Identifier: Apache-2.0
// Room for answers, and their sizes.
#include "reply.h"

// Scalars have one value a row; the elements of an array are counted apart.
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

static size_t count_bytes(struct view text, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == byte;
    return count;
}

int reply_open_array(struct udf_call *call, const struct native_column *text, char separator,
                     struct err *err)
{
    const struct view all = reply_all_text(text);
    const size_t entries = count_bytes(all, separator) + call->rows;
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    for (size_t i = 0; i < call->result->type->child_count; i++)
        TRY(reply_reserve(call->arena, &call->result->children[i], entries, all.size, err));
    return 0;
}

static void set_rows(struct native_column *column, size_t rows)
{
    column->rows = rows;
    for (size_t i = 0; i < column->type->child_count; i++)
        set_rows(&column->children[i], rows);
}

void reply_close_array(struct udf_call *call)
{
    struct native_column *result = call->result;
    const size_t entries = call->rows != 0 ? result->ends[call->rows - 1] : 0;
    for (size_t i = 0; i < result->type->child_count; i++)
        set_rows(&result->children[i], entries);
}
