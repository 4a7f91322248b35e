#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ingest pgcdc with a real PostgreSQL and a real Kafka: every operation, a snapshot beside writers, what the slot says, and what is refused.
. tests/lib.sh
. tests/services/services.sh
. tests/pgcdc/lib.sh

# messages: of each the key, the operation, the snapshot's mark, before and after.
messages() {
    topic_read "$TOPIC" '%k\t%s\n' | python3 -c '
import json, sys
row = lambda r: "-" if r is None else " ".join(str(r[name]) for name in ("symbol", "price", "volume", "ts"))
for line in sys.stdin:
    key, value = line.rstrip("\n").split("\t")
    if value == "NULL":
        print(key, "tombstone")
        continue
    value = json.loads(value)
    print(key, value["op"], value["source"]["snapshot"], "|", row(value["before"]), "|", row(value["after"]))'
}

postgres_start
kafka_start
config

# --- what is refused before anything is made
expect_code 64 "$INGEST" pgcdc --config "$CONFIG"
expect_match "$(cat "$WORK/err")" '*--brokers HOST:PORT is missing*' "a capture without brokers"
expect_code 64 "$INGEST" pgcdc --config "$CONFIG" --sink text --until-lsn 12
expect_match "$(cat "$WORK/err")" "*--until-lsn wants a position like 16/B374D848, not '12'*" "a position that is none"
expect_code 78 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" '*table.include.list fits no table*' "a database without the tables"
expect_code 69 "$INGEST" pgcdc --config "$CONFIG" --status-only
expect_match "$(cat "$WORK/err")" "*there is no slot '$SLOT'*" "the state of a slot that is not there"
expect_code 77 env PGPASSWORD=wrong-secret "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" '*password authentication failed*' "a wrong password"
! grep -q wrong-secret "$WORK/err" || fail "the password is in an error"
expect_code 75 env PGPORT=1 "$INGEST" pgcdc --config "$CONFIG" --sink text --once --tries 1
expect_match "$(cat "$WORK/err")" '*trying again in*' "a server that is away"

sql -f schemas/postgres/finnhub.sql
sql -c "INSERT INTO finnhub_stocks VALUES ('AWAY', 1, 1, now())"
expect_code 75 timeout 60 "$INGEST" pgcdc --config "$CONFIG" --brokers 127.0.0.1:1 --once --tries 1
expect_match "$(cat "$WORK/err")" '*Kafka at 127.0.0.1:1 has acknowledged nothing*Connection refused*trying again in*ingest: Kafka at 127.0.0.1:1*' "a capture without a broker"
sql -c "TRUNCATE finnhub_stocks" -c "DROP PUBLICATION IF EXISTS $SLOT"

config publication.autocreate.mode=disabled
expect_code 78 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" "*the publication '$SLOT' is not there*" "a publication that nobody may make"

# --- every operation
config skipped.operations=none heartbeat.interval.ms=0
sql <<'SQL'
INSERT INTO finnhub_stocks VALUES ('AAPL', 179.66, 100, '2024-03-01 14:30:00.123456Z'), ('MSFT', 410.50, NULL, '2024-03-01 14:30:00Z');
SQL
capture_start --status "$WORK/status" --status-interval 1
wait_for "the snapshot" slot_streams "$SLOT"
sql <<'SQL'
INSERT INTO finnhub_stocks VALUES ('NVDA', 822.7900, 7, '2024-03-01 14:30:01.000001Z');
UPDATE finnhub_stocks SET volume = 12 WHERE symbol = 'MSFT';
DELETE FROM finnhub_stocks WHERE symbol = 'AAPL';
UPDATE finnhub_stocks SET symbol = 'BRK.B' WHERE symbol = 'NVDA';
BEGIN; INSERT INTO finnhub_stocks VALUES ('GONE', 1, 1, now()); ROLLBACK;
TRUNCATE finnhub_stocks;
INSERT INTO finnhub_news VALUES (7, '2024-03-01 15:00:00Z', 'company', 'Zürich — “up”', 'AAPL', 'Reuters', '', 'https://news.example/7');
SQL
topic_wait "$TOPIC" 10
topic_wait dbserver1.public.finnhub_news 1
messages >"$WORK/found"
cat >"$WORK/wanted" <<'TEXT'
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} r first | - | AAPL 179.66 100 2024-03-01T14:30:00.123456Z
{"symbol":"MSFT","ts":"2024-03-01T14:30:00.000000Z"} r last | - | MSFT 410.50 None 2024-03-01T14:30:00.000000Z
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} c false | - | NVDA 822.7900 7 2024-03-01T14:30:01.000001Z
{"symbol":"MSFT","ts":"2024-03-01T14:30:00.000000Z"} u false | - | MSFT 410.50 12 2024-03-01T14:30:00.000000Z
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} d false | AAPL 0 None 2024-03-01T14:30:00.123456Z | -
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} tombstone
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} d false | NVDA 0 None 2024-03-01T14:30:01.000001Z | -
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} tombstone
{"symbol":"BRK.B","ts":"2024-03-01T14:30:01.000001Z"} c false | - | BRK.B 822.7900 7 2024-03-01T14:30:01.000001Z
NULL t false | - | -
TEXT
diff -u "$WORK/wanted" "$WORK/found" >&2 || fail "the topic holds other messages"

