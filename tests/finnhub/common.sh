# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of `ingest finnhub` and `ingest mock` share; sourced after tests/lib.sh.

MOCKS= # their pids

mock_end() {
    code=$?
    for pid in $MOCKS; do
        kill "$pid" 2>/dev/null || :
    done
    (exit $code) || cleanup
    cleanup
}
trap mock_end EXIT

TICKHOUSE_FINNHUB_KEY=k3y-that-nobody-sees
XDG_STATE_HOME=$WORK/state
export TICKHOUSE_FINNHUB_KEY XDG_STATE_HOME
unset TICKHOUSE_URL TICKHOUSE_PASSWORD SSL_CERT_FILE 2>/dev/null || :

mock() { "$TICKHOUSE_BIN/ingest" mock "$@"; }
finnhub() { "$TICKHOUSE_BIN/ingest" finnhub --sink text "$@"; }

# mock_start OPTIONS...: a server of its own; MOCK_PID, and the addresses in the environment.
mock_start() {
    rm -f "$WORK/mock"
    "$TICKHOUSE_BIN/ingest" mock "$@" >"$WORK/mock" &
    MOCK_PID=$!
    MOCKS="$MOCKS $MOCK_PID"
    left=200
    until grep -q '^mock: ' "$WORK/mock" 2>/dev/null; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "the mock did not start: $*"
        sleep 0.02
    done
    TICKHOUSE_FINNHUB_URL=$(sed 's/^mock: \([^ ]*\) .*/\1/' "$WORK/mock")
    TICKHOUSE_FINNHUB_SOCKET_URL=$(sed 's/.* //' "$WORK/mock")
    export TICKHOUSE_FINNHUB_URL TICKHOUSE_FINNHUB_SOCKET_URL
}

mock_stop() {
    kill "$MOCK_PID"
    wait "$MOCK_PID" || :
}

# wait_for FILE PATTERN LINES: until the file has so many lines with the pattern.
wait_for() {
    left=600
    while lines=$(grep -c "$2" "$1" 2>/dev/null || :) && [ "${lines:-0}" -lt "$3" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "not $3 lines with '$2' in time: $(cat "$1")"
        sleep 0.05
    done
}

# numbered FILE: how many different numbered trades there are, and how many rows.
numbered() { echo "$(cut -f 3,5 "$1" | sort -u | wc -l) of $(wc -l <"$1")"; }

# shellcheck disable=SC2034 # for the scripts that source this
SYMBOLS=S000,S001,S002,S003,S004,S005,S006,S007,S008,S009
