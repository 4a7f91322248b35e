// SPDX-License-Identifier: Apache-2.0
// The counts of a document: so many arrested, killed, ill, and where.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_counts(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, ';', err));
    struct native_column *fields = call->result->children[0].children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_count entry; gdelt_next_count(&rest, &entry); count++) {
            reply_string(&fields[0], count, entry.type);
            reply_float64(&fields[1], count, entry.count);
            reply_string(&fields[2], count, entry.object);
            reply_uint8(&fields[3], count, entry.location.type);
            reply_string(&fields[4], count, entry.location.name);
            reply_string(&fields[5], count, entry.location.country);
            reply_string(&fields[6], count, entry.location.adm1);
            reply_float64(&fields[7], count, entry.location.latitude);
            reply_float64(&fields[8], count, entry.location.longitude);
            reply_string(&fields[9], count, entry.location.feature);
            reply_uint32(&fields[10], count, entry.location.offset);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
