#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ingest pgpoll with a real PostgreSQL: its three modes, its state, late commits, and a kill.
. tests/lib.sh
. tests/services/services.sh
. tests/pgcdc/lib.sh

poll() { "$INGEST" pgpoll --config "$CONFIG" --sink text --state "$WORK/place" --once --quiet "$@"; }

# found: the ids of the lines that came, and their prices.
found() { python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    value = json.loads(message["value"])
    assert value["op"] == "r" and message["topic"] == "dbserver1.public.polled", message
    print("%s:%s" % (value["after"]["id"], value["after"]["price"]), end=" ")'; }

# expect_rows WANTED WHAT [option...]
expect_rows() {
    wanted=$1 what=$2
    shift 2
    poll "$@" >"$WORK/lines" || fail "$what: exit code $?"
    expect_equal "$(found <"$WORK/lines")" "$wanted" "$what"
}

postgres_start 'wal_level = replica' # no logical replication
config table.include.list=public.polled
sql -c "CREATE TABLE polled (id bigserial PRIMARY KEY, price numeric, made timestamptz NOT NULL DEFAULT clock_timestamp(), changed timestamptz)"
insert() { sql -c "INSERT INTO polled (price) SELECT $1 FROM generate_series(1, $2)"; }

# --- incrementing: new rows, each once; updates are not seen
set -- --mode incrementing --incrementing-column id --delay 0
insert 1.50 2
expect_rows '1:1.50 2:1.50 ' "the first look" "$@"
sql -c "UPDATE polled SET price = 9 WHERE id = 1"
insert 2 1
expect_rows '3:2 ' "the second look" "$@"
expect_rows '' "a look without news" "$@"
expect_code 78 poll --mode timestamp --timestamp-column made
expect_match "$(cat "$WORK/err")" "*place was written with 'incrementing id -'*" "the state of another mode"
printf '%s:%s:*:%s:%s\n' "$PGHOST" "$PGPORT" "$PGUSER" "$PGPASSWORD" >"$WORK/pgpass"
chmod 600 "$WORK/pgpass"
(unset PGPASSWORD; export PGPASSFILE="$WORK/pgpass"; expect_rows '' "a password from ~/.pgpass" "$@") || exit 1
rm "$WORK/place"

# --- timestamp: updates that move it are seen, deletes are not
set -- --mode timestamp --timestamp-column changed,made --delay 0
expect_rows '1:9 2:1.50 3:2 ' "the first look by time" "$@"
sql -c "UPDATE polled SET price = 5, changed = clock_timestamp() WHERE id = 2" -c "DELETE FROM polled WHERE id = 1"
expect_rows '2:5 ' "an update by time" "$@"
expect_rows '' "a look by time without news" "$@"
rm "$WORK/place"

# --- both: rows of one time are told apart
sql -c "TRUNCATE polled RESTART IDENTITY" -c "INSERT INTO polled (price, made) SELECT i, '2024-03-01Z' FROM generate_series(1, 3) i"
set -- --mode timestamp+incrementing --timestamp-column made --incrementing-column id --delay 0
sql -c "ALTER TABLE polled ADD number int" -c "UPDATE polled SET number = id" -c "INSERT INTO polled (price, made) VALUES (8, '2024-02-29Z'), (9, '2024-03-03Z')"
expect_rows '1:1 2:2 3:3 ' "rows without a number" --mode timestamp+incrementing --timestamp-column made --incrementing-column number --delay 0
expect_rows '' "a look after rows without a number" --mode timestamp+incrementing --timestamp-column made --incrementing-column number --delay 0
rm "$WORK/place"
sql -c "DELETE FROM polled WHERE number IS NULL" -c "ALTER TABLE polled DROP number" -c "SELECT setval('polled_id_seq', 3)" >/dev/null
expect_rows '1:1 2:2 3:3 ' "the first look by both" "$@"
sql -c "INSERT INTO polled (price, made) VALUES (4, '2024-03-01Z')" -c "UPDATE polled SET made = '2024-03-02Z', price = 7 WHERE id = 1"
expect_rows '4:4 1:7 ' "a late row of the same time" "$@"
rm "$WORK/place"

# --- timestamps without a time zone: the clock they were written by says which of them are past
sql -c "TRUNCATE polled RESTART IDENTITY" -c "ALTER TABLE polled ADD local timestamp" \
    -c "INSERT INTO polled (price, local) VALUES (1, now() AT TIME ZONE 'Asia/Tokyo' - interval '1 minute'), (2, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour')"
expect_rows '' "a time that is taken for UTC" --mode timestamp --timestamp-column local
"$INGEST" pgpoll --config "$CONFIG" --sink text --state "$WORK/place" --once --mode timestamp --timestamp-column local 2>"$WORK/err"
expect_match "$(cat "$WORK/err")" '*local without time zone is taken for UTC; --time-zone*' "a column without time zone"
expect_rows '1:1 ' "a time of Tokyo" --mode timestamp --timestamp-column local --time-zone Asia/Tokyo
expect_rows '' "a time of Tokyo again" --mode timestamp --timestamp-column local --time-zone Asia/Tokyo
rm "$WORK/place"
expect_code 78 poll --mode timestamp --timestamp-column changed,local
expect_match "$(cat "$WORK/err")" '*changed,local some are timestamps with a time zone*' "columns of two kinds"
sql -c "ALTER TABLE polled DROP local"

# --- a number that was drawn before, and committed after, a higher one: the delay waits for it
sql -c "TRUNCATE polled RESTART IDENTITY"
printf '%s\n' 'BEGIN;' 'INSERT INTO polled (price) VALUES (1);' 'SELECT pg_sleep(1);' 'COMMIT;' | sql >/dev/null &
late=$!
one_drawn() { [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()")" = 1 ]; }
: >"$WORK/capture.log"
wait_for "the transaction" one_drawn
insert 2 1
expect_rows '1:1 2:2 ' "a late commit" --mode incrementing --incrementing-column id --delay 2
wait "$late"
rm "$WORK/place"

# --- what is not there, and a state that is damaged
expect_code 78 poll --mode incrementing --incrementing-column nothing
expect_match "$(cat "$WORK/err")" "*public.polled has no column 'nothing'*" "a column that is not there"
expect_code 64 poll --mode bulk
expect_code 64 poll --mode timestamp
echo garbage >"$WORK/place"
expect_code 65 poll --mode incrementing --incrementing-column id
expect_match "$(cat "$WORK/err")" '*place:1 is not a line that pgpoll wrote*' "a state that is damaged"
rm "$WORK/place"

# --- Kafka is away: that is a try too
set -- --config "$CONFIG" --brokers 127.0.0.1:1 --state "$WORK/away" --mode timestamp --timestamp-column made --once
expect_code 75 timeout 60 "$INGEST" pgpoll "$@" --tries 1
expect_match "$(cat "$WORK/err")" '*Kafka at 127.0.0.1:1 has acknowledged nothing*Connection refused*trying again in*ingest: polling public.polled: Kafka at*' "a poll without a broker"

# --- into Kafka, killed at random: the place follows the acknowledgement, so every row arrives
kafka_start
sql -c "TRUNCATE polled RESTART IDENTITY" -c "INSERT INTO polled (price) SELECT i FROM generate_series(1, 60000) i"
for seconds in 0.1 0.2 0.3 0.4; do
    "$INGEST" pgpoll --config "$CONFIG" --brokers "$KAFKA_BROKERS" --state "$WORK/place" --mode incrementing --incrementing-column id --delay 0 --interval 0.1 --quiet &
    killed=$!
    sleep "$seconds"
    kill -KILL "$killed"
    wait "$killed" 2>/dev/null || :
    insert 1 1000
done
"$INGEST" pgpoll --config "$CONFIG" --brokers "$KAFKA_BROKERS" --state "$WORK/place" --mode incrementing --incrementing-column id --delay 0 --once --quiet
topic_read dbserver1.public.polled '%k\n' | sort -u | wc -l >"$WORK/count"
expect_equal "$(cat "$WORK/count")" 64000 "different rows in the topic after kills"
