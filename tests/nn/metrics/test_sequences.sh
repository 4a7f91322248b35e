#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nn sequences: windows against those that SQL makes of the same rows, whatever the blocks; what ends a stretch; what is refused.
. tests/lib.sh
hub_use

# 7 tickers with gaps of up to 12 days, holes in features and targets.
rows="SELECT
        concat('T', toString(intDiv(number, 211))) AS ticker,
        toDate('2020-01-01') + number % 211 + 12 * intDiv(number % 211, 37) AS date,
        if(cityHash64(number, 1) % 29 = 0, NULL, toFloat32(cityHash64(number, 2) % 1000 / 7)) AS f1,
        cityHash64(number, 3) % 100 AS f2,
        if(cityHash64(number, 4) % 23 = 0, nan, cityHash64(number, 5) % 1000 / 3) AS target
    FROM numbers(7 * 211) ORDER BY ticker, date"

# The same by window functions: stretches are numbered, and a window of 5 must be one stretch without a hole. A target 3 rows ahead counts
# where its row is of the stretch, or of none.
wanted="WITH
    numbered AS
    (
        SELECT *, isNull(f1) AS hole, row_number() OVER (PARTITION BY ticker ORDER BY date) AS n,
            sum(date - lagged > 10) OVER (PARTITION BY ticker ORDER BY date) AS stretch
        FROM (SELECT *, lagInFrame(date, 1, date) OVER (PARTITION BY ticker ORDER BY date) AS lagged FROM ($rows))
    )
    SELECT ticker, date, seq, if(ahead = stretch AND isFinite(target), target, nan) AS target
    FROM
    (
        SELECT ticker, date, stretch, target,
            groupArray([toFloat32(ifNull(f1, 0)), toFloat32(f2)]) OVER past AS seq,
            sum(hole) OVER past AS holes, min(stretch) OVER past AS oldest,
            leadInFrame(stretch, 3, last) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS ahead
        FROM (SELECT *, max(stretch) OVER (PARTITION BY ticker) AS last FROM numbered)
        WINDOW past AS (PARTITION BY ticker ORDER BY date ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)
    )
    WHERE length(seq) = 5 AND holes = 0 AND oldest = stretch
    ORDER BY ticker, date"

sequences() {
    options=$1
    shift
    query "SELECT * FROM executable('nn sequences $options', Native,
        'ticker String, date Date, seq Array(Array(Float32)), target Float64', ($1)) ORDER BY ticker, date $2"
}

query "$wanted" >"$WORK/wanted"
[ "$(wc -l <"$WORK/wanted")" -gt 500 ] || fail "the rows make hardly a window"
grep -q nan "$WORK/wanted" || fail "the rows leave no target unknown"
for size in 1 2 7 100 65409; do
    sequences '--lookback 5 --horizon 3' "$rows" "SETTINGS max_block_size = $size" >"$WORK/found"
    cmp "$WORK/wanted" "$WORK/found" >&2 || fail "blocks of $size rows give other windows than SQL"
done

small="SELECT ticker, date, f, target FROM VALUES('ticker String, date Date, f Float64, target Float64',
    ('A', '2024-01-01', 1, 10), ('A', '2024-01-02', 2, 20), ('A', '2024-01-03', 3, nan), ('B', '2024-01-01', 4, 40), ('B', '2024-02-01', 5, 50),
    ('B', '2024-02-02', 6, 60))"
expect_equal "$(sequences '--lookback 2' "$small" "")" "A	2024-01-02	[[1],[2]]	20
A	2024-01-03	[[2],[3]]	nan
B	2024-02-02	[[5],[6]]	60" "windows end with their ticker and at a gap, and the last has no target yet"
expect_equal "$(sequences '--lookback 1' "$small" "" | sed -n 4p)" "B	2024-01-01	[[4]]	nan" "a target behind a gap is not known"
expect_equal "$(sequences '--lookback 2 --max-gap 31' "$small" "" | wc -l)" 4 "a gap as long as is allowed"
expect_equal "$(sequences '--lookback 4' "$small" "")" "" "no stretch is long enough"

