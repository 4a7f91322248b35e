# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# up, down, status: the embedded ClickHouse on a data folder. tickhouse-hub holds a lock on DIR/run/lock while it lives and writes
# its ports into DIR/run/hub.env; so whether it runs is asked of the kernel, never of a file.

help_up() {
    cat <<EOF
up: start the hub, an embedded ClickHouse, and create the schema

usage: ./tickhouse up [options]

  --data DIR             where it stores (default $(default_data))
  --http-port N          default 8123; 0 takes any free port
  --tcp-port N           ClickHouse's native protocol, default 9000; 0 takes any free port
  --engine FILE          a libchdb.so or its package instead of a download
  --listen HOST          also answer beyond this machine: an address, 0.0.0.0 or ::. Wants a password, and makes user 'tickhouse'
                         with it; user 'default' stays on this machine
  --password-file FILE   the password (or TICKHOUSE_PASSWORD)
  --networks LIST        from where user 'tickhouse' may come, as 10.0.0.0/8,192.168.1.7 (default anywhere)

Settings of your own: DIR/config.d/*.xml and DIR/users.d/*.xml. Logs: DIR/logs.
EOF
}

help_down() {
    cat <<EOF
down: stop the hub and wait until it is gone

usage: ./tickhouse down [--data DIR]

The data stays. To remove everything, stop the hub and delete the folder.
EOF
}

help_status() {
    cat <<EOF
status: say whether the hub runs, where it answers and what it holds

usage: ./tickhouse status [--data DIR] [--late SECONDS]

Names refreshable views whose last refresh failed, that are stopped, or that are late: no success for --late seconds (default 3600)
and three of their periods.

Ends with 0 when it runs, 3 when not.
EOF
}

# hub_pid DIR: prints the hub's process; 3 when there is none, another code when it cannot be asked.
hub_pid() {
    [ -x "$HUB" ] || return 69
    "$HUB" pid --data "$1"
}

need_hub_program() { [ -x "$HUB" ] || die 69 "without $HUB nobody can tell whether a hub runs; './tickhouse build' makes it"; }

# hub_value DIR NAME: one line of DIR/run/hub.env.
hub_value() { sed -n "s/^$2=//p" "$1/run/hub.env" 2>/dev/null; }

hub_url() { printf 'http://127.0.0.1:%s\n' "$(hub_value "$1" http_port)"; }

is_port() {
    case $1 in
    '' | *[!0-9]*) return 1 ;;
    esac
    [ "${#1}" -le 5 ] && [ "$1" -le 65535 ]
}

up_options() {
    data=$(default_data)
    has_options='' http_port=8123 tcp_port=9000 given_engine='' listen='' password_file='' networks='::/0'
    while [ $# -gt 0 ]; do
        case $1 in
        --data | --http-port | --tcp-port | --engine | --listen | --password-file | --networks) want_value "$1" $# ;;
        *) unknown_option "$1" ;;
        esac
        case $1 in
        --data) ;;
        *) has_options=yes ;;
        esac
        case $1 in
        --data) data=$2 ;;
        --http-port) http_port=$2 ;;
        --tcp-port) tcp_port=$2 ;;
        --engine) given_engine=$2 ;;
        --listen) listen=$2 ;;
        --password-file) password_file=$2 ;;
        --networks) networks=$2 ;;
        esac
        shift 2
    done
    is_port "$http_port" || die 64 "--http-port wants a number from 0 to 65535, not '$http_port'"
    is_port "$tcp_port" || die 64 "--tcp-port wants a number from 0 to 65535, not '$tcp_port'"
    [ "$http_port" -eq 0 ] || [ "$http_port" -ne "$tcp_port" ] ||
        die 64 "--http-port and --tcp-port want two ports, not $http_port for both; give another one, or 0 for any free one"
    case $listen$networks in
    *[!0-9A-Za-z.:/,-]*) die 64 "--listen and --networks take addresses, not '$listen' and '$networks'" ;;
    esac
    read_password
}

# What others may connect to wants a password; it is kept only as its sha256.
read_password() {
    password_hash=
    [ -n "$listen" ] || return 0
    if [ -n "$password_file" ]; then
        [ -r "$password_file" ] || die 66 "cannot read the password file $password_file"
        password=$(cat "$password_file")
    else
        password=${TICKHOUSE_PASSWORD-}
    fi
    [ -n "$password" ] || die 64 "--listen $listen lets other machines in, which wants a password: set TICKHOUSE_PASSWORD or give --password-file FILE"
    password_hash=$(printf %s "$password" | sha256sum)
    password_hash=${password_hash%% *}
}

command_up() {
    up_options "$@"
    unset TICKHOUSE_PASSWORD # nothing that the hub starts needs it
    ensure_built
    if pid=$(hub_pid "$data"); then
        apply_new_schemas "$(hub_url "$data")"
        echo "already up with pid $pid; $changed"
        print_addresses "$data"
        [ -z "$has_options" ] || note "options take effect at the next start: ./tickhouse down$(data_hint "$data"), then up"
        return
    fi
    ensure_engine "$ENGINE_VERSION" "$given_engine"
    mkdir -p "$data" 2>/dev/null || die 73 "cannot make the data folder $data; choose another with --data DIR"
    data=$(readlink -f "$data")
    write_configuration "$data"
    start_hub "$data"
    apply_schemas "$(hub_url "$data")"
    echo "up with pid $pid"
    print_addresses "$data"
}

print_addresses() {
    cat <<EOF
  SQL            ./tickhouse sql$(data_hint "$1")
  query page     $(hub_url "$1")/play
  HTTP           $(hub_url "$1")
  native         127.0.0.1:$(hub_value "$1" tcp_port)
  data, logs     $1/data, $1/logs
EOF
}

# " --data DIR" where a later command would need it.
data_hint() { [ "$1" = "$(readlink -f "$(default_data)" || default_data)" ] || printf ' --data %s\n' "$1"; }

# The configuration in use lies in DIR/run: copies of hub/*.xml, and beside them what this start asked for.
write_configuration() (
    umask 077
    mkdir -p "$1/run" "$1/logs" "$1/config.d" "$1/users.d"
    rm -rf "$1/run/config.d" "$1/run/users.d"
    mkdir "$1/run/config.d" "$1/run/users.d"
    cp "$ROOT/hub/config.xml" "$ROOT/hub/users.xml" "$1/run/"
    for kind in config.d users.d; do
        for file in "$1/$kind"/*.xml; do
            [ ! -f "$file" ] || cp "$file" "$1/run/$kind/"
        done
    done
    [ -z "$listen" ] || write_network "$1/run"
)

write_network() {
    case $listen in
    0.0.0.0 | ::) loopback= ;;
    *) loopback='<listen_host>127.0.0.1</listen_host>' ;;
    esac
    cat >"$1/config.d/network.xml" <<EOF
<clickhouse>
    <listen_host remove="1"/>
</clickhouse>
EOF
    cat >"$1/config.d/network_addresses.xml" <<EOF
<clickhouse>$loopback<listen_host>$listen</listen_host></clickhouse>
EOF
    addresses=$(printf '<ip>%s</ip>' "$networks" | sed 's#,#</ip><ip>#g')
    cat >"$1/users.d/network.xml" <<EOF
<clickhouse>
    <users>
        <tickhouse>
            <password_sha256_hex>$password_hash</password_sha256_hex>
            <networks>$addresses</networks>
            <profile>default</profile>
            <quota>default</quota>
        </tickhouse>
    </users>
</clickhouse>
EOF
}

# Starts the hub in a session of its own, so that it outlives the terminal, and waits for its first answer.
start_hub() {
    functions=$ROOT/clickhouse-config/functions
    [ -d "$functions" ] || functions=$ROOT/clickhouse-config
    scripts=$BUILD/user_scripts
    mkdir -p "$scripts"
    setsid "$HUB" serve --engine "$ENGINE" --data "$1" --config "$1/run/config.xml" --scripts "$scripts" \
        --functions "$functions" --http-port "$http_port" --tcp-port "$tcp_port" </dev/null >"$1/logs/launcher.log" 2>&1 &
    pid=$!
    waited=0
    until [ -f "$1/run/hub.env" ] && [ "$(hub_value "$1" pid)" = "$pid" ] && curl -fs -o /dev/null "$(hub_url "$1")/ping"; do
        is_alive "$pid" || start_failed "$1" "$pid"
        [ "$waited" -lt 1200 ] || die 75 "the hub does not answer after two minutes; $1/logs/hub.log says what it does"
        [ "$waited" -ne 40 ] || note "waiting for the hub to answer ..."
        sleep 0.05
        waited=$((waited + 1))
    done
}

start_failed() {
    code=0
    wait "$2" || code=$?
    rm -f "$1/run/hub.env"
    sed -e '/^Logging \(information\|errors\) to/d' -e 's/^tickhouse-hub: /tickhouse: /' "$1/logs/launcher.log" | tail -n 5 >&2
    [ "$code" -ne 0 ] || code=69
    exit "$code"
}

# apply_schemas URL: every statement of schemas/*.sql in order. Each of them may be run again.
apply_schemas() {
    for file in "$ROOT"/schemas/*.sql; do
        [ -f "$file" ] || continue
        run_statements "$1" "$file" "$file" || exit $?
    done
}

# Brings a hub that is up to the schema of today, where its start could not or the schema is newer; sets `changed` to what to say.
apply_new_schemas() {
    before=$(schema_fingerprint "$1") || exit $?
    apply_schemas "$1"
    after=$(schema_fingerprint "$1") || exit $?
    changed="nothing changed"
    [ "$before" = "$after" ] || changed="the schema was brought up to date"
}

# A name with a dot in front is the table inside a materialized view.
schema_fingerprint() {
    curl -fsS --max-time 20 --data-binary @- "$1" <<'EOF'
SELECT count(), groupBitXor(cityHash64(database, name, create_table_query)) FROM system.tables
WHERE lower(database) NOT IN ('system', 'information_schema') AND name NOT LIKE '.%' AND NOT is_temporary
EOF
}

folder_option() {
    data=$(default_data)
    while [ $# -gt 0 ]; do
        case $1 in
        --data)
            want_value "$1" $#
            data=$2
            shift
            ;;
        *) unknown_option "$1" ;;
        esac
        shift
    done
    [ ! -d "$data" ] || data=$(readlink -f "$data")
}

# running_hub DIR: sets pid; 3 when none runs.
running_hub() {
    need_hub_program
    code=0
    pid=$(hub_pid "$1") || code=$?
    case $code in
    0 | 3) return "$code" ;;
    *) die 70 "$HUB cannot tell whether a hub runs on $1; './tickhouse build' makes it anew" ;;
    esac
}

command_down() {
    folder_option "$@"
    if ! running_hub "$data"; then
        rm -f "$data/run/hub.env" # what a killed hub leaves
        echo "not up; nothing to stop"
        return
    fi
    kill -TERM "$pid" 2>/dev/null || :
    if ! wait_gone "$data" 600; then
        note "the hub does not stop by itself after 30 s; killing it (stored data is safe)"
        kill -KILL "$pid" 2>/dev/null || :
        wait_gone "$data" 200 || die 75 "process $pid does not end; look at it with 'ps -p $pid'"
    fi
    end_session "$pid"
    rm -f "$data/run/hub.env"
    echo "down"
}

# wait_gone DIR COUNT: twentieths of a second.
wait_gone() {
    left=$2
    while hub_pid "$1" >/dev/null; do
        [ "$left" -gt 0 ] || return 1
        [ "$left" -ne $(($2 - 40)) ] || note "waiting for the hub to stop ..."
        sleep 0.05
        left=$((left - 1))
    done
}

# The hub leads a session, and function workers belong to it. They end by themselves when the hub is gone; one that hangs is ended.
end_session() {
    left=40
    while [ -n "$(session_members "$1")" ]; do
        [ "$left" -gt 0 ] || {
            session_members "$1" | xargs kill -KILL 2>/dev/null || :
            return 0
        }
        sleep 0.05
        left=$((left - 1))
    done
}

# In /proc/PID/stat the session is the fourth word after the name, which stands in parentheses and may hold anything.
session_members() { cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (.*) [^Z] [0-9]* [0-9]* $1 .*/\1/p"; }

# status_options ARGUMENTS...: sets data and late.
status_options() {
    data=$(default_data) late=3600
    while [ $# -gt 0 ]; do
        case $1 in
        --data | --late) want_value "$1" $# ;;
        *) unknown_option "$1" ;;
        esac
        case $1 in
        --data) data=$2 ;;
        --late) late=$2 ;;
        esac
        shift 2
    done
    case $late in
    '' | *[!0-9]* | ??????????*) die 64 "--late wants a number of seconds, not '$late'" ;;
    esac
    [ ! -d "$data" ] || data=$(readlink -f "$data")
}

