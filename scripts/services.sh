# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2030,SC2031 # what archives the classes has a place and flags of its own
# PostgreSQL, Apache Kafka, Kafka Connect with Debezium: fetched, started and ended without containers, for tests and for the demo. PostgreSQL
# and Java are the system's packages; the jars of scripts/services/jars.txt come from Maven's central repository by curl alone, once, into the
# cache.
#
# Whoever sources this names in SERVICES_DATA the folder that holds all state (data, logs, pids), and calls
#   postgres_start [line of postgresql.conf...]    PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PG_URI
#   kafka_start [property=value...]                KAFKA_BROKERS
#   connect_start [property=value...]              CONNECT_URL
# Each takes its port from POSTGRES_PORT, KAFKA_PORT, CONNECT_PORT where that is set, else a free one; a second start takes the port and the
# data of the first. _stop ends in order, _kill with SIGKILL, _restart is a stop and a start; postgres_freeze halts it, postgres_thaw lets it go
# on. services_end ends all that run.

MAVEN_HOST=repo1.maven.org
MAVEN_REPOSITORY=${MAVEN_CENTRAL:-https://$MAVEN_HOST/maven2}
SERVICES_LIST=$ROOT/scripts/services/jars.txt
SERVICES_LAUNCH=${SERVICES_LAUNCH:-setsid setpriv} # words before the command of each process; options of setpriv may follow
# Small and soon up. What measures takes JVM_FLAGS="-XX:+UseG1GC -Xms512m -Xmx512m".
JVM_FLAGS=${JVM_FLAGS:--Xms32m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}

# --- installing

services_folder() { printf '%s\n' "$CACHE/services/$(sha256sum <"$SERVICES_LIST" | cut -c 1-12)"; }

# A class archive fits one Java only, a folder of PostgreSQL one version.
services_template() { printf '%s\n' "$SERVICES/postgres-$("$POSTGRES_BIN/postgres" --version | sha256sum | cut -c 1-12)"; }
services_archive() { printf '%s\n' "$SERVICES/$1-$(java -version 2>&1 | sha256sum | cut -c 1-12).jsa"; }

# services_found: whether all is there; says what is missing.
services_found() {
    SERVICES=$(services_folder)
    POSTGRES_BIN=$(postgres_bin) || { note "PostgreSQL's server is not installed; on Debian it is the package postgresql-15"; return 1; }
    for tool in java kcat setpriv pgrep; do
        command -v "$tool" >/dev/null || { note "'$tool' is not installed"; return 1; }
    done
    [ -f "$SERVICES/complete" ] || { note "Kafka's jars are not in $CACHE/services; './tickhouse test' fetches them"; return 1; }
}

# The newest server that is installed.
postgres_bin() {
    for place in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v postgres || echo .)")"; do
        [ ! -x "$place/initdb" ] || { printf '%s\n' "$place"; return 0; }
    done
    return 1
}

# Sets SERVICES to the folder with the jars. Two first runs at once: the later one waits and finds them there.
ensure_services() {
    SERVICES=$(services_folder)
    POSTGRES_BIN=$(postgres_bin) || die 69 "PostgreSQL's server is not installed; on Debian it is the package postgresql-15"
    [ ! -f "$SERVICES/complete" ] || [ ! -f "$(services_archive kafka)" ] || [ ! -d "$(services_template)" ] || return 0
    mkdir -p "$CACHE/services" || die 73 "cannot write $CACHE; set TICKHOUSE_CACHE to a folder that is writable"
    (
        flock 9 2>/dev/null || : # a file system without locks
        [ -f "$SERVICES/complete" ] || services_fetch
        [ -f "$(services_archive kafka)" ] || services_archive_classes 9<&-
        [ -d "$(services_template)" ] || services_make_template
    ) 9<"$CACHE/services" || exit $?
}

services_path() { # SET PATH: where it lies in $SERVICES
    printf '%s\n' "$SERVICES/$1/${2##*/}"
}

