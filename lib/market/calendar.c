// SPDX-License-Identifier: Apache-2.0
// The calendar's table: first every weekday gets the usual hours, then the rules of each year take
// them away or shorten them, then what no rule foresaw. Rules are those that the exchanges publish
// (NYSE rule 7.2), each with the years in which it held; the unforeseen is a list with reasons.
#include "market/calendar.h"
#include "base/time.h"

#include <string.h>
#include <strings.h>

enum { SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY };
enum {
    JANUARY = 1,
    FEBRUARY,
    MARCH,
    APRIL,
    MAY,
    JUNE,
    JULY,
    SEPTEMBER = 9,
    OCTOBER,
    NOVEMBER,
    DECEMBER
};
enum { FIRST_YEAR = 1990, LAST_YEAR = 2035 };
static const int64_t DAY_SECONDS = 86400, HOUR_SECONDS = 3600, MINUTE_SECONDS = 60;

#define AT(hour, minute) ((hour)*60 + (minute))
enum {
    PRE_OPEN = AT(4, 0),
    OPEN = AT(9, 30),
    CLOSE = AT(16, 0),
    EARLY_CLOSE = AT(13, 0),
    EARLY_CLOSE_TO_1992 = AT(14, 0),
    POST_MINUTES = AT(4, 0),
};

#define REASONS(X)                                                                                 \
    X(NONE, "")                                                                                    \
    X(WEEKEND, "weekend")                                                                          \
    X(NEW_YEAR, "New Year's Day")                                                                  \
    X(KING, "Martin Luther King Jr. Day")                                                          \
    X(PRESIDENTS, "Presidents' Day")                                                               \
    X(GOOD_FRIDAY, "Good Friday")                                                                  \
    X(MEMORIAL, "Memorial Day")                                                                    \
    X(JUNETEENTH, "Juneteenth")                                                                    \
    X(INDEPENDENCE, "Independence Day")                                                            \
    X(LABOR, "Labor Day")                                                                          \
    X(THANKSGIVING, "Thanksgiving Day")                                                            \
    X(CHRISTMAS, "Christmas Day")                                                                  \
    X(BY_INDEPENDENCE, "beside Independence Day")                                                  \
    X(BY_THANKSGIVING, "day after Thanksgiving")                                                   \
    X(CHRISTMAS_EVE, "Christmas Eve")                                                              \
    X(BY_CHRISTMAS, "day after Christmas")                                                         \
    X(MILLENNIUM_EVE, "eve of the year 2000")                                                      \
    X(SNOW_1994, "snowstorm")                                                                      \
    X(NIXON, "funeral of President Nixon")                                                         \
    X(SYSTEMS_1995, "trouble with computers at the opening")                                       \
    X(BLIZZARD_1996, "blizzard")                                                                   \
    X(BREAKER_1997, "circuit breaker: Dow Jones down 550 points")                                  \
    X(ATTACKS_2001, "attacks of 11 September 2001")                                                \
    X(MEMORIAL_2002, "memorial of 11 September 2001")                                              \
    X(REAGAN, "funeral of President Reagan")                                                       \
    X(FORD, "mourning for President Ford")                                                         \
    X(SANDY, "Hurricane Sandy")                                                                    \
    X(BUSH, "mourning for President George H. W. Bush")                                            \
    X(CARTER, "mourning for President Carter")

enum reason {
#define X(name, text) REASON_##name,
    REASONS(X)
#undef X
};

static const char *const reason_texts[] = {
#define X(name, text) text,
    REASONS(X)
#undef X
};

