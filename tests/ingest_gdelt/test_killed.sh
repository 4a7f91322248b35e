#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill -9 of a back-fill at random moments, 200 times, every fourth time of two at once; after each the tables hold every slot whole or
# not at all, and once, without FINAL; a run that is left alone finishes the rest. Then the hub is killed under a run.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
rounds=${KILL_ROUNDS:-200}
hub_start "$WORK/hub"
site_start

# A day of 96 slots: 95 of 20 rows, of which one bad, and one that is 404.
mkdir "$WORK/texts"
for minute in $(seq 0 15 1425); do
    slot=20250101$(printf '%02d%02d00' $((minute / 60)) $((minute % 60)))
    make_gkg "$slot" 20 | sed '7s/\tc27-6$//' >"$WORK/texts/$slot.gkg.csv"
done
python3 tests/ingest_gdelt/publish.py "$WORK/texts" "$SITE" >"$SITE/masterfilelist.txt"
rm "$SITE/20250101100000.gkg.csv.zip"
backfill() { "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --from 2025-01-01 --to 2025-01-01 --quiet --retry; }
# A process of its own, not a shell around it, so that it is what is killed.
start() {
    "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --from 2025-01-01 --to 2025-01-01 --quiet --retry 2>/dev/null &
    started=$!
}
random_wait() { awk -v n="$(od -An -N2 -tu2 /dev/urandom)" 'BEGIN { printf "%.3f\n", n % 400 / 1000 }'; }

# Slots whose rows are not the 19 good ones of the file, and loaded slots without rows.
check() {
    wrong=$(query "SELECT slot, count(), uniqExact(row) FROM warehouse.bronze_gkg GROUP BY slot HAVING count() != 19 OR uniqExact(row) != 19")
    expect_equal "$wrong" "" "slots that are not whole, $1"
    wrong=$(query "SELECT slot FROM warehouse.ingest_ledger_now WHERE state = 'loaded' AND (rows_loaded != 19 OR rows_rejected != 1 OR slot NOT IN (SELECT slot FROM warehouse.bronze_gkg))")
    expect_equal "$wrong" "" "loaded slots without their rows, $1"
}

finish() {
    code=0
    backfill 2>"$WORK/err" || code=$?
    case $code in 0 | 65) ;; *) fail "the last run ended with $code, $1: $(cat "$WORK/err")" ;; esac
    check "$1"
    expect_equal "$(query "SELECT count(), uniqExact(slot) FROM warehouse.bronze_gkg")" "1805	95" "all is loaded, $1"
    expect_equal "$(query "SELECT state, count() FROM warehouse.ingest_ledger_now GROUP BY state ORDER BY state")" "loaded	95
missing	1" "the ledger, $1"
    expect_equal "$(query "SELECT count() FROM warehouse.quarantine FINAL")" 95 "the bad rows, $1"
}

killed=0 finished=0 second=
for round in $(seq "$rounds"); do
    start
    first=$started
    second=
    if [ $((round % 4)) -eq 0 ]; then
        start
        second=$started
    fi
    sleep "$(random_wait)"
    kill -KILL $first 2>/dev/null || :
    [ -z "$second" ] || kill -KILL "$second" 2>/dev/null || :
    code=0
    wait $first 2>/dev/null || code=$?
    [ -z "$second" ] || wait "$second" 2>/dev/null || :
    [ $code -ne 137 ] || killed=$((killed + 1))
    check "round $round"
    if [ "$(query "SELECT uniqExact(slot) FROM warehouse.bronze_gkg")" -ge 90 ]; then
        finish "round $round"
        finished=$((finished + 1))
        empty_tables
    fi
done
finish "at the end"
[ $killed -gt $((rounds / 2)) ] || fail "only $killed of $rounds rounds killed a run under way; the moments are badly chosen"
echo "$killed of $rounds runs were killed under way, $finished back-fills finished"

# Two that are left alone.
empty_tables
start
first=$started
backfill 2>/dev/null || :
wait $first || :
finish "after two at once"

# Following is killed while it learns that 94 slots were passed over, with a master list that fails every other time. What it has missed
# it finds in the ledger when it starts again.
empty_tables
head -n 1 "$SITE/masterfilelist.txt" >"$SITE/lastupdate.txt"
follow() { "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --follow --poll 1 --tries 0 --quiet "$@" 2>/dev/null; }
follow --once || [ $? -eq 65 ] || fail "the first look"
for round in $(seq $((rounds / 10))); do
    tail -n 1 "$SITE/masterfilelist.txt" >"$SITE/lastupdate.txt"
    echo "masterfilelist.txt 503 $(($(requests masterfilelist.txt) + round % 2))" >"$SITE/faults"
    "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --follow --poll 1 --tries 0 --quiet 2>/dev/null &
    first=$!
    sleep "$(random_wait)"
    kill -KILL $first 2>/dev/null || :
    wait $first 2>/dev/null || :
    check "following, round $round"
    # Once all is there, the ledger begins anew as the first look left it.
    if [ "$(query "SELECT uniqExact(slot) FROM warehouse.bronze_gkg")" -eq 95 ]; then
        empty_tables
        head -n 1 "$SITE/masterfilelist.txt" >"$SITE/lastupdate.txt"
        follow --once || [ $? -eq 65 ] || fail "the first look again"
    fi
done
rm -f "$SITE/faults"
tail -n 1 "$SITE/masterfilelist.txt" >"$SITE/lastupdate.txt"
follow --once || [ $? -eq 65 ] || fail "the last look"
finish "after following was killed"

# The hub is killed and started again while a run goes on: it waits, and ends well.
for round in 1 2 3; do
    empty_tables
    start
    first=$started
    sleep "$(random_wait)"
    hub_kill9
    hub_start "$HUB_DATA" --http-port "${HUB_URL##*:}"
    code=0
    wait $first || code=$?
    expect_equal $code 65 "a run under which the hub was killed, round $round"
    finish "after the hub was killed, round $round"
done
hub_stop
