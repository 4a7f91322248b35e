#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# './tickhouse nn' around the programs: its own options in both spellings, and a signal that ends a training in good order.
. tests/lib.sh
hub_start
rows="SELECT 'A' AS ticker, toDate('2000-01-01') + number AS date, sipHash64(number) / 1e19 AS x, sipHash64(number, 1) / 1e19 AS target FROM numbers(4000)"
small="--layers gru:8,dense:1 --lookback 5 --patience 0"

# shellcheck disable=SC2086 # words
"$TICKHOUSE" nn train $small --epochs 1 --name joined "--query=$rows" "--data=$HUB_DATA" >"$WORK/joined" || fail "--query=SQL --data=DIR"
# shellcheck disable=SC2086
"$TICKHOUSE" nn train $small --epochs 1 --name parted --query "$rows" --data "$HUB_DATA" >"$WORK/parted" || fail "--query SQL --data DIR"
expect_equal "$(sed -n 2p "$WORK/joined" | cut -f 1-4)" "$(sed -n 2p "$WORK/parted" | cut -f 1-4)" "the first epoch"
expect_match "$("$TICKHOUSE" nn --help)" "*
  runs *" "the help"
expect_code 64 "$TICKHOUSE" nn train --preset none "--query=$rows" "--data=$HUB_DATA"

# TERM to the command ends the program too: the code says 'try again', and the same command goes on from there.
# shellcheck disable=SC2086
"$TICKHOUSE" nn train $small --epochs 100000 --name stopped "--query=$rows" --data "$HUB_DATA" >"$WORK/stopped" 2>"$WORK/err" &
pid=$!
until [ -s "$WORK/stopped" ] && [ "$(wc -l <"$WORK/stopped")" -gt 2 ]; do
    is_alive "$pid" || fail "training ended: $(cat "$WORK/err")"
    sleep 0.05
done
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
expect_equal "$code" 75 "the code of a training that was ended: $(cat "$WORK/err")"
grep -q 'the same command goes on from there' "$WORK/err" || fail "$(cat "$WORK/err")"
expect_equal "$(find "$HUB_DATA/models/stopped" -type f -printf "%f\n" | sort | paste -sd " ")" ".interrupted.safetensors .train.checkpoint .train.history" "what it left"
echo "the command holds"
