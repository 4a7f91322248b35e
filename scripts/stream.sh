# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# stream: Kafka's topics of change events into ClickHouse. schemas/kafka/ has the tables and views; this fills them in.

help_stream() {
    cat <<EOF
stream: change events from Kafka into warehouse.stock_realtime

usage: ./tickhouse stream attach --brokers HOST:PORT,... [options]
       ./tickhouse stream status | lag | detach | replay [options]

  attach   makes the tables that read; again with other options, they read on where they were
  status   what is attached, and how it does
  lag      a line a partition: read, committed and last offset; ends with 75 while messages wait. --wait SECONDS waits for them
  detach   stops reading; what was read stays, and a later attach reads on
  replay   reads the topics again from their beginning, over what is there, which changes nothing that is right; --empty empties first:
           what Kafka no longer has is gone then, and what came by another way

  --brokers LIST              where Kafka is
  --topic NAME                of ticks, may be given again (default dbserver1.public.finnhub_stocks)
  --news-topic NAME           of news (default dbserver1.public.finnhub_news); 'none' for none
  --group NAME                consumer group (default tickhouse)
  --consumers N               readers of the ticks, at most one a partition (default 1)
  --flush MS                  how long messages are gathered into one insert (default 200)
  --time-precision-mode MODE  what a number in ts is: adaptive, adaptive_time_microseconds, microseconds (default: microseconds), connect
                              (milliseconds), nanoseconds. Schemas say it themselves, and a timestamptz is no number
  --timestamp-precision N     of the column, where MODE is adaptive: up to 3 digits are milliseconds (default 6)
  --properties FILE           lines of key=value for librdkafka (SASL, TLS), into DIR/config.d/kafka.xml, which only you can read; the hub is
                              to be restarted (default: the file that TICKHOUSE_KAFKA_PROPERTIES names)
  -X key=value                one of them, nothing secret
  --collection NAME           a named collection of the server that has brokers, SASL and the rest
  --data DIR                  the hub's folder (default $(default_data))
  --url URL                   another ClickHouse
  --user NAME                 its user; the password comes from TICKHOUSE_PASSWORD
EOF
}

STREAM_VERBS="attach status lag detach replay"

command_stream() {
    verb=${1-}
    case " $STREAM_VERBS " in
    *" $verb "*) shift ;;
    *) die 64 "stream wants one of: $STREAM_VERBS; './tickhouse stream --help' describes them" ;;
    esac
    case ${1-} in --help | -h) help_stream && return ;; esac
    stream_options "$@"
    scratch_folder
    "stream_$verb"
}

stream_options() {
    # shellcheck disable=SC2034 # `user` and `format` are send_query's
    data=$(default_data) url='' user='' format='' chosen=
    brokers='' topics='' news=dbserver1.public.finnhub_news group=tickhouse consumers=1 flush=200 mode=adaptive precision=6
    properties=${TICKHOUSE_KAFKA_PROPERTIES-} collection='' wait=0 empty=''
    scratch_folder
    : >"$SCRATCH/properties"
    while [ $# -gt 0 ]; do
        case $1 in
        --empty)
            empty=yes
            shift
            continue
            ;;
        --brokers | --topic | --news-topic | --group | --consumers | --flush | --time-precision-mode | --timestamp-precision) ;;
        --properties | -X | --collection | --data | --url | --user | --wait) ;;
        *) unknown_option "$1" ;;
        esac
        want_value "$1" $#
        case $1 in
        --brokers) brokers=$2 ;;
        --topic) topics=$topics${topics:+,}$2 ;;
        --news-topic) news=$2 ;;
        --group) group=$2 ;;
        --consumers) consumers=$2 ;;
        --flush) flush=$2 ;;
        --time-precision-mode) mode=$2 ;;
        --timestamp-precision) precision=$2 ;;
        --properties) properties=$2 ;;
        -X) stream_property "$2" ;;
        --collection) collection=$2 ;;
        --data) data=$2 ;;
        --url) url=${2%/} chosen=yes ;;
        --user) # shellcheck disable=SC2034
            user=$2 ;;
        --wait) wait=$2 ;;
        esac
        shift 2
    done
    stream_check_numbers
    [ -n "$url" ] || sql_find_hub
}

