// SPDX-License-Identifier: Apache-2.0
// One daily bar, and what makes it believable.
#ifndef TICKHOUSE_MARKET_BAR_H
#define TICKHOUSE_MARKET_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bar {
    int32_t date; // days since 1970-01-01
    double open, high, low, close, volume;
};

enum { BAR_REASON_BYTES = 200, BAR_DATE_LAST = UINT16_MAX }; // 2149-06-06, the last Date

// True for prices above 0, low <= open and close <= high, volume >= 0, and a date that ClickHouse's
// Date holds (1970-01-01 to 2149-06-06); else `reason` says what is wrong. There is no tolerance:
// Stooq adjusts and rounds the four prices alike, which keeps their order, and in 273,169 real bars
// none was out of it.
bool bar_check(const struct bar *bar, char reason[static BAR_REASON_BYTES]);

#endif
