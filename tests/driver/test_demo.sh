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
days=$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.silver_stock_indicators")
expect_equal "$days" "$rows" "the view of all indicators is filled"

expect_code 0 "$TICKHOUSE" demo --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*already up*nothing changed*" "the second run"
expect_equal "$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.stock_daily")" "$rows" "and it changed nothing"
# What is loaded goes to the hub that was chosen, and says so.
HUB_DATA=$WORK/hub
hub_read
expect_code 0 "$TICKHOUSE" ingest stooq --data "$HUB_DATA" samples/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "* into $HUB_URL*" "where ingest loads with --data"
TICKHOUSE_DATA=$HUB_DATA expect_code 0 "$TICKHOUSE" ingest stooq samples/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "* into $HUB_URL*" "where ingest loads with TICKHOUSE_DATA"
expect_code 69 "$TICKHOUSE" ingest stooq --data "$WORK/nobody" samples/nvda_us_d.csv
"$TICKHOUSE" down --data "$WORK/hub" >/dev/null
