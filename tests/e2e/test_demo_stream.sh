#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo --stream without a broker: candles are drawn, and what they count is in stock_realtime; the market ends with the demo.
. tests/lib.sh
need_engine
hub_register "$WORK/hub"
expect_code 0 "$TICKHOUSE" demo --stream --seconds 4 --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*AAPL, one candle a second*volume*symbol*vwap*AAPL*XOM*" "candles, and what they sum up to"
HUB_DATA=$WORK/hub
hub_read
expect_equal "$(query "SELECT count() > 50, uniqExact(symbol) FROM warehouse.stock_realtime FINAL")" "1	10" "ticks of ten symbols are stored"
expect_equal "$(query "SELECT sum(trades) = (SELECT count() FROM warehouse.stock_realtime FINAL) FROM warehouse.ohlc_1m")" 1 "candles count each tick once"
expect_equal "$(pgrep -f "ingest mock.*--url $HUB_URL" || :)" "" "the market has ended"
expect_code 64 "$TICKHOUSE" demo --stream --seconds soon
expect_match "$(cat "$WORK/err")" "*--seconds wants a whole number, not 'soon'*" "a wrong number"

# Its own hub by default, and never in the place of a real market's.
expect_match "$("$TICKHOUSE" demo --stream --help)" "*${TICKHOUSE_DATA-$HOME/.local/share/tickhouse}-demo*" "a data folder of its own"
expect_code 64 "$TICKHOUSE" demo --stream --wat
expect_match "$(cat "$WORK/err")" "*unknown option '--wat'*demo --stream --help*" "an option that there is not"
expect_code 64 "$TICKHOUSE" demo --stream --symbol FOO
expect_match "$(cat "$WORK/err")" "*'FOO' is not in the demo's market*AAPL*" "a symbol that there is not"
