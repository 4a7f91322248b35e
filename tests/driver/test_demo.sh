#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo, twice: the second run changes nothing and says so.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
[ -x "$TICKHOUSE_BIN/ingest" ] || skip "this build has no ingest"
HUBS=$WORK/hub

expect_code 0 "$TICKHOUSE" demo --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*NVDA*ema*macd*rsi*MSFT*Next:*./tickhouse sql --data $WORK/hub*/play*" "what it shows"
rows=$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.stock_daily")
expect_match "$rows" "[1-9]????	8" "the sample is loaded"

expect_code 0 "$TICKHOUSE" demo --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*already up*nothing changed*" "the second run"
expect_equal "$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.stock_daily")" "$rows" "and it changed nothing"
"$TICKHOUSE" down --data "$WORK/hub" >/dev/null