// What no rule foresaw. Minutes of silence and delays of under five minutes are left out.
static const struct unforeseen {
    int16_t year;
    uint8_t month, first_day, last_day;
    uint8_t exchanges; // a bit each
    uint16_t open, close;
    enum reason reason;
} unforeseen[] = {
#define BOTH (1U << XNYS | 1U << XNAS)
    {1994, FEBRUARY, 11, 11, BOTH, OPEN, AT(14, 30), REASON_SNOW_1994},
    {1994, APRIL, 27, 27, BOTH, 0, 0, REASON_NIXON},
    {1995, DECEMBER, 18, 18, 1U << XNYS, AT(10, 30), CLOSE, REASON_SYSTEMS_1995},
    {1996, JANUARY, 8, 8, BOTH, AT(11, 0), AT(14, 0), REASON_BLIZZARD_1996},
    {1997, OCTOBER, 27, 27, BOTH, OPEN, AT(15, 30), REASON_BREAKER_1997},
    {1997, DECEMBER, 26, 26, BOTH, OPEN, EARLY_CLOSE, REASON_BY_CHRISTMAS},
    {1999, DECEMBER, 31, 31, BOTH, OPEN, EARLY_CLOSE, REASON_MILLENNIUM_EVE},
    {2001, SEPTEMBER, 11, 14, BOTH, 0, 0, REASON_ATTACKS_2001},
    {2002, SEPTEMBER, 11, 11, BOTH, AT(12, 0), CLOSE, REASON_MEMORIAL_2002},
    {2003, DECEMBER, 26, 26, BOTH, OPEN, EARLY_CLOSE, REASON_BY_CHRISTMAS},
    {2004, JUNE, 11, 11, BOTH, 0, 0, REASON_REAGAN},
    {2007, JANUARY, 2, 2, BOTH, 0, 0, REASON_FORD},
    {2012, OCTOBER, 29, 30, BOTH, 0, 0, REASON_SANDY},
    {2018, DECEMBER, 5, 5, BOTH, 0, 0, REASON_BUSH},
    {2025, JANUARY, 9, 9, BOTH, 0, 0, REASON_CARTER},
#undef BOTH
};

// 1970-01-01 was a Thursday.
static int weekday(int32_t date)
{
    return (int)((date % 7 + 7 + THURSDAY) % 7);
}

// The n-th such weekday of a month.
static int32_t nth_weekday(int year, int month, int n, int day_of_week)
{
    const int32_t first = date_from_civil(year, month, 1);
    return first + (day_of_week - weekday(first) + 7) % 7 + 7 * (n - 1);
}

static int32_t last_weekday(int year, int month, int day_of_week)
{
    const int32_t last = date_from_civil(year, month + 1, 1) - 1;
    return last - (weekday(last) - day_of_week + 7) % 7;
}

// Easter Sunday of the Gregorian calendar (Oudin's form of the computus).
static int32_t easter(int year)
{
    const int century = year / 100, golden = year % 19;
    const int skipped = (century - 17) / 25;
    int moon = (century - century / 4 - (century - skipped) / 3 + 19 * golden + 15) % 30;
    moon -= moon / 28 * (1 - 29 / (moon + 1) * ((21 - golden) / 11));
    const int sunday = moon - (year + year / 4 + moon + 2 - century + century / 4) % 7;
    const int month = 3 + (sunday + 40) / 44;
    return date_from_civil(year, month, sunday + 28 - 31 * (month / 4));
}

static struct calendar_day *entry(struct calendar *calendar, int32_t date)
{
    return &calendar->days[date - CALENDAR_FIRST_DAY];
}

static void set_hours(struct calendar *calendar, int32_t date, unsigned open, unsigned close,
                      enum reason reason)
{
    struct calendar_day *day = entry(calendar, date);
    day->open = (uint16_t)open;
    day->close = (uint16_t)close;
    day->reason = (uint8_t)reason;
}

static void close_day(struct calendar *calendar, int32_t date, enum reason reason)
{
    set_hours(calendar, date, 0, 0, reason);
}

// A holiday of a fixed date: on a Sunday it is observed on Monday, on a Saturday on Friday.
static void close_observed(struct calendar *calendar, int32_t date, enum reason reason)
{
    const int day = weekday(date);
    close_day(calendar, date + (day == SUNDAY) - (day == SATURDAY), reason);
}

static void set_holidays(struct calendar *calendar, int year)
{
    // On a Saturday New Year's Day is not observed: Friday ends the accounting year.
    const int32_t new_year = date_from_civil(year, JANUARY, 1);
    if (weekday(new_year) != SATURDAY)
        close_observed(calendar, new_year, REASON_NEW_YEAR);
    if (year >= 1998)
        close_day(calendar, nth_weekday(year, JANUARY, 3, MONDAY), REASON_KING);
    close_day(calendar, nth_weekday(year, FEBRUARY, 3, MONDAY), REASON_PRESIDENTS);
    close_day(calendar, easter(year) - 2, REASON_GOOD_FRIDAY);
    close_day(calendar, last_weekday(year, MAY, MONDAY), REASON_MEMORIAL);
    if (year >= 2022)
        close_observed(calendar, date_from_civil(year, JUNE, 19), REASON_JUNETEENTH);
    close_observed(calendar, date_from_civil(year, JULY, 4), REASON_INDEPENDENCE);
    close_day(calendar, nth_weekday(year, SEPTEMBER, 1, MONDAY), REASON_LABOR);
    close_day(calendar, nth_weekday(year, NOVEMBER, 4, THURSDAY), REASON_THANKSGIVING);
    close_observed(calendar, date_from_civil(year, DECEMBER, 25), REASON_CHRISTMAS);
}

