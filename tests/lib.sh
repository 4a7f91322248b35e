# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What every test script uses. Source it with ROOT's tests/lib.sh from the root folder, where ctest runs scripts:
#
#   . tests/lib.sh
#   hub_start                                      # a hub of one's own: HUB_URL HUB_TCP_PORT HUB_DATA HUB_PID
#   expect_equal "$(query "SELECT 1")" 1 "one"
#
# A test of the shared hub calls hub_use instead. Every script cleans up when it ends, however it ends.
set -eu

ROOT=$(pwd)
TICKHOUSE_BUILD=${TICKHOUSE_BUILD:-$ROOT/build/release}
TICKHOUSE_BIN=${TICKHOUSE_BIN:-$TICKHOUSE_BUILD/bin}
TICKHOUSE=$ROOT/tickhouse
export TICKHOUSE_BUILD TICKHOUSE_BIN
# shellcheck source=scripts/proxy.sh
. "$ROOT/scripts/proxy.sh"
# shellcheck source=scripts/engine.sh
. "$ROOT/scripts/engine.sh" # for ENGINE_VERSION, ENGINE_OLD_VERSION
TICKHOUSE_MODELS_OF_CASES=$ROOT/tests/nn/models # what the shared hub and engines in query mode have
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tickhouse-test.XXXXXX")
HUBS= # folders of hubs to stop at the end, one a line
AT_END= # functions to call at the end

cleanup() {
    code=$?
    trap - EXIT
    for function in $AT_END; do "$function"; done
    printf '%s' "$HUBS" | while IFS= read -r folder; do hub_end "$folder"; done
    rm -rf "$WORK" || :
    exit "$code"
}

# at_end FUNCTION: it is called when the script ends, before its folder is removed.
at_end() { AT_END="$1 $AT_END"; }

# hub_register FOLDER: its hub is ended with the script. To be said before the start, which may fail half-way.
hub_register() {
    HUBS="$HUBS$1
"
}

# A killed process still writes until it is gone, so that is waited for.
hub_end() {
    pid=$("$TICKHOUSE_BIN/tickhouse-hub" pid --data "$1") || return 0
    kill -KILL "$pid" 2>/dev/null || :
    left=200
    while [ "$left" -gt 0 ] && "$TICKHOUSE_BIN/tickhouse-hub" pid --data "$1" >/dev/null; do
        sleep 0.05
        left=$((left - 1))
    done
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

skip() {
    echo "skipped: $*" >&2
    exit 77
}

fail() {
    printf 'FAILED: %s\n' "$*" | head -c 4000 >&2
    exit 1
}

# Not a zombie either: in a container nobody may collect those.
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }

# expect_equal FOUND WANTED WHAT
expect_equal() {
    [ "$1" = "$2" ] || fail "$3
  wanted: $2
  found:  $1"
}

# expect_match TEXT PATTERN WHAT: a pattern of the shell, as in case.
expect_match() {
    # shellcheck disable=SC2254 # the pattern is meant to be one
    case $1 in
    $2) ;;
    *) fail "$3
  wanted: $2
  found:  $1" ;;
    esac
}

# expect_code CODE COMMAND...: runs it with stdout in $WORK/out and stderr in $WORK/err.
expect_code() {
    wanted_code=$1
    shift
    found_code=0
    "$@" >"$WORK/out" 2>"$WORK/err" || found_code=$?
    [ "$found_code" -eq "$wanted_code" ] || fail "'$*' ended with $found_code, not $wanted_code
$(cat "$WORK/out" "$WORK/err")"
}

need_engine() {
    [ -f "${TICKHOUSE_ENGINE:-$(engine_place "$ENGINE_VERSION")}" ] || skip "the engine is not there; './tickhouse engine' fetches it"
}

# The place of an engine version that './tickhouse test' has fetched.
engine_place() { echo "${TICKHOUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tickhouse}/engine/$1/libchdb.so"; }

