// SPDX-License-Identifier: Apache-2.0
// Dates and times as PostgreSQL prints them with DateStyle ISO, years before Christ and beyond
// 9999 included.
#ifndef TICKHOUSE_CAPTURE_MOMENT_H
#define TICKHOUSE_CAPTURE_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum moment_kind { MOMENT_FINITE, MOMENT_INFINITY, MOMENT_MINUS_INFINITY };

struct moment {
    enum moment_kind kind;
    int64_t days;         // since 1970-01-01
    int64_t microseconds; // of the day, up to 24:00:00
    int32_t offset;       // seconds east of UTC; 0 where the text has none
};

#define MOMENT_SECOND INT64_C(1000000)
#define MOMENT_DAY (86400 * MOMENT_SECOND)

// YYYY-MM-DD, HH:MM[:SS[.ffffff]][+HH[:MM[:SS]]], both with a space between, then " BC" perhaps, or
// infinity, -infinity. Each is all of the text, or false.
bool moment_date(const char *text, size_t size, struct moment *moment);
bool moment_time(const char *text, size_t size, struct moment *moment);
bool moment_timestamp(const char *text, size_t size, struct moment *moment);

// The day as year, month and day of the proleptic Gregorian calendar; year 0 is 1 BC.
void moment_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);

// PostgreSQL's interval in the style "1 year 2 mons 3 days -04:05:06.789".
struct moment_interval {
    int64_t years, months, days, hours, minutes, microseconds;
};

bool moment_interval(const char *text, size_t size, struct moment_interval *interval);

#endif
