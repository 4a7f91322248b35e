#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ingest stooq against a real engine: the same file again, bad rows, restated and deleted rows, every kind of input.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest/common.sh
. tests/ingest/common.sh
hub_start "$WORK/hub"

# The same folder ten times: the same table, without FINAL.
expect_code 0 load samples/prices
expect_match "$(cat "$WORK/err")" "*8 files, 12336 rows read, 12336 loaded, 0 there before, 0 quarantined*" "the summary"
first=$(table_sum warehouse)
expect_match "$first" "12336	*" "all rows are there"
for _ in 1 2 3 4 5 6 7 8 9; do
    expect_code 0 load samples/prices
    expect_match "$(cat "$WORK/err")" "* 0 loaded, 12336 there before,*" "a repeated load says so"
done
expect_equal "$(table_sum warehouse)" "$first" "ten loads give the table of one"
expect_equal "$(query "SELECT ticker, date, open, high, low, close, volume, source FROM warehouse.stock_daily
    WHERE ticker = 'JPM' AND date = '2020-01-02'")" \
    "JPM	2020-01-02	127.58	128.769	127.089	128.759	11847468.120759	stooq" "a row as the file has it"

# A file alone is another batch than the folder: twice in the table, once under FINAL.
expect_code 0 load samples/prices/nvda_us_d.csv
expect_equal "$(table_sum warehouse FINAL)" "$first" "FINAL sees each key once"

# --overwrite stores anew, with a newer time.
before=$(query "SELECT max(ingested_at) FROM warehouse.stock_daily WHERE ticker = 'NVDA'")
expect_code 0 load samples/prices --overwrite
expect_match "$(cat "$WORK/err")" "* 12336 loaded, 0 there before,*" "--overwrite loads again"
expect_equal "$(query "SELECT min(ingested_at) > '$before' FROM warehouse.stock_daily FINAL WHERE ticker = 'NVDA'")" 1 "newer rows win"
expect_equal "$(table_sum warehouse FINAL)" "$first" "the same rows under FINAL"

# Rows that were deleted come back, although their insert is remembered.
query "TRUNCATE TABLE warehouse.stock_daily"
expect_code 0 load samples/prices
query "DELETE FROM warehouse.stock_daily WHERE ticker = 'MSFT'"
expect_code 0 load samples/prices
expect_match "$(cat "$WORK/err")" "* 1542 loaded, 10794 there before,*" "only what is missing is loaded"
expect_equal "$(table_sum warehouse)" "$first" "deleted rows are back"

# A restated history replaces the old one.
sed 's/^2020-01-02,.*/2020-01-02,1,2,1,2,3/' samples/prices/nvda_us_d.csv >"$WORK/nvda_us_d.csv"
expect_code 0 load "$WORK/nvda_us_d.csv"
expect_equal "$(query "SELECT close, volume FROM warehouse.stock_daily FINAL WHERE ticker = 'NVDA' AND date = '2020-01-02'")" "2	3" "the newest load wins"

# A file that was loaded before never replaces what came later; --overwrite does.
for name in old new; do
    mkdir "$WORK/$name"
    printf 'Date,Open,High,Low,Close,Volume\n2020-01-02,1,2,1,%s,3\n' "$([ $name = old ] && echo 1.25 || echo 1.75)" >"$WORK/$name/turn_us_d.csv"
    expect_code 0 load "$WORK/$name/turn_us_d.csv"
done
expect_code 0 load "$WORK/old/turn_us_d.csv"
expect_match "$(cat "$WORK/err")" "* 0 loaded, 1 there before,*" "the older file was there before"
expect_equal "$(query "SELECT close FROM warehouse.stock_daily FINAL WHERE ticker = 'TURN'")" 1.75 "what came later stays"
expect_code 0 load "$WORK/old/turn_us_d.csv" --overwrite
expect_match "$(cat "$WORK/err")" "* 1 loaded, 0 there before,*" "--overwrite stores it anew"
expect_equal "$(query "SELECT close FROM warehouse.stock_daily FINAL WHERE ticker = 'TURN'")" 1.25 "--overwrite replaces what came later"

# Two files of one ticker in one run: the later name wins, also within one batch.
mkdir "$WORK/two"
for name in a b; do
    mkdir "$WORK/two/$name"
    printf 'Date,Open,High,Low,Close,Volume\n2020-01-02,1,2,1,%s,3\n' "$([ $name = a ] && echo 1.25 || echo 1.75)" >"$WORK/two/$name/two_us_d.csv"
done
expect_code 0 load "$WORK/two"
expect_equal "$(query "SELECT close FROM warehouse.stock_daily FINAL WHERE ticker = 'TWO'")" 1.75 "the later file wins"
query "OPTIMIZE TABLE warehouse.stock_daily FINAL"
expect_equal "$(query "SELECT close FROM warehouse.stock_daily WHERE ticker = 'TWO'")" 1.75 "the later file wins after a merge"

