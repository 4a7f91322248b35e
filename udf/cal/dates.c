// SPDX-License-Identifier: Apache-2.0
// Questions about exchange dates.
#include "cal.h"

struct date_rows {
    const int32_t *dates;
    const uint8_t *exchanges;
};

static int open_rows(struct udf_call *call, struct date_rows *rows, struct err *err)
{
    rows->dates = call->arguments[0]->values;
    TRY(cal_exchanges(call, call->arguments[1], &rows->exchanges, err));
    return native_column_new(call->arena, call->result->type, call->rows, call->result, err);
}

int cal_is_open(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    struct date_rows in;
    TRY(open_rows(call, &in, err));
    uint8_t *open = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        open[row] = calendar_is_open(cal_calendar(in.exchanges[row]), in.dates[row]);
    return 0;
}

int cal_next(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    struct date_rows in;
    TRY(open_rows(call, &in, err));
    uint16_t *next = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        next[row] = (uint16_t)calendar_next(cal_calendar(in.exchanges[row]), in.dates[row]);
    return 0;
}

int cal_prev(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    struct date_rows in;
    TRY(open_rows(call, &in, err));
    uint16_t *prev = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        prev[row] = (uint16_t)calendar_prev(cal_calendar(in.exchanges[row]), in.dates[row]);
    return 0;
}

int cal_sessions_between(const struct udf_function *function, struct udf_call *call,
                         struct err *err)
{
    (void)function;
    const uint8_t *exchanges;
    const int32_t *from = call->arguments[0]->values, *to = call->arguments[1]->values;
    TRY(cal_exchanges(call, call->arguments[2], &exchanges, err));
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    int32_t *count = call->result->values;
    for (size_t row = 0; row < call->rows; row++)
        count[row] = calendar_sessions_between(cal_calendar(exchanges[row]), from[row], to[row]);
    return 0;
}
