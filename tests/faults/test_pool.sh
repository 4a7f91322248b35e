#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Workers of a pool that are killed idle or busy, reloaded while queries run, and used a thousand times.
. tests/lib.sh
hub_start "$WORK/hub"

workers() { pgrep -P "$HUB_PID" -f 'ta udf ta_ema' || :; }
answer() { curl -sS --data-binary "SELECT ta_ema([1, 2, 3, 4, 5, 6], 3)" "$HUB_URL/" 2>&1; }
good='[nan,nan,2,3,4,5]'

# killed while idle: at most one query pays for it
expect_equal "$(answer)" "$good" "first answer"
for pid in $(workers); do kill -KILL "$pid"; done
first=$(answer)
case $first in
"$good") ;;
*'Broken pipe'* | *UDF_EXECUTION_FAILED* | *CANNOT_WRITE* | *CANNOT_READ* | *CHILD_WAS_NOT*) echo "killed idle: one query failed" ;;
*) fail "killed while idle: $first" ;;
esac
expect_equal "$(answer)" "$good" "the query after that of a killed idle worker"

# killed while busy: that query fails, the next does not
slow="SELECT count() FROM numbers(400) WHERE NOT ignore(ta_ema(arrayMap(x -> x + number, range(500000)), 9))
    SETTINGS max_block_size = 4, max_threads = 1"
curl -sS --data-binary "$slow" "$HUB_URL/" >"$WORK/busy" 2>&1 &
job=$!
tries=0
until [ -n "$(workers)" ] || [ $tries -gt 200 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
sleep 0.3
for pid in $(workers); do kill -KILL "$pid"; done
wait $job || :
grep -q 'Exception' "$WORK/busy" || fail "a query whose worker was killed did not fail: $(cat "$WORK/busy")"
expect_equal "$(answer)" "$good" "the query after that of a killed busy worker"

# a call that is refused ends its worker; the next query gets another
expect_match "$(query_error 'SELECT ta_ema([1, 2], 0)')" "*argument 'n' is 0*" "a refused call"
expect_equal "$(answer)" "$good" "the query after a refused call"

# reloaded while queries run
: >"$WORK/reloaded"
(
    i=0
    while [ $i -lt 60 ]; do
        answer
        i=$((i + 1))
    done
) >"$WORK/reloaded" &
job=$!
i=0
while [ $i -lt 15 ]; do
    query "SYSTEM RELOAD FUNCTIONS" >/dev/null
    sleep 0.02
    i=$((i + 1))
done
wait $job
expect_equal "$(sort "$WORK/reloaded" | uniq -c | sed 's/^ *//')" "60 $good" "answers during SYSTEM RELOAD FUNCTIONS"

# a thousand queries: memory and descriptors stay what they are after the first hundred
measure() {
    for pid in $(workers); do
        echo "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status") $(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
    done | sort -n | tail -n 1
}
ask_fifty() {
    i=0
    set --
    while [ $i -lt 50 ]; do
        set -- "$@" --next -sS --data-binary "SELECT ta_ema(materialize(range(3000)), 12) FORMAT Null" "$HUB_URL/"
        i=$((i + 1))
    done
    shift
    curl "$@" >"$WORK/answers" 2>&1 || fail "$(cat "$WORK/answers")"
    [ ! -s "$WORK/answers" ] || fail "$(cat "$WORK/answers")"
}
ask_fifty
ask_fifty
before=$(measure)
i=0
while [ $i -lt 18 ]; do
    ask_fifty
    i=$((i + 1))
done
after=$(measure)
expect_equal "${after#* }" "${before#* }" "open descriptors after 1,000 queries"
[ "${after% *}" -le $((${before% *} + 256)) ] || fail "resident memory grew from ${before% *} to ${after% *} KiB in 900 queries"
echo "1,000 queries: ${after% *} KiB and ${after#* } descriptors, as after 100 (${before% *} KiB)"
