// SPDX-License-Identifier: Apache-2.0
// What a document quotes.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_quotations(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, '#', err));
    struct native_column *fields = call->result->children[0].children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_quotation entry; gdelt_next_quotation(&rest, &entry); count++) {
            reply_uint32(&fields[0], count, entry.offset);
            reply_uint32(&fields[1], count, entry.length);
            reply_string(&fields[2], count, entry.verb);
            reply_string(&fields[3], count, entry.quote);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
