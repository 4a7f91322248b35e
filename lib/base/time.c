// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <stdio.h>
#include <time.h>

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

// Counts years from March, so that the leap day is the last of its year.
int32_t date_from_civil(int year, int month, int day)
{
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void date_to_civil(int32_t days, int *year, int *month, int *day)
{
    const int z = days + 719468;
    const int era = (z >= 0 ? z : z - 146096) / 146097;
    const int day_of_era = z - era * 146097;
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int shifted_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool digits(const char *text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

bool date_parse(const char *text, size_t length, int32_t *days)
{
    int year, month, day;
    bool ok;
    if (length == 10 && text[4] == '-' && text[7] == '-')
        ok = digits(text, 4, &year) && digits(text + 5, 2, &month) && digits(text + 8, 2, &day);
    else if (length == 8)
        ok = digits(text, 4, &year) && digits(text + 4, 2, &month) && digits(text + 6, 2, &day);
    else
        return false;
    if (!ok || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *days = date_from_civil(year, month, day);
    return true;
}

bool time_parse(const char *text, size_t length, uint32_t *seconds)
{
    enum { DATE_DIGITS = 8, TIME_DIGITS = 14, DAY_SECONDS = 86400 };
    int32_t day;
    int hour, minute, second;
    if (length != TIME_DIGITS || !date_parse(text, DATE_DIGITS, &day) ||
        !digits(text + 8, 2, &hour) || !digits(text + 10, 2, &minute) ||
        !digits(text + 12, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    const int64_t time =
        (int64_t)day * DAY_SECONDS + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    *seconds = (uint32_t)time;
    return time >= 0 && time <= UINT32_MAX;
}

void date_format(int32_t days, char out[static 11])
{
    int year, month, day;
    date_to_civil(days, &year, &month, &day);
    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
                   (unsigned)day % 100);
}

double clock_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t clock_microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
