// SPDX-License-Identifier: Apache-2.0
// YYYYMMDDHHMMSS to a time.
#include "base/time.h"
#include "gdelt.h"

int gdelt_date(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    uint32_t *seconds = call->result->values;
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(text->ends, row);
        if (!time_parse(text->bytes + start, text->ends[row] - start, &seconds[row]))
            seconds[row] = 0;
    }
    return 0;
}
