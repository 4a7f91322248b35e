# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# demo --stream: a market from a seed, candle by candle. Without a broker the ticks go straight into the hub; with one through it; with
# --services the whole path is started on this machine: PostgreSQL, change capture, Kafka. Invented ticks have a hub and a topic of their own.

help_demo_stream() {
    cat <<EOF
demo --stream: watch candles being drawn

usage: ./tickhouse demo --stream [--seconds N] [--symbol NAME] [--brokers HOST:PORT,... | --services] [up's options]

  --seconds N      how long (default 30); 0: until Ctrl-C
  --symbol NAME    whose candles are drawn (default AAPL), of
                   $DEMO_SYMBOLS
  --brokers LIST   by way of this Kafka, topic $DEMO_TOPIC; without one straight into the hub
  --services       the whole path, on ports of their own, ended with the demo:
                   mock -> ingest finnhub -> PostgreSQL -> ingest pgcdc -> Kafka -> the hub's Kafka engine -> candles

The market is invented ('ingest mock'): ten symbols, 50 trades a second. So the demo has a hub of its own, on free ports, with its data in
$(demo_stream_data); --data, --http-port and --tcp-port of up choose others. docs/live.md says what happens on the way.
EOF
}

DEMO_MARKET="--start now --always-open --rate 50"
DEMO_TOPIC=demo.public.finnhub_stocks
DEMO_SYMBOLS=AAPL,AMZN,GOOGL,JPM,META,MSFT,NVDA,TSLA,V,XOM # those that 'ingest mock' makes

demo_stream_data() { printf '%s\n' "$(default_data)-demo"; }

command_demo_stream() {
    demo_stream_options "$@"
    ensure_packages "${services:-build}"
    build_preset release
    if [ -n "$services" ]; then
        ensure_services
        services_found || die 69 "what the path is made of is not all there; the line above says what"
    fi
    eval "command_up $up_words"
    url=$(hub_url "$data")
    scratch_folder
    demo_stream_refuse
    STREAM_PIDS=
    trap 'demo_stream_end' EXIT
    trap 'exit 129' HUP
    if [ -n "$services" ]; then
        demo_stream_services
    elif [ -n "$brokers" ]; then
        demo_stream_broker
    else
        demo_stream_market --sink clickhouse --url "$url"
    fi
    demo_stream_draw
    demo_stream_sum
}

demo_stream_options() {
    command='demo --stream' seconds=30 symbol=AAPL brokers='' services=''
    up_words="--data $(quote_word "$(demo_stream_data)") --http-port 0 --tcp-port 0"
    while [ $# -gt 0 ]; do
        case $1 in
        --services) services=test ;; # the packages that tests need
        --seconds | --symbol | --brokers)
            want_value "$1" $#
            case $1 in
            --seconds) seconds=$2 ;;
            --symbol) symbol=$2 ;;
            --brokers) brokers=$2 ;;
            esac
            shift
            ;;
        --data | --http-port | --tcp-port | --engine | --listen | --password-file | --networks)
            want_value "$1" $#
            up_words="$up_words $(quote_word "$1") $(quote_word "$2")"
            shift
            ;;
        *) unknown_option "$1" ;;
        esac
        shift
    done
    [ -z "$services" ] || [ -z "$brokers" ] || die 64 "--services brings a Kafka of its own; leave --brokers out"
    case $seconds in '' | *[!0-9]*) die 64 "--seconds wants a whole number, not '$seconds'" ;; esac
    case ,$DEMO_SYMBOLS, in
    *",$symbol,"*) ;;
    *) die 64 "--symbol '$symbol' is not in the demo's market, which has $DEMO_SYMBOLS" ;;
    esac
    eval "up_options $up_words" # fails early on a wrong option
}

# Another hub that --data names may follow a real market.
demo_stream_refuse() {
    [ -n "$services$brokers" ] || return 0
    attached=$(command_stream status --data "$data") || return 0
    case $attached in
    *"$DEMO_TOPIC"*) ;;
    *) die 69 "the hub on $data reads from Kafka already, and the demo would take its place; leave --data out, or './tickhouse stream detach$(data_hint "$data")' first" ;;
    esac
}

quote_word() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

# Each process ends with the demo, however that ends; a session of its own keeps Ctrl-C from it.
demo_stream_start() {
    name=$1
    shift
    setsid setpriv --pdeathsig TERM "$@" >"$SCRATCH/$name.log" 2>&1 &
    STREAM_PIDS="$! $STREAM_PIDS"
}

demo_stream_end() {
    code=$?
    trap - EXIT
    trap '' INT # a second Ctrl-C would leave the hub with a Kafka that is gone
    [ -z "$services" ] || note "ending PostgreSQL and Kafka ..."
    for pid in $STREAM_PIDS; do kill "$pid" 2>/dev/null || :; done
    for pid in $STREAM_PIDS; do wait "$pid" 2>/dev/null || :; done
    if [ -n "$services" ]; then
        (command_stream detach --data "$data") >/dev/null 2>&1 || :
        services_end
    fi
    rm -rf "$SCRATCH"
    exit "$code"
}

demo_stream_market() { # WORD...: where to
    # shellcheck disable=SC2086 # a list of words
    demo_stream_start mock "$(demo_stream_program)" mock $DEMO_MARKET --linger 0.05 --quiet "$@"
}

