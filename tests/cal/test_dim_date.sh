#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The calendar as a table: the table function, what it refuses, and the dimension that says what the functions say.
. tests/lib.sh
hub_use

expect_equal "$(query "SELECT date, open_at, close_at, is_half_day, reason, next_session, iso_week, is_month_end
    FROM warehouse.trading_calendar(from = '2025-11-26', to = '2025-11-29', mic = 'nyse')")" \
    "2025-11-26	2025-11-26 14:30:00.000000	2025-11-26 21:00:00.000000	false		2025-11-28	48	false
2025-11-27	\\N	\\N	false	Thanksgiving Day	2025-11-28	48	false
2025-11-28	2025-11-28 14:30:00.000000	2025-11-28 18:00:00.000000	true	day after Thanksgiving	2025-12-01	48	true
2025-11-29	\\N	\\N	false	weekend	2025-12-01	48	false" "four days of November 2025"
expect_equal "$(query "SELECT count() FROM warehouse.trading_calendar(from = '2025-11-26', to = '2025-11-25', mic = 'XNYS')")" 0 \
    "an empty range"
expect_match "$(query_error "SELECT * FROM warehouse.trading_calendar(from = '2025-11-26', to = '2025-11-29', mic = 'XLON')")" \
    "*no calendar of exchange \"XLON\"; there are XNYS (or NYSE) and XNAS (or NASDAQ)*" "an unknown exchange"
expect_match "$(query_error "SELECT * FROM warehouse.trading_calendar(from = '1985-01-01', to = '2025-11-29', mic = 'XNYS')")" \
    "*\"from\" is 1985-01-01; the calendar reaches from 1990-01-01 to 2035-12-31*" "a year too early"
expect_match "$(query_error "SELECT * FROM executable('cal calendar', Native, 'date Date', (SELECT toDate('2025-01-01') AS from, 'XNYS' AS mic))")" \
    "*got 2 columns; give it three: (SELECT from, to, mic)*" "a column too few"
expect_equal "$(query "SELECT sum(is_open) FROM executable('cal calendar', Native, 'is_open Bool',
    (SELECT toDate32('2024-01-01') + number * 366 AS from, toDate('2024-12-31') + number * 365 AS to, ['XNYS', 'NASDAQ'][1 + number] AS mic FROM numbers(2)))")" \
    502 "two ranges in one input"
expect_code 64 "$TICKHOUSE_BUILD/user_scripts/cal" calendar 2025
head -c 1000 /dev/zero | tr '\0' '\377' >"$WORK/garbage"
expect_code 65 sh -c "'$TICKHOUSE_BUILD/user_scripts/cal' calendar <'$WORK/garbage'"

expect_equal "$(query "SELECT mic, count(), countIf(is_open), countIf(is_month_end), countIf(is_year_end), max(session_number)
    FROM warehouse.dim_date GROUP BY mic ORDER BY mic")" \
    "XNAS	16801	11577	552	46	11577
XNYS	16801	11577	552	46	11577" "the dimension holds every day"
expect_equal "$(query "SELECT
        countIf(is_open != cal_is_open(date, mic)),
        countIf(next_session != cal_next(date, mic)),
        countIf(prev_session != cal_prev(date, mic)),
        countIf(iso_year != toISOYear(date) OR iso_week != toISOWeek(date)),
        countIf(is_open AND cal_session(assumeNotNull(open_at), mic) != 'regular'),
        countIf(is_open AND cal_session(assumeNotNull(close_at), mic) != 'post'),
        countIf(is_open AND cal_effective_date(assumeNotNull(open_at), mic) != date),
        countIf(is_open AND cal_effective_date(assumeNotNull(close_at), mic) != next_session),
        countIf(session_number != cal_sessions_between(toDate('1990-01-01'), date + 1, mic)),
        countIf(is_open != isNotNull(open_at) OR is_open != isNotNull(close_at))
    FROM warehouse.dim_date")" "0	0	0	0	0	0	0	0	0	0" "the dimension and the functions agree"

# Applied again, the schema gives the same table.
before=$(query "SELECT groupBitXor(cityHash64(*)) FROM warehouse.dim_date")
"$TICKHOUSE" sql --url "$HUB_URL" <schemas/0040_calendar.sql >/dev/null
expect_equal "$(query "SELECT groupBitXor(cityHash64(*)) FROM warehouse.dim_date")" "$before" "the schema applied twice"
echo "the calendar is the same as a table and as functions"
