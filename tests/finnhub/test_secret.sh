#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The key: in the header or the opening request that Finnhub wants it in, and nowhere that others look. wss only with a certificate
# that is known.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh
command -v openssl >/dev/null || skip "openssl is not there"

expect_hidden() {
    if grep -aq "$TICKHOUSE_FINNHUB_KEY" "$@"; then fail "the key is in $*"; fi
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null || skip "openssl makes no certificate"

# Over TLS, to a server that refuses, breaks, and says what it got.
mock_start --numbered --rate 100 --tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem" --fault 500@1,close1006@3
TICKHOUSE_FINNHUB_SOCKET_URL=$(echo "$TICKHOUSE_FINNHUB_SOCKET_URL" | sed 's/127.0.0.1/localhost/')
TICKHOUSE_FINNHUB_URL=$(echo "$TICKHOUSE_FINNHUB_URL" | sed 's/127.0.0.1/localhost/')
SSL_CERT_FILE=$WORK/cert.pem "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols S000 --quotes --trades --interval 1 >"$WORK/out" 2>"$WORK/err" &
client=$!
wait_for "$WORK/out" S000 5
expect_hidden "/proc/$client/cmdline" "/proc/$MOCK_PID/cmdline" "$WORK/out" "$WORK/err"
kill $client
wait $client || :
expect_hidden "$WORK/out" "$WORK/err"
expect_match "$(cat "$WORK/err")" "*broke (1006)*" "the broken connection"
if grep -raq "$TICKHOUSE_FINNHUB_KEY" "$XDG_STATE_HOME"; then fail "the key is in the state"; fi

# A certificate that nobody knows: no connection, for both.
expect_code 69 finnhub --symbols S000 --once
expect_match "$(cat "$WORK/err")" "*certificate*" "an unknown certificate"
expect_hidden "$WORK/err"
"$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols S000 --trades >"$WORK/out" 2>"$WORK/err" &
client=$!
wait_for "$WORK/err" "no connection:" 2
kill $client
wait $client || :
expect_match "$(cat "$WORK/err")" "*no connection:*" "an unknown certificate of the socket"
expect_equal "$(cat "$WORK/out")" "" "nothing came"
expect_hidden "$WORK/err"

# Errors of every kind, with a key that the server repeats or that is none.
for kind in 401 403 429@1 html broken handshake; do
    mock_start --fault $kind
    "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --quotes --trades --once --calls-per-minute 1000 >"$WORK/out" 2>"$WORK/err" &
    client=$!
    sleep 0.5
    kill $client 2>/dev/null || :
    wait $client || :
    expect_hidden "$WORK/out" "$WORK/err"
    mock_stop
done
python3 tests/finnhub/replies.py "$WORK/port" "$ROOT" '{"error":"no such key: '"$TICKHOUSE_FINNHUB_KEY"'"}' &
MOCKS="$MOCKS $!"
while [ ! -f "$WORK/port" ]; do sleep 0.05; done
TICKHOUSE_FINNHUB_URL=http://127.0.0.1:$(cat "$WORK/port")/api/v1
expect_code 77 finnhub --symbols AAPL --once
expect_match "$(cat "$WORK/err")" "*says: 'no such key: \*\*\*\*\**" "a server that repeats the key"
expect_hidden "$WORK/err"
expect_code 77 env TICKHOUSE_FINNHUB_KEY="odd key" "$TICKHOUSE_BIN/ingest" finnhub --sink text --symbols AAPL --once
expect_match "$(cat "$WORK/err")" "*has a space or another odd character*" "a key with a space"
