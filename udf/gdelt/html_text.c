// SPDX-License-Identifier: Apache-2.0
// What a reader sees of an HTML page.
#include "gdelt.h"
#include "html/html.h"
#include "reply.h"

int html_text(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    struct native_column *result = call->result;
    TRY(reply_reserve(call->arena, result, call->rows, given_all_text(text).size, err));
    const clock_t deadline = html_block_deadline();
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(result->ends, row);
        result->ends[row] = start + html_write_text(given_text(text, row), deadline, call->arena,
                                                    result->bytes + start);
    }
    return 0;
}
