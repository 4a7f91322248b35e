#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a sink says when it cannot work, and that no secret is said.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/live/common.sh
. tests/live/common.sh
postgres_start
hub_start "$WORK/hub"
unset TICKHOUSE_URL

says() { expect_match "$(cat "$WORK/err")" "$1" "$2"; }

expect_code 64 "$FEED" --sink oracle
says "*--sink wants clickhouse, kafka, postgres or text, not 'oracle'*" "an unknown sink"
expect_code 69 "$FEED" --sink postgres --ticks 5
says "*'psql -f schemas/postgres/finnhub.sql' makes the table*relation \"finnhub_stocks\" does not exist*" "no table in PostgreSQL"
expect_code 77 "$FEED" --sink postgres --postgres "postgresql://nobody@$PGHOST:$PGPORT/$PGDATABASE" --ticks 5
says "*28*nobody*" "an unknown role"
expect_code 64 "$FEED" --sink postgres --postgres "postgresql://me:Hu5h@$PGHOST:$PGPORT/x"
says "*would show that to every user*PGPASSWORD*" "a password in an option"
expect_code 64 "$FEED" --sink postgres --postgres "pq://me:Hu5h@x"
says "*neither postgresql://*" "no address"
expect_code 0 "$FEED" --sink postgres --postgres "postgresql://me@127.0.0.1:1/x" --ticks 5 --spool "$WORK/spool1"
says "*postgres is away*Connection refused*5 rows wait in*" "nobody listens"
grep -q Hu5h "$WORK/err" && fail "a password is shown"

expect_code 69 "$FEED" --sink clickhouse --url "$HUB_URL" --database nowhere --ticks 5
says "*refuses with 404*nowhere*" "no database in ClickHouse"
expect_code 64 "$FEED" --sink kafka -X sasl.password=Hu5h
says "*-X sasl.password would show its value*TICKHOUSE_KAFKA_PROPERTIES*" "a secret among the options"
grep -q Hu5h "$WORK/err" && fail "a secret is shown"
expect_code 64 "$FEED" --sink kafka -X acks=1
says "*-X: acks stays as it is*" "acks"
expect_code 64 "$FEED" --sink kafka -X no.such=1
says "*No such configuration property*" "a property that librdkafka does not know"
expect_code 64 "$FEED" --sink kafka -X
says "*-X wants a value: KEY=VALUE*" "-X without a value"
printf '# ours\n\nsasl.password=Hu5h\nlinger.ms=now\n' >"$WORK/properties"
export TICKHOUSE_KAFKA_PROPERTIES="$WORK/properties"
expect_code 64 "$FEED" --sink kafka
says "*$WORK/properties:4: Invalid value for*" "a bad line of the file"
export TICKHOUSE_KAFKA_PROPERTIES="$WORK/nowhere"
expect_code 66 "$FEED" --sink kafka
says "*cannot read $WORK/nowhere: No such file*" "no such file"
unset TICKHOUSE_KAFKA_PROPERTIES
expect_code 0 "$FEED" --sink kafka --brokers 127.0.0.1:1 --ticks 5 --spool "$WORK/spool3"
says "*kafka is away: *127.0.0.1:1*Connection refused*5 rows wait in*" "no broker"

expect_code 64 "$FEED" --sink text --every-row
says "*--every-row wants --spool DIR*" "no place for every row"
"$FEED" --sink clickhouse --url http://127.0.0.1:1 --spool "$WORK/spool2" --ticks 100000000 --rate 100 2>/dev/null &
pid=$!
sleep 0.3
expect_code 75 "$FEED" --sink text --spool "$WORK/spool2"
says "*spool2 is in use by another process*" "two processes and one spool"
kill -TERM $pid
code=0
wait $pid || code=$?
expect_equal $code 75 "stopped by SIGTERM"
expect_code 0 "$FEED" --sink text --ticks 0 --spool "$WORK/spool2"
lines=$(wc -l <"$WORK/out")
[ "$lines" -gt 10 ] || fail "only $lines rows were in the spool after SIGTERM"
echo "$lines rows were in the spool after SIGTERM"
