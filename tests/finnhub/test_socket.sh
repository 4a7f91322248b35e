#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Trades over the socket: none lost and none twice, whatever the line does; and the connections that no other try can mend.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh

# all OPTIONS...: every numbered trade arrives once, whatever the mock's options do.
all() {
    mock_start --numbered --ticks 5000 --speed 0 --replay-seconds 60 "$@"
    expect_code 0 finnhub --symbols "$SYMBOLS" --trades --once --ping-seconds 1 --hangup-seconds 2
    grep -v '	ODD	' "$WORK/out" >"$WORK/trades" || :
    expect_equal "$(numbered "$WORK/trades")" "5000 of 5000" "trades with $*"
    mock_stop
}
all --seed 1
all --disorder 0.2 --duplicates 0.2
expect_match "$(cat "$WORK/err")" "*5000 trades in * messages, [1-9]* duplicates, 0 passed by, 1 connections*" "the summary"
all --fault fragments,ping@3
all --fault close1006@5
expect_match "$(cat "$WORK/err")" "*the connection broke (1006)*next try in*2 connections*" "a broken connection"
all --fault close1001@5,close1006@9 --disorder 0.1 --duplicates 0.1
expect_match "$(cat "$WORK/err")" "*closed the connection with code 1001*3 connections*" "a closed one"
all --fault no-pong@5
expect_match "$(cat "$WORK/err")" "*silent for 2 s*2 connections*" "a silent one"
all --fault oversize@5
expect_match "$(cat "$WORK/err")" "*a message is longer than 1048576 bytes*" "a message without an end"
all --fault garbage@2,oddities@6,error@8
expect_match "$(cat "$WORK/err")" "*passed by: a message is no JSON object from byte 27*says: Subscribing to too many symbols*5 passed by*" "bad messages"
expect_match "$(grep '	ODD	' "$WORK/out")" "tick	2024-03-01T14:30:00.000000Z	ODD	1.5	200" "the good trade among bad ones"
all --fault utf8@2
expect_match "$(cat "$WORK/err")" "*byte 10 of a message is not UTF-8*" "bytes that are no text"
all --fault busy@1
expect_match "$(cat "$WORK/err")" "*the answer has status 429; next try in*" "a busy server"

# Trades of one millisecond have a microsecond each.
mock_start --ticks 20000 --speed 0 --rate 50000
expect_code 0 finnhub --symbols AAPL,AMZN,GOOGL,JPM,META,MSFT,NVDA,TSLA,V,XOM --trades --once
expect_equal "$(cut -f 2,3 "$WORK/out" | sort -u | wc -l)" 20000 "times"
mock --sink text --quiet --ticks 20000 --speed 0 --rate 50000 >"$WORK/direct"
cut -f 1-3,5 "$WORK/out" >"$WORK/socket"
cut -f 1-3,5 "$WORK/direct" | cmp -s - "$WORK/socket" || fail "the socket's trades are not those of the same seed"

# A quote that is no newer than the trades says nothing.
mock_start --ticks 2000 --rate 100 --speed 0
expect_code 0 finnhub --symbols AAPL,MSFT --quotes --trades --once
expect_match "$(cat "$WORK/err")" "*trades in*quotes and 0 articles*" "both ran"

# Who is killed and begins again has lost nothing.
mock_start --numbered --ticks 3000 --rate 3000 --replay-seconds 60
"$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols "$SYMBOLS" --trades >"$WORK/first" 2>/dev/null &
client=$!
wait_for "$WORK/first" tick 1
kill -KILL $client
wait $client || :
expect_code 0 finnhub --symbols "$SYMBOLS" --trades --once
sed '$d' "$WORK/first" | cat - "$WORK/out" | sort -u >"$WORK/both" # the last line may be torn
expect_equal "$(numbered "$WORK/both")" "3000 of 3000" "trades of both runs, with the same times"

# The key is refused: no further try.
mock_start --fault handshake
expect_code 77 finnhub --symbols AAPL --trades
expect_match "$(cat "$WORK/err")" "*refuses the key (status 401)*TICKHOUSE_FINNHUB_KEY*" "a key that is refused"

# Nobody there: tried again and again until a signal comes.
mock_stop
"$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --trades >"$WORK/out" 2>"$WORK/err" &
client=$!
wait_for "$WORK/err" 'no connection: .*next try in' 2
kill $client
code=0
wait $client || code=$?
expect_equal $code 75 "stopped while nobody is there"
