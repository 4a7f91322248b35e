// SPDX-License-Identifier: Apache-2.0
// The trading calendar at its corners; tests/parity/trading_calendar.sh compares every day.
#include "base/time.h"
#include "market/calendar.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct calendar nyse, nasdaq;

static int build(void **state)
{
    (void)state;
    calendar_build(&nyse, XNYS);
    calendar_build(&nasdaq, XNAS);
    return 0;
}

static int32_t day(const char *text)
{
    int32_t date;
    if (!date_parse(text, strlen(text), &date))
        fail_msg("'%s' is no date", text);
    return date;
}

// UTC, "YYYY-MM-DD HH:MM:SS".
static int64_t instant(const char *text)
{
    int hour, minute, second;
    char date[11] = "";
    memcpy(date, text, 10);
    assert_int_equal(sscanf(text + 10, " %d:%d:%d", &hour, &minute, &second), 3);
    return day(date) * INT64_C(86400) + hour * INT64_C(3600) + minute * INT64_C(60) + second;
}

static void assert_date(int32_t found, const char *wanted, const char *about)
{
    char text[11];
    date_format(found, text);
    if (strcmp(text, wanted) != 0)
        fail_msg("%s: wanted %s, found %s", about, wanted, text);
}

static void the_range_is_what_the_header_says(void **state)
{
    (void)state;
    assert_int_equal(day("1990-01-01"), CALENDAR_FIRST_DAY);
    assert_int_equal(day("2035-12-31"), CALENDAR_LAST_DAY);
    assert_int_equal(nyse.session_count, 11577);
    assert_true(sizeof nyse < 160000);
}

static void exchanges_have_two_names(void **state)
{
    static const char *const good[] = {"XNYS", "NYSE", "xnys", "XNAS", "NASDAQ", "Nasdaq"};
    static const char *const bad[] = {"", "X", "XNY", "XNYSE", "XLON", "NYS\0E"};
    enum exchange exchange;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(exchange_parse(good[i], strlen(good[i]), &exchange, NULL), 0);
        assert_int_equal(exchange, i < 3 ? XNYS : XNAS);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(exchange_parse(bad[i], strlen(bad[i]), &exchange, &err), EX_DATAERR);
        assert_non_null(strstr(err.text, "XNYS (or NYSE) and XNAS (or NASDAQ)"));
    }
}