// The day that is short for 4 July, from 1995 on: the 3rd, unless that is Friday (closed) or at a
// weekend. Before 2013 a holiday on a Thursday made Friday the 5th short instead.
static void shorten_july(struct calendar *calendar, int year)
{
    const int32_t third = date_from_civil(year, JULY, 3);
    const int day = weekday(third);
    if (year < 1995 || day < MONDAY || day > THURSDAY)
        return;
    const bool friday_instead = day == WEDNESDAY && year < 2013;
    set_hours(calendar, third + (friday_instead ? 2 : 0), OPEN, EARLY_CLOSE,
              REASON_BY_INDEPENDENCE);
}

static void set_half_days(struct calendar *calendar, int year)
{
    const unsigned early = year <= 1992 ? EARLY_CLOSE_TO_1992 : EARLY_CLOSE;
    shorten_july(calendar, year);
    if (year >= 1992)
        set_hours(calendar, nth_weekday(year, NOVEMBER, 4, THURSDAY) + 1, OPEN, early,
                  REASON_BY_THANKSGIVING);
    const int32_t eve = date_from_civil(year, DECEMBER, 24);
    if (weekday(eve) >= MONDAY && weekday(eve) <= THURSDAY)
        set_hours(calendar, eve, OPEN, early, REASON_CHRISTMAS_EVE);
}

static void set_unforeseen(struct calendar *calendar, enum exchange exchange)
{
    for (size_t i = 0; i < sizeof unforeseen / sizeof *unforeseen; i++) {
        const struct unforeseen *event = &unforeseen[i];
        for (int day = event->first_day; day <= event->last_day; day++)
            if ((event->exchanges >> exchange & 1U) != 0)
                set_hours(calendar, date_from_civil(event->year, event->month, day), event->open,
                          event->close, event->reason);
    }
}

// Clocks change at 02:00 on Sundays: April to October up to 2006, since then March to November.
static void set_utc_offsets(struct calendar *calendar, int year)
{
    const bool longer = year >= 2007;
    const int32_t summer = nth_weekday(year, longer ? MARCH : APRIL, longer ? 2 : 1, SUNDAY);
    const int32_t winter =
        longer ? nth_weekday(year, NOVEMBER, 1, SUNDAY) : last_weekday(year, OCTOBER, SUNDAY);
    const int32_t last = date_from_civil(year, DECEMBER, 31);
    for (int32_t date = date_from_civil(year, JANUARY, 1); date <= last; date++)
        entry(calendar, date)->utc_offset = date >= summer && date < winter ? 4 : 5;
}

static void number_sessions(struct calendar *calendar)
{
    for (int day = 0; day < CALENDAR_DAYS; day++) {
        if (calendar->days[day].close != 0)
            calendar->sessions[calendar->session_count++] = (uint16_t)day;
        calendar->days[day].sessions = calendar->session_count;
    }
}

void calendar_build(struct calendar *calendar, enum exchange exchange)
{
    memset(calendar, 0, sizeof *calendar);
    for (int32_t date = CALENDAR_FIRST_DAY; date <= CALENDAR_LAST_DAY; date++)
        if (weekday(date) == SATURDAY || weekday(date) == SUNDAY)
            close_day(calendar, date, REASON_WEEKEND);
        else
            set_hours(calendar, date, OPEN, CLOSE, REASON_NONE);
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
        set_holidays(calendar, year);
        set_half_days(calendar, year);
        set_utc_offsets(calendar, year);
    }
    set_unforeseen(calendar, exchange);
    number_sessions(calendar);
}

static const char *const mics[EXCHANGE_COUNT] = {[XNYS] = "XNYS", [XNAS] = "XNAS"};
static const char *const names[EXCHANGE_COUNT] = {[XNYS] = "NYSE", [XNAS] = "NASDAQ"};

static bool same_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

int exchange_parse(const char *mic, size_t length, enum exchange *exchange, struct err *err)
{
    for (int i = 0; i < EXCHANGE_COUNT; i++)
        if (same_word(mic, length, mics[i]) || same_word(mic, length, names[i])) {
            *exchange = (enum exchange)i;
            return 0;
        }
    return err_set(err, EX_DATAERR,
                   "no calendar of exchange '%.*s'; there are XNYS (or NYSE) and XNAS (or NASDAQ)",
                   (int)(length < 32 ? length : 32), mic);
}

