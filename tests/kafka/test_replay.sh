#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Numbered ticks while the hub and then the broker are killed: each arrives, once. Then the replay of docs/stream.md, as the page has it:
# the table is the same again.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/kafka/kafka.sh
. tests/kafka/kafka.sh
symbols=20 ticks=200000
topic=dbserver1.public.finnhub_stocks

kafka_start
hub_start
stream attach --brokers "$KAFKA_BROKERS"
"$TICKHOUSE_BIN/checker" produce --symbols $symbols --ticks $ticks >"$WORK/ticks"
awk -F '\t' '{ printf "{\"before\":null,\"after\":{\"symbol\":\"%s\",\"price\":\"%s\",\"volume\":\"%s\",\"ts\":%.0f},\"source\":{\"lsn\":%d,\"connector\":\"postgresql\"},\"op\":\"c\"}\n",
    $1, $3, $4, $2, NR }' "$WORK/ticks" >"$WORK/envelopes"
half=$((ticks / 2))

# The hub dies at two moments while the first half is read; once in the middle of what was there before it.
stored() { query "SELECT count() FROM warehouse.stock_realtime" 2>/dev/null; }
head -n $half "$WORK/envelopes" | produce "$topic"
for part in 1 2; do
    await "SELECT count() >= $((half * part / 8)) FROM warehouse.stock_realtime" 1 "the first rows of round $part"
    [ "$part" -eq 1 ] || [ "$(stored)" -ge $half ] || echo "killed in the middle, after $(stored) rows"
    hub_kill9
    [ "$part" -ne 1 ] || head -n $((half + half / 2)) "$WORK/envelopes" | tail -n +$((half + 1)) | produce "$topic"
    hub_start "$HUB_DATA"
done

# The broker dies while the rest is read.
tail -n +$((half + half / 2 + 1)) "$WORK/envelopes" | produce "$topic"
kafka_kill
[ "$(stored)" -ge $ticks ] || echo "the broker was killed in the middle, after $(stored) rows"
kafka_start
await "SELECT count() FROM warehouse.stock_realtime FINAL" $ticks "ticks that arrived"
query "SELECT symbol, toUInt64(assumeNotNull(volume)), price FROM warehouse.stock_realtime FINAL" |
    "$TICKHOUSE_BIN/checker" --symbols $symbols --ticks $ticks >"$WORK/verdict" || fail "the checker says $(cat "$WORK/verdict")"

# ---- the page

{ echo '{"op":"x"}' && echo 'no event'; } | produce "$topic"
await "SELECT count() FROM warehouse.kafka_dead_letters FINAL" 2 "dead letters"
before=$(stock_contents)
awk '/^## Replay/ { here = 1 } here && /^```sh$/ { block = 1; next } /^```$/ { block = 0; if (here) exit } here && block' docs/stream.md >"$WORK/replay"
expect_equal "$(wc -l <"$WORK/replay")" 4 "commands of the page"
TICKHOUSE_DATA=$HUB_DATA sh -e "$WORK/replay" >"$WORK/out" 2>"$WORK/err" || fail "the page's commands: $(cat "$WORK/out" "$WORK/err")"
expect_equal "$(head -n 1 "$WORK/out")" "$before" "the page's number before"
expect_equal "$(tail -n 1 "$WORK/out")" "$before" "the page's number after"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters FINAL")" 2 "dead letters after the replay"

# ---- what ends in the middle, or comes in between, loses nothing: another attach, a view that was not made, options that are refused

query "INSERT INTO warehouse.stock_realtime (symbol, timestamp, price) VALUES ('WRONG', '2024-01-01', 1)"
await "SELECT count() FROM warehouse.ohlc_state FINAL WHERE symbol = 'WRONG' AND seconds = 86400" 1 "a candle of a tick that no topic has"
stream replay --empty
stream attach --brokers "$KAFKA_BROKERS" --flush 100
stream lag --wait 60
expect_equal "$(stock_contents)" "$before" "contents after a replay with an attach in its middle"
await "SELECT count() FROM warehouse.ohlc_state FINAL WHERE symbol = 'WRONG'" 0 "the candle after the replay"
query "DROP TABLE warehouse.kafka_stocks_read SYNC"
expect_code 3 "$TICKHOUSE" stream status --data "$HUB_DATA"
expect_match "$(cat "$WORK/out")" "*no reader*" "the status without a reader"
expect_code 65 "$TICKHOUSE" stream attach --data "$HUB_DATA" --collection no-such --news-topic none
expect_equal "$(query "SELECT countIf(name = 'kafka_stocks'), countIf(name = 'kafka_news_read') FROM system.tables WHERE database = 'warehouse'")" "1	1" "tables after an attach that failed"
stream attach --brokers "$KAFKA_BROKERS" --flush 100
stream status
stream detach
stream attach --brokers "$KAFKA_BROKERS"
stream status
expect_match "$(cat "$WORK/stream")" "*finnhub_stocks of $KAFKA_BROKERS, group tickhouse-replay-*" "the group after a detach"
