# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154,SC2034 # variables of scripts/services.sh and tests/lib.sh, and for rounds.sh and kinds.sh
# The links of a chain from numbered ticks to the hub: how each is started, killed, and started again, as a supervisor would do it.
#
#   clickhouse   mock -> finnhub -> hub
#   kafka        mock -> finnhub -> Kafka -> hub
#   postgres     mock -> finnhub -> PostgreSQL -> pgcdc -> Kafka -> hub
#   debezium     mock -> finnhub -> PostgreSQL -> Kafka Connect with Debezium -> Kafka -> hub
#
# Services stay up from round to round. A batch of rounds has ticks of a day of its own, so that what an earlier batch left or sends again is
# not taken for this one's.

SYMBOLS=10
SYMBOL_LIST=$("$TICKHOUSE_BIN/checker" expect --symbols $SYMBOLS --ticks $SYMBOLS | cut -f 1 | paste -s -d ,)
LINKS=$WORK/links
RATE=${RATE:-300}  # ticks a second
REPLAY_SECONDS=10 # of ticks are sent again to one who connects
TOPIC=dbserver1.public.finnhub_stocks
CAPTURE_ADDRESS=127.0.0.2 # PostgreSQL, as the capture calls it: a pair of its own

# What is up over all rounds. Kafka has a listener for each pair.
chain_services() {
    pick_port && MOCK_PORT=$PORT
    pick_port && KAFKA_CAPTURE_PORT=$PORT
    pick_port && KAFKA_HUB_PORT=$PORT
    pick_port && KAFKA_CONTROLLER_PORT=$PORT
    pick_port && KAFKA_PORT=$PORT # the last: services go on from here
    hub_start "$WORK/hub"
    HUB_PORT=${HUB_URL##*:}
    case " $CHAINS " in *" kafka "* | *" postgres "* | *" debezium "*)
        kafka_start "controller.quorum.voters=1@127.0.0.1:$KAFKA_CONTROLLER_PORT" \
            "listeners=$(kafka_listeners),CONTROLLER://127.0.0.1:$KAFKA_CONTROLLER_PORT" "advertised.listeners=$(kafka_listeners)" \
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CAPTURE:PLAINTEXT,HUB:PLAINTEXT" \
            "group.min.session.timeout.ms=500" "broker.session.timeout.ms=1000" "broker.heartbeat.interval.ms=250"
        "$TICKHOUSE" stream attach --data "$HUB_DATA" --brokers "127.0.0.1:$KAFKA_HUB_PORT" -X session.timeout.ms=2000 -X heartbeat.interval.ms=300 >"$WORK/attach.log" 2>&1 ||
            fail "attach: $(cat "$WORK/attach.log")"
        ;;
    esac
    case " $CHAINS " in *" postgres "* | *" debezium "*)
        postgres_start "listen_addresses = '127.0.0.1,$CAPTURE_ADDRESS'" "wal_sender_timeout = 5s"
        psql -qf schemas/postgres/finnhub.sql >"$WORK/psql.log" 2>&1 || fail "$(cat "$WORK/psql.log")"
        ;;
    esac
    case " $CHAINS " in *" debezium "*)
        connect_again
        ;;
    esac
}

connect_again() {
    connect_start "bootstrap.servers=127.0.0.1:$KAFKA_CAPTURE_PORT" scheduled.rebalance.max.delay.ms=0 session.timeout.ms=3000 heartbeat.interval.ms=500
}

kafka_listeners() {
    echo "PLAINTEXT://127.0.0.1:$KAFKA_PORT,CAPTURE://127.0.0.1:$KAFKA_CAPTURE_PORT,HUB://127.0.0.1:$KAFKA_HUB_PORT"
}

# --- links: processes of ours, each with a file of its pid and a log

link_launch() {
    link=$1
    shift
    setpriv --pdeathsig KILL "$@" >>"$LINKS/$link.log" 2>&1 </dev/null &
    echo $! >"$LINKS/$link.pid"
}

link_pid() { cat "$LINKS/$1.pid" 2>/dev/null; }
link_runs() { is_alive "$(link_pid "$1")"; }

# Returns once it is gone.
link_kill() {
    pid=$(link_pid "$1") || return 0
    kill -KILL "$pid" 2>/dev/null || :
    while is_alive "$pid"; do sleep 0.01; done
    rm -f "$LINKS/$1.pid"
}

# link_start NAME: under what TRACE says, words before the command (strace and its options).
link_start() {
    case $1 in
    mock) mock_start ;;
    ingest | twin) ingest_start "$1" ;;
    capture | capture-twin) capture_start "$1" ;;
    esac
}

# The same seed gives the same ticks: a mock that is started again begins with the first of them, and hurries.
mock_start() {
    link_launch mock "$TICKHOUSE_BIN/ingest" mock --port "$MOCK_PORT" --numbered --symbol-count "$SYMBOLS" --ticks "$TICKS" \
        --rate "$RATE" --speed "$MOCK_SPEED" --start "$BATCH_START" --replay-seconds "$REPLAY_SECONDS" --quiet
}

