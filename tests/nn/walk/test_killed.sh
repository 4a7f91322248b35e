#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A training that is killed goes on from its checkpoint to the same model, and its record is whole; one that is interrupted leaves its
# best weights besides, and says what to do.
. tests/nn/walk/common.sh

make_rows "$WORK/rows"
options="--layers gru:32,dropout:0.2,dense:1 --epochs 25 --patience 0 --output tsv"
models=$TICKHOUSE_MODELS
# shellcheck disable=SC2086 # words
$train train $options --name whole <"$WORK/rows" >"$WORK/whole.tsv" || fail "train"

# begin NAME: in the background, until so many epochs are done
begin() {
    : >"$WORK/$1.tsv"
    # shellcheck disable=SC2086
    $train train $options --name "$1" <"$WORK/rows" >"$WORK/$1.tsv" 2>"$WORK/$1.err" &
    pid=$!
    until [ "$(wc -l <"$WORK/$1.tsv")" -gt "$2" ]; do
        is_alive "$pid" || fail "training ended: $(cat "$WORK/$1.err")"
        sleep 0.02
    done
}
losses() { cut -f 1-4 "$1"; }
result() { column note <"$1" | tail -1 | sed 's/.*; //'; }

for epochs in 2 5 8; do
    begin killed $epochs
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || :
    [ -s "$models/killed/.train.checkpoint" ] || fail "a killed training left no checkpoint"
done
expect_equal "$(ls "$models/killed")" "" "a killed training leaves no model"
# shellcheck disable=SC2086
$train train $options --name killed <"$WORK/rows" >"$WORK/killed.tsv" || fail "the same command does not go on"
[ "$(wc -l <"$WORK/killed.tsv")" -lt "$(wc -l <"$WORK/whole.tsv")" ] || fail "it began anew"
expect_equal "$(result "$WORK/killed.tsv")" "$(result "$WORK/whole.tsv")" "the result"
expect_equal "$(losses "$models/killed/1/history.tsv")" "$(losses "$models/whole/1/history.tsv")" "the history"
expect_equal "$(ls -A "$models/killed")" "1
1.safetensors" "what is left beside the model"
weights() { tail -c "$(stat -c %s "$1" | awk '{ print int($1 / 2) }')" "$1" | cksum; }
expect_equal "$(weights "$models/killed/1.safetensors")" "$(weights "$models/whole/1.safetensors")" "the weights, to the bit"

# Interrupted: the code says 'try again', the sentence what is there, and the models folder lists no part of it.
for signal in INT TERM; do
    begin "stopped_$signal" 3
    # A shell's background jobs ignore SIGINT, but the program catches it itself.
    kill "-$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    expect_equal "$code" 75 "the exit code after SIG$signal"
    grep -q 'the same command goes on from there' "$WORK/stopped_$signal.err" || fail "$(cat "$WORK/stopped_$signal.err")"
    [ -s "$models/stopped_$signal/.interrupted.safetensors" ] || fail "no weights after SIG$signal"
    expect_equal "$(ls "$models/stopped_$signal")" "" "an interrupted training is no version"
    # shellcheck disable=SC2086
    $train train $options --name "stopped_$signal" <"$WORK/rows" >"$WORK/stopped.tsv" || fail "it does not go on"
    expect_equal "$(result "$WORK/stopped.tsv")" "$(result "$WORK/whole.tsv")" "the result after SIG$signal"
    expect_equal "$(ls -A "$models/stopped_$signal")" "1
1.safetensors" "what is left after SIG$signal"
done

# Interrupted within its first epoch, it has nothing that is worth keeping.
# shellcheck disable=SC2086
$train train $options --layers gru:512,dense:1 --name early <"$WORK/rows" >/dev/null 2>"$WORK/early.err" &
pid=$!
# Until it catches SIGTERM; before it has the hold it may still be the shell, which does.
until [ -e "$models/early/.train.hold" ] && [ $((0x$(awk '$1 == "SigCgt:" { print $2 }' "/proc/$pid/status") & 0x4000)) -ne 0 ]; do
    is_alive "$pid" || fail "training ended: $(cat "$WORK/early.err")"
    sleep 0.02
done
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
expect_equal "$code" 75 "the exit code within the first epoch"
grep -q 'the same command begins anew' "$WORK/early.err" || fail "$(cat "$WORK/early.err")"
expect_equal "$(ls -A "$models/early")" "" "what is left of no epoch"

# Another training under the same name is not mixed with the one that was killed, and --fresh forgets that.
begin other 3
# shellcheck disable=SC2086
says 75 "'other' is being trained by another process" "$train" train $options --name other
kill -KILL "$pid"
wait "$pid" 2>/dev/null || :
# shellcheck disable=SC2086
says 65 "checkpoint" "$train" train $options --name other --seed 7
# shellcheck disable=SC2086
$train train $options --name other --seed 7 --fresh <"$WORK/rows" >"$WORK/other.tsv" || fail "--fresh"
echo "killed and interrupted trainings hold"
