#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rounds: what a killed hub leaves is settled by the next one; candles outlive their ticks; no value of a tick can stop a round; a tick is
# in every candle the moment that it is stored; conditions reach the tables.
. tests/lib.sh
. tests/candles/lib.sh
hub_start "$WORK/hub"

# part N: one of 40 inserts, its ticks three days ago and now.
part() {
    query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume, version)
        SELECT 'S' || toString(number % 5), toDateTime64('2024-03-08 20:00:00', 6, 'UTC') + toIntervalMicrosecond(cityHash64(number, $1) % 900000000),
            round(100 + cityHash64(number, 3) % 500 / 100, 2), if(number % 3 = 0, NULL, number % 100), 1
        FROM numbers(200)"
}

# Parts go in, one after the other, until the hub dies; one that was not acknowledged is sent again. The subshell ends with its first failure.
next=1
for wait in 0.6 1.1 2.3; do
    (
        while [ "$next" -le 40 ]; do
            part "$next" >/dev/null 2>&1 || exit 0
            echo "$next" >"$WORK/acknowledged"
            next=$((next + 1))
            sleep 0.1
        done
    ) &
    inserter=$!
    sleep "$wait"
    hub_kill9
    wait "$inserter" || :
    next=$(($(cat "$WORK/acknowledged") + 1))
    hub_start "$WORK/hub"
done
while [ "$next" -le 40 ]; do
    part "$next"
    next=$((next + 1))
done
settle
expect_equal "$(query "SELECT count() FROM warehouse.stock_realtime FINAL")" "$(query "SELECT sum(ticks) FROM warehouse.ohlc_1d")" "ticks in days"
expect_direct "after three kills"

# Without waiting: ticks of now, in each width the moment they are stored.
for n in 1 2 3 4 5 6; do
    query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume)
        SELECT 'NOW', now64(6, 'UTC') + toIntervalMicrosecond(number), 100 + $n, 1 FROM numbers(10)"
    for width in $WIDTHS; do
        expect_equal "$(query "SELECT sum(ticks), argMax(close, close_at) FROM warehouse.ohlc_${width%:*} WHERE symbol = 'NOW'")" "$((10 * n))	$((100 + n))" \
            "ohlc_${width%:*} right after insert $n"
    done
    sleep 0.4
done

# read WHAT: rows that a query reads.
read_rows() {
    query "$1" -D "$WORK/headers" --url-query wait_end_of_query=1 >/dev/null
    sed -n 's/^X-ClickHouse-Summary:.*"read_rows":"\([0-9]*\)".*/\1/p' "$WORK/headers"
}
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume)
    SELECT 'P' || toString(number % 50), toDateTime64('2024-03-05 14:00:00', 6, 'UTC') + toIntervalSecond(intDiv(number, 50)), 1, 1 FROM numbers(100000)"
settle
all=$(read_rows "SELECT * FROM warehouse.ohlc_1s")
one=$(read_rows "SELECT * FROM warehouse.ohlc_1s WHERE symbol = 'P7' AND ts >= '2024-03-05 14:10:00' AND ts < '2024-03-05 14:11:00'")
expect_equal "$((all >= 100000)) $((one <= 3000))" "1 1" "a minute of one symbol reads $one rows, all of them $all"

# Values that no sum holds, and the ends of time.
forget
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume) VALUES
    ('H', '2024-03-08 20:00:00', 1e300, 1e300), ('H', '2024-03-08 20:00:01', 1, inf), ('H', '2024-03-08 20:00:02', 2, nan), ('H', '2024-03-08 20:00:03', -3, -5),
    ('H', '1970-01-01 00:00:00', 5, 1), ('H', '2199-12-31 23:59:59.999999', 6, 1)"
settle
expect_equal "$(query "SELECT ts, open, high, low, close, ticks FROM warehouse.ohlc_1m ORDER BY ts")" \
    "1970-01-01 00:00:00.000000	5	5	5	5	1
2024-03-08 20:00:00.000000	1e300	1e300	-3	-3	4
2199-12-31 23:59:00.000000	6	6	6	6	1" "odd values"

# Ticks are gone 30 days after they came, their candles stay. What comes for such a second then is refused, since it would have to be computed
# without them, and so it is from the 29th day on; the seconds beside it are as ever. The test has the ticks gone half a day early.
forget
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume, received_at)
    SELECT 'OLD', toDateTime64('2024-03-08 20:00:00', 6, 'UTC') + toIntervalMillisecond(number * 250), 100 + number, 1, now64(6) - toIntervalHour(29 * 24 + 12)
    FROM numbers(40)"
settle
candles 1m >"$WORK/before"
query "ALTER TABLE warehouse.stock_realtime MODIFY TTL toDateTime(received_at) + INTERVAL 29 DAY SETTINGS mutations_sync = 2" >/dev/null
query "OPTIMIZE TABLE warehouse.stock_realtime FINAL" >/dev/null
expect_equal "$(query "SELECT count() FROM warehouse.stock_realtime")" 0 "ticks after their time"
expect_equal "$(query "SELECT ticks FROM warehouse.ohlc_1m")" 40 "ticks of the candle"
candles 1m | cmp "$WORK/before" - || fail "candles went with their ticks"
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume) VALUES
    ('OLD', '2024-03-08 20:00:01.1', 1, 1), ('OLD', '2024-03-08 20:00:30', 500, 1)"
settle
expect_equal "$(query "SELECT open, high, low, close, volume, trades, ticks FROM warehouse.ohlc_1m")" "100	500	100	500	41	41	41" \
    "a minute of which ticks are gone"
echo "kills, ticks of now, conditions, odd values, ticks that are gone"
