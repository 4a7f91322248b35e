#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 1,000 messages that mean nothing, each between two good ones: all good ones arrive, the others are dead letters with a sentence and their
# bytes, and the topic goes on. Then what numbers in ts mean: the declared mode, or the schema where there is one, and never their size.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/kafka/kafka.sh
. tests/kafka/kafka.sh
kafka_start
hub_start
topic=dbserver1.public.finnhub_stocks

python3 tests/kafka/hostile.py "$WORK"
stream attach --brokers "$KAFKA_BROKERS" --news-topic none
produce "$topic" -D '@@@' <"$WORK/messages"
await "SELECT count() FROM warehouse.stock_realtime FINAL" "$(cat "$WORK/good")" "good messages"
stream lag --wait 30
expect_equal "$(query "SELECT count(), sum(volume), uniqExact(symbol, timestamp) FROM warehouse.stock_realtime FINAL")" "$(cat "$WORK/sums")" "each good message, once"
query "SELECT offset, error FROM warehouse.kafka_dead_letters FINAL ORDER BY offset FORMAT TSVRaw" >"$WORK/letters"
expect_equal "$(wc -l <"$WORK/letters")" "$(cat "$WORK/bad")" "dead letters"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters FINAL WHERE length(error) < 10 OR topic != '$topic' OR isNull(message_at)")" 0 "a sentence for each"
query "SELECT offset, lower(hex(raw_message)) FROM warehouse.kafka_dead_letters FINAL ORDER BY offset" >"$WORK/raw"
cmp "$WORK/raw" "$WORK/raw.wanted" || fail "dead letters have other bytes than came: $(diff "$WORK/raw" "$WORK/raw.wanted" | cut -c 1-300 | head -n 6)"
while IFS='	' read -r number sentence; do
    expect_match "$(awk -F '\t' -v number="$number" '$1 == number { print $2 }' "$WORK/letters")" "$sentence" "the sentence of message $number"
done <"$WORK/sentences"

# ---- times

time_of() { query "SELECT toString(timestamp) FROM warehouse.stock_realtime FINAL WHERE symbol = '$1'"; }
event() { printf '{"before":null,"after":{"symbol":"%s","price":"1","volume":null,"ts":%s},"source":{"lsn":1},"op":"c"}\n' "$1" "$2"; }
described() { printf '{"schema":{"fields":[{"field":"after","fields":[{"field":"ts","name":"%s"}]}]},"payload":%s}\n' "$1" "$(event "$2" "$3")"; }
{
    event MICROS 1709303400123456
    event SMALL 1709303400123 # milliseconds by the look of it; it was declared microseconds
    described io.debezium.time.Timestamp MILLIS 1709303400123
    described org.apache.kafka.connect.data.Timestamp CONNECT 1709303400123
    described io.debezium.time.NanoTimestamp NANOS 1709303400123456789
    described io.debezium.time.ZonedTimestamp ZONED '"2024-03-01T14:30:00.123456Z"'
} | produce "$topic"
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE version = 1" 6 "times"
expect_equal "$(time_of MICROS)" "2024-03-01 14:30:00.123456" "microseconds"
expect_equal "$(time_of SMALL)" "1970-01-20 18:48:23.400123" "a small number of microseconds"
expect_equal "$(time_of MILLIS) $(time_of CONNECT)" "2024-03-01 14:30:00.123000 2024-03-01 14:30:00.123000" "milliseconds that the schema declares"
expect_equal "$(time_of NANOS) $(time_of ZONED)" "2024-03-01 14:30:00.123456 2024-03-01 14:30:00.123456" "nanoseconds, and text"

stream attach --brokers "$KAFKA_BROKERS" --news-topic none --time-precision-mode connect
{
    event DECLARED 1709303400123
    described io.debezium.time.MicroTimestamp ABOVE 1709303400123456
} | produce "$topic"
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE symbol IN ('DECLARED', 'ABOVE')" 2 "times of another mode"
expect_equal "$(time_of DECLARED) $(time_of ABOVE)" "2024-03-01 14:30:00.123000 2024-03-01 14:30:00.123456" "declared milliseconds, and a schema above them"

