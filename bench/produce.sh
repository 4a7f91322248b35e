#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages a second into Kafka, acknowledged by all replicas, idempotent, lz4: our producer and the whole sink (ticks made into change
# events on the way) beside rdkafka_performance, which librdkafka's package brings as an example, and kcat. One broker, one run, the ways in
# turn, the best of BENCH_RUNS each; with the CPU time of the whole process, its threads and its start. Messages are real change events, with
# a key and three headers whoever sends them; kcat's key is one and the same, and rdkafka_performance repeats one pattern of that size, which
# hardly needs compressing (-D: each in memory of its own, as other messages would be). So the producer is measured with that pattern, too.
# Then the spool, with a flush to disk for each batch.
# shellcheck source=tests/lib.sh
. tests/lib.sh
JVM_FLAGS=${JVM_FLAGS:--Xms512m -Xmx512m -XX:+UseG1GC}
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/live/common.sh
. tests/live/common.sh
runs=${BENCH_RUNS:-5}
messages=${BENCH_MESSAGES:-500000}
kafka_start "log.flush.interval.messages=9223372036854775807"

# The peer. Its own headers are librdkafka's inside; bench/produce/rd.h has what it needs of them.
peer=
example=/usr/share/doc/librdkafka-dev/examples/rdkafka_performance.c
if [ -f "$example" ]; then
    mkdir "$WORK/examples" "$WORK/src"
    cp "$example" "$WORK/examples/"
    cp bench/produce/rd.h "$WORK/src/rd.h"
    : >"$WORK/src/rdtime.h"
    # shellcheck disable=SC2046 # words
    cc -O2 -w -I"$WORK/src" $(pkg-config --cflags rdkafka) -I/usr/include/librdkafka "$WORK/examples/rdkafka_performance.c" \
        -o "$WORK/peer" $(pkg-config --libs rdkafka) -lpthread && peer=$WORK/peer
fi

feed --sink kafka --brokers "$KAFKA_BROKERS" --topic made --ticks "$messages"
topic_read made '%s\n' >"$WORK/events"
expect_equal "$(wc -l <"$WORK/events")" "$messages" "events to send"
size=$(($(wc -c <"$WORK/events") / messages - 1))
common="linger.ms=5 queue.buffering.max.kbytes=65536"
options=$(for option in $common enable.idempotence=true acks=all; do printf -- '-X %s ' "$option"; done)

# Each prints messages a second.
by_producer() {
    # shellcheck disable=SC2086
    "$TICKHOUSE_BIN/produce_bench" "$KAFKA_BROKERS" "$1" "$WORK/events" $common
}
by_sink() {
    feed --sink kafka --brokers "$KAFKA_BROKERS" --topic "$1" --ticks "$messages" --report-seconds
}
by_performance() {
    # shellcheck disable=SC2086
    "$peer" -P -D -t "$1" -b "$KAFKA_BROKERS" -s "$size" -c "$messages" -z lz4 -a -1 -q -k S000 -H schema=finnhub_stocks -H version=1 -H source=bench $options >"$WORK/performance" 2>&1
    sed -n 's/.* \([0-9]*\) msgs\/s.*/\1/p' "$WORK/performance" | tail -n 1
}
by_pattern() {
    # shellcheck disable=SC2086
    "$TICKHOUSE_BIN/produce_bench" "$KAFKA_BROKERS" "$1" "$WORK/patterns" $common
}
by_kcat() {
    from=$(date +%s%N)
    # shellcheck disable=SC2086
    kcat -P -b "$KAFKA_BROKERS" -t "$1" -z lz4 -l "$WORK/events" -k S000 -H schema=finnhub_stocks -H version=1 -H source=bench $options
    echo "$(date +%s%N) $from $messages" | awk '{ printf "%.0f\n", $3 / (($1 - $2) / 1e9) }'
}

# What rdkafka_performance sends: the pattern that it has put into its one message, from the topic.
ways="producer sink kcat"
[ -z "$peer" ] || {
    ways="performance pattern $ways"
    by_performance bench.performance >/dev/null
    topic_read bench.performance '%s\n' >"$WORK/patterns"
}
run=0
while [ $run -lt "$runs" ]; do
    for way in $ways; do
        # times: the shell's own, then its children's
        echo "$way $( (by_"$way" "bench.$way" && times) | tr 'ms' '  ' | tr '\n' ' ' | awk '{ print $1, $6 * 60 + $7 + $8 * 60 + $9 }')"
    done
    run=$((run + 1))
done >"$WORK/rates"
printf '\n%s messages of %s bytes, best of %s\n\n| way | messages/s | CPU, µs a message | beside the peer |\n| --- | --- | --- | --- |\n' "$messages" "$size" "$runs"
awk -v n="$messages" '
    $2 > best[$1] { best[$1] = $2 }
    !($1 in least) || $3 < least[$1] { least[$1] = $3 }
    END {
        name["performance"] = "rdkafka_performance, one pattern"
        name["kcat"] = "kcat -l FILE, the same events"
        name["pattern"] = "lib/net/kafka, that pattern"
        name["producer"] = "lib/net/kafka, the same events"
        name["sink"] = "--sink kafka: ticks, made into events"
        peer["pattern"] = "performance"
        peer["producer"] = peer["sink"] = "kcat"
        for (way in best)
            printf "| %s | %.0f | %.2f | %s |\n", name[way], best[way], least[way] / n * 1e6,
                (peer[way] in least) ? sprintf("%.2f", least[way] / least[peer[way]]) : ""
    }' "$WORK/rates" | sort

spool_rates() {
    # shellcheck disable=SC2015
    mkdir "$WORK/disk" && "$TICKHOUSE_BIN/spool_bench" "$WORK/disk" "$1" "$2" && rm -r "$WORK/disk"
}
printf '\nThe spool, each batch flushed to disk:\n\n| batches of | | rows/s | MB/s | batches/s |\n| --- | --- | --- | --- | --- |\n'
for rows in 1 1000 16384; do
    spool_rates $((rows == 1 ? 500 : 200)) $rows | awk -F '\t' -v rows=$rows '{ printf "| %d rows | %s | %s | %s | %s |\n", rows, $1, $2, $3, $4 }'
done
