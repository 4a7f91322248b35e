// SPDX-License-Identifier: Apache-2.0
// The functions of cal.def, and what they share.
#define UDF_LIST "cal.def"
#include "market/calendar.h"
#include "prototypes.h"

// The calendar of each row's exchange.
int cal_of_rows(const struct udf_call *call, const struct native_column *mic,
                const struct calendar *const **calendars, struct err *err);

const struct calendar *cal_calendar(enum exchange exchange);

// `cal calendar`: rows of (from, to, mic) in, a row for each day of them out.
int cal_table_command(int argc, char **argv, struct err *err);