const char *exchange_mic(enum exchange exchange)
{
    return mics[exchange];
}

const struct calendar_day *calendar_day(const struct calendar *calendar, int32_t date)
{
    if (date < CALENDAR_FIRST_DAY || date > CALENDAR_LAST_DAY)
        return NULL;
    return &calendar->days[date - CALENDAR_FIRST_DAY];
}

const char *calendar_reason(const struct calendar_day *day)
{
    return reason_texts[day->reason];
}

bool calendar_is_open(const struct calendar *calendar, int32_t date)
{
    const struct calendar_day *day = calendar_day(calendar, date);
    return day != NULL && day->close != 0;
}

// The n-th session, from 0.
static int32_t session_date(const struct calendar *calendar, int n)
{
    return n >= 0 && n < calendar->session_count ? CALENDAR_FIRST_DAY + calendar->sessions[n]
                                                 : (int32_t)CALENDAR_NO_DATE;
}

int32_t calendar_next(const struct calendar *calendar, int32_t date)
{
    const struct calendar_day *day = calendar_day(calendar, date);
    return day != NULL ? session_date(calendar, day->sessions) : (int32_t)CALENDAR_NO_DATE;
}

int32_t calendar_prev(const struct calendar *calendar, int32_t date)
{
    const struct calendar_day *day = calendar_day(calendar, date);
    return day != NULL ? session_date(calendar, day->sessions - (day->close != 0) - 1)
                       : (int32_t)CALENDAR_NO_DATE;
}

// Sessions of the calendar before a date, whatever date.
static int32_t sessions_before(const struct calendar *calendar, int32_t date)
{
    if (date <= CALENDAR_FIRST_DAY)
        return 0;
    if (date > CALENDAR_LAST_DAY)
        return calendar->session_count;
    return calendar->days[date - 1 - CALENDAR_FIRST_DAY].sessions;
}

int32_t calendar_sessions_between(const struct calendar *calendar, int32_t from, int32_t to)
{
    return sessions_before(calendar, to) - sessions_before(calendar, from);
}

int64_t calendar_instant(const struct calendar *calendar, int32_t date, unsigned minute)
{
    const struct calendar_day *day = calendar_day(calendar, date);
    return (int64_t)date * DAY_SECONDS + day->utc_offset * HOUR_SECONDS + minute * MINUTE_SECONDS;
}

// New York's date at an instant. Midnight is at 04:00 or 05:00 UTC, and in the hour between only
// the table knows; a day begins with the offset that the day before ended with.
static int32_t local_date(const struct calendar *calendar, int64_t instant)
{
    int64_t date = (instant - 4 * HOUR_SECONDS) / DAY_SECONDS;
    if (date < CALENDAR_FIRST_DAY || date > CALENDAR_LAST_DAY + 1)
        return CALENDAR_NO_DATE;
    const struct calendar_day *before = calendar_day(calendar, (int32_t)date - 1);
    const int offset = before != NULL ? before->utc_offset : 5;
    return (int32_t)date - (instant < date * DAY_SECONDS + offset * HOUR_SECONDS);
}

enum trading_phase calendar_phase(const struct calendar *calendar, int64_t instant)
{
    const int32_t date = local_date(calendar, instant);
    const struct calendar_day *day = calendar_day(calendar, date);
    if (day == NULL || day->close == 0)
        return PHASE_CLOSED;
    const int64_t second = instant - calendar_instant(calendar, date, 0);
    if (second < PRE_OPEN * MINUTE_SECONDS)
        return PHASE_CLOSED;
    if (second < day->open * MINUTE_SECONDS)
        return PHASE_PRE;
    if (second < day->close * MINUTE_SECONDS)
        return PHASE_REGULAR;
    return second < (day->close + POST_MINUTES) * MINUTE_SECONDS ? PHASE_POST : PHASE_CLOSED;
}

int32_t calendar_effective_date(const struct calendar *calendar, int64_t instant)
{
    const int32_t date = local_date(calendar, instant);
    const struct calendar_day *day = calendar_day(calendar, date);
    if (day != NULL && day->close != 0 && instant < calendar_instant(calendar, date, day->close))
        return date;
    return calendar_next(calendar, date);
}
