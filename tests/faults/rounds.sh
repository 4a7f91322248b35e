#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rounds of faults: numbered ticks flow from a mock of Finnhub into the hub, with real services between, while in each round one thing is
# killed, frozen, cut off, or filled. After each batch of rounds the checker compares what was sent with what is in PostgreSQL, in the topic,
# in the hub and in the candles: nothing may be lost, nothing may be there twice.
#
#   tests/faults/rounds.sh [--rounds N] [--seed N] [--from N] [--only KIND,...] [--chain NAME,...] [--batch N] [--journal FILE] [--report FILE]
#       [--patience SECONDS] [--keep DIR] [--plant loss|double]
#
# What a round draws depends on its seed and its number, and on what may be drawn: --batch, --chain and --only, and whether namespaces and
# strace are allowed. The same command with --from N --rounds 1 draws round N again; moments are the machine's. With --journal the rounds
# are written down, a run that was ended goes on after its last whole batch, and journals may be put together. --report writes
# docs/live-checker.md; with '--rounds 0' it only does that.
# shellcheck source=tests/faults/rounds/net.sh
. tests/faults/rounds/net.sh
net_enter "$0" "$@"
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/faults/rounds/draw.sh
. tests/faults/rounds/draw.sh
# shellcheck source=tests/faults/rounds/chain.sh
. tests/faults/rounds/chain.sh
# shellcheck source=tests/faults/rounds/kinds.sh
. tests/faults/rounds/kinds.sh
# shellcheck source=tests/faults/rounds/report.sh
. tests/faults/rounds/report.sh

ROUNDS=30 SEED=1 FROM=1 ONLY='' CHAINS="clickhouse kafka postgres" BATCH_ROUNDS=5 JOURNAL='' REPORT_FILE='' KEEP='' PLANT='' PATIENCE=60
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 wants a value"
    case $1 in
    --rounds) ROUNDS=$2 ;;
    --seed) SEED=$2 ;;
    --from) FROM=$2 ;;
    --only) ONLY=$(echo "$2" | tr , ' ') ;;
    --chain) CHAINS=$(echo "$2" | tr , ' ') ;;
    --batch) BATCH_ROUNDS=$2 ;;
    --journal) JOURNAL=$2 ;;
    --report) REPORT_FILE=$2 ;;
    --plant) PLANT=$2 ;; # loss or double: harm that the checker must find
    --patience) PATIENCE=$2 ;; # seconds without a tick that count as a standstill
    --keep) KEEP=$2 ;; # a folder for the logs of batches that went wrong
    *) fail "unknown option $1; the head of $0 lists them" ;;
    esac
    shift 2
done
JOURNAL=${JOURNAL:-$WORK/journal.tsv}
LAST=$((FROM + ROUNDS - 1))
ROUND=$FROM

# A run goes on after the last batch that was checked.
journal_resume() {
    [ -s "$JOURNAL" ] || return 0
    ROUND=$(awk -F '\t' -v from="$FROM" -v seed="$SEED" '$1 == "batch" && $2 == seed && $4 >= from { from = $4 + 1 } END { print from }' "$JOURNAL")
}

journal() { (IFS='	'; printf '%s\n' "$*") >>"$JOURNAL"; }

# again FROM ROUNDS: the words of this command that do those rounds again.
again() {
    echo "--seed $SEED --from $1 --rounds $2 --batch $BATCH_ROUNDS --patience $PATIENCE --chain $(echo "$CHAINS" | tr ' ' ,)${ONLY:+ --only $(echo "$ONLY" | tr ' ' ,)}"
}

revision() { git describe --always --dirty 2>/dev/null || echo unknown; }

# The spool's disk is small, and its own.
disk_make() {
    DISK=$WORK/disk
    mkdir -p "$DISK"
    if mount -t tmpfs -o size=8m tmpfs "$DISK" 2>/dev/null; then
        at_end disk_end
    else
        echo "rounds: no file system can be mounted here, so that no disk is full" >&2
        DISK_SMALL=
    fi
    SPOOL=$DISK/spool
}
DISK_SMALL=yes
disk_end() { umount -l "$DISK" 2>/dev/null || :; }

# Whether a kind can be drawn: by name, by --only, and by what this machine allows.
kind_allowed() {
    case " ${ONLY:-$1} " in *" $1 "*) ;; *) return 1 ;; esac
    case $1 in
    partition-*) [ -n "$NET_PRIVATE" ] ;;
    disk-full) [ -n "$DISK_SMALL" ] ;;
    syscall-* | error-*) [ -n "$HAS_STRACE" ] ;;
    esac
}

# Sets KIND; fails where none is allowed.
draw_kind() {
    allowed=
    for kind in $(kinds_of_chain); do
        ! kind_allowed "$kind" || allowed="$allowed $kind"
    done
    [ -n "$allowed" ] || return 1
    # shellcheck disable=SC2086 # words
    draw_word $allowed
    KIND=$DRAWN
}

