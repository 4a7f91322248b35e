// SPDX-License-Identifier: Apache-2.0
// One form for the many addresses of an article.
#include "gdelt.h"
#include "parse/url.h"
#include "reply.h"

int url_canonical(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    struct native_column *result = call->result;
    const size_t bytes = given_all_text(text).size + call->rows * URL_EXTRA_BYTES;
    TRY(reply_reserve(call->arena, result, call->rows, bytes, err));
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(result->ends, row);
        result->ends[row] =
            start + url_write_canonical(given_text(text, row), result->bytes + start);
    }
    return 0;
}
