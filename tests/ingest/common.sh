# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the ingest tests share; sourced after tests/lib.sh.

# load ARGUMENTS...: ingest stooq into the hub.
load() { "$TICKHOUSE_BIN/ingest" stooq --url "$HUB_URL" "$@"; }

# table_sum DATABASE [FINAL]: rows and a sum over their content, not over when they were loaded.
table_sum() {
    query "SELECT count(), sum(cityHash64(ticker, date, open, high, low, close, volume, source)) FROM $1.stock_daily ${2:-}"
}

# make_database NAME: the tables of warehouse once more.
make_database() {
    for file in schemas/0000_warehouse.sql schemas/0010_stock_daily.sql; do
        sed "s/warehouse/$1/g" "$file" | "$TICKHOUSE" sql --data "$HUB_DATA" >/dev/null || fail "the tables of $1 could not be made"
    done
}

# make_bulk FILE TICKERS: bulk text of that many tickers, each with the rows of a sample.
make_bulk() {
    awk -F, -v tickers="$2" '
        NR == FNR && FNR > 1 { gsub("-", "", $1); row[++rows] = $1 ",000000," $2 "," $3 "," $4 "," $5 "," $6 ",0" }
        END {
            print "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
            for (t = 1; t <= tickers; t++)
                for (i = 1; i <= rows; i++)
                    printf "T%04d.US,D,%s\n", t, row[i]
        }' samples/prices/nvda_us_d.csv >"$1"
}
