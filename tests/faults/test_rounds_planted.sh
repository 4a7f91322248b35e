#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rounds of faults can fail: a tick that is taken from the hub, and one that is put there twice, are found in the table and in the candles.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# planted WHAT PATTERN
planted() {
    code=0
    sh tests/faults/rounds.sh --rounds 1 --batch 1 --patience 120 --only kill-ingest --chain clickhouse --plant "$1" >"$WORK/out" 2>&1 || code=$?
    [ "$code" -ne 77 ] || skip "$(tail -n 1 "$WORK/out")"
    expect_equal "$code" 1 "a planted $1
$(cat "$WORK/out")"
    for place in hub candles; do
        expect_match "$(cat "$WORK/out")" "*\"name\":\"$place\"*$2*" "a planted $1 is found in $place"
    done
}

planted loss '"lost":1,"duplicated":0'
planted double '"lost":0,"duplicated":1'