# ---- more months than ClickHouse takes in one insert, and the words of the command
python3 -c "
for i in range(600):
    print('{\"after\":{\"symbol\":\"M\",\"price\":1,\"ts\":\"%04d-%02d-01T00:00:00Z\"},\"source\":{\"lsn\":2},\"op\":\"c\"}' % (1970 + i // 12, i % 12 + 1))" | produce "$topic"
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE symbol = 'M'" 600 "ticks of 600 months"
stream status
expect_match "$(cat "$WORK/stream")" "*$topic of $KAFKA_BROKERS, group tickhouse*dead letters*" "status"
expect_code 64 "$TICKHOUSE" stream attach --data "$HUB_DATA" --brokers x --time-precision-mode nosuch
expect_match "$(cat "$WORK/err")" "*has no 'nosuch'*" "a mode that does not exist"
expect_code 64 "$TICKHOUSE" stream attach --data "$HUB_DATA" --collection 'my coll'
expect_match "$(cat "$WORK/err")" "*not 'my coll'*" "a collection of no such name"
for name in sasl.password ssl_key_pem SSL.KEY.PASSWORD sasl.oauthbearer.config; do
    expect_code 64 "$TICKHOUSE" stream attach --data "$HUB_DATA" --brokers x -X $name=hunter2
    expect_match "$(cat "$WORK/err")" "*'$name'*--properties FILE*" "a secret among the arguments"
    case $(cat "$WORK/err") in *hunter2*) fail "the secret is repeated" ;; esac
done

# Secrets go into a file that only its owner reads, and into no SQL.
printf '# a comment\nsasl.password=hun<ter2\nsasl.username=reader\n' >"$WORK/properties"
stream attach --brokers "$KAFKA_BROKERS" --news-topic none --group other --properties "$WORK/properties" -X fetch.wait.max.ms=100
expect_match "$(cat "$WORK/stream")" "*config.d/kafka.xml*./tickhouse down*" "what is to be done"
expect_equal "$(stat -c %a "$HUB_DATA/config.d/kafka.xml")" 600 "who may read the settings"
expect_match "$(cat "$HUB_DATA/config.d/kafka.xml")" "*<fetch_wait_max_ms>100</fetch_wait_max_ms>*<sasl_password>hun&lt;ter2</sasl_password>*" "the settings"
# Another setting leaves them there, an empty one takes one out; and a file of somebody else stays.
stream attach --brokers "$KAFKA_BROKERS" --news-topic none -X fetch.wait.max.ms= -X client.id=me
expect_equal "$(sed -n 's/^    <\([a-z_]*\)>.*/\1/p' "$HUB_DATA/config.d/kafka.xml" | paste -sd ' ' -)" "sasl_password sasl_username client_id" "settings of two attaches"
cp "$HUB_DATA/config.d/kafka.xml" "$WORK/ours"
echo '<clickhouse><kafka/></clickhouse>' >"$HUB_DATA/config.d/kafka.xml"
expect_code 73 "$TICKHOUSE" stream attach --data "$HUB_DATA" --brokers "$KAFKA_BROKERS" -X client.id=you
expect_equal "$(cat "$HUB_DATA/config.d/kafka.xml")" '<clickhouse><kafka/></clickhouse>' "a file of somebody else"
mv "$WORK/ours" "$HUB_DATA/config.d/kafka.xml"
query "SYSTEM FLUSH LOGS"
expect_equal "$(query "SELECT count() FROM system.query_log WHERE position(query, concat('hun', '<ter2')) > 0")" 0 "secrets in the log of queries"
! grep -rq 'hun<ter2' "$HUB_DATA/logs" || fail "the secret is in a log"
hub_stop
hub_start "$HUB_DATA"
event AFTER 1709303400123456 | produce "$topic"
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE symbol = 'AFTER'" 1 "a tick after the restart"

stream detach
expect_code 3 "$TICKHOUSE" stream status --data "$HUB_DATA"
expect_code 69 "$TICKHOUSE" stream lag --data "$HUB_DATA"
