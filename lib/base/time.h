// SPDX-License-Identifier: Apache-2.0
// Dates as days since 1970-01-01 in the proleptic Gregorian calendar, and a clock.
#ifndef TICKHOUSE_BASE_TIME_H
#define TICKHOUSE_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int32_t date_from_civil(int year, int month, int day);
void date_to_civil(int32_t days, int *year, int *month, int *day);

// Reads YYYY-MM-DD or YYYYMMDD; false when the text is anything else or the day does not exist.
bool date_parse(const char *text, size_t length, int32_t *days);

// Reads YYYYMMDDHHMMSS, seconds since 1970-01-01; false when the text is anything else, and for
// times that 32 bits do not hold.
bool time_parse(const char *text, size_t length, uint32_t *seconds);

// Writes YYYY-MM-DD and a NUL (11 bytes).
void date_format(int32_t days, char out[static 11]);

double clock_seconds(void);       // monotonic
int64_t clock_microseconds(void); // since 1970-01-01 UTC

#endif
