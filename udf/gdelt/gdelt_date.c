// SPDX-License-Identifier: Apache-2.0
// YYYYMMDDHHMMSS to a time.
#include "base/time.h"
#include "gdelt.h"

enum { DATE_DIGITS = 8, TIME_DIGITS = 14, DAY_SECONDS = 86400 };

static bool two_digits(const char *text, uint32_t below, uint32_t *value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *value = (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0');
    return *value < below;
}

// Seconds since 1970, or 0 when the text is no time that a DateTime can hold.
static uint32_t read_time(const char *text, size_t length)
{
    int32_t day;
    uint32_t hour, minute, second;
    if (length != TIME_DIGITS || !date_parse(text, DATE_DIGITS, &day) || day < 0 ||
        !two_digits(text + 8, 24, &hour) || !two_digits(text + 10, 60, &minute) ||
        !two_digits(text + 12, 60, &second))
        return 0;
    const int64_t seconds =
        (int64_t)day * DAY_SECONDS + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    return seconds <= UINT32_MAX ? (uint32_t)seconds : 0;
}

int gdelt_date(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *text = call->arguments[0];
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    uint32_t *seconds = call->result->values;
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(text->ends, row);
        seconds[row] = read_time(text->bytes + start, text->ends[row] - start);
    }
    return 0;
}
