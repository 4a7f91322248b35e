#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every form that the documentation offers gives the same values 50 times with 1 to 8 threads, from a table of many parts, where
# groupArray alone does not: that it does not is part of the test, so that the test can fail.
. tests/lib.sh
hub_start "$WORK/hub"

query "CREATE TABLE warehouse.parts (ticker LowCardinality(String), date Date, open Float64, high Float64, low Float64,
    close Float64, volume Float64) ENGINE = MergeTree ORDER BY cityHash64(ticker, date) SETTINGS index_granularity = 128" >/dev/null
query "SYSTEM STOP MERGES warehouse.parts" >/dev/null
for part in 0 1 2 3 4 5 6 7; do
    query "INSERT INTO warehouse.parts SELECT 'T' || (number % 40)::String, toDate('2015-01-01') + intDiv(number, 40) AS d,
        c - 0.5, c + 1, c - 1, 100 + cityHash64(number) % 1000 / 100 AS c, 1000 + number % 77
        FROM numbers(80000) WHERE toUInt16(d) % 8 = $part" >/dev/null
done
query "INSERT INTO warehouse.stock_daily SELECT *, 'test', now64(6) FROM warehouse.parts" >/dev/null

# hash FORM: one number for the values of all tickers
form() {
    case $1 in
    unordered) echo "SELECT ticker, ta_ema(groupArray(close), 12) AS r FROM warehouse.parts GROUP BY ticker" ;;
    ta) echo "SELECT ticker, ta('ema(12), rsi(14)', groupArray(date), groupArray(close)) AS r FROM warehouse.parts GROUP BY ticker" ;;
    ta_last) echo "SELECT ticker, ta_last('ema(12), rsi(14)', groupArray(date), groupArray(close)) AS r FROM warehouse.parts GROUP BY ticker" ;;
    arrays) echo "SELECT ticker, ta_ema(arraySort((value, day) -> day, groupArray(close), groupArray(date)), 12) AS r
        FROM warehouse.parts GROUP BY ticker" ;;
    table) echo "SELECT ticker, date, ema_12 AS r FROM executable('ta table ema(12)', Native,
        'ticker String, date Date, close Float64, ema_12 Float64',
        (SELECT ticker, date, close FROM warehouse.parts ORDER BY ticker, date))" ;;
    ta_daily) echo "SELECT * FROM warehouse.ta_daily(ticker = 'T7')" ;;
    all) echo "SELECT * FROM warehouse.stock_indicators" ;;
    esac
}

# different FORM: how many different answers 50 runs give
different() {
    run=0
    while [ $run -lt 50 ]; do
        query "SELECT sum(cityHash64(toString(tuple(*)))) FROM ($(form "$1")) SETTINGS max_threads = $((run % 8 + 1)),
            max_block_size = 500, preferred_block_size_bytes = 0, merge_tree_min_rows_for_concurrent_read = 1"
        run=$((run + 1))
    done | sort -u | wc -l
}

for name in ta ta_last arrays table ta_daily all; do
    expect_equal "$(different $name)" 1 "form '$name': number of different answers"
done
[ "$(different unordered)" -gt 1 ] || fail "groupArray without an order gave one answer; the test shows nothing"
query "SYSTEM REFRESH VIEW warehouse.silver_stock_indicators" >/dev/null
query "SYSTEM WAIT VIEW warehouse.silver_stock_indicators" >/dev/null
columns='ticker, date, close, volume, ema_12, ema_26, macd, macd_signal, macd_hist, rsi_14, bb_upper, bb_middle, bb_lower, atr_14'
hash="sum(cityHash64(toString(tuple($columns))))"
expect_equal "$(query "SELECT count(), $hash FROM warehouse.silver_stock_indicators")" \
    "$(query "SELECT count(), $hash FROM warehouse.stock_indicators")" "the refreshed view"
expect_match "$(query "EXPLAIN indexes = 1 SELECT rsi_14 FROM warehouse.ta_daily(ticker = 'T7')")" "*Condition: (ticker in *" \
    "ta_daily reads more than its ticker"
echo "6 forms give one answer in 50 runs each; groupArray alone gives several"
