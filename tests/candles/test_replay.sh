#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Candles depend on which ticks there are, and on nothing else: not on their order, on how they were cut into inserts, on redelivery,
# nor on when rounds ran. Late ticks, corrections and deletions change the candles that they belong to.
. tests/lib.sh
. tests/candles/lib.sh
hub_start

# Four symbols over three days, in cents, a third of them quotes; 40 in a day far ahead. Of the ticks with an even number there is an
# older version with another price.
query "CREATE TABLE default.ticks (symbol String, timestamp DateTime64(6, 'UTC'), price Float64, volume Nullable(Float64), version UInt64) ENGINE = Memory"
query "INSERT INTO default.ticks
    SELECT 'S' || toString(cityHash64(number, 1) % 4),
        toDateTime64(if(number < 40, '2150-05-05 00:00:00', '2024-03-08 20:00:00'), 6, 'UTC') + toIntervalMicrosecond(cityHash64(number, 2) % 200000000000),
        round(100 + cityHash64(number, 3) % 500 / 100, 2),
        if(cityHash64(number, 4) % 3 = 0, NULL, round(cityHash64(number, 5) % 30000 / 100, 2)), 10 + number
    FROM numbers(8000)"

# deliver SEED: in seven inserts, shuffled; every third tick comes twice, every second one after or before its older version.
deliver() {
    forget
    for part in 0 1 2 3 4 5 6; do
        query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume, source, version, is_deleted)
            SELECT symbol, timestamp, price + if(old, 7, 0), volume, 'test', version - old, 0
            FROM default.ticks ARRAY JOIN arrayConcat([0], if(version % 2 = 0, [1], []), if(version % 3 = 0, [0], [])) AS old
            WHERE cityHash64(symbol, timestamp, old, $1) % 7 = $part ORDER BY cityHash64(timestamp, $1)"
    done
    settle
}

deliver 1
expect_direct "delivered once"
for width in $WIDTHS; do candles "${width%:*}"; done >"$WORK/first"
for seed in 2 3; do
    deliver "$seed"
    for width in $WIDTHS; do candles "${width%:*}"; done >"$WORK/again"
    cmp "$WORK/first" "$WORK/again" || fail "shuffle $seed gives other candles: $(diff "$WORK/first" "$WORK/again" | grep -A1 -B1 -m3 -e ---)"
done

# All ticks again, long after: nothing changes.
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume, source, version, is_deleted)
    SELECT symbol, timestamp, price, volume, 'test', version, 0 FROM default.ticks"
settle
for width in $WIDTHS; do candles "${width%:*}"; done | cmp "$WORK/first" - || fail "redelivery changes candles"

# Late ticks at either end of a second; a correction of the price; one that moves to another time; a deleted second, minute, day.
change() { query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume, source, version, is_deleted) $1"; }
change "SELECT symbol, toStartOfSecond(timestamp), 99, 1, 'test', 1, 0 FROM default.ticks WHERE version % 100 = 0"
change "SELECT symbol, toStartOfSecond(timestamp) + toIntervalMicrosecond(999999), 110, 1, 'test', 1, 0 FROM default.ticks WHERE version % 100 = 1"
change "SELECT symbol, timestamp, 50, 3, 'test', 20000, 0 FROM default.ticks WHERE version % 100 = 2"
change "SELECT symbol, timestamp + toIntervalMinute(moved), price, volume, 'test', 30000, NOT moved FROM default.ticks ARRAY JOIN [0, 1] AS moved
    WHERE version % 100 = 3"
settle
expect_direct "late ticks, corrections, ticks that get another time"
change "SELECT symbol, timestamp, price, volume, 'test', 40000, 1 FROM warehouse.stock_realtime FINAL WHERE symbol = 'S0' AND toDate(timestamp) = '2024-03-09'"
settle
expect_direct "a day without ticks"
expect_equal "$(query "SELECT count() FROM warehouse.ohlc_1d WHERE symbol = 'S0' AND ts = '2024-03-09'")" 0 "candles of a deleted day"
change "SELECT symbol, timestamp, price, volume, 'test', 50000, 1 FROM warehouse.stock_realtime FINAL"
settle
expect_equal "$(query "SELECT count() FROM warehouse.ohlc_1s")" 0 "candles when no tick is left"
echo "three shuffles, redelivery, late ticks, corrections and deletions: candles to the bit"
