#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kafka's engine into stock_realtime: a million change events that lie in a topic, beside the same messages read and dropped, read column by
# column (JSONEachRow), and parsed without Kafka; then the time from an event to its row at fixed rates, and the most parts that
# they left.
# Usage: ./tickhouse bench kafka     BENCH_MESSAGES=1000000 BENCH_ROUNDS=3 BENCH_SECONDS=20
# shellcheck source=tests/lib.sh
. tests/lib.sh
JVM_FLAGS="-XX:+UseSerialGC -Xms256m -Xmx512m"
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/kafka/kafka.sh
. tests/kafka/kafka.sh
messages=${BENCH_MESSAGES:-1000000} rounds=${BENCH_ROUNDS:-3} seconds=${BENCH_SECONDS:-20}
# shellcheck disable=SC2034
AWAIT_TENTHS=6000
kafka_start
hub_start

# Envelopes as Debezium sends them for this table, schemas off.
query "SELECT concat('{\"before\":null,\"after\":{\"symbol\":\"S', leftPad(toString(number % 500), 3, '0'), '\",\"price\":\"', toString(100 + (number % 997) / 100),
    '\",\"volume\":\"', toString(intDiv(number, 500) + 1), '\",\"ts\":\"', formatDateTime(toDateTime64('2024-03-01 14:30:00', 6, 'UTC') + toIntervalMicrosecond(number * 37),
    '%Y-%m-%dT%H:%i:%S.%f', 'UTC'), 'Z\"},\"source\":{\"version\":\"3.7.0.Final\",\"connector\":\"postgresql\",\"name\":\"dbserver1\",\"ts_ms\":1795219206299,\"snapshot\":\"false\",',
    '\"db\":\"finnhub\",\"sequence\":\"[\\\\\"30874144\\\\\",\\\\\"30874296\\\\\"]\",\"ts_us\":1795219206299354,\"ts_ns\":1795219206299354000,\"schema\":\"public\",',
    '\"table\":\"finnhub_stocks\",\"txId\":1558,\"lsn\":', toString(30873840 + number * 152), ',\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,',
    '\"op\":\"c\",\"ts_ms\":1795219206352,\"ts_us\":1795219206352505,\"ts_ns\":1795219206352505509}') FROM numbers($messages) FORMAT TSVRaw" >"$WORK/envelopes"
produce bench.stocks -z lz4 -X linger.ms=50 <"$WORK/envelopes"
echo "$messages messages of $(($(wc -c <"$WORK/envelopes") / messages)) bytes, one partition, one consumer"

# drained NAME FORMAT COLUMNS: rows/s of a Kafka table of that format whose rows are only counted.
drained() {
    query "CREATE TABLE bench.$1 ($3) ENGINE = Kafka SETTINGS kafka_broker_list = '$KAFKA_BROKERS', kafka_topic_list = 'bench.stocks', kafka_group_name = '$1-$round',
        kafka_format = '$2', kafka_max_block_size = 65536, kafka_poll_max_batch_size = 65536, kafka_flush_interval_ms = 200, kafka_handle_error_mode = 'stream', kafka_thread_per_consumer = 1"
    query "CREATE TABLE bench.$1_count (n UInt64, at DateTime64(6) DEFAULT now64(6)) ENGINE = MergeTree ORDER BY at"
    query "CREATE MATERIALIZED VIEW bench.$1_view TO bench.$1_count AS SELECT count() AS n FROM bench.$1"
    await "SELECT sum(n) FROM bench.$1_count" "$messages" "rows of $1"
    # from the first block, which is not counted, to the last
    rate=$(query "SELECT round((sum(n) - argMin(n, at)) / (toFloat64(max(at)) - toFloat64(min(at)))) FROM bench.$1_count")
    for table in $1_view $1 $1_count; do query "DROP TABLE bench.$table SYNC"; done
    printf '%s\t%s\n' "$1" "$rate" >>"$WORK/rates"
}

stored() {
    stream attach --brokers "$KAFKA_BROKERS" --topic bench.stocks --news-topic none --group "bench-$round"
    await "SELECT count() FROM warehouse.stock_realtime" "$messages" "rows of stock_realtime"
    rate=$(query "WITH blocks AS (SELECT received_at AS at, count() AS n FROM warehouse.stock_realtime GROUP BY at)
        SELECT round((sum(n) - argMin(n, at)) / (toFloat64(max(at)) - toFloat64(min(at)))) FROM blocks")
    stream detach
    query "TRUNCATE TABLE warehouse.stock_realtime"
    printf 'stored\t%s\n' "$rate" >>"$WORK/rates"
}

query "CREATE DATABASE bench ENGINE = Atomic"
tuples='Tuple(symbol Nullable(String), price Nullable(String), volume Nullable(String), ts Nullable(String))'
columns="before $tuples, after $tuples, op String, source Tuple(lsn Nullable(UInt64), connector String), schema String, payload String"

# ClickHouse's parser alone over the same lines, one thread: what a message costs where it is not a file of its own.
parsed() {
    query "CREATE OR REPLACE TABLE bench.nothing ($columns) ENGINE = Null"
    began=$(date +%s%N)
    curl -sS --fail-with-body -X POST -T - "$HUB_URL/?max_threads=1&input_format_parallel_parsing=0&query=INSERT%20INTO%20bench.nothing%20FORMAT%20JSONEachRow" <"$WORK/envelopes" ||
        fail "the messages cannot be parsed"
    printf 'parsed\t%s\n' $((messages * 1000 / (($(date +%s%N) - began) / 1000000))) >>"$WORK/rates"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    stored
    drained dropped RawBLOB "raw String"
    drained as_string JSONAsString "raw String"
    drained each_row JSONEachRow "$columns"
    parsed
done
printf '\n| messages/s, best of %s | |\n| --- | ---: |\n' "$rounds"
sort -t '	' -k 1,1 -k 2,2nr "$WORK/rates" | awk -F '\t' '
    BEGIN { name["stored"] = "into stock_realtime, on disk"; name["dropped"] = "read as bytes and dropped"; name["as_string"] = "JSONAsString, dropped"; name["each_row"] = "JSONEachRow into columns, dropped"; name["parsed"] = "the same lines by INSERT FORMAT JSONEachRow, no Kafka" }
    !seen[$1]++ { printf "| %s | %d |\n", name[$1], $2 }'

# ---- from an event to its row

echo x | produce bench.latency
stream attach --brokers "$KAFKA_BROKERS" --topic bench.latency --news-topic none --group latency
await "SELECT count() FROM warehouse.kafka_dead_letters" 1 "the first message"
printf '\n| events/s | p50 ms | p99 ms | p99.9 ms | most ms | parts at most |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n'
for rate in 100 1000 10000; do
    query "TRUNCATE TABLE warehouse.stock_realtime"
    python3 bench/kafka/latency.py "$TICKHOUSE_BIN/kafka_pace" "$HUB_URL" "$KAFKA_BROKERS" "$rate" "$seconds" || fail "no latency at $rate/s"
done
