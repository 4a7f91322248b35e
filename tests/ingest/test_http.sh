#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Downloads and retries against a loopback server that misbehaves on purpose.
# shellcheck source=tests/lib.sh
. tests/lib.sh
python3 tests/ingest/http_stub.py "$WORK/port" "$WORK/log" &
stub=$!
stop_stub() {
    code=$?
    kill $stub 2>/dev/null || :
    (exit $code) || cleanup
    cleanup
}
trap stop_stub EXIT
while [ ! -f "$WORK/port" ]; do
    kill -0 $stub 2>/dev/null || fail "the stub did not start"
    sleep 0.05
done
address=http://127.0.0.1:$(cat "$WORK/port")
TICKHOUSE_STOOQ_URL=$address/stooq/
export TICKHOUSE_STOOQ_URL
download() { "$TICKHOUSE_BIN/ingest" stooq --sink csv --from 2020-01-01 --to 2020-12-31 "$@"; }

# Without a key Stooq sends a web page with status 200.
expect_code 69 download --tickers html.us
expect_match "$(cat "$WORK/err")" "*html.us: Stooq sent a web page instead of prices*TICKHOUSE_STOOQ_KEY*" "the web page is explained"
expect_code 75 download --tickers limit.us
expect_match "$(cat "$WORK/err")" "*daily limit of downloads is used up*" "the limit is explained"
expect_code 66 download --tickers none.us,good.us,brak.pl
expect_match "$(cat "$WORK/err")" "*none.us: Stooq sent*no data*brak.pl: *1 files, 2 rows read*" "tickers without data are named, others load"
expect_code 69 download --tickers gone.us
expect_match "$(cat "$WORK/err")" "*status 404*" "a refusal is named"
expect_code 64 "$TICKHOUSE_BIN/ingest" stooq --sink csv --tickers good.us --from 2020-01-01

# A proxy is passed by for loopback, however the host is written, and asked for any other host.
through() {
    proxy=$1
    site=$2
    shift 2
    env -u no_proxy -u NO_PROXY -u ALL_PROXY http_proxy="$proxy" all_proxy="$proxy" TICKHOUSE_STOOQ_URL="$site" "$@"
}
port=${address##*:}
for host in 127.0.0.1 localhost LOCALHOST 127.1; do
    expect_code 0 through http://127.0.0.1:9 "http://$host:$port/stooq/" "$TICKHOUSE_BIN/ingest" stooq --sink csv \
        --tickers good.us --from 2020-01-01 --to 2020-12-31
done
expect_code 0 through "$address" http://prices.invalid/stooq/ "$TICKHOUSE_BIN/ingest" stooq --sink csv \
    --tickers good.us --from 2020-01-01 --to 2020-12-31
expect_equal "$(grep -c "GET http://prices.invalid/stooq/" "$WORK/log")" 1 "the proxy is asked for another host"

# 503 is tried again; ^ is escaped; the key is sent and never shown.
TICKHOUSE_STOOQ_KEY=s3cret/key
export TICKHOUSE_STOOQ_KEY
expect_code 0 download --tickers 'flaky.us,^SPX'
expect_equal "$(grep -c flaky.us "$WORK/log")" 3 "two tries failed"
expect_match "$(grep spx "$WORK/log")" "GET /stooq/?s=%5Espx&i=d&d1=20200101&d2=20201231&apikey=s3cret%2Fkey" "the request"
expect_match "$(cat "$WORK/out")" "*FLAKY,2020-01-02*^SPX,2020-01-03,1,2,1,2,5" "both are loaded"
expect_code 69 download --tickers html.us
case $(cat "$WORK/out" "$WORK/err") in *s3cret*) fail "the key is shown" ;; esac

# ClickHouse: 500 twice, a cut connection, then success; all four tries carry the same token.
: >"$WORK/log"
expect_code 0 "$TICKHOUSE_BIN/ingest" stooq --url "$address/clickhouse" samples/prices/nvda_us_d.csv
expect_equal "$(grep -c INSERT "$WORK/log")" 4 "four tries"
expect_equal "$(sort -u "$WORK/log" | wc -l)" 1 "one token"
expect_match "$(cat "$WORK/err")" "*answers 500: Code: 210*trying again in*1542 loaded*" "each try is explained"

# Nobody listens: bounded tries, then 75 and what to do.
kill $stub
wait $stub 2>/dev/null || :
expect_code 75 "$TICKHOUSE_BIN/ingest" stooq --quiet --url "$address/clickhouse" samples/prices/nvda_us_d.csv
expect_match "$(cat "$WORK/err")" "*no reply from $address/clickhouse*given up after*tickhouse up*" "the server is away"
