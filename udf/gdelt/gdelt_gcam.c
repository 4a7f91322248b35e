// SPDX-License-Identifier: Apache-2.0
// GCAM's scores: one, or all.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_gcam(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    TRY(reply_reserve(call->arena, call->result, call->rows, 0, err));
    for (size_t row = 0; row < call->rows; row++)
        reply_float64(call->result, row,
                      gdelt_find_score(given_text(call->arguments[0], row),
                                       given_text(call->arguments[1], row)));
    return 0;
}

int gdelt_gcam_map(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, ',', err));
    struct native_column *fields = call->result->children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_score score; gdelt_next_score(&rest, &score); count++) {
            reply_string(&fields[0], count, score.key);
            reply_float64(&fields[1], count, score.value);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