# --- the slot is in use, and says so; its state is in the file
expect_code 75 "$INGEST" pgcdc --config "$CONFIG" --sink text --once --tries 0
expect_match "$(cat "$WORK/err")" "*slot '$SLOT' is in use by process*" "a second capture on the same slot"
wait_for "the state in its file" grep -q '"messages":11,"messages_acknowledged":11,' "$WORK/status"
expect_match "$(cat "$WORK/status")" '*"state":"streaming"*"wal_status":"reserved"*' "the state of the slot in its file"

# --- a database that is busy elsewhere does not make an idle slot keep its log
sql -c "CREATE TABLE elsewhere AS SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i" -c "SELECT pg_switch_wal()" >/dev/null
confirmed_is_at_end() { [ "$(sql -c "SELECT confirmed_flush_lsn >= '$1' FROM pg_replication_slots WHERE slot_name = '$SLOT'")" = t ]; }
wait_for "the confirmation of a log without our changes" confirmed_is_at_end "$(sql -c 'SELECT pg_current_wal_lsn()')"

# --- an orderly end, and a start that repeats nothing
capture_stop
sql -c "INSERT INTO finnhub_stocks VALUES ('NEXT', 1, 1, '2024-03-01 15:00:00Z')"
capture --once --quiet
expect_equal "$(messages | tail -n +11)" '{"symbol":"NEXT","ts":"2024-03-01T15:00:00.000000Z"} c false | - | NEXT 1 1 2024-03-01T15:00:00.000000Z' "messages after a stop"
capture --once --quiet
expect_equal "$(topic_size "$TOPIC")" 11 "messages when nothing was new"
expect_match "$("$INGEST" pgcdc --config "$CONFIG" --status-only)" '*"state":"idle"*"wal_status":"reserved"*' "the state of a slot"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
expect_equal "$(slot_of 'count(*)')" 0 "slots after --drop-slot"

# --- a snapshot beside writers: no row is missing, none comes twice
TOPIC=beside.public.finnhub_stocks
config topic.prefix=beside heartbeat.interval.ms=100
sql -c "TRUNCATE finnhub_stocks" -c "INSERT INTO finnhub_stocks SELECT 'OLD' || i % 50, i, NULL, '2024-01-01Z'::timestamptz + i * interval '1 ms' FROM generate_series(1, 20000) i"
awk 'BEGIN { srand(7)
    for (i = 1; i <= 4000; i++) {
        printf "INSERT INTO finnhub_stocks VALUES (\047NEW%d\047, %d, %d, \0472024-02-01Z\047::timestamptz + %d * interval \0471 ms\047);\n", i % 20, i, i, i
        if (i % 3 == 0) printf "UPDATE finnhub_stocks SET volume = %d WHERE symbol = \047OLD%d\047 AND ts = \0472024-01-01Z\047::timestamptz + %d * interval \0471 ms\047;\n", i, i % 50, i + 50 * int(rand() * 300)
        if (i % 7 == 0) printf "DELETE FROM finnhub_stocks WHERE symbol = \047NEW%d\047 AND ts = \0472024-02-01Z\047::timestamptz + %d * interval \0471 ms\047;\n", (i - 5) % 20, i - 5
    } }' >"$WORK/writes.sql"
# Some of it beside the snapshot, the rest when the slot says that it is delivered: a capture that is stopped before would take another.
head -n 4000 "$WORK/writes.sql" >"$WORK/before.sql"
sed 1,4000d "$WORK/writes.sql" >"$WORK/after.sql"
snapshot_is_over() { [ -n "$(slot_of slot_name)" ]; }
heart_beats() { [ "$(topic_size __debezium-heartbeat.beside)" -gt 0 ]; }
sql -f "$WORK/before.sql" &
writer=$!
capture_start --quiet
wait "$writer"
wait_for "the end of the snapshot" snapshot_is_over
sql -f "$WORK/after.sql"
wait_for "a heartbeat" heart_beats
capture_stop
capture --once --quiet
expect_same_state --exact
# Both ways in must have been used, or the test shows nothing.
topic_read __debezium-heartbeat.beside '%k %s\n' | grep -q '^{"serverName":"beside"} {"ts_ms":[0-9]*}$' || fail "there is no heartbeat"
for operation in r c u d; do
    grep -q "\"op\":\"$operation\"" "$WORK/messages" || fail "no operation $operation in the snapshot beside writers"