demo_stream_program() { find_program ingest || die 70 "the build made no 'ingest'"; }

demo_stream_broker() {
    (command_stream attach --data "$data" --brokers "$brokers" --topic "$DEMO_TOPIC" --news-topic none --group tickhouse-demo) || exit $?
    demo_stream_market --sink kafka --brokers "$brokers" --topic "$DEMO_TOPIC"
    note "the hub goes on reading from $brokers; './tickhouse stream detach$(data_hint "$data")' ends that"
}

demo_stream_services() {
    SERVICES_DATA=$SCRATCH/services
    # shellcheck disable=SC2034 # scripts/services.sh takes it
    SERVICES_LAUNCH="setsid setpriv --pdeathsig KILL"
    mkdir -p "$SERVICES_DATA"
    chmod a+x "$SCRATCH" "$SERVICES_DATA" # PostgreSQL is another user
    note "starting PostgreSQL and Kafka ..."
    postgres_start && kafka_start || die 69 "the services did not start; the lines above say why"
    psql -q -v ON_ERROR_STOP=1 -f "$ROOT/schemas/postgres/finnhub.sql"
    (command_stream attach --data "$data" --brokers "$KAFKA_BROKERS" --group "demo-$$") || exit $?
    program=$(demo_stream_program)
    demo_stream_start pgcdc "$program" pgcdc --config "$ROOT/schemas/connectors/sourcedb-cdc.json" --brokers "$KAFKA_BROKERS"
    # shellcheck disable=SC2086 # a list of words
    demo_stream_start mock "$program" mock $DEMO_MARKET --port 0
    demo_stream_await ' ws://' mock
    TICKHOUSE_FINNHUB_KEY=mock TICKHOUSE_FINNHUB_URL=$(sed -n 's/^mock: \([^ ]*\) .*/\1/p' "$SCRATCH/mock.log") \
        TICKHOUSE_FINNHUB_SOCKET_URL=$(sed -n 's/^mock: .* //p' "$SCRATCH/mock.log") \
        demo_stream_start finnhub "$program" finnhub --trades --sink postgres --postgres "$PG_URI" --quiet --linger 0.05 \
        --symbols "$DEMO_SYMBOLS"
}

# demo_stream_await TEXT NAME: until the log of NAME has it.
demo_stream_await() {
    left=100
    until grep -q "$1" "$SCRATCH/$2.log" 2>/dev/null; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || die 70 "ingest $2 does not start: $(cat "$SCRATCH/$2.log")"
        sleep 0.05
    done
}

# On a terminal once a second, else once at the end.
demo_stream_draw() {
    demo_from=$(date +%s)
    demo_until=$((demo_from + seconds))
    trap 'demo_until=0 seconds=1' INT
    while [ "$seconds" -eq 0 ] || [ "$(date +%s)" -lt "$demo_until" ]; do
        [ ! -t 1 ] || demo_stream_candles
        [ "$demo_until" -eq 0 ] || demo_stream_check
        sleep 1 || :
    done
    trap 'exit 130' INT
    demo_until=1
    [ -t 1 ] || demo_stream_candles
    [ -s "$SCRATCH/candles" ] || {
        cat "$SCRATCH"/*.log >&2
        die 69 "no candle of $symbol came within the time; what the parts say stands above${brokers:+. Is a broker at $brokers?}"
    }
}

demo_stream_check() {
    for pid in $STREAM_PIDS; do
        is_alive "$pid" || {
            cat "$SCRATCH"/*.log >&2
            die 70 "a part of the path has ended; the lines above say why"
        }
    done
}

demo_stream_candles() {
    demo_query "SELECT formatDateTime(ts, '%H:%i:%S'), open, high, low, close, volume FROM warehouse.ohlc_1s
        WHERE symbol = '$symbol' AND ts >= greatest(now64(6) - toIntervalSecond(60), toDateTime64($demo_from, 6)) ORDER BY ts" >"$SCRATCH/candles" || {
        [ "$demo_until" -ne 0 ] || return 0 # Ctrl-C reached the question too
        die 69 "the hub does not answer; the line above says why"
    }
    clear='' colour=0
    [ ! -t 1 ] || clear=$(printf '\033[H\033[J') colour=1
    printf '%s%s, one candle a second, warehouse.ohlc_1s\n' "$clear" "$symbol"
    awk -v utf8="$(is_utf8)" -v colour="$colour" -f "$ROOT/scripts/candles.awk" "$SCRATCH/candles"
}

demo_stream_sum() {
    demo_table "SELECT symbol, count() AS minutes, sum(candle.trades) AS trades, round(argMax(candle.close, ts), 2) AS last,
            round(sum(candle.vwap * candle.volume) / sum(candle.volume), 4) AS vwap
        FROM warehouse.ohlc_1m AS candle WHERE ts >= toStartOfMinute(toDateTime($demo_from)) GROUP BY symbol ORDER BY symbol"
    cat <<EOF

Next:
  ./tickhouse sql$(data_hint "$data") "SELECT * FROM warehouse.ohlc_1m WHERE symbol = '$symbol' ORDER BY ts DESC LIMIT 5"
  ./tickhouse down$(data_hint "$data")       stop; the data stays
EOF
}
