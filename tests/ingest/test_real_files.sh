#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every real Stooq file loads, and the engine's own CSV reader finds the same rows in it.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest/common.sh
. tests/ingest/common.sh
real=$ROOT/../shared/data/ohlcv
[ -d "$real" ] || skip "the real files are not there: $real"
hub_start "$WORK/hub"
real=$(readlink -f "$real")

# same_rows GLOB STRUCTURE TICKER: loads, and compares with what the engine reads.
same_rows() {
    query "TRUNCATE TABLE warehouse.stock_daily"
    # shellcheck disable=SC2086 # the glob is meant to match
    expect_code 0 load "$real"/$1
    expect_equal "$(query "SELECT count(), sum(cityHash64(ticker, date, open, high, low, close, volume)) FROM warehouse.stock_daily")" \
        "$(query "SELECT count(), sum(cityHash64(toLowCardinality($3), day, o, h, l, c, v)) FROM
            (SELECT *, _file, $4 AS day FROM file('$real/$1', CSV, '$2')) SETTINGS input_format_csv_skip_first_lines = 1")" "$1"
    expect_match "$(cat "$WORK/answer")" "[1-9]*" "the engine reads rows from $1"
}
csv="d String, o Float64, h Float64, l Float64, c Float64, v Float64"
same_rows "stooq_bulk_txt/*.txt" "ticker String, per String, d String, t String, o Float64, h Float64, l Float64, c Float64, v Float64, oi Float64" \
    "replaceRegexpOne(upper(ticker), '[.]US\$', '')" "toDate(parseDateTimeBestEffort(d))"
same_rows "stooq_csv_2026_02/*.csv" "$csv" "replaceRegexpOne(upper(_file), '(_US)?_D[.]CSV\$', '')" "toDate(d)"
same_rows "stooq_csv_2025_03/*.csv" "$csv" "replaceRegexpOne(upper(_file), '(_US)?_D[.]CSV\$', '')" "toDate(d)"
hub_stop