command_status() {
    status_options "$@"
    if ! running_hub "$data"; then
        echo "down ($data)"
        return 3
    fi
    url=$(hub_url "$data")
    cat <<EOF
up with pid $pid
$(print_addresses "$data")
EOF
    memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
    answer=$(curl -fsS --max-time 20 --data-binary @- "$url/?param_memory=$memory" <<'EOF'
SELECT concat(
    '  ClickHouse     ', version(), '\n',
    '  up for         ', formatReadableTimeDelta(uptime()), '\n',
    '  memory         ', formatReadableSize({memory:UInt64} * 1024), '\n',
    '  disk           ', formatReadableSize(sum(bytes_on_disk)), ' of tables, ',
                         formatReadableSize((SELECT sum(free_space) FROM system.disks)), ' free\n',
    '  rows           ', formatReadableQuantity(sumIf(rows, database = 'warehouse')), ' in warehouse')
FROM system.parts WHERE active FORMAT TSVRaw
EOF
    ) || die 75 "the hub runs but does not answer on $url; $data/logs/hub.log may say why"
    printf '%s\n' "$answer"
    curl -fsS --max-time 20 --data-binary @- "$url" <<'EOF' || :
SELECT concat('    ', rightPad(if(view = '', table, view), 28), leftPad(toString(sum(rows)), 12), leftPad(formatReadableSize(sum(bytes_on_disk)), 14))
FROM system.parts
LEFT JOIN (SELECT concat('.inner_id.', toString(uuid)) AS table, name AS view FROM system.tables WHERE engine = 'MaterializedView') AS inner USING table
WHERE active AND database = 'warehouse' GROUP BY table, view ORDER BY if(view = '', table, view) FORMAT TSVRaw
EOF
    status_refreshes
}

