// SPDX-License-Identifier: Apache-2.0
// Lists of regular expressions with commas between, as Debezium's table.include.list: one of them
// must fit all of a name, without regard to case.
#ifndef TICKHOUSE_CAPTURE_FILTER_H
#define TICKHOUSE_CAPTURE_FILTER_H

#include "base/err.h"

#include <stdbool.h>

// Whether every expression is one that is understood here.
int filter_check(const char *list, struct err *err);

// The list has been checked.
bool filter_fits(const char *list, const char *name);

#endif
