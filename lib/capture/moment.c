// SPDX-License-Identifier: Apache-2.0
#include "capture/moment.h"

#include <string.h>

// What is left to read.
struct reader {
    const char *at, *end;
};

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool take_word(struct reader *r, const char *word)
{
    const size_t size = strlen(word);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
        return false;
    r->at += size;
    return true;
}

// Between `least` and `most` digits.
static bool take_number(struct reader *r, int least, int most, int64_t *value)
{
    int count = 0;
    *value = 0;
    while (count < most && r->at < r->end && (unsigned char)(*r->at - '0') <= 9) {
        *value = *value * 10 + (*r->at++ - '0');
        count++;
    }
    return count >= least;
}

// Up to six digits after a point.
static bool take_fraction(struct reader *r, int64_t *microseconds)
{
    *microseconds = 0;
    if (!take(r, '.'))
        return true;
    const char *start = r->at;
    if (!take_number(r, 1, 6, microseconds))
        return false;
    for (long digits = r->at - start; digits < 6; digits++)
        *microseconds *= 10;
    return true;
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void moment_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    const int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t of_era = z - era * 146097;
    const int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
    *month = (unsigned)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static bool take_date(struct reader *r, int64_t *year, int64_t *month, int64_t *day)
{
    return take_number(r, 4, 7, year) && take(r, '-') && take_number(r, 2, 2, month) &&
           take(r, '-') && take_number(r, 2, 2, day) && *month >= 1 && *month <= 12 && *day >= 1 &&
           *day <= 31;
}

static bool take_time(struct reader *r, int64_t *microseconds)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!take_number(r, 2, 2, &hour) || !take(r, ':') || !take_number(r, 2, 2, &minute) ||
        (take(r, ':') && (!take_number(r, 2, 2, &second) || !take_fraction(r, &fraction))))
        return false;
    *microseconds = ((hour * 60 + minute) * 60 + second) * MOMENT_SECOND + fraction;
    return minute < 60 && second <= 60 && *microseconds <= MOMENT_DAY;
}

// +HH[:MM[:SS]] or nothing.
static bool take_offset(struct reader *r, int32_t *offset)
{
    int64_t hour, minute = 0, second = 0;
    const bool is_west = take(r, '-');
    *offset = 0;
    if (!is_west && !take(r, '+'))
        return true;
    if (!take_number(r, 2, 2, &hour) || (take(r, ':') && !take_number(r, 2, 2, &minute)) ||
        (take(r, ':') && !take_number(r, 2, 2, &second)))
        return false;
    *offset = (int32_t)((hour * 60 + minute) * 60 + second) * (is_west ? -1 : 1);
    return true;
}

static bool is_infinite(const char *text, size_t size, struct moment *moment)
{
    memset(moment, 0, sizeof *moment);
    if (size == 8 && memcmp(text, "infinity", 8) == 0)
        moment->kind = MOMENT_INFINITY;
    else if (size == 9 && memcmp(text, "-infinity", 9) == 0)
        moment->kind = MOMENT_MINUS_INFINITY;
    return moment->kind != MOMENT_FINITE;
}

bool moment_time(const char *text, size_t size, struct moment *moment)
{
    struct reader r = {text, text + size};
    memset(moment, 0, sizeof *moment);
    return take_time(&r, &moment->microseconds) && take_offset(&r, &moment->offset) &&
           r.at == r.end;
}

static bool finish_date(struct reader *r, int64_t year, int64_t month, int64_t day,
                        struct moment *moment)
{
    moment->days = days_of(take_word(r, " BC") ? 1 - year : year, month, day);
    return r->at == r->end;
}

bool moment_date(const char *text, size_t size, struct moment *moment)
{
    struct reader r = {text, text + size};
    int64_t year, month, day;
    return is_infinite(text, size, moment) ||
           (take_date(&r, &year, &month, &day) && finish_date(&r, year, month, day, moment));
}

bool moment_timestamp(const char *text, size_t size, struct moment *moment)
{
    struct reader r = {text, text + size};
    int64_t year, month, day;
    return is_infinite(text, size, moment) ||
           (take_date(&r, &year, &month, &day) && take(&r, ' ') &&
            take_time(&r, &moment->microseconds) && take_offset(&r, &moment->offset) &&
            finish_date(&r, year, month, day, moment));
}

// [-+]HH...:MM:SS[.ffffff]: one sign for all of it.
static bool take_clock(struct reader *r, struct moment_interval *interval)
{
    int64_t hours, minutes, seconds, fraction;
    const int sign = take(r, '-') ? -1 : (take(r, '+'), 1);
    if (!take_number(r, 2, 12, &hours) || !take(r, ':') || !take_number(r, 2, 2, &minutes) ||
        !take(r, ':') || !take_number(r, 2, 2, &seconds) || !take_fraction(r, &fraction))
        return false;
    interval->hours = sign * hours;
    interval->minutes = sign * minutes;
    interval->microseconds = sign * (seconds * MOMENT_SECOND + fraction);
    return r->at == r->end;
}

// A number and its unit.
static bool take_part(struct reader *r, struct moment_interval *interval)
{
    int64_t value;
    const int sign = take(r, '-') ? -1 : (take(r, '+'), 1);
    if (!take_number(r, 1, 12, &value) || !take(r, ' '))
        return false;
    value *= sign;
    if (take_word(r, "year"))
        interval->years = value;
    else if (take_word(r, "mon"))
        interval->months = value;
    else if (take_word(r, "day"))
        interval->days = value;
    else
        return false;
    (void)take(r, 's');
    return r->at == r->end || take(r, ' ');
}

bool moment_interval(const char *text, size_t size, struct moment_interval *interval)
{
    struct reader r = {text, text + size};
    memset(interval, 0, sizeof *interval);
    if (size == 0)
        return false;
    while (r.at < r.end) {
        const size_t left = (size_t)(r.end - r.at);
        const char *space = memchr(r.at, ' ', left);
        if (memchr(r.at, ':', space != NULL ? (size_t)(space - r.at) : left) != NULL)
            return take_clock(&r, interval);
        if (!take_part(&r, interval))
            return false;
    }
    return true;
}
