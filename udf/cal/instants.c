// SPDX-License-Identifier: Apache-2.0
// Questions about instants, which arrive as microseconds since 1970.
#include "cal.h"

struct instant_rows {
    const int64_t *micros;
    const uint8_t *exchanges;
};

static int open_rows(struct udf_call *call, struct instant_rows *rows, struct err *err)
{
    rows->micros = call->arguments[0]->values;
    TRY(cal_exchanges(call, call->arguments[1], &rows->exchanges, err));
    return native_column_new(call->arena, call->result->type, call->rows, call->result, err);
}

// Sessions begin and end on whole seconds, so the second that has begun says it all.
static int64_t seconds(int64_t micros)
{
    return micros / 1000000 - (micros % 1000000 < 0);
}

int cal_session(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    struct instant_rows in;
    TRY(open_rows(call, &in, err));
    int8_t *phase = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        phase[row] =
            (int8_t)calendar_phase(cal_calendar(in.exchanges[row]), seconds(in.micros[row]));
    return 0;
}

int cal_effective_date(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    struct instant_rows in;
    TRY(open_rows(call, &in, err));
    uint16_t *date = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        date[row] = (uint16_t)calendar_effective_date(cal_calendar(in.exchanges[row]),
                                                      seconds(in.micros[row]));
    return 0;
}
