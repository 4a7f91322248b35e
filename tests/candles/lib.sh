# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of candles share. Source it after tests/lib.sh, with a hub of one's own.

# name:seconds of each width
WIDTHS='1s:1 1m:60 5m:300 15m:900 1h:3600 1d:86400'

# Waits until every mark that is there now had its second look, which sees all that came before it.
settle() {
    newest=$(query "SELECT max(marked_at) FROM warehouse.ohlc_mark")
    left=3000
    until [ "$(query "SELECT max(settled_at) >= '$newest' FROM warehouse.ohlc_state WHERE seconds = 0 AND ts = 2")" = 1 ]; do
        [ "$left" -gt 0 ] || fail "no round has come to $newest: $(query "SELECT * FROM system.view_refreshes WHERE view = 'ohlc_refresh' FORMAT Vertical")"
        sleep 0.1
        left=$((left - 1))
    done
}

# Only marks, ticks and candles of a test's own are in the hub.
forget() {
    query "SYSTEM STOP VIEW warehouse.ohlc_refresh" >/dev/null
    while [ "$(query "SELECT status FROM system.view_refreshes WHERE view = 'ohlc_refresh'")" != Disabled ]; do sleep 0.05; done
    for table in stock_realtime ohlc_mark ohlc_state; do query "TRUNCATE TABLE warehouse.$table" >/dev/null; done
    query "SYSTEM START VIEW warehouse.ohlc_refresh" >/dev/null
}

# candles NAME: all of a width.
candles() { query "SELECT * FROM warehouse.ohlc_$1 ORDER BY symbol, ts"; }

# direct SECONDS: what ohlc_* must show, from the ticks alone and in another way; their values have two decimals.
direct() {
    query "SELECT symbol, addSeconds(toDateTime64('1970-01-01', 6, 'UTC'), intDiv(toUnixTimestamp64Milli(timestamp), 1000 * $1) * $1) AS ts,
        (arraySort(groupArray((timestamp, price))) AS ticks)[1].2 AS open, arrayMax(ticks.2) AS high, arrayMin(ticks.2) AS low, ticks[-1].2 AS close,
        ticks[1].1 AS open_at, arrayFirst(tick -> tick.2 = high, ticks).1 AS high_at, arrayFirst(tick -> tick.2 = low, ticks).1 AS low_at,
        ticks[-1].1 AS close_at, toFloat64(sum(toDecimal128(toString(ifNull(volume, 0)), 8)) AS shares) AS traded, count(volume) AS trades,
        if(shares > 0, toFloat64(toInt128(100000000 * sum(toDecimal128(toString(price), 2) * toDecimal128(toString(ifNull(volume, 0)), 2)))) / toFloat64(toInt128(100000000 * shares)), NULL), count()
        FROM warehouse.stock_realtime FINAL GROUP BY symbol, ts ORDER BY symbol, ts"
}

# expect_direct WHEN: every width is what its ticks make.
expect_direct() {
    for width in $WIDTHS; do
        candles "${width%:*}" >"$WORK/found"
        direct "${width#*:}" >"$WORK/wanted"
        cmp -s "$WORK/wanted" "$WORK/found" || fail "$1: ohlc_${width%:*} is not what its ticks make
$(diff "$WORK/wanted" "$WORK/found" | grep -A1 -B1 -m3 -e ---)"
    done
}