stream_property() {
    case $1 in
    *password* | *secret* | *token*) die 64 "-X would show '${1%%=*}' to everybody on the machine: write it into a file and give --properties FILE" ;;
    ?*=*) printf '%s\n' "$1" >>"$SCRATCH/properties" ;;
    *) die 64 "-X wants key=value, not '$1'" ;;
    esac
}

# is_whole VALUE LEAST MOST
is_whole() {
    case $1 in
    '' | *[!0-9]* | ?????????*) return 1 ;;
    esac
    [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

stream_check_numbers() {
    is_whole "$consumers" 1 64 || die 64 "--consumers wants a number from 1 to 64, not '$consumers'"
    is_whole "$flush" 10 60000 || die 64 "--flush wants milliseconds from 10 to 60000, not '$flush'"
    is_whole "$precision" 0 6 || die 64 "--timestamp-precision wants digits from 0 to 6, not '$precision'"
    is_whole "$wait" 0 86400 || die 64 "--wait wants seconds, not '$wait'"
    case $mode in
    adaptive | adaptive_time_microseconds) if [ "$precision" -le 3 ]; then nanoseconds=1000000; else nanoseconds=1000; fi ;;
    microseconds | isostring) nanoseconds=1000 ;;
    connect) nanoseconds=1000000 ;;
    nanoseconds) nanoseconds=1 ;;
    *) die 64 "--time-precision-mode has no '$mode'; there are adaptive, adaptive_time_microseconds, connect, isostring, microseconds and nanoseconds" ;;
    esac
}

stream_query() {
    printf '%s' "$1" >"$SCRATCH/stream.sql"
    send_query "$url" "$SCRATCH/stream.sql"
}

# As a text of SQL.
sql_text() { printf "'%s'\n" "$(printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g")"; }

stream_attach() {
    [ -n "$brokers$collection" ] || die 64 "attach wants --brokers HOST:PORT, or a --collection of the server that names them"
    stream_write_properties
    server=$(stream_query "SELECT 100 * toUInt32(splitByChar('.', version())[1]) + toUInt32(splitByChar('.', version())[2])") || exit $?
    stream_attach_topics stocks "${topics:-dbserver1.public.finnhub_stocks}" "$group"
    if [ "$news" = none ]; then
        stream_drop news
    else
        consumers=1
        stream_attach_topics news "$news" "$group-news"
    fi
}

# stream_attach_topics stocks|news TOPICS GROUP: the comment of the Kafka table says what it was made of; where that is the same,
# nothing is done.
stream_attach_topics() {
    stream_fill "$1" "$2" "$3" >"$SCRATCH/$1.sql"
    mark=$(sha256sum <"$SCRATCH/$1.sql" | cut -c 1-16)
    found=$(stream_query "SELECT comment FROM system.tables WHERE database = 'warehouse' AND name = 'kafka_$1'") || exit $?
    case $found in
    *"$mark"*)
        echo "$2: attached already"
        return
        ;;
    esac
    stream_drop "$1"
    sed "s/@COMMENT@/made by tickhouse stream attach, $mark/" "$SCRATCH/$1.sql" >"$SCRATCH/attach.sql"
    run_statements "$url" "$SCRATCH/attach.sql" "schemas/kafka/$1.sql" || exit $?
    echo "$2: attached, group $3"
}

