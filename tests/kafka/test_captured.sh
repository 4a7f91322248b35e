#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Debezium's connector sent under 20 settings (../shared/data/debezium/captured), through a real broker: each message is read as
# tests/kafka/oracle.py reads it, or is a dead letter where that refuses it; and the table is what the changes say.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/kafka/kafka.sh
. tests/kafka/kafka.sh
captured=$ROOT/../shared/data/debezium/captured
[ -d "$captured" ] || skip "../shared/data/debezium is not there"
kafka_start
hub_start

# A topic for each capture, and what the oracle makes of it. They are attached before they exist.
python3 tests/kafka/oracle.py "$captured" "$WORK"
set --
for file in "$WORK"/*.messages; do set -- "$@" --topic "$(basename "$file" .messages)"; done
[ $# -ge 40 ] || fail "only $(($# / 2)) captures are there"
stream attach --brokers "$KAFKA_BROKERS" "$@" --news-topic none
query "CREATE DATABASE seen ENGINE = Atomic"
query "CREATE TABLE seen.change AS warehouse.kafka_stocks_change ENGINE = MergeTree ORDER BY (topic, offset)"
query "CREATE MATERIALIZED VIEW seen.kept TO seen.change AS SELECT * FROM warehouse.kafka_stocks_change"
for file in "$WORK"/*.messages; do # all at once, since a topic is made in a second
    name=$(basename "$file" .messages)
    kcat -b "$KAFKA_BROKERS" -P -t "$name" -Z -K "$(printf '\001')" <"$file" &
done
await "SELECT count() FROM seen.change" "$(wc -l <"$WORK/expected")" "messages that came"
stream lag --wait 30
query "SELECT topic, offset, if(error = '', op, 'refused'), if(error = '', symbol, ''), if(error != '' OR op = 't', '', toString(ts)),
    if(error != '' OR op IN ('t', 'd'), '', toString(reinterpretAsUInt64(price))), if(error != '' OR op IN ('t', 'd'), '', if(volume IS NULL, 'NULL', toString(reinterpretAsUInt64(assumeNotNull(volume))))),
    if(error = '', old_symbol, ''), if(error != '' OR old_symbol = '', '', toString(old_ts)), if(error = '', version, 0)
    FROM seen.change ORDER BY topic, offset" >"$WORK/found"
diff "$WORK/expected" "$WORK/found" >"$WORK/diff" || fail "messages are read otherwise than by the oracle
$(head -n 20 "$WORK/diff")"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters FINAL")" "$(grep -c '	refused	' "$WORK/expected")" "dead letters"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters AS d JOIN seen.change AS c USING (topic, offset) WHERE d.raw_message != c.raw OR d.raw_message = ''")" 0 \
    "a dead letter has the bytes that came"
echo "$(wc -l <"$WORK/expected") messages of $(($# / 2)) captures, $(grep -c '	refused	' "$WORK/expected") of them dead letters"

# One of them alone, with the key's old value known and all rows told: the table that it leaves.
stream detach
for table in stock_realtime kafka_dead_letters kafka_truncation kafka_truncation_done; do query "TRUNCATE TABLE warehouse.$table"; done
stream attach --brokers "$KAFKA_BROKERS" --topic stocks.replica_full.string.schemas_false --news-topic none --group alone
stream lag --wait 60
query "SELECT symbol, timestamp, reinterpretAsUInt64(price), if(volume IS NULL, NULL, reinterpretAsUInt64(assumeNotNull(volume))) FROM warehouse.stock_realtime FINAL ORDER BY symbol, timestamp" >"$WORK/found"
diff "$WORK/table" "$WORK/found" >&2 || fail "the table is another one"

# And the one with a truncation: nothing of before it stays, and what comes late does not come back. It touches no other topic, and nothing
# without a position; and a server that was made anew has low positions and a later time.
stream detach
query "TRUNCATE TABLE warehouse.stock_realtime"
query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, version, topic) VALUES ('GONE', 1, 1, 5, 'stocks.truncate.string.schemas_false'),
    ('OTHER', 1, 1, 5, 'another'), ('QUOTE', 1, 1, 0, 'stocks.truncate.string.schemas_false'), ('TRADE', 1, 1, 1, '')"
stream attach --brokers "$KAFKA_BROKERS" --topic stocks.truncate.string.schemas_false --news-topic none --group truncated
stream lag --wait 60
rest="SELECT groupArray(symbol) FROM (SELECT symbol FROM warehouse.stock_realtime FINAL ORDER BY symbol)"
expect_equal "$(query "$rest")" "['OTHER','QUOTE','TRADE']" "what a truncation leaves"
stream replay
{
    echo '{"after":{"symbol":"LATE","price":"1","ts":1},"source":{"lsn":7,"ts_ms":1000},"op":"c"}'
    echo '{"after":{"symbol":"ANEW","price":"1","ts":1},"source":{"lsn":7,"ts_ms":4102444800000},"op":"c"}'
} | produce stocks.truncate.string.schemas_false
stream lag --wait 60
expect_equal "$(query "$rest")" "['ANEW','OTHER','QUOTE','TRADE']" "what comes again after a truncation"

# Of a server that was made anew a change is newer, whatever its position.
stream attach --brokers "$KAFKA_BROKERS" --topic stocks.truncate.string.schemas_false --news-topic none --generation 1
echo '{"after":{"symbol":"ANEW","price":"2","ts":1},"source":{"lsn":3,"ts_ms":1000},"op":"u"}' | produce stocks.truncate.string.schemas_false
await "SELECT price, version FROM warehouse.stock_realtime FINAL WHERE symbol = 'ANEW'" "2	72057594037927939" "a change of a later generation"
