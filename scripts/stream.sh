# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# stream: Kafka's topics of change events into ClickHouse. schemas/kafka/ has the tables and views; this fills them in.

help_stream() {
    cat <<EOF
stream: change events from Kafka into warehouse.stock_realtime

usage: ./tickhouse stream attach --brokers HOST:PORT,... [options]
       ./tickhouse stream status | lag | detach | replay [options]

  attach   makes the tables that read; again with other options, they read on where they were. What ended in the middle, it finishes
  status   what is attached, and how it does
  lag      a line a partition: read, committed and last offset; ends with 75 while messages wait. --wait SECONDS waits for them
  detach   stops reading; what was read stays, and a later attach reads on
  replay   reads the topics again from their beginning, over what is there, which changes nothing that is right; --empty empties first:
           what Kafka no longer has is gone then, and what came by another way. Candles of the last 29 days are made anew, older ones stay

  --brokers LIST              where Kafka is
  --topic NAME                of ticks, may be given again (default dbserver1.public.finnhub_stocks)
  --news-topic NAME           of news (default dbserver1.public.finnhub_news); 'none' for none
  --group NAME                consumer group (default: that of the last attach or replay, at first tickhouse)
  --consumers N               readers of the ticks, at most one a partition (default 1)
  --flush MS                  how long messages are gathered into one insert (default 200)
  --time-precision-mode MODE  what a number in ts is: adaptive, adaptive_time_microseconds, microseconds (default: microseconds), connect
                              (milliseconds), nanoseconds. Schemas say it themselves, and a timestamptz is no number
  --timestamp-precision N     of the column, where MODE is adaptive: up to 3 digits are milliseconds (default 6)
  --generation N              how often PostgreSQL was made anew (dump and restore), so that its log began anew: changes of a later generation
                              are newer whatever their position (default: that of the last attach, at first 0)
  --properties FILE           lines of key=value for librdkafka (SASL, TLS), into DIR/config.d/kafka.xml, which only you can read; the hub is
                              to be restarted (default: the file that TICKHOUSE_KAFKA_PROPERTIES names). What is there already stays, but
                              for the same keys; 'key=' takes one out
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
    brokers='' topics='' news=dbserver1.public.finnhub_news group='' generation='' consumers=1 flush=200 mode=adaptive precision=6
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
        --brokers | --topic | --news-topic | --group | --consumers | --flush | --generation | --time-precision-mode | --timestamp-precision) ;;
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
        --generation) generation=$2 ;;
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

# What belongs to SASL and TLS is taken for a secret unless it is known to be none.
stream_property() {
    case $1 in
    ?*=*) ;;
    *) die 64 "-X wants key=value; it has no '='" ;;
    esac
    case $(printf '%s' "${1%%=*}" | tr 'A-Z.' 'a-z_') in
    sasl_mechanism* | sasl_username | sasl_kerberos_service_name | sasl_kerberos_principal | sasl_oauthbearer_method | ssl_*_location | ssl_endpoint_*) ;;
    sasl* | ssl* | *password* | *secret* | *token* | *_pem | *_key)
        die 64 "-X would show '${1%%=*}' to everybody on the machine: write it into a file and give --properties FILE"
        ;;
    esac
    printf '%s\n' "$1" >>"$SCRATCH/properties"
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
    [ -z "$generation" ] || is_whole "$generation" 0 255 || die 64 "--generation wants a number from 0 to 255, not '$generation'"
    case $collection in *[!A-Za-z0-9_.-]*) die 64 "--collection wants letters, digits, '_', '-' and '.', not '$collection'" ;; esac
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
    stream_prepare
    stream_write_properties
    asked_group=$group asked_generation=$generation asked_consumers=$consumers
    stream_attach_part stocks "${topics:-dbserver1.public.finnhub_stocks}" "$asked_group" tickhouse
    if [ "$news" = none ]; then
        stream_remove news
    else
        asked_consumers=1
        stream_attach_part news "$news" "${asked_group:+$asked_group-news}" tickhouse-news
    fi
}

