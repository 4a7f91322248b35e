#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bucket of calls survives the process, kill -9 too, and is shared by those with the same folder.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh
mock_start
calls() { wc -l <"$WORK/calls/finnhub-calls"; } # and a line of the wait that was asked for
limited() { "$TICKHOUSE_BIN/ingest" finnhub --sink text --calls-per-minute 5 --state "$WORK/calls" "$@"; }
expect_code 0 limited --symbols AAPL,AMZN,GOOGL --once
expect_equal "$(calls)" 4 "three calls"

# Two are left, for whoever comes.
"$TICKHOUSE_BIN/ingest" finnhub --sink text --calls-per-minute 5 --state "$WORK/calls" --symbols JPM,META,MSFT,NVDA --once >"$WORK/first" 2>"$WORK/first.err" &
first=$!
wait_for "$WORK/first.err" 'calls a minute' 1
wait_for "$WORK/first" tick 2
kill -KILL $first
wait $first || :
expect_equal "$(grep -c tick "$WORK/first")" 2 "quotes before the bucket was empty"
expect_match "$(cat "$WORK/first.err")" "*5 calls a minute are allowed: the next one in [56]* s*" "the wait is said"
"$TICKHOUSE_BIN/ingest" finnhub --sink text --calls-per-minute 5 --state "$WORK/calls" --symbols V --once >"$WORK/out" 2>"$WORK/err" &
client=$!
wait_for "$WORK/err" 'calls a minute' 1
kill $client
wait $client || :
expect_equal "$(cat "$WORK/out")" "" "no call after a restart"
expect_match "$(cat "$WORK/err")" "*stopped by SIGTERM; what had come is handed to the sink*" "a wait can be stopped"
expect_equal "$(calls)" 6 "five calls"

# What a 429 asked for binds the next process too.
mock_stop
mock_start --fault 429@1
expect_code 0 finnhub --symbols AAPL --once
expect_match "$(cat "$WORK/err")" "*status 429: next try in 1 s*" "the wait that was asked for"
mock_stop
mock_start --fault 429-long@1
"$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --once 2>"$WORK/err" &
client=$!
wait_for "$WORK/err" "next try in 7200 s" 1
kill $client
wait $client || :
[ "$(head -n 1 "$XDG_STATE_HOME/tickhouse/finnhub-calls")" -gt "$(($(date +%s) + 7000))000000" ] || fail "the wait is not kept"
