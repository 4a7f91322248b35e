# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# relink: link what is pending now, or again from bronze.

help_relink() {
    cat <<EOF
relink: derive silver and gold from bronze

usage: ./tickhouse relink [--all | --from DAY --to DAY] [options]

Links the slots of news that wait, newest first, and builds gold; the hub does the same every five minutes, 2,000 slots at a time. After a
change of aliases or of the linker, or when a slot was loaded anew:

  --all       empties silver first: everything is linked again
  --from DAY  empties these sessions first (YYYY-MM-DD), both included
  --to DAY
  --data DIR  the hub's folder (default: $(default_data))
  --url URL   ClickHouse's HTTP port, instead of the hub's
  --user NAME its user; the password is read from TICKHOUSE_PASSWORD

Stop it at any time: what is left is linked by the next one, or by the hub. What it was to empty and had not is emptied by the same command.
EOF
}

RELINK_VIEWS="news_article_refresh news_ticker_refresh news_daily_refresh news_slot_refresh"

command_relink() {
    relink_options "$@"
    scratch_folder
    relink_check
    relink_empty
    relink_pending
    sleep 1 # the proof examines what was there a second before gold was built: ClickHouse tells that time in whole seconds
    for view in gold_refresh ops_lookahead_refresh ml_features_refresh; do relink_refresh "$view"; done
}

relink_options() {
    # shellcheck disable=SC2034 # `user` is send_query's
    data=$(default_data) url='' user='' all='' from='' to=''
    while [ $# -gt 0 ]; do
        case $1 in
        --all) all=yes ;;
        --data | --url | --user) want_value "$1" $# && eval "${1#--}=\$2" && shift ;;
        --from | --to)
            want_value "$1" $#
            expr "X$2" : 'X[0-9]\{4\}-[0-9]\{2\}-[0-9]\{2\}$' >/dev/null || die 64 "$1 wants a day as YYYY-MM-DD, not '$2'"
            eval "${1#--}=\$2"
            shift
            ;;
        *) unknown_option "$1" ;;
        esac
        shift
    done
    [ -z "$all" ] || [ -z "$from$to" ] || die 64 "--all leaves no use for --from and --to"
    [ -z "$from$to" ] || { [ -n "$from" ] && [ -n "$to" ]; } || die 64 "--from and --to belong together"
    [ -n "$url" ] || sql_find_hub
}

relink_query() {
    printf '%s' "$1" >"$SCRATCH/relink.sql"
    send_query "$url" "$SCRATCH/relink.sql" || exit $?
}

# Before anything is emptied: that the days exist, and that the linker works with the aliases of today.
relink_check() {
    for day in $from $to; do
        [ "$(relink_query "SELECT toString(toDateOrNull('$day')) = '$day'")" = 1 ] || die 64 "there is no day $day"
    done
    [ -z "$from" ] || [ "$(relink_query "SELECT '$from' <= '$to'")" = 1 ] || die 64 "--from $from is after --to $to"
    [ "$(relink_query "SELECT count() > 0 AND ignore(gdelt_tickers('', '', '')) = 0 FROM warehouse.dim_alias")" = 1 ] ||
        die 78 "there are no aliases: SELECT * FROM warehouse.dim_alias"
    relink_schedule START # a run that was killed may have left it stopped
}

relink_schedule() { for view in $RELINK_VIEWS; do relink_query "SYSTEM $1 VIEW warehouse.$view"; done; }

# The scheduled refreshes are held off while silver is emptied, and the slots go first: whatever happens then, they are pending and
# what they lack is made.
relink_empty() {
    [ -n "$all$from" ] || return 0
    trap 'relink_schedule START; rm -rf "$SCRATCH"' EXIT
    relink_schedule STOP
    relink_empty_tables
    relink_schedule START
    trap 'rm -rf "$SCRATCH"' EXIT
}

relink_empty_tables() {
    if [ -n "$all" ]; then
        for table in news_slot news_article news_ticker news_daily; do relink_query "TRUNCATE TABLE warehouse.$table"; done
        note "silver is emptied"
        return
    fi
    days="date BETWEEN '$from' AND '$to'"
    note "linking $(relink_query "SELECT concat(toString(uniqExact(feed, slot)), ' slots again, ', toString(count()), ' articles') FROM warehouse.news_article FINAL WHERE $days")"
    # A slot's articles are of one session but where a file has odd dates; then all of the slot is linked again.
    relink_query "DELETE FROM warehouse.news_slot WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_article WHERE $days)"
    for table in news_article news_ticker news_daily; do relink_query "DELETE FROM warehouse.$table WHERE $days"; done
}

# A refresh is asked for and waited for; one that fails ends the command with ClickHouse's sentence.
relink_refresh() {
    relink_query "SYSTEM REFRESH VIEW warehouse.$1"
    relink_query "SYSTEM WAIT VIEW warehouse.$1"
}

relink_done() { relink_query "SELECT count() FROM warehouse.news_slot FINAL"; }

# Every round has to bring some slot further, else something is wrong that another round would not mend.
relink_pending() {
    total=$(relink_query "SELECT uniqExact(feed, slot) FROM warehouse.bronze_gkg")
    began=$(date +%s)
    before=
    [ "$(relink_query "SELECT count() FROM warehouse.news_pending")" != 0 ] || note "no slot waits to be linked"
    while [ "$(relink_query "SELECT count() > 0 FROM warehouse.news_pending")" = 1 ]; do
        for view in $RELINK_VIEWS; do relink_refresh "$view"; done
        now=$(relink_done)
        [ "$now" != "$before" ] || [ "$(relink_query "SELECT count() FROM warehouse.news_pending")" = 0 ] ||
            die 70 "$(relink_query "SELECT concat(toString(count()), ' slots stay unlinked, the newest is ', toString(max(slot))) FROM warehouse.news_pending"); SELECT * FROM warehouse.news_slot_todo says which could be finished"
        before=$now
        note "linked $now of $total slots, $(($(date +%s) - began)) s"
    done
}
