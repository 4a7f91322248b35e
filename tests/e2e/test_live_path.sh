#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_live_path.sh pgcdc|debezium|direct: the whole live path with its real parts. A market from a seed is served as Finnhub serves the real one,
# late and doubled trades among the others; `ingest finnhub` brings it into PostgreSQL, the capture into Kafka (direct: no PostgreSQL), the hub
# reads Kafka and makes candles. Every trade has to be there once, and every candle has to be what the trades say.
. tests/lib.sh
. tests/services/services.sh

WAY=$1
INGEST=$TICKHOUSE_BIN/ingest
CONNECTOR=$ROOT/schemas/connectors/sourcedb-cdc.json
SYMBOLS=S000,S001,S002,S003
set -- --numbered --seed 11 --symbol-count 4 --rate 40 --speed 0 --ticks 4000 --disorder 0.05

# What the market says, past client and sinks: symbol, time, price, volume. Numbered, no trade is like another: a late trade that is equal to
# one of its millisecond would be taken for the same.
"$INGEST" mock --sink text --quiet "$@" |
    awk -F '\t' -v OFS='\t' '$1 == "tick" { sub("T", " ", $2); sub("Z", "", $2); print $3, $2, $4 + 0, $5 + 0 }' | sort >"$WORK/wanted" # 410.50 is 410.5
count=$(wc -l <"$WORK/wanted")
[ "$count" -eq 4000 ] || fail "the market has $count trades, not 4000"

hub_start
kafka_start num.partitions=3
case $WAY in
direct) sink="--sink kafka --brokers $KAFKA_BROKERS" ;;
*)
    sink="--sink postgres"
    postgres_start
    psql -q -v ON_ERROR_STOP=1 -f schemas/postgres/finnhub.sql
    ;;
esac
case $WAY in
debezium)
    connect_start
    connector_start sourcedb-cdc "$CONNECTOR"
    ;;
pgcdc)
    service_launch pgcdc "$INGEST" pgcdc --config "$CONNECTOR" --brokers "$KAFKA_BROKERS"
    service_ready pgcdc slot_streams tickhouse_cdc || fail "pgcdc does not stream"
    ;;
esac
"$TICKHOUSE" stream attach --brokers "$KAFKA_BROKERS" --data "$HUB_DATA" >"$WORK/attach" 2>&1 || fail "attach: $(cat "$WORK/attach")"

service_launch mock "$INGEST" mock --port 0 --duplicates 0.03 "$@"
service_ready mock grep -q '^mock: ' "$SERVICES_DATA/mock.log" || fail "mock does not serve"
TICKHOUSE_FINNHUB_URL=$(sed -n 's/^mock: \([^ ]*\) .*/\1/p' "$SERVICES_DATA/mock.log")
TICKHOUSE_FINNHUB_SOCKET_URL=$(sed -n 's/^mock: [^ ]* //p' "$SERVICES_DATA/mock.log")
TICKHOUSE_FINNHUB_KEY=anything
export TICKHOUSE_FINNHUB_URL TICKHOUSE_FINNHUB_SOCKET_URL TICKHOUSE_FINNHUB_KEY
# shellcheck disable=SC2086 # a list of words
"$INGEST" finnhub --symbols "$SYMBOLS" --trades --once $sink >"$WORK/finnhub" 2>&1 || fail "finnhub: $(cat "$WORK/finnhub")"

# expect_soon WANTED WHAT SQL: the answer is that of the file, after a while.
expect_soon() {
    left=300
    until query "$3" >"$WORK/found" && cmp -s "$1" "$WORK/found"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$WAY: $2 are not what was sent: $(diff "$1" "$WORK/found" | head -n 20)
$(tail -n 5 "$SERVICES_DATA"/*.log)"
        sleep 0.2
    done
}

expect_soon "$WORK/wanted" "$count ticks" "SELECT symbol, timestamp, price, volume FROM warehouse.stock_realtime FINAL ORDER BY symbol, timestamp"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters")" 0 "dead letters"

# Candles of the trades, made by awk. A round makes those of the past, once a second.
awk -F '\t' -v OFS='\t' '
    { key = $1 OFS substr($2, 1, 16) ":00.000000" }
    !(key in open) { keys[++count] = key; open[key] = high[key] = low[key] = $3 }
    { last[key] = $3; if ($3 > high[key]) high[key] = $3; if ($3 < low[key]) low[key] = $3; volume[key] += $4; trades[key]++ }
    END { for (i = 1; i <= count; i++) { key = keys[i]; print key, open[key], high[key], low[key], last[key], volume[key], trades[key] } }
    ' "$WORK/wanted" >"$WORK/candles"
expect_soon "$WORK/candles" candles "SELECT symbol, ts, open, high, low, close, volume, trades FROM warehouse.ohlc_1m ORDER BY symbol, ts"
echo "$WAY: $count ticks, $(wc -l <"$WORK/candles") candles of a minute"
