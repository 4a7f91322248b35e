#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The spool over a client that is killed at each of its writes, flushes, openings and deletions, over the same calls failing, and on a disk
# that fills up. Rows that pump_tick took are there afterwards, each once and in order; --report tells which those are.
# shellcheck source=tests/lib.sh
. tests/lib.sh
FEED=$TICKHOUSE_BIN/live_feed
command -v strace >/dev/null || skip "strace is not installed"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
unset TICKHOUSE_URL

# What waits in the spool, as the numbers of its rows.
drain() { "$FEED" --quiet --sink text --ticks 0 --spool "$WORK/spool" | cut -f 5; }

# expect_taken WHAT: rows 1 to n, where n is at least what was reported; one more was on disk but not reported yet.
expect_taken() {
    taken=$(tail -n 1 "$WORK/taken" | grep -x '[0-9]*' || echo 0)
    drain >"$WORK/drained" || fail "$1: the spool cannot be read"
    expect_equal "$(tr '\n' ' ' <"$WORK/drained")" "$(seq "$(wc -l <"$WORK/drained")" | tr '\n' ' ')" "$1: rows in order, each once"
    count=$(wc -l <"$WORK/drained")
    case $((count - taken)) in
    0 | 1) ;;
    *) fail "$1: $taken rows were taken, $count are in the spool" ;;
    esac
    rm -rf "$WORK/spool"
}

# rounds CALL FAULT WHEN...: the fault at the n-th call, for each n that is given.
rounds() {
    call=$1 fault=$2
    shift 2
    for n in "$@"; do
        strace -f -o "$WORK/trace" -e trace="$call" -e inject="$call:$fault:when=$n" \
            "$FEED" --quiet --sink clickhouse --url http://127.0.0.1:1 --symbols 1 --ticks 12 --every-row --report --linger 0.01 \
            --spool "$WORK/spool" >"$WORK/taken" 2>"$WORK/err" || :
        if grep -q "INJECTED\|killed by SIGKILL" "$WORK/trace"; then happened=$((happened + 1)); fi
        expect_taken "$fault at $call $n"
    done
}
happened=0
rounds pwrite64 signal=KILL 1 2 3 5 8 13
rounds fdatasync signal=KILL 1 2 3 7 13
rounds fsync signal=KILL 1
rounds openat signal=KILL $(seq 1 4 41)
rounds flock signal=KILL 1
rounds ftruncate signal=KILL 1
rounds pwrite64 error=ENOSPC 1 2 3 13
rounds pwrite64 error=EIO 1 2 13
rounds fdatasync error=ENOSPC 1 2 13
rounds fdatasync error=EIO 1 2 13
rounds fsync error=EIO 1
[ $happened -ge 25 ] || fail "only $happened faults came to pass"
echo "$happened faults, and no row that was taken is missing"

# --- a full disk
if [ "$(id -u)" -ne 0 ] || ! { mkdir "$WORK/spool" && mount -t tmpfs -o size=1m tmpfs "$WORK/spool" 2>/dev/null; }; then
    echo "without the full disk: only root can mount a small one"
    exit 0
fi
trap 'code=$?; umount -l "$WORK/spool" 2>/dev/null || :; (exit $code) || cleanup; cleanup' EXIT
"$FEED" --sink clickhouse --url http://127.0.0.1:1 --symbols 1 --ticks 1000000 --report --spool "$WORK/spool" >"$WORK/taken" 2>"$WORK/err" &
pid=$!
left=100
until grep -q "is full: No space left on device; the source waits" "$WORK/err"; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "the full disk is not said: $(cat "$WORK/err")"
    sleep 0.1
done
kill -TERM $pid
code=0
wait $pid || code=$?
expect_equal $code 75 "the exit code over a full disk"
lost=$(sed -n 's/^\([0-9]*\) rows are not stored: clickhouse is away, and the spool is full$/\1/p' "$WORK/err")
taken=$(tail -n 1 "$WORK/taken")
drain >"$WORK/drained"
count=$(wc -l <"$WORK/drained")
expect_equal "$(tail -n 1 "$WORK/drained")" "$count" "rows of a full disk are the first ones, each once"
[ "$count" -ge 10000 ] || fail "only $count rows are in the spool"
expect_equal $((count + lost)) "$taken" "rows in the spool and rows that are named as lost, $lost"
echo "a full disk: $taken rows taken, $count in the spool, $lost named as lost"
