# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of change capture share; source it after tests/lib.sh and tests/services/services.sh.

TOPIC=dbserver1.public.finnhub_stocks
SLOT=tickhouse_cdc
INGEST=$TICKHOUSE_BIN/ingest
CONFIG=$WORK/config.json

# config [key=value...]: the connector's file with other values.
config() { connector_file sourcedb-cdc schemas/connectors/sourcedb-cdc.json "$@" >"$CONFIG"; }

sql() { psql -X -qAt -v ON_ERROR_STOP=1 "$@"; }

capture() { "$INGEST" pgcdc --config "$CONFIG" --brokers "$KAFKA_BROKERS" "$@"; }

# capture_start [option...]: in the background, CAPTURE is its process, and its words are in $WORK/capture.log.
capture_start() {
    "$INGEST" pgcdc --config "$CONFIG" --brokers "$KAFKA_BROKERS" "$@" >>"$WORK/capture.log" 2>&1 &
    CAPTURE=$!
    at_end capture_kill
}

capture_kill() {
    kill -KILL "$CAPTURE" 2>/dev/null || :
    wait "$CAPTURE" 2>/dev/null || :
}

# capture_stop: by SIGTERM, and it must end well.
capture_stop() {
    kill -TERM "$CAPTURE"
    code=0
    wait "$CAPTURE" || code=$?
    expect_equal "$code" 0 "the exit code of a capture that was asked to stop: $(cat "$WORK/capture.log")"
}

# wait_for WHAT COMMAND...: until the command succeeds, 20 s at most.
wait_for() {
    what=$1 left=200
    shift
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$what did not happen: $(cat "$WORK/capture.log")"
        sleep 0.1
    done
}

slot_of() { sql -c "SELECT $1 FROM pg_replication_slots WHERE slot_name = '$SLOT'"; }

# The topic against the table: tests/pgcdc/state.py says what differs.
expect_same_state() {
    sql -F "$(printf '\t')" -c "SELECT symbol, to_char(ts, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), price, coalesce(volume::text, 'null') FROM finnhub_stocks" \
        >"$WORK/table"
    topic_read "$TOPIC" '%k\t%s\n' >"$WORK/messages"
    python3 tests/pgcdc/state.py "$@" "$WORK/table" "$WORK/messages" >"$WORK/state" || fail "$(cat "$WORK/state")"
}
