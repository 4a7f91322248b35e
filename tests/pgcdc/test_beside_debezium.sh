#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_beside_debezium.sh [ordinary|heavy]: Debezium and `ingest pgcdc` capture the same transactions of one database, with two slots and two
# topic prefixes, for each line of beside/variants.txt; their messages have to be equal, in the same partitions and in the same order.
# BESIDE=debezium compares Debezium with itself: what differs then is no fault of ours.
. tests/lib.sh
. tests/services/services.sh

WHEN=${1:-ordinary}
HERE=$ROOT/tests/pgcdc/beside
CONNECTOR=$ROOT/schemas/connectors/sourcedb-cdc.json

# pgcdc_start NAME [property=value...]: in the background, until it streams.
pgcdc_start() {
    capture=$1
    shift
    connector_file "$capture" "$CONNECTOR" "$@" >"$WORK/$capture.json"
    service_launch "$capture" "$TICKHOUSE_BIN/ingest" pgcdc --config "$WORK/$capture.json" --brokers "$KAFKA_BROKERS" --tries 0
    service_ready "$capture" slot_streams "$capture" || fail "pgcdc does not stream"
}

# start DEBEZIUM|PGCDC PREFIX [property=value...]
start() {
    starter=$1 prefix=$2
    shift 2
    if [ "$starter" = pgcdc ]; then set -- "$prefix" "$@"; else set -- "$prefix" "$CONNECTOR" "$@"; fi
    "${starter}_start" "$@" topic.prefix="$prefix" slot.name="$prefix" publication.name="$prefix" heartbeat.interval.ms=0 || fail "$starter did not start"
}

# topics_of PREFIX: all messages of its topics.
topics_of() {
    kcat -b "$KAFKA_BROKERS" -L | sed -n "s/^ *topic \"\($1[.][^\"]*\)\".*/\1/p" | while read -r topic; do
        kcat -b "$KAFKA_BROKERS" -C -t "$topic" -e -q -J -X fetch.wait.max.ms=10
    done
}

# compare NAME
compare() {
    masked=
    [ "$1" != skips ] || masked=commits
    # shellcheck disable=SC2086 # a word, or none
    python3 "$HERE/compare.py" "$WORK/debezium" "debezium_$1" "$WORK/own" "captured_$1" $masked >"$WORK/differences"
}

# expect_same NAME: messages of one transaction may come to different topics in another order, hence the patience.
expect_same() {
    (topic_wait "debezium_$1.public.ends" 1) || fail "$1: $(connector_status "debezium_$1" | cut -c 1-2000)"
    topic_wait "captured_$1.public.ends" 1
    left=10
    while :; do
        topics_of "debezium_$1" >"$WORK/debezium"
        topics_of "captured_$1" >"$WORK/own"
        ! compare "$1" || break
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$1: $(cat "$WORK/differences")"
        sleep 0.2
    done
    echo "$1: $(cat "$WORK/differences")"
}

postgres_start 'max_replication_slots = 20' 'max_wal_senders = 20'
kafka_start num.partitions=3
connect_start
psql -q -v ON_ERROR_STOP=1 -f schemas/postgres/finnhub.sql -f "$HERE/before.sql"

variants() { sed -n "s/^\([a-z]*\) $WHEN /\1 /p" "$HERE/variants.txt"; }

variants >"$WORK/variants"
while read -r variant properties; do
    # shellcheck disable=SC2086 # a list of words
    start connector "debezium_$variant" table.include.list= $properties
    # shellcheck disable=SC2086
    start "${BESIDE:-pgcdc}" "captured_$variant" table.include.list= $properties
done <"$WORK/variants"
psql -q -v ON_ERROR_STOP=1 -f "$HERE/after.sql" >/dev/null
while read -r variant properties; do expect_same "$variant"; done <"$WORK/variants"

# What is planted is found.
prefix=$(tail -n 1 "$WORK/variants" | cut -d ' ' -f 1)
cp "$WORK/own" "$WORK/good"
sed '$d' "$WORK/good" >"$WORK/own"
! compare "$prefix" || fail "a lost message is not seen"
sed 's/822.79/822.78/g; s/MSFT/MSFU/g' "$WORK/good" >"$WORK/own"
! compare "$prefix" || fail "another value is not seen"