services_fetch() {
    note "fetching Kafka, Kafka Connect and Debezium (62 MB, once) ..."
    mkdir -p "$SERVICES" || die 73 "cannot write $SERVICES"
    while read -r set sum path; do
        printf '%s  %s\n' "$sum" "$(services_path "$set" "$path")"
    done <<LIST >"$SERVICES/sha256sums"
$(grep -v '^#' "$SERVICES_LIST")
LIST
    services_missing | while read -r file; do
        printf 'url = "%s"\noutput = "%s"\n' "${MAVEN_REPOSITORY%/}/$(sed -n "s|^[a-z]* [0-9a-f]* \(.*/${file##*/}\)\$|\1|p" "$SERVICES_LIST")" "$file"
    done >"$SERVICES/curl"
    curl --fail --location --no-progress-meter --retry 3 --connect-timeout 20 --create-dirs --parallel --parallel-max 8 --config "$SERVICES/curl" ||
        die 69 "not all of Kafka's jars came from $MAVEN_REPOSITORY; check the network, or set MAVEN_CENTRAL to a mirror. Another run takes the rest"
    services_missing | while read -r file; do
        rm -f "$file"
        die 65 "$file arrived with another checksum than the pinned one; it was thrown away. Try again"
    done || exit $?
    tar -xzf "$SERVICES"/debezium/*.tar.gz -C "$SERVICES/debezium" || die 75 "cannot unpack Debezium in $SERVICES"
    touch "$SERVICES/complete"
}

# Files of the list that are not there, or not what they should be.
services_missing() { sha256sum --check --quiet "$SERVICES/sha256sums" 2>/dev/null | sed -n 's/: FAILED.*//p'; }

# Class archives make a start several times faster; they are written when a process that ran its course ends. Nothing depends on them.
services_archive_classes() (
    note "archiving Java's classes (once) ..."
    SERVICES_DATA=$(mktemp -d "$SERVICES/archive.XXXXXX")
    trap 'services_end; rm -rf "$SERVICES_DATA"' EXIT
    unset KAFKA_PORT CONNECT_PORT PORT
    kafka_archive=$(services_archive kafka) connect_archive=$(services_archive connect)
    rm -f "$kafka_archive" "$connect_archive"
    JVM_FLAGS="$JVM_FLAGS -XX:ArchiveClassesAtExit=$SERVICES_DATA/kafka.jsa"
    kafka_start
    JVM_FLAGS="${JVM_FLAGS%kafka.jsa}connect.jsa"
    connect_start
    echo once | kcat -b "$KAFKA_BROKERS" -P -t once -X enable.idempotence=true 2>/dev/null
    kcat -b "$KAFKA_BROKERS" -C -t once -e -q >/dev/null
    connect_stop
    kafka_stop
    mv "$SERVICES_DATA/connect.jsa" "$connect_archive"
    mv "$SERVICES_DATA/kafka.jsa" "$kafka_archive"
) >&2 || note "Java's classes could not be archived; Kafka starts slower"

# What initdb writes is the same each time, and is copied in a tenth of its time.
services_make_template() (
    SERVICES_DATA=$(mktemp -d "${TMPDIR:-/tmp}/tickhouse.XXXXXX")
    trap 'rm -rf "$SERVICES_DATA"' EXIT
    chmod a+x "$SERVICES_DATA" # PostgreSQL is another user
    postgres_data=$SERVICES_DATA/data
    postgres_init && rm "$SERVICES_DATA/initdb.log" && cp -R "$SERVICES_DATA" "$SERVICES/template" && mv -T "$SERVICES/template" "$(services_template)"
) || note "PostgreSQL's first folder could not be kept; tests make it each time"

# --- ports and processes

port_is_taken() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$(printf '%04X' "$1")" '$4 == "0A" && split($2, part, ":") && part[2] == port { taken = 1 } END { exit !taken }'
}

# A free port below those that the kernel gives to clients, sought from a place that depends on the process, so that scripts which run at once
# do not meet. It sets PORT; one that is given is taken.
pick_port() {
    [ -z "${1-}" ] || { PORT=$1; return 0; }
    PORT=${PORT:-$((10000 + $$ % 5500 * 4 - 1))}
    while :; do
        PORT=$((PORT + 1))
        [ "$PORT" -lt 32700 ] || PORT=10000
        port_is_taken "$PORT" || return 0
    done
}

service_pid() { cat "$SERVICES_DATA/$1.pid" 2>/dev/null; }
# A pid file may outlive its process and name another's: ours has the folder among its words.
service_runs() {
    service_process=$(service_pid "$1") && is_alive "$service_process" &&
        tr '\0' ' ' <"/proc/$service_process/cmdline" 2>/dev/null | grep -qF "$SERVICES_DATA/"
}

# service_launch NAME COMMAND...: in the background, as a child of this shell, with its log in NAME.log.
service_launch() {
    service=$1
    shift
    # shellcheck disable=SC2086 # a list of words
    $SERVICES_LAUNCH "$@" >>"$SERVICES_DATA/$service.log" 2>&1 </dev/null &
    echo $! >"$SERVICES_DATA/$service.pid"
}

# service_ready NAME COMMAND...: waits until the command succeeds; a service that ends, or is not up after a minute, is shown by its log.
service_ready() {
    service=$1 left=1200
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        if [ "$left" -eq 0 ] || ! is_alive "$(service_pid "$service")"; then
            tail -n 30 "$SERVICES_DATA/$service.log" >&2
            note "$service did not start; the lines above are the last of its log"
            return 1
        fi
        sleep 0.05
    done
}

# service_signal NAME SIGNAL: sends it and waits until the process is gone.
service_signal() {
    service_runs "$1" || return 0
    kill -"$2" "$service_process" 2>/dev/null || :
    left=600
    while is_alive "$service_process"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { note "$1 (process $service_process) did not end on $2"; kill -KILL "$service_process"; }
        sleep 0.05
    done
    rm -f "$SERVICES_DATA/$1.pid"
}

services_end() {
    service_signal connect KILL
    service_signal kafka KILL
    service_signal postgres QUIT # at once, and without a segment of shared memory that stays
}

# --- PostgreSQL

# It refuses to be root, and then is the user that Debian's package makes.
POSTGRES_IDENTITY=
[ "$(id -u)" -ne 0 ] || POSTGRES_IDENTITY="--reuid=postgres --regid=postgres --init-groups"

# shellcheck disable=SC2086 # a list of words
as_postgres() { setpriv $POSTGRES_IDENTITY env -C / "$@"; }

# postgres_start [line...]: lines of postgresql.conf. Without fsync, as a killed process loses nothing by that; 'fsync = on' for what measures.
postgres_start() {
    postgres_data=$SERVICES_DATA/postgres
    [ -f "$postgres_data/PG_VERSION" ] || postgres_create || return 1
    PGPASSWORD=$(cat "$SERVICES_DATA/postgres.password")
    PGPORT=$(sed -n 's/^port = //p' "$postgres_data/postgresql.conf")
    export PGHOST=127.0.0.1 PGPORT PGUSER=postgres PGDATABASE=finnhub PGPASSWORD
    export PG_URI="postgresql://$PGUSER@$PGHOST:$PGPORT/$PGDATABASE" # the password is in the environment
    for line in "$@"; do printf '%s\n' "$line"; done >>"$postgres_data/postgresql.conf"
    postgres_launch && service_ready postgres "$POSTGRES_BIN/pg_isready" -q -d postgres || return 1
    [ "$(psql -d postgres -qAtc "SELECT count(*) FROM pg_database WHERE datname = 'finnhub'")" = 1 ] ||
        psql -d postgres -qc "CREATE DATABASE finnhub"
}

postgres_create() {
    pick_port "${POSTGRES_PORT-}"
    template=$(services_template)
    if [ -d "$template" ]; then
        cp -R "$template/data" "$postgres_data" && cp "$template/postgres.password" "$SERVICES_DATA"
        [ -z "$POSTGRES_IDENTITY" ] || chown -R postgres:postgres "$postgres_data"
    else
        postgres_init || return 1
    fi
    cat >>"$postgres_data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $PORT
unix_socket_directories = ''
wal_level = logical
shared_buffers = 32MB
fsync = off
timezone = 'UTC'
log_timezone = 'UTC'
CONF
}

postgres_init() {
    secret=$SERVICES_DATA/postgres.password
    mkdir -p "$postgres_data"
    (umask 077 && od -An -N12 -tx1 /dev/urandom | tr -d ' ' >"$secret")
    if [ -n "$POSTGRES_IDENTITY" ]; then
        chown postgres:postgres "$postgres_data" "$secret"
        as_postgres test -w "$postgres_data" || { note "the user postgres cannot reach $postgres_data; make its parents passable (chmod a+x), or set TMPDIR"; return 1; }
    fi
    as_postgres "$POSTGRES_BIN/initdb" -D "$postgres_data" -U postgres -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions --auth=scram-sha-256 \
        --pwfile="$secret" >"$SERVICES_DATA/initdb.log" 2>&1 || { cat "$SERVICES_DATA/initdb.log" >&2; return 1; }
}

# shellcheck disable=SC2086 # a list of words
postgres_launch() { service_launch postgres $POSTGRES_IDENTITY env -C / "$POSTGRES_BIN/postgres" -D "$postgres_data"; }

postgres_stop() { service_signal postgres INT; } # rolls open transactions back and ends

# The server with all its processes, as a power cut would end them.
postgres_kill() {
    service_runs postgres || return 0
    family=$(pgrep -P "$service_process") || :
    kill -STOP "$service_process" # else it sees them die, and starts again
    # shellcheck disable=SC2086 # a list of numbers
    kill -KILL $family "$service_process" 2>/dev/null || :
    for member in $family $service_process; do
        while is_alive "$member"; do sleep 0.02; done
    done
    rm -f "$SERVICES_DATA/postgres.pid" "$postgres_data/postmaster.pid"
}

# All its processes stand still, as on a machine that swaps or a disk that hangs, and go on.
postgres_freeze() {
    # shellcheck disable=SC2046 # a list of numbers
    service_runs postgres && kill -STOP "$service_process" $(pgrep -P "$service_process")
}
postgres_thaw() {
    # shellcheck disable=SC2046 # a list of numbers
    service_runs postgres && kill -CONT "$service_process" $(pgrep -P "$service_process")
}

postgres_restart() { postgres_stop && postgres_start; }

# --- Kafka

# jvm NAME CLASSPATH CLASS ARGUMENT...
jvm() {
    service=$1 classes=$2
    shift 2
    archive=$(services_archive "$service")
    [ -f "$archive" ] || archive=
    # shellcheck disable=SC2086 # a list of words
    service_launch "$service" java $JVM_FLAGS ${archive:+-XX:SharedArchiveFile="$archive"} -Djava.awt.headless=true \
        -Dlog4j2.configurationFile="file:$ROOT/scripts/services/log4j2.yaml" -cp "$classes" "$@"
}

# kafka_start [property=value...]: one node, broker and controller in one process, a topic made by its first use.
kafka_start() {
    kafka_data=$SERVICES_DATA/kafka
    [ -d "$kafka_data" ] || kafka_create || return 1
    for line in "$@"; do printf '%s\n' "$line"; done >>"$SERVICES_DATA/kafka.properties"
    KAFKA_BROKERS=$(sed -n 's/^advertised.listeners=PLAINTEXT:..//p' "$SERVICES_DATA/kafka.properties")
    export KAFKA_BROKERS
    : >"$SERVICES_DATA/kafka.log"
    jvm kafka "$SERVICES/kafka/*" kafka.Kafka "$SERVICES_DATA/kafka.properties"
    service_ready kafka grep -q 'Kafka Server started' "$SERVICES_DATA/kafka.log"
}

# What the storage tool writes for a node that is its own only voter is one file of properties.
kafka_create() {
    pick_port "${KAFKA_PORT-}"
    port=$PORT
    pick_port # of the controller
    cat >"$SERVICES_DATA/kafka.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$PORT
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$PORT
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=$kafka_data
# With one node every inner topic has one copy, or groups and transactions never start.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
min.insync.replicas=1
num.partitions=1
group.initial.rebalance.delay.ms=0
# A node that was killed may come back only when its session is over.
broker.heartbeat.interval.ms=250
broker.session.timeout.ms=2000
# The cleaner would take 128 MiB of heap at its start.
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
CONF
    # shellcheck disable=SC2046 # nothing, or one word
    java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $(archive=$(services_archive kafka) && [ ! -f "$archive" ] || echo "-XX:SharedArchiveFile=$archive") \
        -Dlog4j2.configurationFile="file:$ROOT/scripts/services/log4j2.yaml" -cp "$SERVICES/kafka/*" kafka.tools.StorageTool \
        format -t MkU3OEVBNTcwNTJENDM2Qg -c "$SERVICES_DATA/kafka.properties" >"$SERVICES_DATA/kafka-format.log" 2>&1 || {
        cat "$SERVICES_DATA/kafka-format.log" >&2
        return 1
    }
}

kafka_stop() { service_signal kafka TERM; }
kafka_kill() { service_signal kafka KILL; }
kafka_restart() { kafka_stop && kafka_start; }

# --- Kafka Connect

# connect_start [property=value...]: one worker, its state in Kafka. Connectors may name variables of the environment: ${env:PGPASSWORD}.
connect_start() {
    [ -n "${CONNECT_PORT-}" ] || { pick_port; CONNECT_PORT=$PORT; }
    cat >"$SERVICES_DATA/connect.properties" <<CONF
bootstrap.servers=$KAFKA_BROKERS
listeners=http://127.0.0.1:$CONNECT_PORT
plugin.path=$SERVICES/debezium
plugin.discovery=service_load
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
config.providers=env
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
group.id=connect
config.storage.topic=_connect_configs
offset.storage.topic=_connect_offsets
status.storage.topic=_connect_status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=1
status.storage.partitions=1
offset.flush.interval.ms=1000
CONF
    for line in "$@"; do printf '%s\n' "$line"; done >>"$SERVICES_DATA/connect.properties"
    export CONNECT_URL="http://127.0.0.1:$CONNECT_PORT"
    jvm connect "$SERVICES/kafka/*:$SERVICES/connect/*" org.apache.kafka.connect.cli.ConnectDistributed "$SERVICES_DATA/connect.properties"
    service_ready connect connect_answers
}

# It lists connectors only once it has joined its group.
connect_answers() { curl -sf -m 2 -o "$SERVICES_DATA/connect.reply" "$CONNECT_URL/connectors"; }

connect_stop() { service_signal connect TERM; }
connect_kill() { service_signal connect KILL; }
connect_restart() { connect_stop && connect_start; }

# connector_file NAME FILE [key=value...]: the connector's file under another name and with other values; 'key=' leaves the property out. The
# file has one property a line.
connector_file() {
    connector_name=$1
    shift
    awk -v name="$connector_name" '
        BEGIN {
            for (i = 2; i < ARGC; i++) {
                at = index(ARGV[i], "=")
                key = substr(ARGV[i], 1, at - 1)
                changed[key]
                if (at < length(ARGV[i])) more[++mores] = "    \"" key "\": \"" substr(ARGV[i], at + 1) "\""
                ARGV[i] = ""
            }
        }
        !inside { sub(/"name": *"[^"]*"/, "\"name\": \"" name "\""); print; inside = /"config"/; next }
        !ended && /^ *}/ {
            for (i = 1; i <= mores; i++) kept[++count] = more[i]
            for (i = 1; i <= count; i++) print kept[i] (i < count ? "," : "")
            ended = 1
        }
        ended { print; next }
        { split($0, part, "\""); sub(/, *$/, ""); if (!(part[2] in changed)) kept[++count] = $0 }' "$@"
}

