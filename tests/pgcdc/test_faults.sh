#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ingest pgcdc when something breaks: killed in the snapshot and in the stream, a PostgreSQL and a Kafka that come back, a server that was
# restored from a copy, a slot that was lost.
# The topic must make the table in the end, and the slot must never be confirmed beyond what Kafka has.
. tests/lib.sh
. tests/services/services.sh
. tests/pgcdc/lib.sh

ROUNDS=${ROUNDS:-10}

# writes NUMBER: some seconds' worth of statements; each call has times of its own.
writes() {
    awk -v round="$1" 'BEGIN { srand(round)
        for (i = 1; i <= 1500; i++) {
            at = sprintf("\0472024-02-01Z\047::timestamptz + %d * interval \0471 ms\047", round * 100000 + i)
            printf "INSERT INTO finnhub_stocks VALUES (\047S%d\047, %d, %d, %s);\n", i % 20, i, i, at
            if (rand() < 0.3) printf "UPDATE finnhub_stocks SET volume = volume + 1 WHERE symbol = \047S%d\047 AND ts = %s;\n", i % 20, at
            if (rand() < 0.1) printf "DELETE FROM finnhub_stocks WHERE symbol = \047S%d\047 AND ts = %s;\n", i % 20, at
            if (rand() < 0.01) printf "INSERT INTO finnhub_stocks SELECT \047L\047 || i %% 50, i, i, \0472024-03-01Z\047::timestamptz + (%d + i) * interval \0471 ms\047 FROM generate_series(1, 500) i;\n", round * 10000000 + i * 1000
        } }'
}

postgres_start
kafka_start
config
sql -f schemas/postgres/finnhub.sql
sql -c "INSERT INTO finnhub_stocks SELECT 'OLD' || i % 50, i, NULL, '2024-01-01Z'::timestamptz + i * interval '1 ms' FROM generate_series(1, 150000) i"

# --- killed in the snapshot: it leaves nothing behind, and begins again
capture_start --quiet
has_rows() { kcat -b "$KAFKA_BROKERS" -Q -t "$TOPIC:0:-1" 2>/dev/null | grep -q "offset [1-9]"; }
wait_for "the first rows of the snapshot" has_rows
capture_kill
expect_equal "$(slot_of 'count(*)')" 0 "slots after a snapshot that was cut off"
no_slot() { [ "$(sql -c 'SELECT count(*) FROM pg_replication_slots')" = 0 ]; }
wait_for "the end of the temporary slot" no_slot

# --- killed in the stream, at random
sleeps=$(awk -v n="$ROUNDS" 'BEGIN { srand(); for (i = 0; i < n; i++) printf "%.3f ", 0.05 + 0.6 * rand() }')
round=0
for seconds in $sleeps; do
    round=$((round + 1))
    writes "$round" | sql &
    writer=$!
    capture_start --quiet
    sleep "$seconds"
    capture_kill
    wait "$writer"
done
capture --once --quiet
expect_same_state
echo "$ROUNDS kills: $(cat "$WORK/state")"

# --- PostgreSQL and Kafka go and come back under a running capture
: >"$WORK/capture.log"
config status.update.interval.ms=300
capture_start --silent 3
wait_for "streaming" slot_streams "$SLOT"
writes 101 | sql
postgres_restart
writes 102 | sql &
writer=$!
kafka_kill
wait "$writer"
postgres_kill
postgres_start

# --- with the broker away PostgreSQL goes on, and the slot stays where Kafka is
wait_for "streaming without Kafka" slot_streams "$SLOT"
before=$(sql -c "SELECT pg_current_wal_lsn()") reader=$(slot_of active_pid)
writes 103 | sql
sleep 5 # more than may pass without an answer; the outbox is full, and nobody listens
expect_equal "$(slot_of "confirmed_flush_lsn <= '$before'")" t "the confirmed position while Kafka is away"
is_alive "$CAPTURE" || fail "the capture ended: $(cat "$WORK/capture.log")"
kafka_start
arrived() { [ "$(sql -c "SELECT confirmed_flush_lsn >= '$1' FROM pg_replication_slots WHERE slot_name = '$SLOT'")" = t ]; }
wait_for "the arrival of all after the outages" arrived "$(sql -c 'SELECT pg_current_wal_lsn()')"
expect_equal "$(slot_of active_pid)" "$reader" "the session that waited for Kafka: $(tail -n 3 "$WORK/capture.log")"
expect_same_state
echo "outages: $(cat "$WORK/state")"
grep -q 'trying again' "$WORK/capture.log" || fail "no outage was told: $(cat "$WORK/capture.log")"

# --- a PostgreSQL that answers no more
kill -STOP "$reader"
wait_for "the end of the silence" grep -q 'was silent for' "$WORK/capture.log"
kill -CONT "$reader"
wait_for "streaming after the silence" slot_streams "$SLOT"

# --- a server that was restored from a copy lacks what was delivered, and writes other changes at the same positions
postgres_stop
cp -a "$SERVICES_DATA/postgres" "$SERVICES_DATA/postgres.copy"
postgres_start
wait_for "streaming before the copy comes back" slot_streams "$SLOT"
writes 104 | sql
wait_for "the arrival of what the copy lacks" arrived "$(sql -c 'SELECT pg_current_wal_lsn()')"
postgres_kill
rm -rf "$SERVICES_DATA/postgres"
mv "$SERVICES_DATA/postgres.copy" "$SERVICES_DATA/postgres"
postgres_start
code=0
wait "$CAPTURE" || code=$?
expect_equal "$code" 69 "the exit code when the server was restored: $(tail -n 3 "$WORK/capture.log")"
expect_match "$(tail -n 1 "$WORK/capture.log")" '*it was restored from an older copy*--drop-slot*' "the sentence when the server was restored"
capture_start
wait_for "streaming from the restored server" slot_streams "$SLOT"

# --- a slot that is taken away under a running capture is not replaced in silence
sql -c "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots" -c "SELECT pg_drop_replication_slot('$SLOT')" >/dev/null
code=0
wait "$CAPTURE" || code=$?
expect_equal "$code" 69 "the exit code when the slot is gone: $(tail -n 3 "$WORK/capture.log")"
expect_match "$(tail -n 1 "$WORK/capture.log")" "*slot '$SLOT' is gone*the next start takes a new snapshot*" "the sentence when the slot is gone"
expect_code 69 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" "*slot '$SLOT' is gone, though it was made before*--drop-slot*" "the sentence of a new start without the slot"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet

# --- a slot that PostgreSQL gave up for its disk
sql -c "TRUNCATE finnhub_stocks"
capture --once --quiet
sql -c "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'" -c "SELECT pg_reload_conf()" >/dev/null
for _ in 1 2 3; do sql -c "INSERT INTO finnhub_stocks SELECT 'X', 1, 1, now() + i * interval '1 ms' FROM generate_series(1, 1000) i" -c "SELECT pg_switch_wal()" -c CHECKPOINT -c "TRUNCATE finnhub_stocks" >/dev/null; done
expect_equal "$(slot_of wal_status)" lost "the slot that was to be lost"
expect_code 69 "$INGEST" pgcdc --config "$CONFIG" --sink text --once
expect_match "$(cat "$WORK/err")" "*slot '$SLOT' is lost*--drop-slot*" "the sentence when the slot is lost"
"$INGEST" pgcdc --config "$CONFIG" --drop-slot --quiet
