// SPDX-License-Identifier: Apache-2.0
// The amounts that a document names.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_amounts(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, ';', err));
    struct native_column *fields = call->result->children[0].children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_amount entry; gdelt_next_amount(&rest, &entry); count++) {
            reply_float64(&fields[0], count, entry.amount);
            reply_string(&fields[1], count, entry.object);
            reply_uint32(&fields[2], count, entry.offset);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
