# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What tests of the way from Kafka to ClickHouse use: a broker and a hub. Source it after tests/lib.sh and tests/services/services.sh.

# stream VERB [options]: of this test's hub.
stream() {
    verb=$1
    shift
    "$TICKHOUSE" stream "$verb" --data "$HUB_DATA" "$@" >"$WORK/stream" 2>&1 || fail "stream $verb: $(cat "$WORK/stream")"
}

# produce TOPIC [kcat's options]: a message a line of stdin.
produce() {
    topic=$1
    shift
    kcat -b "$KAFKA_BROKERS" -P -t "$topic" -X linger.ms=20 "$@" 2>"$WORK/kcat" || fail "kcat: $(cat "$WORK/kcat")"
}

# What a reader of stock_realtime sees, as one number. version and received_at are of the way that a row took.
stock_contents() { query "SELECT count(), groupBitXor(cityHash64(symbol, timestamp, price, volume)) FROM warehouse.stock_realtime FINAL"; }

# await SQL WANTED WHAT: until the query says so, for AWAIT_TENTHS of a second and what the queries take.
await() {
    waited=0
    until [ "$(query "$1")" = "$2" ]; do
        waited=$((waited + 1))
        [ "$waited" -lt "${AWAIT_TENTHS:-600}" ] || fail "$3
  wanted: $2
  found:  $(query "$1")
$("$TICKHOUSE" stream status --data "$HUB_DATA")"
        sleep 0.1
    done
}