done
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet

# --- other modes of the snapshot
config snapshot.mode=no_data topic.prefix=nodata
TOPIC=nodata.public.finnhub_stocks
capture --once --quiet
sql -c "INSERT INTO finnhub_stocks VALUES ('AFTER', 1, 1, '2024-03-02Z')"
capture --once --quiet
expect_equal "$(messages)" '{"symbol":"AFTER","ts":"2024-03-02T00:00:00.000000Z"} c false | - | AFTER 1 1 2024-03-02T00:00:00.000000Z' "snapshot.mode=no_data"
sql -c "DELETE FROM finnhub_stocks WHERE symbol <> 'AFTER'"
config snapshot.mode=always topic.prefix=always
TOPIC=always.public.finnhub_stocks
capture --once --quiet
capture --once --quiet
expect_equal "$(messages | grep -c ' r last ')" 2 "snapshots of two starts with snapshot.mode=always"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
config snapshot.mode=initial_only topic.prefix=only
TOPIC=only.public.finnhub_stocks
capture --quiet
expect_equal "$(messages | wc -l) $(slot_of 'count(*)')" '1 0' "messages and slots after snapshot.mode=initial_only"

# --- a stop inside a transaction: it is read to its end, and does not come again
config topic.prefix=long snapshot.mode=no_data
TOPIC=long.public.finnhub_stocks
: >"$WORK/capture.log"
capture_start
wait_for "streaming" slot_streams "$SLOT"
sql -c "INSERT INTO finnhub_stocks SELECT 'LONG', i, i, '2024-04-01Z'::timestamptz + i * interval '1 ms' FROM generate_series(1, 30000) i"
has_begun() { kcat -b "$KAFKA_BROKERS" -Q -t "$TOPIC:0:-1" 2>/dev/null | grep -q "offset [1-9]"; }
wait_for "the first rows of a long transaction" has_begun
capture_stop
capture --once --quiet
expect_equal "$(topic_size "$TOPIC")" 30000 "messages of a transaction in which the capture was stopped"

# --- a publication has the marks of all its slots, and whoever may not mark it says so
config topic.prefix=second slot.name=second snapshot.mode=no_data
capture --once --quiet
expect_match "$(sql -c "SELECT obj_description(oid, 'pg_publication') FROM pg_publication")" "tickhouse: slots made: $SLOT second" "the marks of two slots"
sql -c "SELECT pg_drop_replication_slot('second')" >/dev/null
expect_code 69 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" "*slot 'second' is gone, though it was made before*" "a second slot that is gone"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
config snapshot.mode=no_data
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
expect_equal "$(sql -c "SELECT obj_description(oid, 'pg_publication') FROM pg_publication")" "" "the marks of no slots"
sql -c "CREATE ROLE reader REPLICATION LOGIN PASSWORD '$PGPASSWORD'" -c "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
config database.user=reader publication.autocreate.mode=disabled snapshot.mode=no_data
expect_code 0 "$INGEST" pgcdc --config "$CONFIG" --sink text --once --quiet
expect_match "$(cat "$WORK/err")" "*the publication '$SLOT' cannot be marked (*must be owner*" "a publication of somebody else's"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet

# --- partitions: what the snapshot names is what the stream names, and nothing is left out in silence
sql <<'SQL'
CREATE TABLE parted (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO parted VALUES (1, '2024-03-01');
SQL
config table.include.list=public.parted
expect_code 78 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" "*public.parted is partitioned*public.parted_2024 is not in table.include.list*" "a partitioned table without its partitions"
# expect_partitions TABLE LIST: topics have the name of the table, with one row of the snapshot and one of the stream.
expect_partitions() {
    config table.include.list="$2" topic.prefix="by_$1"
    capture --once --quiet
    sql -c "INSERT INTO parted SELECT max(id) + 1, '2024-03-01' FROM parted"
    capture --once --quiet
    rows=$(sql -c "SELECT count(*) FROM parted")
    topic_read "by_$1.public.$1" '%s\n' | sed 's/.*"after":{"id":\([0-9]*\).*"op":"\([a-z]\)".*/\1\2/' | sort -n | tr '\n' ' ' >"$WORK/found"
    expect_equal "$(cat "$WORK/found")" "$(seq -f %gr -s ' ' $((rows - 1))) ${rows}c " "the rows of $1 for the list $2"
    expect_equal "$(kcat -b "$KAFKA_BROKERS" -L | grep -c "topic \"by_$1.public")" 1 "the topics for the list $2"
    "$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
}
expect_partitions parted_2024 'public.parted.*'
sql -c "ALTER PUBLICATION $SLOT SET (publish_via_partition_root = true)"
expect_partitions parted public.parted
