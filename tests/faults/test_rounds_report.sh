#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the report of rounds says of a journal: rounds that stood still, batches that came late, calls that were met; and nothing of rounds that
# no batch compared. A journal with a late batch fails, also when nothing more is run.
# shellcheck source=tests/lib.sh
. tests/lib.sh

line() { (IFS='	'; printf '%s\n' "$*"); }
{
    line run 7 1 abc1234 "--seed 7 --rounds 4 --batch 2"
    line round 7 1 kafka kill-ingest 1 500 recovered "1 times"
    line round 7 2 kafka syscall-ingest 1 90000 stalled "fsync,fdatasync 3"
    line check 7 1 kafka hub 10 1800 1800 2 1 0 0 0 0
    line batch 7 1 2 kafka late ""
    line round 7 3 postgres kill-hub 1 90000 stalled "" # the run was ended here, and went on
    line run 7 3 abc1234 "--seed 7 --rounds 4 --batch 2"
    line round 7 3 postgres kill-hub 1 100 recovered ""
    line round 7 4 postgres error-capture 0 100 recovered "write 2 EIO"
    line check 7 3 postgres hub 10 1800 1800 0 0 0 0 0 0
    line batch 7 3 4 postgres equal --every-row
    line note "Rounds on a busy machine."
    line round 7 5 clickhouse kill-hub 1 100 recovered ""
} >"$WORK/journal"

code=0
sh tests/faults/rounds.sh --rounds 0 --journal "$WORK/journal" --report "$WORK/page" >"$WORK/out" 2>&1 || code=$?
[ "$code" -ne 77 ] || skip "$(tail -n 1 "$WORK/out")"
expect_equal "$code" 1 "a late batch fails: $(cat "$WORK/out")"
for words in "4 rounds: after 3 of them ticks flowed again, after 1 they stood still" "2 batches, each compared: 1 equal, 1 late, 0 different." \
    "| syscall-ingest | 1 | 1 | 2 | 1 | 90.0 | 90.0 | 1 |" "| kill-hub | 1 | 1 | 0 | 0 | 0.1 | 0.1 | 0 |" "| fsync, fdatasync | 1 | 0 |" \
    "| write: EIO | 0 | 0 |" "Rounds on a busy machine." "1 rounds drew a call that did not come." "--seed 7 --rounds 4 --batch 2  # 4 rounds, revision abc1234"; do
    expect_match "$(cat "$WORK/page")" "*$words*" "the report"
done