# The template with everything but its comment.
stream_fill() {
    COLLECTION='' SOURCE="kafka_topic_list = $(sql_text "$2"), kafka_group_name = $(sql_text "$3"), "
    [ -z "$collection" ] || COLLECTION="($(printf '%s' "$collection" | tr -cd 'A-Za-z0-9_'))"
    [ -z "$brokers" ] || SOURCE="kafka_broker_list = $(sql_text "$brokers"), $SOURCE"
    export COLLECTION SOURCE
    FLUSH=$flush POLL=$((flush < 40 ? 10 : flush / 4)) RESCHEDULE=
    # An older one sleeps half a second whenever nothing came, and knows no setting for it.
    [ "$server" -lt 2512 ] || RESCHEDULE=" kafka_consumer_reschedule_ms = $POLL,"
    export FLUSH POLL RESCHEDULE
    CONSUMERS=$consumers NANOSECONDS=$nanoseconds awk '
        {
            line = $0
            while (match(line, /@[A-Z]+@/)) {
                name = substr(line, RSTART + 1, RLENGTH - 2)
                printf "%s%s", substr(line, 1, RSTART - 1), name == "COMMENT" ? "@COMMENT@" : ENVIRON[name]
                line = substr(line, RSTART + RLENGTH)
            }
            print line
        }' "$ROOT/schemas/kafka/$1.sql"
}

# The view that lets messages in goes first.
stream_drop() {
    for table in $(stream_query "SELECT name FROM system.tables WHERE database = 'warehouse' AND (name = 'kafka_$1' OR startsWith(name, 'kafka_$1_'))
        ORDER BY name = 'kafka_$1_read' DESC, engine = 'MaterializedView' DESC"); do
        stream_query "DROP TABLE IF EXISTS warehouse.$table SYNC" || exit $?
    done
}

stream_detach() {
    stream_drop stocks
    stream_drop news
    echo "detached; what was read stays"
}

STREAM_OURS="database = 'warehouse' AND table IN ('kafka_stocks', 'kafka_news')"

stream_attached() {
    stream_query "SELECT count() FROM system.tables WHERE database = 'warehouse' AND name IN ('kafka_stocks', 'kafka_news')"
}

need_attached() { [ "$(stream_attached)" != 0 ] || die 69 "nothing is attached; './tickhouse stream attach --brokers HOST:PORT' does it"; }

# librdkafka's settings for all Kafka tables of the hub. ClickHouse reads them when it starts.
stream_write_properties() {
    if [ -n "$properties" ]; then
        [ -r "$properties" ] || die 66 "cannot read the properties in $properties"
        cat "$properties" >>"$SCRATCH/properties"
    fi
    [ -s "$SCRATCH/properties" ] || return 0
    [ -z "$chosen" ] || die 64 "librdkafka's settings of another server belong into its own configuration, under <kafka>, or into a named collection; attach with --collection NAME then"
    (
        umask 077
        awk '
            function text(value) { gsub(/&/, "\\&amp;", value); gsub(/</, "\\&lt;", value); gsub(/>/, "\\&gt;", value); return value }
            BEGIN { print "<clickhouse><kafka>" }
            /^[ \t]*(#|$)/ { next }
            {
                at = index($0, "=")
                name = substr($0, 1, at - 1)
                gsub(/[ \t]/, "", name)
                gsub(/\./, "_", name)
                if (at < 2 || name !~ /^[a-z0-9_]+$/) { bad = $0; exit 1 }
                printf "    <%s>%s</%s>\n", name, text(substr($0, at + 1)), name
            }
            END { print "</kafka></clickhouse>" }' "$SCRATCH/properties" >"$SCRATCH/kafka.xml"
    ) || die 65 "the properties want lines of key=value, as security.protocol=sasl_ssl"
    cmp -s "$SCRATCH/kafka.xml" "$data/config.d/kafka.xml" && return
    cp "$SCRATCH/kafka.xml" "$data/config.d/kafka.xml"
    chmod 600 "$data/config.d/kafka.xml"
    note "librdkafka's settings are in $data/config.d/kafka.xml and hold from the next start: ./tickhouse down$(data_hint "$data"), then up"
}

# The end of a partition is known a second late, so what waits until nothing is missing has to see that twice.
stream_lag() {
    need_attached
    left=$((wait * 10)) zeros=0
    while :; do
        waiting=$(stream_query "SELECT if(count() = 0 OR countIf(lag IS NULL) > 0, 1, sum(lag)) FROM warehouse.kafka_lag WHERE $STREAM_OURS") || exit $?
        if [ "$waiting" = 0 ]; then zeros=$((zeros + 1)); else zeros=0; fi
        if [ "$zeros" -eq 2 ] || [ "$left" -le 0 ]; then break; fi
        if [ "$zeros" -eq 1 ]; then
            sleep 1.2
            left=$((left - 12))
        else
            sleep 0.2
            left=$((left - 2))
        fi
    done
    [ -z "$format" ] && [ ! -t 1 ] || format=PrettyCompactNoEscapes
    stream_query "SELECT topic, partition, read_offset AS read, committed_offset AS committed, end_offset AS end, lag, last_commit_time AS committed_at
        FROM warehouse.kafka_lag WHERE $STREAM_OURS ORDER BY topic, partition" || exit $?
    format=
    [ "$waiting" = 0 ] || return 75
}

stream_status() {
    if [ "$(stream_attached)" = 0 ]; then
        echo "nothing is attached"
        return 3
    fi
    stream_query "SELECT concat(extract(create_table_query, 'kafka_topic_list = ''([^'']*)'''), ' of ', extract(create_table_query, 'kafka_broker_list = ''([^'']*)'''),
        ', group ', extract(create_table_query, 'kafka_group_name = ''([^'']*)''')) FROM system.tables WHERE database = 'warehouse' AND engine = 'Kafka' ORDER BY name DESC"
    stream_query "SELECT concat('  ', topic, ' ', toString(partition), ': ', if(lag IS NULL, 'no word of its end yet', concat(toString(lag), ' messages wait')),
        ', committed to ', ifNull(toString(committed_offset), 'nothing')) FROM warehouse.kafka_lag WHERE $STREAM_OURS ORDER BY topic, partition"
    stream_query "SELECT concat('  ', table, ': ', toString(exceptions.time[-1]), ' ', splitByChar('\n', exceptions.text[-1])[1]) FROM system.kafka_consumers
        WHERE database = 'warehouse' AND notEmpty(exceptions.text) AND exceptions.time[-1] > now() - 60"
    stream_query "SELECT concat('  ', toString(count()), ' dead letters, the last: ', argMax(error, received_at)) FROM warehouse.kafka_dead_letters FINAL HAVING count() > 0"
}

