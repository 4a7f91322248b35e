#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole path of change capture, PostgreSQL to Kafka, all on this machine: `ingest pgcdc` beside what PostgreSQL alone can send (pg_recvlogical
# to /dev/null, the ceiling) and beside Debezium, warm and with the settings that gave it most. One transaction of BENCH_ROWS rows each time, the
# best of BENCH_RUNS. Then the time from a commit to a consumer at 100 transactions a second, and the memory.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/pgcdc/lib.sh
. tests/pgcdc/lib.sh
rows=${BENCH_ROWS:-200000} runs=${BENCH_RUNS:-3} samples=${BENCH_SAMPLES:-500}
JVM_FLAGS="-XX:+UseG1GC -Xms512m -Xmx512m"
latency=$TICKHOUSE_BIN/bench_latency

insert() {
    sql -c "INSERT INTO finnhub_stocks SELECT (array['AAPL','MSFT','GOOGL','AMZN','NVDA','TSLA','BINANCE:BTCUSDT','META'])[1 + i % 8],
        round((100 + random() * 400)::numeric, 2), (random() * 100000)::int, clock_timestamp() + i * interval '1 us' FROM generate_series(1, $1) i"
    [ "$1" -lt 1000 ] || sql -c "CHECKPOINT" -c "TRUNCATE finnhub_stocks"
}

now() { date +%s%N; }
rate() { awk -v n="$rows" -v ns="$1" 'BEGIN { printf "%d\n", n / ns * 1e9 }'; }
best() { sort -n | tail -n 1; }

# first_to_last OFFSET: messages a second by the times that the producer gave the first and the last of the newest messages.
first_to_last() {
    from=$(kcat -b "$KAFKA_BROKERS" -C -t "$TOPIC" -p 0 -o "$1" -c 1 -q -f '%T')
    to=$(kcat -b "$KAFKA_BROKERS" -C -t "$TOPIC" -p 0 -o $(($1 + rows - 1)) -c 1 -q -f '%T')
    awk -v n="$rows" -v ms=$((to - from)) 'BEGIN { printf "%d\n", (n - 1) / ms * 1000 }'
}

# topic_end: the offset of the next message.
topic_end() {
    end=$(kcat -b "$KAFKA_BROKERS" -Q -t "$TOPIC:0:-1" 2>/dev/null | sed 's/.*offset //')
    echo "${end:-0}"
}

# The slot has what was committed since; then the clock runs from the start of the process to its end.
run_raw() {
    end=$(sql -c 'SELECT pg_current_wal_lsn()')
    from=$(now)
    "$POSTGRES_BIN/pg_recvlogical" -d "$PGDATABASE" --slot raw --start -o proto_version=1 -o publication_names="$SLOT" --endpos "$end" -f /dev/null -s 5
    rate $(($(now) - from))
}

run_own() {
    offset=$(topic_end)
    from=$(now)
    capture --once --quiet
    took=$(($(now) - from))
    [ "$(topic_end)" -eq $((offset + rows)) ] || fail "the topic has $(topic_end) messages, not $((offset + rows))"
    echo "$(rate "$took") $(first_to_last "$offset")"
}

run_debezium() {
    offset=$(topic_end)
    insert "$rows"
    left=1200
    until [ "$(topic_end)" -ge $((offset + rows)) ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "Debezium did not get through"
        sleep 0.1
    done
    first_to_last "$offset"
}

# latencies: of single commits, while a capture runs.
latencies() {
    insert 1
    sleep 1
    "$latency" "$KAFKA_BROKERS" "$TOPIC" "$samples" 2>"$WORK/ready" >"$WORK/latency" &
    reader=$!
    until grep -q ready "$WORK/ready"; do
        is_alive "$reader" || fail "the consumer ended: $(cat "$WORK/ready")"
        sleep 0.05
    done
    awk -v n="$samples" 'BEGIN { for (i = 0; i < n; i++) print "INSERT INTO finnhub_stocks VALUES (\047L\047, 1.5, 1, clock_timestamp()); SELECT pg_sleep(0.01);" }' | sql >/dev/null
    wait "$reader"
    cat "$WORK/latency"
}

memory() { awk '/VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

postgres_start 'fsync = on' 'shared_buffers = 128MB'
kafka_start
sql -f schemas/postgres/finnhub.sql
config snapshot.mode=no_data heartbeat.interval.ms=0
capture --once --quiet
sql -c "SELECT pg_create_logical_replication_slot('raw', 'pgoutput')" >/dev/null
insert 10
capture --once --quiet # makes the topic

for _ in $(seq "$runs"); do
    insert "$rows"
    run_raw >>"$WORK/raw"
    run_own >>"$WORK/own"
done
sql -c "SELECT pg_drop_replication_slot('raw')" >/dev/null
raw=$(best <"$WORK/raw") own=$(cut -d ' ' -f 1 "$WORK/own" | best) own_stream=$(cut -d ' ' -f 2 "$WORK/own" | best)

capture_start --quiet
until slot_streams "$SLOT"; do sleep 0.1; done
own_latency=$(latencies)
insert "$rows"
sleep 5
own_memory=$(memory "$CAPTURE")
capture_stop
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet

debezium=- debezium_latency="- - - -" debezium_memory=-
if [ "${BENCH_DEBEZIUM:-1}" = 1 ]; then
    TOPIC=debezium.public.finnhub_stocks
    connect_start 'connector.client.config.override.policy=All'
    connector_start bench schemas/connectors/sourcedb-cdc.json topic.prefix=debezium snapshot.mode=no_data heartbeat.interval.ms=0 \
        max.batch.size=20480 max.queue.size=81920 poll.interval.ms=5 producer.override.compression.type=lz4 \
        producer.override.batch.size=1048576 producer.override.linger.ms=5 producer.override.buffer.memory=67108864
    insert 10
    sleep 2
    for _ in 1 2; do run_debezium >/dev/null; done # the JVM gets warm
    for _ in $(seq "$runs"); do run_debezium >>"$WORK/debezium"; done
    debezium=$(best <"$WORK/debezium")
    debezium_latency=$(latencies)
    debezium_memory=$(memory "$(service_pid connect)")
fi

# shellcheck disable=SC2086 # lists of words
cat <<TABLE

## Capture: PostgreSQL to Kafka

$rows rows in one transaction, broker and database on the same machine, best of $runs.

| | rows/s, with start and end | messages/s, first to last | memory, MiB |
| --- | ---: | ---: | ---: |
| pg_recvlogical to /dev/null | $raw | | |
| ingest pgcdc | $own | $own_stream | $own_memory |
| Debezium 3.7, warm and tuned | | $debezium | $debezium_memory |

Of what PostgreSQL alone sends: $(awk -v a="$own" -v b="$raw" 'BEGIN { printf "%.0f%%", 100 * a / b }') (goal 80%); beside Debezium: $(awk -v a="$own_stream" -v b="$debezium" 'BEGIN { if (b > 0) printf "%.1f", a / b; else printf "-" }') times (goal 2.5).

From a commit to a consumer, single rows at 100/s, ms:

| | p50 | p90 | p99 | longest |
| --- | ---: | ---: | ---: | ---: |
$(printf '| ingest pgcdc | %s | %s | %s | %s |\n' $own_latency)
$(printf '| Debezium, poll.interval.ms=5 | %s | %s | %s | %s |\n' $debezium_latency)
TABLE
