# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of the sinks share; sourced after tests/lib.sh and tests/services/services.sh.

TOPIC=dbserver1.public.finnhub_stocks

FEED=$TICKHOUSE_BIN/live_feed

feed() { "$FEED" --quiet "$@"; } # not for the background: there it would be a shell whose kill leaves the feed alive

sql() { psql -X -q -t -A -c "$1"; }

make_tables() { psql -X -q -v ON_ERROR_STOP=1 -f schemas/postgres/finnhub.sql; }

# What one undisturbed run leaves: rows, sum of volumes, distinct (symbol, time).
# wanted_sums TICKS: of 10 symbols.
wanted_sums() { awk -v n="$1" 'BEGIN { k = n / 10; printf "%d\t%.0f\t%d\n", n, 10 * k * (k + 1) / 2, n }'; }

postgres_sums() { sql "SELECT count(*), sum(volume)::bigint, count(DISTINCT (symbol, ts)) FROM finnhub_stocks" | tr '|' '\t'; }

clickhouse_sums() {
    query "SELECT count(), toUInt64(sum(volume)), uniqExact(symbol, timestamp) FROM warehouse.stock_realtime FINAL FORMAT TSV"
}

# topic_sums distinct|all: a message that lies there twice counts once, or twice.
topic_sums() {
    topic_read "$TOPIC" '%k\t%s\n' | sed 's/\t.*"volume":"\([0-9]*\)","ts":"\([^"]*\)".*/\t\1\t\2/' |
        if [ "$1" = distinct ]; then sort -u; else cat; fi |
        awk -F '\t' '{ n++; sum += $2; if (!seen[$1, $3]++) keys++ } END { printf "%d\t%.0f\t%d\n", n, sum, keys }'
}

# A fraction of a second below $1 milliseconds.
random_wait() { awk -v most="$1" -v n="$(od -An -N2 -tu2 /dev/urandom)" 'BEGIN { printf "%.3f\n", n % most / 1000 }'; }