# Another group starts at the beginning of what the topics still have.
stream_replay() {
    need_attached
    again=$(date -u +%Y%m%dT%H%M%S)
    for part in stocks news; do
        stream_query "SELECT create_table_query FROM system.tables WHERE database = 'warehouse' AND name = 'kafka_$part' FORMAT TSVRaw" >"$SCRATCH/$part.kafka" || exit $?
        stream_query "SELECT create_table_query FROM system.tables WHERE database = 'warehouse' AND name = 'kafka_${part}_read' FORMAT TSVRaw" >"$SCRATCH/$part.read" || exit $?
        [ -s "$SCRATCH/$part.kafka" ] || continue
        stream_query "DROP TABLE IF EXISTS warehouse.kafka_${part}_read SYNC" || exit $?
        stream_query "DROP TABLE warehouse.kafka_$part SYNC" || exit $?
    done
    [ -z "$empty" ] || stream_empty
    for part in stocks news; do
        [ -s "$SCRATCH/$part.kafka" ] || continue
        sed -e "s/\(kafka_group_name = '[^']*\)-replay-[0-9T]*'/\1'/" -e "s/\(kafka_group_name = '[^']*\)'/\1-replay-$again'/" \
            "$SCRATCH/$part.kafka" >"$SCRATCH/replay.sql"
        stream_query "$(cat "$SCRATCH/replay.sql")" || exit $?
        stream_query "$(cat "$SCRATCH/$part.read")" || exit $?
    done
    echo "reading again from the beginning; './tickhouse stream lag --wait 600' waits until it is done"
}

stream_empty() {
    for table in stock_realtime finnhub_news kafka_dead_letters stock_truncation stock_truncation_done; do
        stream_query "TRUNCATE TABLE warehouse.$table" || exit $?
    done
}
