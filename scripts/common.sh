# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What every command uses: messages, folders, temporary files. ROOT is set by whoever sources this.

CACHE=${TICKHOUSE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tickhouse}
BUILD=${TICKHOUSE_BUILD:-$ROOT/build/release}

# shellcheck source=scripts/proxy.sh
. "$ROOT/scripts/proxy.sh"

note() { printf '%s\n' "$*" >&2; }

# die CODE SENTENCE: the codes are those of sysexits.h.
die() {
    code=$1
    shift
    note "tickhouse: $*"
    exit "$code"
}

# want_value OPTION COUNT: the option needs a word after it.
want_value() { [ "$2" -ge 2 ] || die 64 "$1 wants a value; './tickhouse ${command-} --help' describes it"; }

unknown_option() { die 64 "unknown option '$1'; './tickhouse ${command-} --help' lists them"; }

default_data() { printf '%s\n' "${TICKHOUSE_DATA:-${XDG_DATA_HOME:-${HOME:-/tmp}/.local/share}/tickhouse}"; }

# A private folder for this run, removed when it ends.
scratch_folder() {
    [ -z "${SCRATCH-}" ] || return 0
    SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/tickhouse.XXXXXX") || die 73 "cannot make a temporary folder; set TMPDIR to one that is writable"
    trap 'rm -rf "$SCRATCH"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Not a zombie either: in a container nobody may collect those.
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }

# One of the project's executables, by name.
find_program() {
    for place in "$BUILD/bin/$1" "$BUILD/user_scripts/$1"; do
        if [ -f "$place" ] && [ -x "$place" ]; then
            printf '%s\n' "$place"
            return 0
        fi
    done
    return 1
}

# What is loaded goes into the hub that --data means, else where TICKHOUSE_URL points, else into the default hub; --url is above all. A hub
# that --data or TICKHOUSE_DATA names and that is down is not replaced by whatever answers on ClickHouse's own port.
command_ingest() {
    data=$(default_data) chosen='' words=$#
    if goes_into_hub "$@"; then chosen=${TICKHOUSE_DATA:+yes}; fi
    [ -z "${TICKHOUSE_URL-}" ] || chosen=
    while [ "$words" -gt 0 ]; do
        words=$((words - 1))
        if [ "$1" = --data ]; then
            want_value --data $#
            data=$2 chosen=yes
            shift 2
            words=$((words - 1))
        else
            word=$1
            shift
            set -- "$@" "$word"
        fi
    done
    if [ -z "$chosen" ] && [ -n "${TICKHOUSE_URL-}" ]; then
        :
    elif hub_pid "$data" >/dev/null; then
        TICKHOUSE_URL=$(hub_url "$data")
        export TICKHOUSE_URL
    elif [ -n "$chosen" ]; then
        die 69 "no hub runs on $data; start it with './tickhouse up$(data_hint "$data")'"
    fi
    command_program ingest "$@"
}

# goes_into_hub WORDS OF ingest: whether it is for them to find the hub.
goes_into_hub() {
    while [ $# -gt 1 ]; do
        case $1=$2 in
        --url=* | --dry-run=* | *=--url | *=--dry-run | *=--help | *=--version | *=--complete) return 1 ;;
        --sink=clickhouse) ;;
        --sink=*) return 1 ;;
        esac
        shift
    done
    case ${1-} in pgcdc | pgpoll | spool | -*) return 1 ;; esac
}

command_program() {
    name=$1
    shift
    program=$(find_program "$name") || die 69 "'$name' is not built yet; './tickhouse build' does it"
    exec "$program" "$@"
}