ingest_start() {
    case $CHAIN in
    clickhouse) set -- "$1" --sink clickhouse --url "$HUB_URL" ;;
    kafka) set -- "$1" --sink kafka --brokers "127.0.0.1:$KAFKA_PORT" ;;
    postgres | debezium) set -- "$1" --sink postgres --postgres "$PG_URI" ;;
    esac
    name=$1
    shift
    # shellcheck disable=SC2086 # TRACE is words
    link_launch "$name" env TICKHOUSE_FINNHUB_KEY=rounds TICKHOUSE_FINNHUB_URL="http://127.0.0.1:$MOCK_PORT" \
        TICKHOUSE_FINNHUB_SOCKET_URL="ws://127.0.0.1:$MOCK_PORT" $TRACE \
        "$TICKHOUSE_BIN/ingest" finnhub --symbols "$SYMBOL_LIST" --trades --state "$LINKS/state" --spool "$SPOOL" $EVERY_ROW "$@"
}

capture_start() {
    # shellcheck disable=SC2086 # TRACE is words
    link_launch "$1" env PGHOST=$CAPTURE_ADDRESS $TRACE "$TICKHOUSE_BIN/ingest" pgcdc --config schemas/connectors/sourcedb-cdc.json \
        --brokers "127.0.0.1:$KAFKA_CAPTURE_PORT"
}

# The links of a chain that are processes of ours, in the order of the ticks.
chain_links() {
    case $CHAIN in
    postgres) echo mock ingest capture ;;
    *) echo mock ingest ;;
    esac
}

# Starts what does not run: links that were killed, or gave up with an exit code, which is counted.
chain_mend() {
    TRACE=
    for link in $(chain_links); do
        link_runs "$link" || link_start "$link"
    done
    [ "$CHAIN" != debezium ] || debezium_mend
}

# Debezium's connector is there while its chain is, and has a slot and a publication of its own. It waits half a second before it tries again
# what may be tried again; a task that has failed is restarted.
debezium_start() {
    connector_start debezium schemas/connectors/sourcedb-cdc.json "database.hostname=$CAPTURE_ADDRESS" slot.name=debezium publication.name=debezium \
        snapshot.mode=no_data retriable.restart.connector.wait.ms=500 || fail "Debezium's connector does not start"
}

debezium_mend() {
    case $(connector_status debezium 2>/dev/null || :) in
    *'"FAILED"'*) curl -sS -m 5 -X POST "$CONNECT_URL/connectors/debezium/restart?includeTasks=true&onlyFailed=true" >"$WORK/restart.log" 2>&1 || : ;;
    esac
}

chain_start() {
    mkdir -p "$SPOOL" "$LINKS"
    MOCK_SPEED=1
    [ "$CHAIN" != debezium ] || debezium_start
    chain_mend
}

chain_end() {
    for link in $(chain_links); do link_kill "$link"; done
    [ "$CHAIN" != debezium ] || connector_stop debezium
}

# The rounds are over: what is still to be sent comes fast.
chain_hurry() {
    link_kill mock
    MOCK_SPEED=20
    chain_mend
}

# --- what arrived

# hub_ask SQL: empty where the hub does not answer.
hub_ask() { printf '%s' "$1" | curl -sS --max-time 5 --fail --data-binary @- "$HUB_URL/" 2>/dev/null || :; }

of_batch() { echo "toDate($1) = '$BATCH_START'"; }

# How many ticks of the batch the hub has.
arrived() { hub_ask "SELECT count() FROM warehouse.stock_realtime FINAL WHERE $(of_batch timestamp)"; }

# wait_beyond COUNT SECONDS: until the hub has more ticks than that, or all. The seconds that it took are WAITED.
wait_beyond() {
    begun=$(date +%s%N)
    while :; do
        now=$(arrived)
        WAITED=$((($(date +%s%N) - begun) / 1000000))
        [ "${now:-0}" -le "$1" ] && [ "${now:-0}" -lt "$TICKS" ] || return 0
        [ "$WAITED" -lt $((1000 * $2)) ] || return 1
        chain_mend
        sleep 0.2
    done
}

# found PLACE: what is there, as the checker reads it.
found() {
    case $1 in
    hub) hub_ask "SELECT symbol, toUInt64(volume), price FROM warehouse.stock_realtime FINAL WHERE $(of_batch timestamp) FORMAT TSV" ;;
    candles) hub_ask "SELECT symbol, sum(trades), toUInt64(sum(volume)) FROM warehouse.ohlc_1m WHERE $(of_batch ts) GROUP BY symbol FORMAT TSV" ;;
    postgres) psql -qAtF "$(printf '\t')" -c "SELECT symbol, volume, price FROM finnhub_stocks WHERE (ts AT TIME ZONE 'UTC')::date = '$BATCH_START'" ;;
    topic) KAFKA_BROKERS=127.0.0.1:$KAFKA_PORT && topic_read "$TOPIC" '%s\n' | grep "\"ts\":\"$BATCH_START" ;;
    esac
}

chain_places() {
    case $CHAIN in
    clickhouse) echo hub candles ;;
    kafka) echo topic hub candles ;;
    postgres | debezium) echo postgres topic hub candles ;;
    esac
}

# check PLACE: the checker's line in REPORT; fails where it finds something.
check() {
    case $1 in
    topic) options="--as kafka --allow-repeats" ;;
    candles) options="--as totals" ;;
    *) options="--as rows" ;;
    esac
    # shellcheck disable=SC2086 # options are words
    REPORT=$(found "$1" | "$TICKHOUSE_BIN/checker" --symbols "$SYMBOLS" --ticks "$TICKS" --name "$1" $options 2>"$WORK/examples")
}