# hub_start [FOLDER] [up's options]: on free ports; FOLDER is kept for a later start.
hub_start() {
    need_engine
    HUB_DATA=${1:-$WORK/hub}
    [ $# -eq 0 ] || shift
    hub_register "$HUB_DATA"
    "$TICKHOUSE" up --data "$HUB_DATA" --http-port 0 --tcp-port 0 "$@" >"$WORK/up" || fail "the hub did not start"
    hub_read
}

hub_read() {
    HUB_DATA=$(readlink -f "$HUB_DATA")
    HUB_PID=$(sed -n 's/^pid=//p' "$HUB_DATA/run/hub.env")
    HUB_TCP_PORT=$(sed -n 's/^tcp_port=//p' "$HUB_DATA/run/hub.env")
    HUB_URL=http://127.0.0.1:$(sed -n 's/^http_port=//p' "$HUB_DATA/run/hub.env")
    export HUB_DATA HUB_PID HUB_TCP_PORT HUB_URL
}

# The hub that the fixture 'hub' of ctest holds; tests that use it leave no table behind but in databases of their own.
hub_use() {
    HUB_DATA=$TICKHOUSE_BUILD/test-hub
    [ -f "$HUB_DATA/run/hub.env" ] || skip "the shared hub is not up; ctest starts it for tests of fixture 'hub'"
    hub_read
}

# listening PORT: the addresses on which somebody listens there, as /proc/net/tcp and tcp6 write them, one a line.
listening() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$(printf '%04X' "$1")" '$4 == "0A" && split($2, part, ":") && part[2] == port { print part[1] }' | sort
}

LISTENING_LOOPBACK=0100007F # 127.0.0.1

# expect_listening ADDRESS: that and no other, for both ports of the hub.
expect_listening() {
    expect_equal "$(listening "${HUB_URL##*:}")" "$1" "where the HTTP port listens"
    expect_equal "$(listening "$HUB_TCP_PORT")" "$1" "where the native port listens"
}

hub_stop() { "$TICKHOUSE" down --data "$HUB_DATA" >/dev/null; }

hub_kill9() {
    kill -KILL "$HUB_PID"
    while "$TICKHOUSE_BIN/tickhouse-hub" pid --data "$HUB_DATA" >/dev/null; do sleep 0.02; done
}

# query SQL [curl's options]: prints the answer; ClickHouse's error ends the test with its text.
query() {
    sql=$1
    shift
    printf '%s' "$sql" | curl -sS --fail-with-body --data-binary @- "$@" "$HUB_URL/" >"$WORK/answer" || {
        fail "query: $sql
$(cat "$WORK/answer")"
    }
    cat "$WORK/answer"
}

# query_error SQL: the text of the error that the query must give.
query_error() {
    if printf '%s' "$1" | curl -sS --fail-with-body --data-binary @- "$HUB_URL/" >"$WORK/answer" 2>/dev/null; then
        fail "this query should have failed: $1
$(cat "$WORK/answer")"
    fi
    cat "$WORK/answer"
}

# query_mode VERSION SQL: on an engine without a hub.
# SCRIPTS and FUNCTIONS may name other folders than the build's.
query_mode() {
    library=$(engine_place "$1")
    [ -f "$library" ] || skip "engine $1 is not there; './tickhouse test' fetches it"
    TICKHOUSE_MODELS=$TICKHOUSE_MODELS_OF_CASES "$TICKHOUSE_BIN/tickhouse-hub" query --engine "$library" --config hub/query.xml \
        --scripts "${SCRIPTS:-$TICKHOUSE_BUILD/user_scripts}" --functions "${FUNCTIONS:-$ROOT/clickhouse-config/functions}" "$2"
}

query_new() { query_mode "$ENGINE_VERSION" "$1"; }
query_old() { query_mode "$ENGINE_OLD_VERSION" "$1"; } # cannot listen, and sends functions the caller's types