# A view waits for those it depends on without an error of its own; only the time since its last success shows that. What has had none
# is judged by the hub's uptime.
status_refreshes() {
    curl -fsS --max-time 20 --data-binary @- "$url/?param_late=$late" <<'EOF' || :
SELECT multiIf(
    exception != '', concat('  failed         refresh of ', database, '.', view, ': ', substringUTF8(replaceRegexpOne(exception, '(?s)(: while executing|\n).*', ''), 1, 300)),
    status = 'Disabled', concat('  stopped        refresh of ', database, '.', view, '; SYSTEM START VIEW ', database, '.', view, ' goes on with it'),
    concat('  late           refresh of ', database, '.', view, ': ', status, ', ',
        ifNull(concat('last success ', formatReadableTimeDelta(now() - last_success_time), ' ago'), 'no success since the start')))
FROM
(
    SELECT r.*, extract(create_table_query, 'REFRESH (?:EVERY|AFTER) ([0-9]+ [A-Z]+)') AS every,
        toUInt64OrZero(splitByChar(' ', every)[1]) * transform(splitByChar(' ', every)[-1],
            ['SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'], [1, 60, 3600, 86400, 604800, 2678400, 31622400], 0) AS period,
        ifNull(now() - last_success_time, uptime()) AS age
    FROM system.view_refreshes AS r LEFT JOIN system.tables AS t ON t.database = r.database AND t.name = r.view
)
WHERE exception != '' OR status = 'Disabled' OR age > {late:UInt64} + 3 * period
ORDER BY database, view FORMAT TSVRaw
EOF
}