static void holidays_begin_in_their_years(void **state)
{
    static const struct {
        const char *date, *reason;
    } days[] = {
        {"1997-01-20", ""},
        {"1998-01-19", "Martin Luther King Jr. Day"},
        {"2021-06-18", ""},
        {"2022-06-20", "Juneteenth"},
        {"2010-12-31", ""}, // New Year's Day 2011 was a Saturday
        {"2021-12-31", ""},
        {"2023-01-02", "New Year's Day"},
        {"2000-04-21", "Good Friday"},
        {"2035-03-23", "Good Friday"},
        {"2026-07-03", "Independence Day"},
        {"2027-12-24", "Christmas Day"},
        {"2001-09-14", "attacks of 11 September 2001"},
        {"2001-09-17", ""},
        {"2012-10-29", "Hurricane Sandy"},
        {"2025-01-09", "mourning for President Carter"},
        {"2024-11-30", "weekend"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        const struct calendar_day *entry = calendar_day(&nyse, day(days[i].date));
        assert_string_equal(calendar_reason(entry), days[i].reason);
        assert_int_equal(calendar_is_open(&nyse, day(days[i].date)), days[i].reason[0] == '\0');
    }
}

static void half_days_have_a_history(void **state)
{
    static const struct {
        const char *date;
        unsigned close; // hour
    } days[] = {
        {"1991-11-29", 16}, {"1992-11-27", 14}, {"1993-11-26", 13}, {"1991-12-24", 14},
        {"1996-12-24", 13}, {"1994-07-05", 16}, {"1995-07-03", 13}, {"2002-07-03", 16},
        {"2002-07-05", 13}, {"2013-07-03", 13}, {"2013-07-05", 16}, {"1997-12-26", 13},
        {"2008-12-26", 16}, {"2028-07-03", 13}, {"2020-07-02", 16},
    };
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (calendar_day(&nyse, day(days[i].date))->close != days[i].close * 60)
            fail_msg("%s closes at minute %u", days[i].date,
                     calendar_day(&nyse, day(days[i].date))->close);
}

static void one_exchange_may_be_late(void **state)
{
    (void)state;
    assert_int_equal(calendar_day(&nyse, day("1995-12-18"))->open, 10 * 60 + 30);
    assert_int_equal(calendar_day(&nasdaq, day("1995-12-18"))->open, 9 * 60 + 30);
}

static void phases_change_on_the_second(void **state)
{
    static const struct {
        const char *instant;
        enum trading_phase phase;
        const char *effective;
    } cases[] = {
        {"2025-03-07 08:59:59", PHASE_CLOSED, "2025-03-07"}, // winter: 04:00 is 09:00 UTC
        {"2025-03-07 09:00:00", PHASE_PRE, "2025-03-07"},
        {"2025-03-07 14:30:00", PHASE_REGULAR, "2025-03-07"},
        {"2025-03-07 20:59:59", PHASE_REGULAR, "2025-03-07"},
        {"2025-03-07 21:00:00", PHASE_POST, "2025-03-10"},
        {"2025-03-08 00:59:59", PHASE_POST, "2025-03-10"},
        {"2025-03-08 01:00:00", PHASE_CLOSED, "2025-03-10"},
        {"2025-03-10 07:59:59", PHASE_CLOSED, "2025-03-10"}, // summer: 04:00 is 08:00 UTC
        {"2025-03-10 08:00:00", PHASE_PRE, "2025-03-10"},
        {"2025-03-10 13:30:00", PHASE_REGULAR, "2025-03-10"},
        {"2025-03-10 20:00:00", PHASE_POST, "2025-03-11"},
        {"2025-11-28 17:59:59", PHASE_REGULAR, "2025-11-28"}, // a half day
        {"2025-11-28 18:00:00", PHASE_POST, "2025-12-01"},
        {"2025-11-28 22:00:00", PHASE_CLOSED, "2025-12-01"},
        {"2001-09-11 12:45:00", PHASE_CLOSED, "2001-09-17"},
        {"2025-07-05 03:59:59", PHASE_CLOSED, "2025-07-07"}, // New York's 4 July until midnight
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(calendar_phase(&nyse, instant(cases[i].instant)), cases[i].phase);
        assert_date(calendar_effective_date(&nyse, instant(cases[i].instant)), cases[i].effective,
                    cases[i].instant);
    }
}

static void beyond_its_years_it_says_so(void **state)
{
    static const int64_t far[] = {INT64_MIN / 1000000, -1, 0, INT64_MAX / 1000000};
    (void)state;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_int_equal(calendar_phase(&nyse, far[i]), PHASE_CLOSED);
        assert_int_equal(calendar_effective_date(&nyse, far[i]), CALENDAR_NO_DATE);
    }
    // 1990-01-01 begins at 05:00 UTC; 2035 ends after the close of its last day.
    assert_date(calendar_effective_date(&nyse, instant("1990-01-01 04:59:59")), "1970-01-01", "");
    assert_date(calendar_effective_date(&nyse, instant("1990-01-01 05:00:00")), "1990-01-02", "");
    assert_date(calendar_effective_date(&nyse, instant("2035-12-31 20:59:59")), "2035-12-31", "");
    assert_date(calendar_effective_date(&nyse, instant("2035-12-31 21:00:00")), "1970-01-01", "");
    assert_int_equal(calendar_phase(&nyse, instant("2036-01-01 00:59:59")), PHASE_POST);
    assert_int_equal(calendar_phase(&nyse, instant("2036-01-01 05:00:00")), PHASE_CLOSED);
    assert_false(calendar_is_open(&nyse, day("1989-12-29")));
    assert_false(calendar_is_open(&nyse, day("2036-01-02")));
    assert_date(calendar_next(&nyse, day("2035-12-31")), "1970-01-01", "next of the last");
    assert_date(calendar_prev(&nyse, day("1990-01-02")), "1970-01-01", "prev of the first");
    assert_date(calendar_next(&nyse, INT32_MAX), "1970-01-01", "next of the far future");
    assert_date(calendar_prev(&nyse, INT32_MIN), "1970-01-01", "prev of the far past");
    assert_int_equal(calendar_sessions_between(&nyse, INT32_MIN, INT32_MAX), 11577);
}

// next, prev and the count agree with a walk over the days.
static void neighbours_agree_with_a_walk(void **state)
{
    int32_t last = CALENDAR_NO_DATE, count = 0;
    (void)state;
    for (int32_t date = CALENDAR_FIRST_DAY; date <= CALENDAR_LAST_DAY; date++) {
        assert_int_equal(calendar_prev(&nyse, date), last);
        assert_int_equal(calendar_sessions_between(&nyse, CALENDAR_FIRST_DAY, date), count);
        assert_int_equal(calendar_sessions_between(&nyse, date, CALENDAR_FIRST_DAY), -count);
        if (!calendar_is_open(&nyse, date))
            continue;
        for (int32_t d = last != CALENDAR_NO_DATE ? last : CALENDAR_FIRST_DAY; d < date; d++)
            assert_int_equal(calendar_next(&nyse, d), date);
        last = date;
        count++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_is_what_the_header_says),
        cmocka_unit_test(exchanges_have_two_names),
        cmocka_unit_test(holidays_begin_in_their_years),
        cmocka_unit_test(half_days_have_a_history),
        cmocka_unit_test(one_exchange_may_be_late),
        cmocka_unit_test(phases_change_on_the_second),
        cmocka_unit_test(beyond_its_years_it_says_so),
        cmocka_unit_test(neighbours_agree_with_a_walk),
    };
    return cmocka_run_group_tests(tests, build, NULL);
}
