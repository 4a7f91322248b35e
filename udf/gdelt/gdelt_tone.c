// SPDX-License-Identifier: Apache-2.0
// The seven numbers of a document's tone.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

int gdelt_tone(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    TRY(reply_reserve(call->arena, call->result, call->rows, 0, err));
    struct native_column *fields = call->result->children;
    for (size_t row = 0; row < call->rows; row++) {
        struct gdelt_tone tone;
        (void)gdelt_read_tone(given_text(call->arguments[0], row), &tone); // NaN where it is none
        reply_float64(&fields[0], row, tone.tone);
        reply_float64(&fields[1], row, tone.positive);
        reply_float64(&fields[2], row, tone.negative);
        reply_float64(&fields[3], row, tone.polarity);
        reply_float64(&fields[4], row, tone.activity_density);
        reply_float64(&fields[5], row, tone.self_density);
        reply_uint32(&fields[6], row, tone.word_count);
    }
    return 0;
}
