#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Volume, dollar and tick bars: the command beside a slow reference over random ticks, however the input is cut into blocks; the view;
# what is said of bad input.
. tests/lib.sh
command -v python3 >/dev/null || skip "python3, which has the reference, is not there"
ta=$TICKHOUSE_BUILD/user_scripts/ta

# Random ticks of five symbols, one of them once, one with quotes only.
ticks="SELECT if(number = 7, 'ONE', if(number % 50 = 9, 'QUOTES', 'S' || toString(number % 3))) AS symbol,
    toDateTime64('2024-03-08 20:00:00', 6, 'UTC') + toIntervalMicrosecond(cityHash64(number) % 900000000) AS timestamp,
    round(100 + cityHash64(number, 3) % 5000 / 100, 2) AS price,
    if(symbol = 'QUOTES' OR cityHash64(number, 4) % 5 = 0, NULL, cityHash64(number, 5) % 1000 / 8) AS volume
    FROM numbers(20000) ORDER BY symbol, timestamp, number"
query_new "SELECT symbol, toUnixTimestamp64Micro(timestamp), price, volume FROM ($ticks) FORMAT TSV" >"$WORK/ticks"

shown="symbol, bar, toUnixTimestamp64Micro(open_at), toUnixTimestamp64Micro(close_at), open, high, low, close, volume, dollars, trades, is_complete"
structure="symbol String, bar UInt64, open_at DateTime64(6, \\'UTC\\'), close_at DateTime64(6, \\'UTC\\'), open Float64, high Float64, low Float64, close Float64, volume Float64, dollars Float64, trades UInt64, vwap Float64, is_complete Bool"

# bars WORDS COLUMNS BLOCK
bars() {
    query_new "SELECT $shown FROM executable('ta bars $1', Native, '$structure', (SELECT $2 symbol, timestamp, price, volume FROM ($ticks)),
        SETTINGS check_exit_code = 1) SETTINGS max_block_size = $3 FORMAT TSV"
}

# Numbers as they are, whoever wrote them.
plain() { awk -F '\t' -v OFS='\t' '{ for (i = 5; i <= 10; i++) $i = sprintf("%.17g", $i); print }'; }

for case in tick:40 tick:1 volume:5000 volume:0.5 dollar:250000; do
    kind=${case%:*} size=${case#*:}
    python3 tests/candles/bars.py "$kind" "$size" <"$WORK/ticks" | plain >"$WORK/wanted"
    bars "--kind $kind --size $size" "" 65409 | plain >"$WORK/found"
    cmp "$WORK/wanted" "$WORK/found" || fail "$kind bars of $size: $(diff "$WORK/wanted" "$WORK/found" | head -n 4)"
    bars "" "'$kind' AS kind, $size AS size," 117 | plain | cmp "$WORK/wanted" - || fail "$kind bars of $size, named in columns, in small blocks"
done
[ "$(wc -l <"$WORK/wanted")" -gt 50 ] || fail "hardly any bars to compare"

expect_equal "$(query_new "SELECT count() FROM executable('ta bars', Native, '$structure',
    (SELECT 'A' AS symbol, now64(6) AS timestamp, 1. AS price, 1. AS volume FROM numbers(0)))")" 0 "no trades"

# says WORDS QUERY WHAT: single quotes come as double ones out of ClickHouse.
says() {
    query_new "SELECT count() FROM executable('ta bars $1', Native, '$structure', ($2), SETTINGS check_exit_code = 1)" >"$WORK/out" 2>&1 && fail "'$2' was accepted"
    grep -qF -- "$3" "$WORK/out" || fail "it does not say '$3': $(cat "$WORK/out")"
}
row="SELECT 'A' AS symbol, toDateTime64(number, 6, 'UTC') AS timestamp, 1. AS price, 1. AS volume"
says "--kind candle" "$row FROM numbers(2)" 'there are no bars of kind "candle"; say tick, volume or dollar'
says "--size 0" "$row FROM numbers(2)" "the size of a bar is 0; it must be more than 0"
says "" "SELECT 'x' AS kind, * FROM ($row FROM numbers(2))" 'there are no bars of kind "x"'
says "" "SELECT * FROM ($row FROM numbers(2)) ORDER BY timestamp DESC" "the time falls; order the input by symbol and timestamp"
says "" "SELECT if(number = 1, 'A', 'B') AS symbol, toDateTime64(number, 6, 'UTC') AS timestamp, 1. AS price, 1. AS volume FROM numbers(3)" \
    '"A" comes after "B"; order the input by symbol and timestamp'
says "" "SELECT 'A' AS symbol, 1. AS price, 1. AS volume" 'a column "timestamp" is wanted and not there'
says "now" "$row FROM numbers(2)" 'unexpected "now"'
"$ta" bars --help | grep -q 'tick, volume or dollar' || fail "ta bars --help"
echo "bars of five kinds and sizes, in large and small blocks, are the reference's"
