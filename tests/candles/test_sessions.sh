#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Candles and the calendar: sessions of usual and half days on either side of a change of clocks, gaps that are filled only while the
# exchange is open, gold with what is live after it, indicators.
. tests/lib.sh
. tests/candles/lib.sh
hub_start

# insert SYMBOL TIME PRICE VOLUME, several rows as lines
insert() { query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume) FORMAT TSV
$1" >/dev/null; }

# New York closes at 21:00 UTC in winter, 20:00 in summer (from 2024-03-10), 18:00 on 2024-11-29; 2024-11-28 is a holiday.
insert "A	2024-03-08 14:29:59.9	1	10
A	2024-03-08 14:30:00	2	10
A	2024-03-08 20:59:59.999999	3	10
A	2024-03-08 21:00:00	4	10
A	2024-03-11 13:29:59	5	10
A	2024-03-11 13:30:00	6	10
A	2024-03-11 19:59:00	7	\\N
A	2024-03-11 20:30:00	8	10
A	2024-11-28 16:00:00	9	10
A	2024-11-29 17:59:59	10	30
A	2024-11-29 17:59:59.5	12	10
A	2024-11-29 18:00:00	11	10
A	2024-11-30 18:00:00	11	10"
settle
expect_equal "$(query "SELECT date, open, high, low, close, volume, trades, vwap, ticks FROM warehouse.ohlc_session ORDER BY date")" \
    "2024-03-08	2	3	2	3	20	2	2.5	2
2024-03-11	6	7	6	7	10	1	6	2
2024-11-29	10	12	10	12	40	2	10.5	2" "sessions"
expect_equal "$(query "SELECT toDate(ts), open, close, volume FROM warehouse.ohlc_1d ORDER BY ts")" \
    "2024-03-08	1	4	40
2024-03-11	5	8	30
2024-11-28	9	9	10
2024-11-29	10	11	50
2024-11-30	11	11	10" "days of UTC"

# Minutes of two sessions from the first tick on, each with its 390 minutes, and four outside of them.
filled() { query "SELECT $1 FROM warehouse.ohlc_filled(symbol = '$2', from = '$3', to = '$4', seconds = $5)"; }
expect_equal "$(filled "count(), sum(is_filled), min(ts), max(ts)" A "2024-03-08 00:00:00" "2024-03-12 00:00:00" 60)" \
    "784	776	2024-03-08 14:29:00.000000	2024-03-11 20:30:00.000000" "filled minutes"
expect_equal "$(filled "count(), countIf(ts >= '2024-03-08 21:01:00' AND ts < '2024-03-11 13:29:00')" A "2024-03-08 21:00:00" "2024-03-11 13:30:00" 60)" \
    "2	0" "nothing is filled over night and over the weekend"
expect_equal "$(filled "ts, open, high, low, close, volume, is_filled" A "2024-03-11 13:30:00" "2024-03-11 13:32:00" 60)" \
    "2024-03-11 13:30:00.000000	6	6	6	6	10	0
2024-03-11 13:31:00.000000	6	6	6	6	0	1" "a filled minute repeats the close before it"
expect_equal "$(filled "ts, open, close, is_filled" A "2024-03-11 15:00:00" "2024-03-11 15:01:00" 60)" \
    "2024-03-11 15:00:00.000000	6	6	1" "the close before the first minute asked for"
expect_equal "$(filled "count(), sum(is_filled), max(ts)" A "2024-11-28 00:00:00" "2024-11-30 00:00:00" 300)" \
    "44	41	2024-11-29 18:00:00.000000" "a holiday and a half day, by five minutes"
expect_equal "$(filled "toDate(ts), close, is_filled" A "2024-03-08 00:00:00" "2024-03-13 00:00:00" 86400)" \
    "2024-03-08	4	0
2024-03-11	8	0
2024-03-12	8	1" "days"
expect_equal "$(filled "count()" A "2024-11-29 14:00:00" "2024-11-29 15:00:00" 1)" 1800 "seconds"
expect_equal "$(filled "count()" nobody "2024-03-08 00:00:00" "2024-03-12 00:00:00" 60)" 0 "an unknown symbol"
expect_equal "$(filled "max(ts) < now64(6)" A "2024-03-08 00:00:00" "2199-01-01 00:00:00" 86400)" 1 "the future is not filled"

# Gold up to 2026-02-20, then what is live; the live session of a day that gold has counts for nothing.
"$TICKHOUSE" ingest stooq --input samples/prices --url "$HUB_URL" --quiet || fail "the samples do not load"
query "SYSTEM REFRESH VIEW warehouse.gold_refresh" >/dev/null
query "SYSTEM WAIT VIEW warehouse.gold_refresh" >/dev/null
insert "NVDA	2026-02-19 15:00:00	1	10
NVDA	2026-02-23 15:00:00	190	10
NVDA	2026-02-23 16:00:00	191	10
NVDA	2026-02-24 15:00:00	192	\\N
BRK.B	2026-02-24 15:00:00	500	1"
settle
expect_equal "$(query "SELECT date, close, volume, origin FROM warehouse.stock_unified WHERE ticker = 'NVDA' ORDER BY date DESC LIMIT 3")" \
    "2026-02-24	192	0	live
2026-02-23	191	20	live
2026-02-20	189.82	178422337	gold" "gold, then live"
expect_equal "$(query "SELECT count() - uniqExact(ticker, date) FROM warehouse.stock_unified")" 0 "days that are there twice"
expect_equal "$(query "SELECT ticker, date, close FROM warehouse.stock_unified WHERE startsWith(ticker, 'BRK')")" "BRK-B	2026-02-24	500" "a share class"
expect_equal "$(query "SELECT count() - (SELECT count() FROM warehouse.gold_stock_analytics) FROM warehouse.stock_unified WHERE origin = 'gold'")" 0 "all of gold"

# Indicators of minutes are those of the same series as an array.
insert "$(query "SELECT 'T', toDateTime64('2026-03-02 14:30:00', 6, 'UTC') + toIntervalSecond(number * 20), round(100 + 5 * sin(number / 40) + number % 7 / 10, 2), 10
    FROM numbers(3600)")"
settle
expect_equal "$(query "SELECT count(), countIf(NOT isNaN(ema_26)), max(ts) FROM warehouse.ta_1m(symbol = 'T')")" \
    "1000	975	2026-03-03 10:29:00.000000" "the newest thousand minutes"
expect_equal "$(query "SELECT ema_12, rsi_14, macd_hist FROM warehouse.ta_1m(symbol = 'T') ORDER BY ts DESC LIMIT 1")" \
    "$(query "SELECT ta_ema(x, 12)[-1], ta_rsi(x, 14)[-1], ta_macd(x, 12, 26, 9).hist[-1]
        FROM (SELECT arraySlice(arraySort((c, t) -> t, groupArray(close), groupArray(ts)), -1000) AS x FROM warehouse.ohlc_1m WHERE symbol = 'T')")" "indicators"
expect_equal "$(query "SELECT abs(a.rsi_14 / b - 1) < 1e-12 FROM (SELECT * FROM warehouse.ta_1m(symbol = 'T') ORDER BY ts DESC LIMIT 1) AS a
    CROSS JOIN (SELECT ta_rsi(arraySort((c, t) -> t, groupArray(close), groupArray(ts)), 14)[-1] AS b FROM warehouse.ohlc_1m WHERE symbol = 'T') AS whole")" 1 \
    "what a thousand minutes remember of their start"
echo "sessions, gaps, gold with live, indicators"
