#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each way in which Finnhub's replies can be wrong: the sentence, the exit code, and that one bad reply is mended by another try.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh

# fault KIND CODE PATTERN: of every reply; then of the first one only, after which all is well.
fault() {
    mock_start --fault "$1"
    expect_code "$2" finnhub --symbols AAPL --once --calls-per-minute 1000
    expect_match "$(cat "$WORK/err")" "$3" "what is said of $1"
    expect_equal "$(cat "$WORK/out")" "" "nothing is made of $1"
    mock_stop
}
mended() {
    mock_start --fault "$1@1"
    expect_code 0 finnhub --symbols AAPL --once --calls-per-minute 1000
    expect_match "$(cat "$WORK/out")" "tick	2024-03-01T14:30:0*Z	AAPL	*.*	*N" "a quote in spite of one $1"
    mock_stop
}
fault 401 77 "*refuses the key (401) and says: 'Invalid API key'*TICKHOUSE_FINNHUB_KEY*finnhub.io/dashboard*"
fault 403 77 "*AAPL: the key has no access to quote*(403)*You don't have access*paid plan*"
fault 429 75 "*status 429: next try in 1 s*too many calls*--calls-per-minute*"
fault 500 69 "*answers with status 500*"
fault html 69 "*a page instead of JSON*"
fault truncated 65 "*broken JSON at byte*"
fault broken 69 "*no reply from*"
fault empty 65 "*answers with nothing*"
fault types 65 "*its price 'c' is no number*"
for kind in 429 500 html truncated broken empty slow; do mended $kind; done

# An unknown symbol is said once, the others come in; a round later it is not asked for again.
mock_start
expect_code 66 finnhub --symbols AAPL,NOPE,MSFT --once
expect_match "$(cat "$WORK/err")" "*NOPE: Finnhub knows no such symbol*1 symbols unknown*" "the unknown symbol"
expect_equal "$(cut -f 3 "$WORK/out" | tr '\n' ' ')" "AAPL MSFT " "the others"
"$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols NOPE,AAPL --interval 1 >"$WORK/out" 2>"$WORK/err" &
client=$!
wait_for "$WORK/out" AAPL 3
kill $client
wait $client || code=$?
expect_equal "${code:-0}" 75 "a stopped run"
expect_equal "$(grep -c NOPE "$WORK/err")" 1 "said once"
mock_stop

# A plan that has no access to one symbol has it to the others, in later rounds too; one quote of zeros is no last word.
# rounds FAULT: three symbols, until the first has come three times.
rounds() {
    mock_start --speed 1000 --fault "$1"
    code=0
    "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL,MSFT,V --interval 1 --state "$WORK/rounds" >"$WORK/out" 2>"$WORK/err" &
    client=$!
    wait_for "$WORK/out" AAPL 3
    kill $client
    wait $client || code=$?
    expect_equal $code 75 "still asking after $1"
    mock_stop
}
rounds 403@2
expect_match "$(cat "$WORK/err")" "*MSFT: the key has no access*" "one symbol is refused"
expect_equal "$(grep -c no.access "$WORK/err")" 1 "said once"
expect_equal "$(grep -c MSFT "$WORK/out")" 0 "the one that is refused is not asked for again"
[ "$(grep -c '	V	' "$WORK/out")" -ge 2 ] || fail "the symbol after the one that is refused: $(cat "$WORK/out")"
rounds zeros@1
expect_match "$(cat "$WORK/err")" "*AAPL: Finnhub knows no such symbol*0 symbols unknown*" "zeros once"
mock_start --fault 403
expect_code 77 finnhub --symbols AAPL,MSFT --company-news --quotes --interval 1 --state "$WORK/rounds"
expect_match "$(cat "$WORK/err")" "*AAPL: the key*MSFT: the key*access to nothing that was asked for*" "everything is refused"
mock_stop
mock_start

# News: of the market and of symbols, each article once.
expect_code 0 finnhub --symbols AAPL,MSFT --news --company-news --once
expect_equal "$(grep -c '^news' "$WORK/out")" 15 "articles"
expect_match "$(cat "$WORK/out")" "*	company	AAPL *	AAPL	mock	*" "an article of a company"
mock_stop

# No key; a key in clear text; an address that is none; words too many.
expect_code 77 env -u TICKHOUSE_FINNHUB_KEY "$TICKHOUSE_BIN/ingest" finnhub --symbols AAPL --once
expect_match "$(cat "$WORK/err")" "*finnhub.io/register*TICKHOUSE_FINNHUB_KEY*ingest mock*" "where a key comes from"
expect_code 64 env TICKHOUSE_FINNHUB_URL=http://finnhub.invalid/api/v1 "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --once
expect_match "$(cat "$WORK/err")" "*in clear text*" "no key without TLS"
expect_code 64 env TICKHOUSE_FINNHUB_SOCKET_URL=ws://finnhub.invalid "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --trades
expect_match "$(cat "$WORK/err")" "*in clear text*" "no key without TLS"
expect_code 64 env TICKHOUSE_FINNHUB_SOCKET_URL=http://127.0.0.1:1 "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --trades
expect_code 64 finnhub AAPL
expect_code 64 finnhub --once
expect_code 64 mock --fault nonsense
expect_code 64 mock --disorder 2
expect_code 64 mock --start yesterday
