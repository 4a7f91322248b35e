// SPDX-License-Identifier: Apache-2.0
// What the files of this folder offer each other.
#ifndef TICKHOUSE_UDF_TA_FAMILY_H
#define TICKHOUSE_UDF_TA_FAMILY_H

#include "udf.h"

// arrays.c: the functions of ta.def over arrays.
int ta_arrays_run(const struct udf_function *function, struct udf_call *call, struct err *err);

// bars.c: ta, ta_bars, ta_last, ta_bars_last over arrays of (time, value...) in any order.
extern const struct udf_function ta_bars_functions[];
extern const size_t ta_bars_function_count;

// anomaly.c: ta_anomaly.
extern const struct udf_function ta_anomaly_function;

// table.c: rows in, the same rows with indicators out.
int ta_table_command(int argc, char **argv, struct err *err);

// tick_bars.c: trades in, bars of equal trading out.
int ta_tick_bars_command(int argc, char **argv, struct err *err);

int ta_csv_command(int argc, char **argv, struct err *err);

#endif
