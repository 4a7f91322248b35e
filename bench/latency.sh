#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a commit in PostgreSQL to a candle: ticks are inserted at a rate in an open loop, captured, sent through Kafka, read by the hub's Kafka
# engine, and asked for in ohlc_1m again and again (bench/live/latency.c). First with `ingest pgcdc`, then with Debezium in Kafka Connect,
# tuned and warm, over the same PostgreSQL, Kafka and hub; each capture has a slot and a topic of its own, and runs alone.
# Usage: ./tickhouse bench latency; BENCH_RATES, BENCH_SECONDS and BENCH_FLUSH (milliseconds of the hub's consumer) change it
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
seconds=${BENCH_SECONDS:-20} rates=${BENCH_RATES:-100 1000 10000} flush=${BENCH_FLUSH:-200}

hub_start
postgres_start
# Throughput needs the compiler that the small tests do without.
JVM_FLAGS="-XX:+UseG1GC -Xms512m -Xmx512m"
kafka_start
psql -q -v ON_ERROR_STOP=1 -f schemas/postgres/finnhub.sql

attach() { # TOPIC-PREFIX
    "$TICKHOUSE" stream attach --data "$HUB_DATA" --brokers "$KAFKA_BROKERS" --topic "$1.public.finnhub_stocks" --news-topic none \
        --group "bench_$1" --flush "$flush" >"$WORK/attach"
}

# configuration PREFIX [sed expressions...]: the connector's file with a topic prefix, slot and publication of its own.
configuration() {
    prefix=$1
    shift
    sed -e "s/dbserver1/$prefix/; s/\"tickhouse_cdc\"/\"$prefix\"/; s/\"initial\"/\"no_data\"/; s/public.finnhub_stocks,public.finnhub_news/public.finnhub_stocks/" \
        "$@" schemas/connectors/sourcedb-cdc.json >"$WORK/$prefix.json"
}

# A first pass warms up the compiler of the JVM, the caches and the plan; only what follows is printed.
measure() { # NAME PREFIX
    wait_until_read "$2"
    "$TICKHOUSE_BIN/latency" --postgres "$PG_URI" --url "$HUB_URL" --name "$1" --symbols "$2W" --rate 5000 --seconds 10 >"$WORK/warm"
    for rate in $rates; do
        "$TICKHOUSE_BIN/latency" --postgres "$PG_URI" --url "$HUB_URL" --name "$1" --symbols "$2R${rate}S" --rate "$rate" --seconds "$seconds"
    done
}

# One tick all the way, so that every part has found every other.
wait_until_read() {
    until slot_streams "$1"; do sleep 0.1; done
    "$TICKHOUSE_BIN/latency" --postgres "$PG_URI" --url "$HUB_URL" --symbols "$1F" --rate 1 --seconds 1 --patience 60 >"$WORK/first" || {
        tail -n 5 "$WORK"/*.log >&2
        "$TICKHOUSE" stream status --data "$HUB_DATA" >&2
        fail "no tick comes through"
    }
}

capture_end() { kill -KILL "$capture" 2>/dev/null || :; }
memory() { awk '/VmHWM/ { printf "%.0f MiB\n", $2 / 1024 }' "/proc/$1/status"; }

echo "$seconds s a line; the hub's consumer gathers for $flush ms; milliseconds."
echo
echo "| capture | ticks/s | due → seen p50 | p99 | p99.9 | worst | commit → seen p50 | p99 | p99.9 | worst |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"

configuration native
attach native
"$TICKHOUSE_BIN/ingest" pgcdc --config "$WORK/native.json" --brokers "$KAFKA_BROKERS" >"$WORK/pgcdc.log" 2>&1 &
capture=$!
at_end capture_end
measure "ingest pgcdc" native
native_memory=$(memory "$capture")
kill "$capture"
wait "$capture" || :
"$TICKHOUSE" stream detach --data "$HUB_DATA" >"$WORK/detach"

connect_start
configuration debezium -e 's/"max.batch.size": "[0-9]*",//; s/"poll.interval.ms": "[0-9]*"/"poll.interval.ms": "5", "max.batch.size": "8192", "max.queue.size": "32768", "producer.override.linger.ms": "5", "producer.override.batch.size": "262144", "producer.override.compression.type": "lz4"/'
attach debezium
connector_start debezium "$WORK/debezium.json"
measure "Debezium 3.7, tuned" debezium
echo
echo "Largest memory: ingest pgcdc $native_memory, Kafka Connect with Debezium $(memory "$(cat "$SERVICES_DATA/connect.pid")")"
