#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each sink with its real server: what arrives; a batch that comes again; killed ingestors; a server that is killed while rows come, with
# and without a spool. The numbers of the ticks tell what is lost or doubled.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/live/common.sh
. tests/live/common.sh
TICKS=30000
wanted=$(wanted_sums $TICKS)
postgres_start
kafka_start
hub_start "$WORK/hub"
make_tables
unset TICKHOUSE_URL

# --- what arrives, once and again
for again in "" " again"; do
    feed --sink postgres --ticks $TICKS --articles 3
    expect_equal "$(postgres_sums)" "$wanted" "postgres$again"
    feed --sink clickhouse --url "$HUB_URL" --ticks $TICKS --articles 3
    expect_equal "$(clickhouse_sums)" "$wanted" "clickhouse$again"
done
feed --sink kafka --brokers "$KAFKA_BROKERS" --ticks $TICKS --articles 3
expect_equal "$(topic_sums all)" "$wanted" "kafka"
expect_equal "$(sql "SELECT count(*), string_agg(DISTINCT summary, ''), min(ts) FROM finnhub_news")" \
    "3|Summary, {braces}, NULL, €|2024-03-01 14:30:00+00" "news in PostgreSQL"
expect_equal "$(query "SELECT count(), groupUniqArray(headline)[1], min(published_at) FROM warehouse.finnhub_news FINAL FORMAT TSV")" \
    '3	A "headline"\twith a \\ and \n in it	2024-03-01 14:30:00.000000' "news in ClickHouse"
expect_equal "$(topic_read dbserver1.public.finnhub_news '%k %h\n' | sort | tr '\n' ',')" \
    "1 schema=finnhub_news,version=1,source=feed,2 schema=finnhub_news,version=1,source=feed,3 schema=finnhub_news,version=1,source=feed," "news in Kafka"
echo "each sink holds what was sent, and sending it again changes nothing"

