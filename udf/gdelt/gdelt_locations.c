// SPDX-License-Identifier: Apache-2.0
// The places of a document.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_locations(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, ';', err));
    struct native_column *fields = call->result->children[0].children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_location place; gdelt_next_location(&rest, &place); count++) {
            reply_uint8(&fields[0], count, place.type);
            reply_string(&fields[1], count, place.name);
            reply_string(&fields[2], count, place.country);
            reply_string(&fields[3], count, place.adm1);
            reply_string(&fields[4], count, place.adm2);
            reply_float64(&fields[5], count, place.latitude);
            reply_float64(&fields[6], count, place.longitude);
            reply_string(&fields[7], count, place.feature);
            reply_uint32(&fields[8], count, place.offset);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}
