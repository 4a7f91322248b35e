#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every day of the calendar, and every minute of the days around which an hour may go wrong, against exchange_calendars;
# for XNAS the first minute of each five and the one before it.
. tests/lib.sh
need_engine
peers=$(scripts/peers.sh calendar) || skip "exchange_calendars could not be installed"

columns="date Date, mic String, is_open Bool, open_at Nullable(DateTime64(6, \\'UTC\\')), close_at Nullable(DateTime64(6, \\'UTC\\'))"
query_new "SELECT mic, date, is_open::UInt8, toUnixTimestamp(open_at), toUnixTimestamp(close_at) FROM executable('cal calendar', Native, '$columns',
    (SELECT toDate('1990-01-01') AS from, toDate('2035-12-31') AS to, arrayJoin(['XNYS', 'XNAS']) AS mic))" >"$WORK/days.tsv"
[ "$(wc -l <"$WORK/days.tsv")" -eq 33602 ] || fail "not every day came: $(wc -l <"$WORK/days.tsv") of 33602"

"$peers/bin/python" tests/parity/trading_calendar.py days "$WORK/days.tsv" >"$WORK/minute_days.tsv" || fail "days differ"
query_new "SELECT mic, ts, cal_session(ts, mic), cal_effective_date(ts, mic) FROM (
    SELECT toDateTime(arrayJoin(range(toUInt32(start), toUInt32(start) + 90000, 60)), 'UTC') AS ts, arrayJoin(['XNYS', 'XNAS']) AS mic
    FROM file('$WORK/minute_days.tsv', TSV, 'start Int64')) WHERE mic = 'XNYS' OR toMinute(ts) % 5 IN (0, 4) FORMAT TSV SETTINGS date_time_output_format = 'unix_timestamp'" >"$WORK/minutes.tsv"
"$peers/bin/python" tests/parity/trading_calendar.py minutes "$WORK/minutes.tsv" || fail "minutes differ"