# --- a trade beats a quote of the same instant, whichever comes first, and nothing beats a trade
sql "TRUNCATE finnhub_stocks"
feed --sink postgres --ticks 20 --quotes
expect_equal "$(sql "SELECT count(*), count(volume), sum(price) FROM finnhub_stocks")" "20|0|1000" "quotes"
feed --sink postgres --ticks 10
feed --sink postgres --ticks 20 --quotes
expect_equal "$(sql "SELECT count(*), count(volume), sum(price) FROM finnhub_stocks")" "20|10|1510.10" "trades over quotes"
query "TRUNCATE TABLE warehouse.stock_realtime"
for kind in --quotes "" --quotes; do
    # shellcheck disable=SC2086 # no word
    feed --sink clickhouse --url "$HUB_URL" --ticks $((${#kind} > 0 ? 20 : 10)) $kind
done
expect_equal "$(query "SELECT count(), count(volume), round(sum(price), 2) FROM warehouse.stock_realtime FINAL")" "20	10	1510.1" \
    "trades over quotes in ClickHouse"

# --- a server that hangs: on a lock, and frozen. The sink counts as away, rows go into the spool, and SIGTERM ends the client.
# hanging NAME: a client of its own that has begun to store.
hanging() {
    "$FEED" --sink postgres --ticks $TICKS --rate 2000 --spool "$WORK/$1" >/dev/null 2>"$WORK/$1.err" &
    client=$!
    wait_until "the client of $1 has stored rows" "[ \$(sql 'SELECT count(*) FROM finnhub_stocks') -gt 0 ]"
}
# wait_until WHAT CONDITION: evaluated again and again.
wait_until() {
    left=600
    until eval "$2"; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "not in time: $1: $(cat "$WORK"/*.err)"
        sleep 0.1
    done
}
# left_by_term NAME: while the server hangs, SIGTERM ends the client, with its rows in the spool.
left_by_term() {
    kill -TERM "$client"
    wait_until "the client of $1 ended" "! is_alive $client"
    wait "$client" || :
    expect_match "$(cat "$WORK/$1.err")" "*rows wait in $WORK/$1*" "rows of $1 in the spool"
}
sql "TRUNCATE finnhub_stocks"
hanging lock
psql -X -q -c "BEGIN; LOCK TABLE finnhub_stocks; SELECT pg_sleep(600)" >/dev/null 2>&1 &
locker=$!
wait_until "the table is locked" "[ \$(sql \"SELECT count(*) FROM pg_locks WHERE NOT granted\") -gt 0 ]"
left_by_term lock
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'" >/dev/null
wait $locker || :
feed --sink postgres --ticks $TICKS --spool "$WORK/lock"
expect_equal "$(postgres_sums)" "$wanted" "postgres over a lock"
sql "TRUNCATE finnhub_stocks"
hanging frozen
postgres_freeze
wait_until "a frozen server counts as away" "grep -q 'postgres is away.*has not answered within' '$WORK/frozen.err'"
left_by_term frozen
postgres_thaw
feed --sink postgres --ticks $TICKS --spool "$WORK/frozen"
expect_equal "$(postgres_sums)" "$wanted" "postgres over a frozen server"
echo "a server that hangs is away, and keeps nobody from leaving"

# --- a client killed while it sends, then run again
sql "TRUNCATE finnhub_stocks"
query "TRUNCATE TABLE warehouse.stock_realtime"
killed=0
for _ in 1 2 3; do
    for sink in postgres clickhouse kafka; do
        "$FEED" --quiet --sink $sink --url "$HUB_URL" --brokers "$KAFKA_BROKERS" --topic "killed.$sink" --ticks $TICKS --linger 0.001 &
        pid=$!
        sleep "$(random_wait 150)"
        kill -KILL $pid 2>/dev/null || :
        wait $pid 2>/dev/null || killed=$((killed + 1))
    done
done
[ $killed -gt 0 ] || fail "no round killed a client under way; the moments are badly chosen"
for sink in postgres clickhouse kafka; do
    feed --sink $sink --url "$HUB_URL" --brokers "$KAFKA_BROKERS" --topic "killed.$sink" --ticks $TICKS
done
expect_equal "$(postgres_sums)" "$wanted" "postgres after $killed kills"
expect_equal "$(clickhouse_sums)" "$wanted" "clickhouse after $killed kills"
expect_equal "$(TOPIC=killed.kafka topic_sums distinct)" "$wanted" "kafka after $killed kills"
echo "$killed of 9 clients were killed under way"

# --- the server killed while rows come, no spool: the source waits, and each row is there once
sql "TRUNCATE finnhub_stocks"
query "TRUNCATE TABLE warehouse.stock_realtime"
"$FEED" --quiet --sink postgres --ticks $TICKS --rate 3000 2>"$WORK/postgres.err" &
postgres_feed=$!
"$FEED" --quiet --sink kafka --brokers "$KAFKA_BROKERS" --topic away.kafka --ticks $TICKS --rate 3000 2>"$WORK/kafka.err" &
kafka_feed=$!
"$FEED" --quiet --sink clickhouse --url "$HUB_URL" --ticks $TICKS --rate 3000 2>"$WORK/clickhouse.err" &
hub_feed=$!
sleep 0.7
kafka_kill
postgres_kill
hub_kill9
postgres_start
kafka_start
hub_start "$HUB_DATA" --http-port "${HUB_URL##*:}"
for pid in $postgres_feed $kafka_feed $hub_feed; do
    wait "$pid" || fail "a feed whose server was killed ended with $?: $(cat "$WORK"/*.err)"
done
expect_equal "$(postgres_sums)" "$wanted" "postgres over a kill -9 of the server"
expect_equal "$(clickhouse_sums)" "$wanted" "clickhouse over a kill -9 of the server"
expect_equal "$(TOPIC=away.kafka topic_sums all)" "$wanted" "kafka over a kill -9 of the broker: idempotent, so none is double"
echo "servers killed under way: nothing lost, nothing double"

# --- the server is away: rows wait on disk, the client is killed several times, and then they are stored
sql "TRUNCATE finnhub_stocks"
postgres_stop
from=0
for until in 5000 10000 15000 20000; do
    "$FEED" --quiet --sink postgres --spool "$WORK/spool" --ticks $until --from "$from" --every-row --report >"$WORK/taken" 2>/dev/null &
    pid=$!
    sleep 0.4
    kill -KILL $pid 2>/dev/null || :
    wait $pid 2>/dev/null || :
    # It was taken, so it is not sent again.
    from=$(tail -n 1 "$WORK/taken" | grep -x '[0-9]*' || echo "$from")
done
postgres_start
expect_code 0 "$FEED" --sink postgres --spool "$WORK/spool" --ticks $TICKS --from "$from"
expect_match "$(cat "$WORK/err")" "*rows of an earlier run wait in*" "the rest of the run before is named"
expect_equal "$(postgres_sums)" "$wanted" "rows over four kills and a server that was away, $from of them from the spool"
expect_equal "$(ls "$WORK/spool")" "lock
stored" "an empty spool"
echo "$from rows came through the spool"
