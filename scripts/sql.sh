# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# sql: queries over HTTP, one-shot, from a file, or line by line.

help_sql() {
    cat <<EOF
sql: run SQL

usage: ./tickhouse sql [options] [SQL]
       ./tickhouse sql [options] < file.sql

  --data DIR      the hub's folder (default $(default_data))
  --url URL       another ClickHouse, as http://host:8123
  --user NAME     its user; the password comes from TICKHOUSE_PASSWORD
  --format NAME   output format (default PrettyCompact on a terminal, else TSV)

Without SQL on a terminal it asks line by line; a statement ends with ';' at the end of a line. In a file, too. An INSERT that is given
as an argument reads its rows from stdin. A query that ClickHouse refuses ends with 65.
EOF
}

sql_options() {
    data=$(default_data)
    url='' user='' format='' query='' has_query='' chosen=
    while [ $# -gt 0 ]; do
        case $1 in
        --data | --url | --user | --format) want_value "$1" $# ;;
        --)
            shift
            [ $# -eq 1 ] || die 64 "sql takes one argument after --"
            ;;
        '-- '*) ;; # SQL that begins with a comment
        --*) unknown_option "$1" ;;
        esac
        case $1 in
        --data) data=$2 ;;
        --url) url=${2%/} chosen=yes ;;
        --user) user=$2 chosen=yes ;;
        --format) format=$2 ;;
        *)
            [ -z "$has_query" ] || die 64 "sql takes one argument: put the whole query in quotes"
            query=$1 has_query=yes
            shift
            continue
            ;;
        esac
        shift 2
    done
    if [ -z "$format" ]; then
        format=TabSeparated
        [ ! -t 1 ] || format=PrettyCompact
    fi
    [ -n "$url" ] || sql_find_hub
}

sql_find_hub() {
    need_hub_program
    hub_pid "$data" >/dev/null || die 69 "no hub runs on $data; start it with './tickhouse up$(data_hint "$data")' or name another ClickHouse with --url URL"
    url=$(hub_url "$data")
}

command_sql() {
    sql_options "$@"
    scratch_folder
    if [ -n "$has_query" ]; then
        sql_once
    elif [ -t 0 ]; then
        sql_interactive
    else
        cat >"$SCRATCH/statements"
        run_statements "$url" "$SCRATCH/statements" "stdin"
    fi
}

sql_once() {
    printf '%s' "$query" >"$SCRATCH/query.sql"
    case $(printf '%s' "$query" | sed -n '/[^[:space:]]/{s/^[[:space:]]*//;p;q;}') in
    [Ii][Nn][Ss][Ee][Rr][Tt]\ *) send_query "$url" "$SCRATCH/query.sql" with_input ;;
    *) send_query "$url" "$SCRATCH/query.sql" ;;
    esac
}

# run_statements URL FILE NAME: statements that end with ';' at the end of a line, one after the other; stops at the first that fails.
run_statements() {
    scratch_folder
    rm -rf "$SCRATCH/parts"
    mkdir "$SCRATCH/parts"
    awk -v folder="$SCRATCH/parts" '
        function file() { return sprintf("%s/%06d.sql", folder, count) }
        BEGIN { count = 1 }
        /^[ \t]*--/ && !begun { next }
        /^[ \t]*$/ && !begun { next }
        { begun = 1; print > file() }
        /;[ \t\r]*$/ { close(file()); count++; begun = 0 }' "$2"
    for part in "$SCRATCH/parts"/*.sql; do
        [ -f "$part" ] || continue
        send_query "$1" "$part" || {
            code=$?
            [ "$3" = stdin ] || note "tickhouse: that was statement $(basename "$part" .sql | sed 's/^0*//') of $3"
            return "$code"
        }
    done
}

# send_query URL FILE [with_input]: prints the answer. ClickHouse is asked to hold it back until the query is done, so that an error in its
# middle is one: it goes to stderr, shortened, and gives 65.
send_query() {
    ( # the password goes by a file: an argument could be read by everybody on the machine
        umask 077
        {
            [ -z "${user-}" ] || echo "X-ClickHouse-User: $user"
            [ -z "${TICKHOUSE_PASSWORD-}" ] || [ -z "${user-}" ] || echo "X-ClickHouse-Key: $TICKHOUSE_PASSWORD"
            echo "X-ClickHouse-Format: ${format:-TabSeparated}"
        } >"$SCRATCH/request"
    )
    rm -f "$SCRATCH/reply" "$SCRATCH/code"
    if [ "${3-}" = with_input ]; then
        curl_query "$1" -X POST -T - --url-query "query@$2" | print_reply
    else
        curl_query "$1" --data-binary "@$2" </dev/null | print_reply
    fi
}

curl_query() {
    target=$1
    shift
    code=0
    curl -sS -N -H "@$SCRATCH/request" -D "$SCRATCH/reply" "$@" --url-query wait_end_of_query=1 "$target/" 2>"$SCRATCH/curl" || code=$?
    { echo "$code" >"$SCRATCH/code.part"; } 2>/dev/null || : # on a full disk it is empty, which says that too
    mv "$SCRATCH/code.part" "$SCRATCH/code"
}

# The headers are written before the first byte of the answer, so that byte is the moment to look at them.
print_reply() {
    dd bs=1 count=1 of="$SCRATCH/first" 2>/dev/null
    if grep -qi '^X-ClickHouse-Exception-Code:' "$SCRATCH/reply" 2>/dev/null; then
        cat "$SCRATCH/first" - | short_error >&2
        return 65
    fi
    cat "$SCRATCH/first" - || return 73
    while [ ! -f "$SCRATCH/code" ]; do sleep 0.01; done
    case $(cat "$SCRATCH/code") in
    0) return 0 ;;
    '')
        note "tickhouse: $SCRATCH has no room left; set TMPDIR to a folder that has"
        return 73
        ;;
    esac
    note "tickhouse: $(sed 's/^curl: ([0-9]*) //' "$SCRATCH/curl")"
    return 69
}

# Keeps code, message and name of ClickHouse's error; the version and the stack stay in the log.
short_error() { sed -e 's/ *(version [^()]*\(([^()]*)\)*[^()]*)$//' -e 's/DB::Exception: //' -e '/^Stack trace/,$d'; }

# ClickHouse's own client is the better one, but it would not know of --url and --user.
sql_interactive() {
    if [ -z "$chosen" ] && program=$(command -v clickhouse-client) && port=$(hub_value "$data" tcp_port) && [ -n "$port" ]; then
        exec "$program" --host 127.0.0.1 --port "$port"
    fi
    note "connected to $url; a statement ends with ';', 'exit' leaves"
    : >"$SCRATCH/typed"
    prompt='tickhouse> '
    while printf '%s' "$prompt" >&2 && IFS= read -r line; do
        case $line in
        exit | quit | 'exit;' | 'quit;') return 0 ;;
        esac
        printf '%s\n' "$line" >>"$SCRATCH/typed"
        prompt='        -> '
        case $line in
        *\;)
            run_statements "$url" "$SCRATCH/typed" stdin || :
            : >"$SCRATCH/typed"
            prompt='tickhouse> '
            ;;
        esac
    done
    echo >&2
}