# The time of day counts in order, the day in gaps; names of columns without regard to case.
expect_equal "$(query "SELECT date, seq, target FROM executable('nn sequences --lookback 2 --max-gap 0 --target y', Native,
    'ticker String, date DateTime, seq Array(Array(Float32)), target Float64', (SELECT 'A' AS Symbol,
    toDateTime('2024-01-01 15:00:00', 'UTC') + 3600 * number AS Time, number AS f, number AS y FROM numbers(12)))" | wc -l)" 10 "bars of an hour"

refused() { query_error "SELECT count() FROM executable('nn sequences $1', Native,
    'ticker String, date Date, seq Array(Array(Float32)), target Float64', ($2))"; }
expect_match "$(refused '' "SELECT 'A' AS ticker, toDate('2024-01-02') - number AS date, 1. AS f, 1. AS target FROM numbers(2)")" \
    "*row 2: the date of ?A? falls; ORDER BY ticker, date*" "a date that falls"
expect_match "$(refused '' "SELECT 'A' AS ticker, toDate('2024-01-02') AS date, 1. AS f, 1. AS target FROM numbers(2)")" \
    "*row 2: the date of ?A? comes twice; ORDER BY ticker, date*" "a date that comes twice"
expect_match "$(refused '' "SELECT * FROM (SELECT 'A' AS ticker, toDate('2024-01-01') + number - 2 * (number = 7) AS date, 1. AS f, 1. AS target
    FROM numbers(9)) SETTINGS max_block_size = 7")" "*row 8: the date of ?A? *; ORDER BY ticker, date*" "a disorder between blocks"
expect_match "$(refused '' "SELECT if(number = 0, 'B', 'A') AS ticker, toDate('2024-01-02') AS date, 1. AS f, 1. AS target FROM numbers(2)")" \
    "*row 2: ticker ?A? comes after a greater one; ORDER BY ticker, date*" "tickers that fall"
expect_match "$(refused '' "SELECT 'A' AS ticker, toDate('2024-01-02') AS date, 1. AS f")" \
    "*the input has no column ?target?*--target names another one*" "no target"
expect_match "$(refused '' "SELECT 'A' AS ticker, toDate('2024-01-02') AS date, 'x' AS f, 1. AS target")" \
    "*column ?f? is String and cannot be a feature; leave it out*" "a text"
expect_match "$(refused '' "SELECT 'A' AS ticker, 1 AS date, 1. AS f, 1. AS target")" \
    "*column ?date? is UInt8; cast it to Date or DateTime*" "a date that is none"
expect_match "$(refused '--lookback 0' "$small")" "*lookback*1*4096*" "a look-back of nothing"

# Memory does not grow with the table: of 600 MB of windows none is kept.
query "SELECT 'A' AS ticker, toDateTime('2000-01-01 00:00:00', 'UTC') + 60 * number AS time, number AS a, number AS b, number AS c, number AS target
    FROM numbers(500000) FORMAT Native" >"$WORK/rows.native"
mkfifo "$WORK/windows"
"$TICKHOUSE_BUILD/user_scripts/nn" sequences <"$WORK/rows.native" >"$WORK/windows" &
pid=$!
{
    head -c 500000000 >/dev/null
    sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" >"$WORK/peak"
    wc -c >"$WORK/rest"
} <"$WORK/windows"
wait "$pid"
[ "$(cat "$WORK/rest")" -gt 50000000 ] || fail "the windows were fewer than expected"
[ "$(cat "$WORK/peak")" -lt 250000 ] || fail "sequences held $(cat "$WORK/peak") kB"
echo "windows are those of SQL in blocks of 1 to 65,409 rows; $(cat "$WORK/peak") kB for 600 MB of them"
