// SPDX-License-Identifier: Apache-2.0
// The functions of cal.def, and what they share.
#define UDF_LIST "cal.def"
#include "market/calendar.h"
#include "prototypes.h"

// The exchange of each row.
int cal_exchanges(const struct udf_call *call, const struct native_column *mic,
                  const uint8_t **exchanges, struct err *err);

const struct calendar *cal_calendar(unsigned exchange);

// `cal calendar`: rows of (from, to, mic) in, a row for each day of them out.
int cal_table_command(int argc, char **argv, struct err *err);
