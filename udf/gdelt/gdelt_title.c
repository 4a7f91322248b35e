// SPDX-License-Identifier: Apache-2.0
// A document's title and authors, out of the extras.
#include "gdelt.h"
#include "parse/entities.h"
#include "parse/fields.h"
#include "reply.h"

// Decoded text is never longer than what was encoded.
static void reply_decoded(struct native_column *column, size_t at, struct view text)
{
    const uint64_t start = native_start(column->ends, at);
    column->ends[at] = start + entities_decode(text, column->bytes + start);
}

int gdelt_title(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *extras = call->arguments[0];
    TRY(reply_reserve(call->arena, call->result, call->rows, given_all_text(extras).size, err));
    for (size_t row = 0; row < call->rows; row++)
        reply_decoded(call->result, row, gdelt_extra(given_text(extras, row), VIEW("PAGE_TITLE")));
    return 0;
}

int gdelt_authors(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *extras = call->arguments[0];
    TRY(reply_open_array(call, extras, ';', err));
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = gdelt_extra(given_text(extras, row), VIEW("PAGE_AUTHORS"));
        for (struct view author; gdelt_next_author(&rest, &author); count++)
            reply_decoded(&call->result->children[0], count, author);
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
