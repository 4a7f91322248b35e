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
expect_code 64 "$FEED" --sink postgres --postgres "postgresql://me@$PGHOST:$PGPORT/x?sslpassword=Hu5h"
says "*would show that to every user*" "the password of a key in an option"
expect_code 64 "$FEED" --sink postgres --postgres "pq://me:Hu5h@x"
says "*neither postgresql://*" "no address"
expect_code 0 "$FEED" --sink postgres --postgres "postgresql://me@127.0.0.1:1/x" --ticks 5 --spool "$WORK/spool1"
says "*postgres is away*Connection refused*5 rows wait in*" "nobody listens"
grep -q Hu5h "$WORK/err" && fail "a password is shown"
expect_code 77 env PGPASSWORD=Hu5h "$TICKHOUSE_BIN/ingest" mock --sink postgres --ticks 5 --speed 0
says "*5 rows are not stored*password authentication failed*PGPASSWORD*~/.pgpass*" "a wrong password"
expect_equal "$(grep -c 'password authentication' "$WORK/err")" 1 "how often a refusal is said"
grep -q Hu5h "$WORK/err" && fail "a wrong password is shown"
expect_code 69 "$FEED" --sink postgres --postgres "postgresql://$PGUSER@$PGHOST:$PGPORT/nowhere" --ticks 5
says "*nowhere*does not exist*createdb NAME*" "no database in PostgreSQL"
expect_code 64 "$TICKHOUSE_BIN/ingest" spool --spool "$WORK/spool1"
says "*--sink NAME says it*" "a spool, and no sink"
expect_code 64 "$TICKHOUSE_BIN/ingest" spool --spool "$WORK/nowhere" --sink text
says "*$WORK/nowhere: No such file or directory*" "no spool"
expect_code 0 "$TICKHOUSE_BIN/ingest" spool --spool "$WORK/spool1" --sink text
says "*5 rows are stored in text*" "where the rows of a spool went"

expect_code 69 "$FEED" --sink clickhouse --url "$HUB_URL" --database nowhere --ticks 5
says "*refuses with 404*nowhere*" "no database in ClickHouse"
expect_code 64 "$FEED" --sink kafka -X sasl.password=Hu5h
says "*-X sasl.password would show its value*TICKHOUSE_KAFKA_PROPERTIES*" "a secret among the options"
grep -q Hu5h "$WORK/err" && fail "a secret is shown"
expect_code 64 "$FEED" --sink kafka -X acks=1
says "*-X: acks stays as it is*" "acks"
expect_code 64 "$FEED" --sink kafka -X delivery.report.only.error=true
says "*-X: delivery.report.only.error stays as it is*" "successes that nobody would be told of"
expect_code 64 "$FEED" --sink kafka -X no.such=1
says "*No such configuration property*" "a property that librdkafka does not know"
expect_code 64 "$FEED" --sink kafka -X
says "*-X wants a value: KEY=VALUE*" "-X without a value"

# Lines of the file, wrong in ways that must not show what is in them.
export TICKHOUSE_KAFKA_PROPERTIES="$WORK/properties"
wrong_line() {
    expect_code 64 "$FEED" --sink kafka
    says "*$WORK/properties:$1" "$2"
    if grep -q Hu5h "$WORK/err"; then fail "$2: a value of the file is shown: $(cat "$WORK/err")"; fi
}
printf '# ours\n\nsasl.password=Hu5h\nlinger.ms=Hu5h\n' >"$WORK/properties"
wrong_line "4: librdkafka refuses the value of linger.ms*" "a bad value"
printf 'sasl.password: Hu5h\n' >"$WORK/properties"
wrong_line "1 wants key=value*" "a colon"
printf 'linger.ms=1\nHu5hHu5h==\n' >"$WORK/properties"
wrong_line "2: librdkafka knows no such property*" "the last line of a PEM"
{ printf 'ssl.key.pem=' && head -c 70000 /dev/zero | tr '\0' 'H' && printf 'u5h\n'; } >"$WORK/properties"
wrong_line "1: the line is longer than*ssl.key.location*" "a line that is too long"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test -keyout "$WORK/key" -out "$WORK/certificate" 2>/dev/null
printf 'security.protocol=ssl\nssl.ca.pem=%s\n' "$(awk '{ printf "%s\\n", $0 }' "$WORK/certificate")" >"$WORK/properties"
expect_code 0 "$FEED" --sink kafka --brokers 127.0.0.1:1 --ticks 5 --spool "$WORK/spool4"
says "*kafka is away: *127.0.0.1:1*Connection refused*" "a certificate with line ends as \\n"
export TICKHOUSE_KAFKA_PROPERTIES="$WORK/nowhere"
expect_code 66 "$FEED" --sink kafka
says "*cannot read $WORK/nowhere: No such file*" "no such file"
unset TICKHOUSE_KAFKA_PROPERTIES
expect_code 0 "$FEED" --sink kafka --brokers 127.0.0.1:1 -X message.timeout.ms=300 --ticks 5 --spool "$WORK/spool3"
says "*kafka is away: *127.0.0.1:1*Connection refused*5 rows wait in*" "no broker"

expect_code 64 "$FEED" --sink text --every-row
says "*--every-row wants --spool DIR*" "no place for every row"
"$FEED" --sink clickhouse --url http://127.0.0.1:1 --spool "$WORK/spool2" --ticks 100000000 --rate 1000 2>/dev/null &
pid=$!
until [ "$(find "$WORK/spool2" -name '*.spool' 2>/dev/null)" ]; do sleep 0.05; done
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
