#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo, twice: the second run changes nothing and says so.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
[ -x "$TICKHOUSE_BIN/ingest" ] || skip "this build has no ingest"
hub_register "$WORK/hub"

expect_code 0 "$TICKHOUSE" demo --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*NVDA*ema*macd*rsi*MSFT*session*score*rule*Market mood*neutral*Look-ahead: 0 violations in *Next:*./tickhouse sql --data $WORK/hub*/play*" "what it shows"
rows=$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.stock_daily")
expect_match "$rows" "[1-9]????	8" "the sample is loaded"
days=$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.silver_stock_indicators")
expect_equal "$days" "$rows" "the view of all indicators is filled"
gold=$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count() FROM warehouse.gold_stock_analytics WHERE news_volume > 0")
expect_match "$gold" "[1-9]*" "gold has news"

expect_code 0 "$TICKHOUSE" demo --data "$WORK/hub" --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/out")" "*already up*nothing changed*" "the second run"
expect_equal "$("$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), uniqExact(ticker) FROM warehouse.stock_daily")" "$rows" "and it changed nothing"
# What is loaded goes to the hub that was chosen, and says so.
HUB_DATA=$WORK/hub
hub_read
expect_code 0 "$TICKHOUSE" ingest stooq --data "$HUB_DATA" samples/prices/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "* into $HUB_URL*" "where ingest loads with --data"
TICKHOUSE_DATA=$HUB_DATA expect_code 0 "$TICKHOUSE" ingest stooq samples/prices/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "* into $HUB_URL*" "where ingest loads with TICKHOUSE_DATA"
TICKHOUSE_DATA=$WORK/nobody expect_code 69 "$TICKHOUSE" ingest stooq samples/prices/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "*no hub runs on $WORK/nobody; start it with*" "a hub that is down is not replaced by another"
TICKHOUSE_DATA=$WORK/nobody expect_code 0 "$TICKHOUSE" ingest stooq --dry-run samples/prices/nvda_us_d.csv
TICKHOUSE_URL=$HUB_URL TICKHOUSE_DATA=$WORK/nobody expect_code 0 "$TICKHOUSE" ingest stooq samples/prices/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "* into $HUB_URL*" "where ingest loads with TICKHOUSE_URL"

# Of the two, TICKHOUSE_URL is the closer word, and --data closer still. A stand-in says where it would load.
mkdir -p "$WORK/build/bin"
ln -s "$TICKHOUSE_BIN/tickhouse-hub" "$WORK/build/bin/"
cat >"$WORK/build/bin/ingest" <<'EOF'
#!/bin/sh
echo "$TICKHOUSE_URL"
EOF
chmod +x "$WORK/build/bin/ingest"
ingest() { TICKHOUSE_BUILD=$WORK/build TICKHOUSE_URL=http://other:1 TICKHOUSE_DATA=$HUB_DATA "$TICKHOUSE" ingest "$@"; }
expect_equal "$(ingest stooq x.csv)" http://other:1 "TICKHOUSE_URL beside a hub that is up"
expect_equal "$(ingest stooq --data "$HUB_DATA" x.csv)" "$HUB_URL" "--data beside TICKHOUSE_URL"
expect_code 69 "$TICKHOUSE" ingest stooq --data "$WORK/nobody" samples/prices/nvda_us_d.csv
"$TICKHOUSE" down --data "$WORK/hub" >/dev/null