# Bad rows: the good ones load, the bad ones are in quarantine with place and reason; again changes nothing.
cat >"$WORK/bad_us_d.csv" <<EOF
Date,Open,High,Low,Close,Volume
2020-01-02,1,2,1,2,5
2020-01-03,-1,2,1,2,5
2020-01-06,1,1,2,1,5
2020-01-07,1,x,1,2,5
2020-02-30,1,2,1,2,5
2020-01-02,1,2,1,2,5
2020-01-08,1,2,1
2020-01-09,1,2,1,2,5
EOF
printf '2020-01-10,1,\377,1,2,5\n' >>"$WORK/bad_us_d.csv"
expect_code 65 load "$WORK/bad_us_d.csv"
expect_match "$(cat "$WORK/err")" "*1 files, 9 rows read, 2 loaded, 0 there before, 7 quarantined*" "the summary counts bad rows"
expect_equal "$(query "SELECT groupArray(date) FROM warehouse.stock_daily WHERE ticker = 'BAD'")" "['2020-01-02','2020-01-09']" "good rows are loaded"
query "SELECT line, reason, hex(raw) FROM warehouse.quarantine FINAL WHERE endsWith(file, 'bad_us_d.csv') ORDER BY line" >"$WORK/quarantine"
expect_equal "$(cut -f 1,2 "$WORK/quarantine")" "3	open is -1; a price is above 0
4	high 1 is below low 2
5	high \\'x\\' is not a number
6	date \\'2020-02-30\\' is not a day of the calendar
7	a second row of 2020-01-02 for BAD in this file; the first is kept
8	4 columns where the header has 6
10	the line is not valid UTF-8" "places and reasons"
expect_equal "$(sed -n '7s/.*	//p' "$WORK/quarantine")" 323032302D30312D31302C312CFF2C312C322C35 "the raw bytes"
expect_code 65 load "$WORK/bad_us_d.csv"
expect_equal "$(query "SELECT count() FROM warehouse.quarantine")" 7 "a repeated load adds nothing to quarantine"

# Every kind of input, and the filters.
expect_csv() {
    wanted=$1
    shift
    expect_code 0 "$TICKHOUSE_BIN/ingest" stooq --sink csv --quiet "$@"
    expect_equal "$(cat "$WORK/out")" "ticker,date,open,high,low,close,volume
$wanted" "$*"
}
row=NVDA,2020-01-02,5.94402,5.97288,5.8933,5.97288,238675161
expect_csv $row samples/prices/nvda_us_d.csv --to 2020-01-02
expect_csv $row --input samples/prices --to 2020-01-02 --tickers nvda.us
expect_csv $row --input=samples/prices/nvda_us_d.csv samples/prices/msft_us_d.csv --to=2020-01-02 --tickers NVDA
expect_csv $row --input - --tickers nvda.us --to 2020-01-02 <samples/prices/nvda_us_d.csv
mkdir "$WORK/zip"
(cd "$ROOT" && python3 -m zipfile -c "$WORK/zip/d_us.zip" samples/prices)
expect_csv $row "$WORK/zip" --tickers NVDA --to 2020-01-02
(cd samples/prices && python3 -m zipfile -c "$WORK/root.zip" nvda_us_d.csv)
expect_csv $row "$WORK/root.zip" --to 2020-01-02

# Usage and unreadable inputs.
expect_code 64 load
expect_code 64 load --sink nowhere samples/prices
expect_code 64 load --from 2020-01-02 --to 2020-01-01 samples/prices
expect_code 64 load samples/prices --tickers ""
expect_match "$(cat "$WORK/err")" "*--tickers is empty*leave it out*" "an empty list is not all"
expect_code 64 load --tickers= --from 2020-01-01 --to 2020-12-31
expect_code 64 load --tickers nvda.us
expect_match "$(cat "$WORK/err")" "*wants --from and --to*" "no date is taken for granted"
expect_code 66 load "$WORK/nowhere"
expect_match "$(cat "$WORK/err")" "*$WORK/nowhere: cannot read: No such file or directory*" "the missing file is named"
printf 'PK\003\004 no archive' >"$WORK/broken.zip"
expect_code 66 load "$WORK/broken.zip" samples/prices
expect_match "$(cat "$WORK/err")" "*broken.zip: cannot open the zip archive*8 files*" "the others are loaded"
expect_code 69 load --database nowhere samples/prices
expect_match "$(cat "$WORK/err")" "*lacks the table stock_daily*" "a missing table is named"
expect_code 0 "$TICKHOUSE_BIN/ingest" stooq --dry-run --url http://127.0.0.1:1 samples/prices
expect_match "$(cat "$WORK/err")" "*12336 good (dry run)*" "a dry run needs no server"
hub_stop