round() {
    draw_seed "$SEED" "$ROUND"
    draw_kind || return 1
    draw_moment 300
    kind_run "$KIND"
    chain_mend
    before=$(arrived)
    outcome=recovered
    wait_beyond "${before:-0}" "$PATIENCE" || outcome=stalled
    journal round "$SEED" "$ROUND" "$CHAIN" "$KIND" "$HIT" "$WAITED" "$outcome" "$DETAIL"
    echo "$ROUND $CHAIN $KIND ($DETAIL): $outcome after $WAITED ms"
}

# The chain of a batch: each in turn.
batch_chain() {
    # shellcheck disable=SC2086 # words
    set -- $CHAINS
    shift $(((ROUND - 1) / BATCH_ROUNDS % $#))
    CHAIN=$1
}

batch() {
    batch_chain
    batch_first=$ROUND
    BATCH_START=$(date -u -d "2020-01-08 + $(((ROUND - 1) / BATCH_ROUNDS % 200)) weeks" +%Y-%m-%d) # Wednesdays on which the exchange is open
    TICKS=$((RATE * 3 * BATCH_ROUNDS))
    EVERY_ROW=
    [ $(((ROUND - 1) / BATCH_ROUNDS % 2)) -eq 0 ] || EVERY_ROW=--every-row
    chain_start
    while [ "$ROUND" -le "$LAST" ] && [ "$ROUND" -lt $((batch_first + BATCH_ROUNDS)) ]; do
        round || echo "$ROUND: no fault of this chain may be drawn"
        ROUND=$((ROUND + 1))
    done
    batch_check
    chain_end
}

# Waits until all is there, or nothing has come for a while; then every place is compared.
batch_check() {
    verdict=equal
    [ "$(arrived)" = "$TICKS" ] || chain_hurry
    wait_all || verdict=late
    plant
    for place in $(chain_places); do
        check_soon "$place" || verdict=different
        # shellcheck disable=SC2046 # seven numbers
        journal check "$SEED" "$batch_first" "$CHAIN" "$place" $(echo "$REPORT" | tr -c '0-9\n' ' ' | cut -c 1-200)
        [ "$verdict" = equal ] || { echo "$REPORT"; cat "$WORK/examples"; }
    done
    journal batch "$SEED" "$batch_first" "$((ROUND - 1))" "$CHAIN" "$verdict" "$EVERY_ROW"
    [ "$verdict" = equal ] || batch_went_wrong
}

# What a fault would have done to one tick of the hub.
plant() {
    case $PLANT in
    loss) hub_ask "DELETE FROM warehouse.stock_realtime WHERE symbol = 'S003' AND volume = 7 AND $(of_batch timestamp)" ;;
    double) hub_ask "INSERT INTO warehouse.stock_realtime SELECT * REPLACE (timestamp + INTERVAL 1 MICROSECOND AS timestamp)
        FROM warehouse.stock_realtime WHERE symbol = 'S003' AND volume = 7 AND $(of_batch timestamp)" ;;
    esac
}

# check_soon PLACE: views and topics follow within moments, or on a busy machine later.
check_soon() {
    tries=$((5 * PATIENCE))
    until check "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] && ! planted_is_found || return 1
        sleep 0.2
    done
}

planted_is_found() {
    case $PLANT$REPORT in
    loss*'"lost":1,"duplicated":0'* | double*'"lost":0,"duplicated":1'*) ;;
    *) return 1 ;;
    esac
}

# Until the hub has all ticks; PATIENCE seconds without a new one end the wait.
wait_all() {
    count=-1
    until [ "${count:-0}" -ge "$TICKS" ]; do
        wait_beyond "${count:-0}" "$PATIENCE" || return 1
        count=$(arrived)
    done
}

batch_went_wrong() {
    echo "rounds $batch_first..$((ROUND - 1)) on chain $CHAIN went wrong; again by: $0 $(again "$batch_first" $((ROUND - batch_first)))" >&2
    for link in $(chain_links); do
        echo "--- $link"
        tail -n 15 "$LINKS/$link.log"
    done >&2
    [ -z "$KEEP" ] || {
        mkdir -p "$KEEP/$SEED-$batch_first"
        cp -r "$SERVICES_DATA"/*.log "$LINKS"/*.log "$SPOOL" "$HUB_DATA/logs" "$KEEP/$SEED-$batch_first/" 2>/dev/null || :
    }
}

HAS_STRACE=
! strace -qqq -o /dev/null true 2>/dev/null || HAS_STRACE=yes
NET_PRIVATE=${NET_PRIVATE-}
[ -z "$NET_PRIVATE" ] || net_up
disk_make
journal_resume
[ "$ROUND" -gt "$LAST" ] || {
    journal run "$SEED" "$ROUND" "${TICKHOUSE_REVISION:-$(revision)}" "$(again "$FROM" "$ROUNDS")"
    chain_services
}
while [ "$ROUND" -le "$LAST" ]; do batch; done
[ -z "$REPORT_FILE" ] || report_page "$JOURNAL" >"$REPORT_FILE"
report "$JOURNAL"
FAULTY=$(awk -F '\t' '$1 == "batch" && $6 != "equal"' "$JOURNAL" | wc -l) # also those of a run that went on
[ "$FAULTY" -eq 0 ] || fail "$FAULTY batches differ from what was sent, or came too late"
