// SPDX-License-Identifier: Apache-2.0
// Room for answers.
#include "reply.h"

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
    const struct view all = given_all_text(text);
    const size_t entries = count_bytes(all, separator) + call->rows;
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    for (size_t i = 0; i < call->result->type->child_count; i++)
        TRY(reply_reserve(call->arena, &call->result->children[i], entries, all.size, err));
    return 0;
}

void reply_close_array(struct udf_call *call)
{
    reply_set_rows(call->result, call->rows);
}