# connector_start NAME FILE [key=value...]: makes the connector, under that name, and waits until it streams what is committed.
connector_start() {
    connector=$1
    connector_file "$@" >"$SERVICES_DATA/connector-$connector.json"
    curl -sS --fail-with-body -o "$SERVICES_DATA/connector-$connector.reply" -H 'Content-Type: application/json' \
        --data @"$SERVICES_DATA/connector-$connector.json" "$CONNECT_URL/connectors" || { cat "$SERVICES_DATA/connector-$connector.reply" >&2; return 1; }
    slot=$(sed -n 's/^ *"slot.name": *"\([^"]*\)".*/\1/p' "$SERVICES_DATA/connector-$connector.json")
    left=1200
    until slot_streams "$slot"; do
        left=$((left - 1))
        if [ "$left" -eq 0 ] || connector_status "$connector" | grep -q FAILED; then
            connector_status "$connector" | cut -c 1-2000 >&2
            note "the connector $connector does not stream"
            return 1
        fi
        sleep 0.05
    done
}

connector_status() { curl -sS -m 5 "$CONNECT_URL/connectors/$1/status"; }

# A sender in the state 'streaming' is past the snapshot; 'active' alone is true while the slot is being made.
slot_streams() {
    [ "$(psql -qAtc "SELECT count(*) FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid
        WHERE s.slot_name = '$1' AND r.state = 'streaming'")" = 1 ]
}

# connector_stop NAME: ends it and drops its slot. Its offsets are forgotten too, or a new connector of that name would ask for a place in the
# log that a new slot does not have.
connector_stop() {
    curl -sS -X PUT "$CONNECT_URL/connectors/$1/stop"
    left=200
    until curl -sf -o "$SERVICES_DATA/connect.reply" -X DELETE "$CONNECT_URL/connectors/$1/offsets" || [ "$left" -eq 0 ]; do
        left=$((left - 1))
        sleep 0.05
    done
    curl -sS -X DELETE "$CONNECT_URL/connectors/$1"
    slot=$(sed -n 's/^ *"slot.name": *"\([^"]*\)".*/\1/p' "$SERVICES_DATA/connector-$1.json")
    slot_drop "$slot"
}

# slot_drop SLOT: as soon as its reader is gone.
slot_drop() {
    left=200
    while [ "$(psql -qAtc "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$1' AND active")" != 0 ] && [ "$left" -gt 0 ]; do
        left=$((left - 1))
        sleep 0.05
    done
    psql -qAtc "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$1'" >/dev/null
}
