#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What tests of faults build on: services listen on loopback alone, keep what they have across a restart and a kill, and end with their test.
. tests/lib.sh
. tests/services/services.sh

table_holds() { expect_equal "$(psql -qAtc "SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept")" "$1" "rows after $2"; }
topic_holds() { expect_equal "$(topic_read kept '%s ')" "$1 " "messages after $2"; }
produce() { printf '%s\n' "$1" | kcat -b "$KAFKA_BROKERS" -P -t kept -X acks=all; }

postgres_start 'max_connections = 23'
kafka_start 'message.max.bytes=2000000'
for port in "$PGPORT" "${KAFKA_BROKERS##*:}"; do
    expect_match "$(listening "$port" | tr -d '\n')" "*$LISTENING_LOOPBACK" "where port $port listens"
done
expect_equal "$(psql -qAtc 'SHOW max_connections')" 23 "a line of postgresql.conf"
password=$PGPASSWORD
expect_code 2 env PGPASSWORD=wrong psql -qc 'SELECT 1'

psql -qc 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)'
produce 1
postgres_restart
kafka_restart
table_holds 1 "a restart"
topic_holds 1 "a restart"

psql -qc 'INSERT INTO kept VALUES (2)'
produce 2
psql -qc 'SELECT pg_sleep(60)' >/dev/null 2>&1 &
postgres_kill
kafka_kill
expect_code 2 psql -qc 'SELECT 1'
postgres_start
kafka_start
table_holds '1 2' "a kill"
topic_holds '1 2' "a kill"
expect_equal "$PGPASSWORD" "$password" "the password after a restart"

# A service that cannot start says why, and does not hold the test up.
kafka_stop
expect_code 1 kafka_start 'log.dirs=/proc/nowhere'
expect_match "$(cat "$WORK/err")" '*kafka did not start*' "the sentence"

# A test that is killed takes its services with it.
mkdir "$WORK/killed"
cat >"$WORK/killed.sh" <<'SH'
. tests/lib.sh
. tests/services/services.sh
postgres_start
kafka_start
cp "$SERVICES_DATA"/*.pid "$1"
kill -KILL $$
SH
TMPDIR=$WORK sh "$WORK/killed.sh" "$WORK/killed" >/dev/null 2>&1 || :
for service in postgres kafka; do
    left=200
    while is_alive "$(cat "$WORK/killed/$service.pid")"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$service outlives its test"
        sleep 0.05
    done
done