stream_prepare() {
    server=$(stream_query "SELECT 100 * toUInt32(splitByChar('.', version())[1]) + toUInt32(splitByChar('.', version())[2])") || exit $?
    [ "$(stream_query "SELECT count() FROM system.columns WHERE database = 'warehouse' AND (table = 'stock_realtime' AND name = 'topic' OR table = 'kafka_attachment' AND name = 'part')")" = 2 ] ||
        die 69 "the warehouse there is not as schemas/0080_realtime.sql makes it (stock_realtime.topic, kafka_attachment): an older tickhouse made it; drop stock_realtime or take another folder, then './tickhouse up' makes it"
}

# stream_attach_part stocks|news TOPICS GROUP DEFAULT: GROUP, or the group of the last time, since that one knows what was read.
stream_attach_part() {
    stream_query "SELECT group, generation FROM warehouse.kafka_attachment FINAL WHERE part = '$1'" >"$SCRATCH/last" || exit $?
    last_group='' last_generation=''
    read -r last_group last_generation <"$SCRATCH/last" || :
    topics=$2 group=${3:-${last_group:-$4}} generation=${asked_generation:-${last_generation:-0}} consumers=$asked_consumers
    stream_make "$1"
}

# stream_make stocks|news: of the variables that kafka_attachment has as columns. The comment of the view that reads, which is made last,
# says what all was made of: where it is the same and nothing is missing, nothing is done. What was there goes when ClickHouse
# has taken the new Kafka table, under another name; and the options are noted before, so that a replay that is cut off is not forgotten.
stream_make() {
    stream_fill "$1" >"$SCRATCH/$1.sql"
    mark="made by tickhouse stream attach, $(sha256sum <"$SCRATCH/$1.sql" | cut -c 1-16)"
    if [ "$(stream_reads "$1" "$mark")" = 1 ]; then
        echo "$topics: attached already"
        return
    fi
    stream_query "DROP TABLE IF EXISTS warehouse.kafka_$1_try SYNC" || exit $?
    awk '{ print } /;$/ { exit }' "$SCRATCH/$1.sql" | sed "s/warehouse\.kafka_$1 /warehouse.kafka_$1_try /" >"$SCRATCH/attach.sql"
    run_statements "$url" "$SCRATCH/attach.sql" "schemas/kafka/$1.sql; nothing was changed" || exit $?
    stream_note "$1" 1
    stream_drop "$1"
    sed "s/@COMMENT@/$mark/" "$SCRATCH/$1.sql" >"$SCRATCH/attach.sql"
    run_statements "$url" "$SCRATCH/attach.sql" "schemas/kafka/$1.sql" || exit $?
    echo "$topics: attached, group $group"
}

# stream_reads PART MARK: 1 where all tables are there, and the one that reads is of that mark.
stream_reads() {
    names=$(sed -n "s/^CREATE .* EXISTS warehouse\.\([a-z_]*\).*/'\1'/p" "$ROOT/schemas/kafka/$1.sql")
    stream_query "SELECT count() = $(echo "$names" | wc -l) AND countIf(name = 'kafka_$1_read' AND startsWith(comment, '$2')) = 1
        FROM system.tables WHERE database = 'warehouse' AND name IN ($(echo "$names" | paste -sd, -))" || exit $?
}

# stream_note PART 1|0: whether it is attached.
stream_note() {
    stream_query "INSERT INTO warehouse.kafka_attachment (part, topics, group, brokers, collection, consumers, flush, nanoseconds, generation, is_attached)
        VALUES ('$1', $(sql_text "$topics"), $(sql_text "$group"), $(sql_text "$brokers"), '$collection', $consumers, $flush, $nanoseconds, $generation, $2)" || exit $?
}

# The variables as they were noted.
stream_recall() {
    stream_query "SELECT arrayJoin([topics, group, brokers, collection, toString(consumers), toString(flush), toString(nanoseconds), toString(generation)])
        FROM warehouse.kafka_attachment FINAL WHERE part = '$1' FORMAT TSVRaw" >"$SCRATCH/recalled" || exit $?
    {
        read -r topics && read -r group && read -r brokers && read -r collection && read -r consumers && read -r flush && read -r nanoseconds && read -r generation
    } <"$SCRATCH/recalled"
}

