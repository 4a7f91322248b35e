#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A training that is killed again and again, whenever, ends with the weights of an undisturbed one, to the bit; one that is asked to stop
# leaves its checkpoint, and what it had learned.
# shellcheck source=tests/lib.sh
. tests/lib.sh
tool=$TICKHOUSE_BIN/nn_fit_tool
"$tool" "$WORK/reference.checkpoint" "$WORK/reference" >"$WORK/reference.log" || fail "the undisturbed training failed"
[ ! -e "$WORK/reference.checkpoint" ] || fail "a finished training left its checkpoint"
expect_equal "$(wc -l <"$WORK/reference.log")" 40 "epochs of the undisturbed training"

kills=0
while :; do
    "$tool" "$WORK/checkpoint" "$WORK/weights" >>"$WORK/log" &
    pid=$!
    # 10 to 73 ms: epochs take a few
    sleep "$(awk -v byte="$(od -An -N1 -tu1 /dev/urandom)" 'BEGIN { print (10 + byte / 4) / 1000 }')"
    # what is too late, and what it says of it, does not matter
    kill -KILL "$pid" 2>/dev/null || :
    code=0
    wait "$pid" 2>/dev/null || code=$?
    [ "$code" -ne 0 ] || break
    expect_equal "$code" 137 "how a killed training ends"
    kills=$((kills + 1))
    [ "$kills" -lt 400 ] || fail "it never came to its end"
done
[ "$kills" -gt 0 ] || fail "no training was killed"
cmp "$WORK/reference" "$WORK/weights" || fail "after $kills kills the weights are others"
[ ! -e "$WORK/checkpoint" ] || fail "the finished training left its checkpoint"
# What was reported, sometimes twice, are the undisturbed losses; one that was killed after its checkpoint reported nothing.
expect_equal "$(grep -vxFf "$WORK/reference.log" "$WORK/log" || :)" "" "losses that the undisturbed training did not have"

"$tool" "$WORK/checkpoint" "$WORK/stopped" 100000 >"$WORK/stopped.log" &
pid=$!
while [ ! -e "$WORK/checkpoint" ]; do sleep 0.01; done
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
expect_equal "$code" 3 "a training that was asked to stop"
[ -s "$WORK/checkpoint" ] || fail "it left no checkpoint"
[ -s "$WORK/stopped" ] || fail "it left no weights"
code=0
"$tool" "$WORK/checkpoint" "$WORK/other" 50 >"$WORK/other.log" 2>"$WORK/err" || code=$?
expect_equal "$code" 65 "the checkpoint of a longer training"
expect_match "$(cat "$WORK/err")" "*checkpoint of another training*--fresh begins anew*" "the sentence"
echo "the same weights after $kills kills"
