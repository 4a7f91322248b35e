#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bulk text of Stooq into warehouse.stock_daily: `ingest stooq` beside ClickHouse's own CSV reader, which loads the same files into
# the same table, once inside the same hub (INSERT ... SELECT FROM file()) and once as `clickhouse local`, start included. The real
# files where ../shared/data has them, else ones made of the samples; then eight times as many. Rows are compared before anything
# is timed.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest/common.sh
. tests/ingest/common.sh
runs=${BENCH_RUNS:-7}
hub_start "$WORK/hub"
TICKHOUSE_ENGINE=${TICKHOUSE_ENGINE:-$(engine_place "$ENGINE_VERSION")}
export TICKHOUSE_ENGINE

# make_files FOLDER COPIES: each file COPIES times, each copy with tickers of its own.
make_files() {
    mkdir "$1"
    for copy in $(seq "$2"); do
        for file in "$base"/*.txt; do
            sed "2,\$s/^/C$copy-/" "$file" >"$1/c$copy-$(basename "$file")"
        done
    done
}
base=$ROOT/../shared/data/ohlcv/stooq_bulk_txt
if [ ! -d "$base" ]; then
    base=$WORK/made
    mkdir "$base"
    make_bulk "$base/made.us.txt" 150
fi

columns="ticker String, per String, d String, t String, open Float64, high Float64, low Float64, close Float64, volume Float64, oi Float64"
insert_from_files() {
    echo "INSERT INTO warehouse.stock_daily SELECT replaceRegexpOne(ticker, '[.]US\$', ''), toDate(parseDateTimeBestEffort(d)),
        open, high, low, close, volume, 'stooq', now64(6) FROM file('$1/*.txt', CSV, '$columns')
        SETTINGS input_format_csv_skip_first_lines = 1"
}

now() { date +%s%N; }
by_ingest() { load --quiet "$1"; }
by_hub() { query "$(insert_from_files "$1")"; }
by_local() {
    rm -rf "$WORK/local"
    "$TICKHOUSE_BIN/tickhouse-hub" local --path "$WORK/local" --query \
        "$(cat schemas/0000_warehouse.sql schemas/0010_stock_daily.sql); $(insert_from_files "$1")"
}
by_local_start() { "$TICKHOUSE_BIN/tickhouse-hub" local --query "SELECT 1" >"$WORK/out"; }

# measure WAY FOLDER: milliseconds of every run, sorted.
measure() {
    for _ in $(seq "$runs"); do
        query "TRUNCATE TABLE warehouse.stock_daily"
        from=$(now)
        "by_$1" "$2"
        echo $((($(now) - from) / 10000))
    done | sort -n | awk '{ printf "%.2f\n", $1 / 100 }'
}

# row NAME TIMES BYTES BEST: one line of the table.
row() {
    echo "$2" | awk -v name="$1" -v bytes="$3" -v ours="$4" '
        { t[NR] = $1 }
        END { printf "| %s | %.0f | %.0f | %.1f | %.2f |\n", name, t[1], t[int((NR + 1) / 2)], bytes / t[1] / 1000, t[1] / ours }'
}

compare() {
    folder=$1
    bytes=$(cat "$folder"/*.txt | wc -c)
    by_ingest "$folder"
    ours=$(table_sum warehouse)
    query "TRUNCATE TABLE warehouse.stock_daily"
    by_hub "$folder"
    expect_equal "$(table_sum warehouse)" "$ours" "both ways load the same rows"
    printf '\n%s files, %s rows, %s bytes; %s runs each\n\n' "$(find "$folder" -name "*.txt" | wc -l)" "${ours%%	*}" "$bytes" "$runs"
    times=$(measure ingest "$folder")
    best=$(echo "$times" | head -n 1)
    echo "| way | best ms | median ms | MB/s (best) | times as long as ingest |"
    echo "| --- | --- | --- | --- | --- |"
    row "ingest stooq into the hub" "$times" "$bytes" "$best"
    row "the hub's own CSV reader, INSERT SELECT FROM file()" "$(measure hub "$folder")" "$bytes" "$best"
    row "clickhouse local, the same INSERT, start included" "$(measure local "$folder")" "$bytes" "$best"
}

echo "start of clickhouse local alone: $(measure local_start "" | head -n 1) ms"
make_files "$WORK/once" 1
compare "$WORK/once"
make_files "$WORK/eight" 8
compare "$WORK/eight"
hub_stop