# The template with everything but its comment.
stream_fill() {
    COLLECTION='' SOURCE="kafka_topic_list = $(sql_text "$topics"), kafka_group_name = $(sql_text "$group"), "
    [ -z "$collection" ] || COLLECTION="(\`$collection\`)"
    [ -z "$brokers" ] || SOURCE="kafka_broker_list = $(sql_text "$brokers"), $SOURCE"
    export COLLECTION SOURCE
    FLUSH=$flush POLL=$((flush < 40 ? 10 : flush / 4)) RESCHEDULE=
    # An older one sleeps half a second whenever nothing came, and knows no setting for it.
    [ "$server" -lt 2512 ] || RESCHEDULE=" kafka_consumer_reschedule_ms = $POLL,"
    export FLUSH POLL RESCHEDULE
    CONSUMERS=$consumers NANOSECONDS=$nanoseconds GENERATION=$generation awk '
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

stream_remove() {
    stream_drop "$1"
    [ "$(stream_query "SELECT is_attached FROM warehouse.kafka_attachment FINAL WHERE part = '$1'")" = 1 ] || return 0
    stream_recall "$1" && stream_note "$1" 0
}

stream_detach() {
    stream_prepare
    stream_remove stocks
    stream_remove news
    echo "detached; what was read stays"
}

STREAM_OURS="database = 'warehouse' AND table IN ('kafka_stocks', 'kafka_news')"

# The parts, stocks first.
stream_attached() { stream_query "SELECT part FROM warehouse.kafka_attachment FINAL WHERE is_attached ORDER BY part DESC"; }

need_attached() {
    parts=$(stream_attached) || exit $?
    [ -n "$parts" ] || die 69 "nothing is attached; './tickhouse stream attach --brokers HOST:PORT' does it"
}

STREAM_MARK='<!-- made by tickhouse stream attach -->'

# librdkafka's settings for all Kafka tables of the hub. ClickHouse reads them when it starts.
stream_write_properties() {
    if [ -n "$properties" ]; then
        [ -r "$properties" ] || die 66 "cannot read the properties in $properties"
        cat "$properties" >>"$SCRATCH/properties"
    fi
    [ -s "$SCRATCH/properties" ] || return 0
    [ -z "$chosen" ] || die 64 "librdkafka's settings of another server belong into its own configuration, under <kafka>, or into a named collection; attach with --collection NAME then"
    settings=$data/config.d/kafka.xml
    if [ -f "$settings" ]; then
        grep -qF "$STREAM_MARK" "$settings" || die 73 "$settings was not made by 'stream attach': write the settings into it yourself, or move it away"
        sed -n 's/^    \(<.*>\)$/\1/p' "$settings" >"$SCRATCH/settings"
    else
        : >"$SCRATCH/settings"
    fi
    (
        umask 077
        awk -v mark="$STREAM_MARK" '
            function text(value) { gsub(/&/, "\\&amp;", value); gsub(/</, "\\&lt;", value); gsub(/>/, "\\&gt;", value); return value }
            function set(name, line) { if (!(name in lines)) names[++count] = name; lines[name] = line }
            old { set(substr($0, 2, index($0, ">") - 2), $0); next }
            /^[ \t]*(#|$)/ { next }
            {
                at = index($0, "=")
                name = substr($0, 1, at - 1)
                gsub(/[ \t]/, "", name)
                gsub(/\./, "_", name)
                if (at < 2 || name !~ /^[a-z0-9_]+$/) { bad = 1; exit 1 }
                value = substr($0, at + 1)
                set(name, value == "" ? "" : "<" name ">" text(value) "</" name ">")
            }
            END {
                if (bad) exit 1
                print "<clickhouse><kafka>" mark
                for (i = 1; i <= count; i++) if (lines[names[i]] != "") print "    " lines[names[i]]
                print "</kafka></clickhouse>"
            }' old=1 "$SCRATCH/settings" old=0 "$SCRATCH/properties" >"$SCRATCH/kafka.xml"
    ) || die 65 "the properties want lines of key=value, as security.protocol=sasl_ssl"
    cmp -s "$SCRATCH/kafka.xml" "$settings" && return
    { (umask 077 && rm -f "$settings.new" && cp "$SCRATCH/kafka.xml" "$settings.new") && mv "$settings.new" "$settings"; } || die 73 "cannot write $settings"
    note "librdkafka's settings are in $settings and hold from the next start: ./tickhouse down$(data_hint "$data"), then up"
}

# The end of a partition is known a second late, so what waits until nothing is missing has to see that twice. A truncation that was read and
# not done yet is missing, too.
stream_lag() {
    need_attached
    deadline=$(($(date +%s) + wait)) zeros=0
    while :; do
        waiting=$(stream_query "SELECT if(count() = 0 OR countIf(lag IS NULL) > 0, 1, sum(lag)) + (SELECT count() FROM warehouse.kafka_truncation_todo)
            FROM warehouse.kafka_lag WHERE $STREAM_OURS") || exit $?
        if [ "$waiting" = 0 ]; then zeros=$((zeros + 1)); else zeros=0; fi
        if [ "$zeros" -eq 2 ] || [ "$(date +%s)" -ge "$deadline" ]; then break; fi
        if [ "$zeros" -eq 1 ]; then sleep 1.2; else sleep 0.2; fi
    done
    [ -z "$format" ] && [ ! -t 1 ] || format=PrettyCompactNoEscapes
    stream_query "SELECT topic, partition, read_offset AS read, committed_offset AS committed, end_offset AS end, lag, last_commit_time AS committed_at
        FROM warehouse.kafka_lag WHERE $STREAM_OURS ORDER BY topic, partition" || exit $?
    format=
    [ "$waiting" = 0 ] || return 75
}

stream_status() {
    parts=$(stream_attached) || exit $?
    if [ -z "$parts" ]; then
        echo "nothing is attached"
        return 3
    fi
    broken=
    for part in $parts; do
        stream_query "SELECT concat(topics, ' of ', if(brokers = '', concat('the collection ', collection), brokers), ', group ', group)
            FROM warehouse.kafka_attachment FINAL WHERE part = '$part'"
        [ "$(stream_reads "$part" '')" = 1 ] || { broken=yes && echo "  no reader: 'stream attach' or 'stream replay' was cut off; give it again"; }
    done
    stream_query "SELECT concat('  ', topic, ' ', toString(partition), ': ', if(lag IS NULL, 'no word of its end yet', concat(toString(lag), ' messages wait')),
        ', committed to ', ifNull(toString(committed_offset), 'nothing')) FROM warehouse.kafka_lag WHERE $STREAM_OURS ORDER BY topic, partition"
    stream_query "SELECT concat('  ', table, ': ', toString(exceptions.time[-1]), ' ', splitByChar('\n', exceptions.text[-1])[1]) FROM system.kafka_consumers
        WHERE database = 'warehouse' AND notEmpty(exceptions.text) AND exceptions.time[-1] > now() - 60"
    stream_query "SELECT concat('  ', toString(count()), ' dead letters, the last: ', argMax(error, received_at)) FROM warehouse.kafka_dead_letters FINAL HAVING count() > 0"
    [ -z "$broken" ] || return 3
}

# Another group starts at the beginning of what the topics still have. Its name is noted first: given again, a replay that was cut off begins
# anew, and an attach goes on with it.
stream_replay() {
    need_attached
    stream_prepare
    again=$(date -u +%Y%m%dT%H%M%S)
    for part in $parts; do
        stream_recall "$part"
        group=$(printf '%s' "$group" | sed 's/-replay-[0-9T]*$//')-replay-$again
        stream_note "$part" 1
        [ -z "$empty" ] || stream_query "DROP TABLE IF EXISTS warehouse.kafka_${part}_read SYNC" || exit $?
    done
    [ -z "$empty" ] || stream_empty
    for part in $parts; do
        stream_recall "$part"
        stream_make "$part" >/dev/null
    done
    echo "reading again from the beginning; './tickhouse stream lag --wait 600' waits until it is done"
}

# Candles are made anew of what is marked. Marks get a look after a minute, too: when the ticks are gone, or are there again.
stream_empty() {
    [ "$(stream_query "EXISTS TABLE warehouse.ohlc_mark")" = 0 ] ||
        stream_query "INSERT INTO warehouse.ohlc_mark (symbol, ts, marked_at) SELECT symbol, ts, now64(6, 'UTC') + toIntervalMicrosecond(rowNumberInAllBlocks())
            FROM (SELECT DISTINCT symbol, toStartOfSecond(timestamp) AS ts FROM warehouse.stock_realtime)" || exit $?
    for table in stock_realtime finnhub_news kafka_dead_letters kafka_truncation kafka_truncation_done; do
        stream_query "TRUNCATE TABLE warehouse.$table" || exit $?
    done
}
