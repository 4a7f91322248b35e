#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nn tune: a killed search goes on to the same trials and the same model; trials that diverge are told and survived; what makes no sense
# is refused with a sentence.
. tests/nn/walk/common.sh

make_rows "$WORK/rows" "*" "ticker IN ('AAPL', 'MSFT', 'NVDA') AND date >= '2023-01-01'"
[ -s "$WORK/rows" ] || fail "no rows"
small="--epochs 2 --seed 7 --output tsv layers=1 hidden=4..16 lookback=3..8"
models=$TICKHOUSE_MODELS

# tune NAME COUNT: a table of trials on standard output
tune() {
    # shellcheck disable=SC2086 # words
    "$train" tune $small --name "$1" --count "$2" <"$WORK/rows"
}
trials() { awk -F '\t' 'NR > 1 && $2 != "best" { print $1, $2, $3, $4, $5 }' "$1"; }

tune whole 14 >"$WORK/whole.tsv" || fail "tune"
expect_equal "$(trials "$WORK/whole.tsv" | wc -l)" 14 "trials"
expect_equal "$(trials "$WORK/whole.tsv" | cut -d ' ' -f 3- | sort -u | wc -l)" 14 "different trials"
# shellcheck disable=SC2046 # words
set -- $(awk -F '\t' '$2 == "best" { print $1, $4 }' "$WORK/whole.tsv")
expect_equal "$2" "$(trials "$WORK/whole.tsv" | awk '{ print $(NF - 1) }' | sort -g | head -1)" "the best is the smallest"
best=$1
expect_match "$(column note <"$WORK/whole.tsv" | tail -1)" 'saved as whole@1, the best of 14 trials; test of *' "the last note"
expect_equal "$(ls -A "$models/whole")" "1
1.safetensors" "what is left beside the model"
expect_equal "$(awk 'NR == 2 + '"$best"' { print $1 }' "$models/whole/1/trials.tsv")" "$best" "the record has the trials"
grep -q '"trials": *14' "$models/whole/1/metrics.json" || fail "the model does not count its trials: $(cat "$models/whole/1/metrics.json")"

# The best is trained anew from its settings: the same weights, and so the same loss.
loss=$(tr -d ' \n' <"$models/whole/1/metrics.json" | sed 's/.*"validation_mse":\([-+0-9.e]*\).*/\1/')
awk -F '\t' -v loss="$loss" '$2 == "best" { exit !($4 / loss > 0.99999 && $4 / loss < 1.00001) }' "$WORK/whole.tsv" ||
    fail "the model's validation loss is $loss, the trial had another"

# Killed after some trials, twice, it goes on to the same table.
for trials in 3 9; do
    : >"$WORK/killed.tsv"
    # shellcheck disable=SC2086
    "$train" tune $small --name killed --count 14 <"$WORK/rows" >"$WORK/killed.tsv" 2>"$WORK/killed.err" &
    pid=$!
    until [ "$(wc -l <"$WORK/killed.tsv")" -gt "$trials" ]; do
        is_alive "$pid" || fail "the search ended: $(cat "$WORK/killed.err")"
        sleep 0.02
    done
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || :
done
[ -s "$models/killed/.tune.tsv" ] || fail "a killed search left no trials"
# A kill while a line is written leaves part of it.
printf '99\t0.1' >>"$models/killed/.tune.tsv"
tune killed 14 >"$WORK/killed.tsv" || fail "the same command does not go on"
grep -q 'of the trials file' "$WORK/killed.tsv" || fail "it began anew"
expect_equal "$(trials "$WORK/killed.tsv")" "$(trials "$WORK/whole.tsv")" "the trials"
expect_equal "$(column note <"$WORK/killed.tsv" | tail -1 | sed 's/.*; //')" "$(column note <"$WORK/whole.tsv" | tail -1 | sed 's/.*; //')" "the result"

# More trials go on from a file of fewer; another search does not take them.
# shellcheck disable=SC2086
go_on() { "$train" tune $small --trials-file "$WORK/trials.tsv" "$@" <"$WORK/rows"; }
go_on --count 9 >"$WORK/nine.tsv" || fail "a trials file"
expect_match "$(column note <"$WORK/nine.tsv" | tail -1)" 'not saved*' "without a name"
go_on --count 14 >"$WORK/fourteen.tsv" || fail "more trials"
expect_equal "$(trials "$WORK/fourteen.tsv")" "$(trials "$WORK/whole.tsv")" "trials that were added"
# shellcheck disable=SC2086
says 65 "holds trials of another search" "$train" tune $small --trials-file "$WORK/trials.tsv" --seed 8
# shellcheck disable=SC2086
says 65 "holds trials of another search" "$train" tune $small --trials-file "$WORK/trials.tsv" hidden=4..17
sed 's/\tdone$/\tdono/' "$WORK/trials.tsv" >"$WORK/bad.tsv"
# shellcheck disable=SC2086
says 65 "bad.tsv:3: neither done nor failed: 'dono'" "$train" tune $small --trials-file "$WORK/bad.tsv"

# A file that holds no trials is somebody's: neither a line that is not whole nor --fresh costs it a byte.
printf 'ssh-ed25519 somebody' >"$WORK/foreign"
cp "$WORK/foreign" "$WORK/foreign.before"
for fresh in '' --fresh; do
    # shellcheck disable=SC2086
    says 73 "$WORK/foreign is there already and holds no trials" "$train" tune $small $fresh --trials-file "$WORK/foreign"
    cmp "$WORK/foreign" "$WORK/foreign.before" || fail "a file that is not its own was changed"
done
# shellcheck disable=SC2086
go_on --count 2 --fresh --seed 8 >"$WORK/fresh.tsv" || fail "--fresh"
expect_equal "$(wc -l <"$WORK/trials.tsv")" 4 "trials of a fresh search"

# Rates at which the loss is not finite from the first epoch on: those trials fail, the search does not.
"$train" tune --epochs 1 --output tsv --count 12 --loss mse layers=1 hidden=4 dropout=0 optimizer=sgd clip_norm=0 lookback=3 \
    learning_rate=1e-3..1e3:log <"$WORK/rows" >"$WORK/wild.tsv" || fail "a search that meets divergence"
expect_match "$(column state <"$WORK/wild.tsv" | sort | uniq -c | tr -s ' \n' ' ')" '*best*done*failed*' "states"
says 65 "all 3 trials failed" "$train" tune --epochs 1 --count 3 --loss mse layers=1 hidden=4 dropout=0 optimizer=sgd clip_norm=0 \
    lookback=3 learning_rate=800,900,1000

# By correlation, large is good.
# shellcheck disable=SC2086
"$train" tune $small --objective ic --count 6 <"$WORK/rows" >"$WORK/ic.tsv" || fail "by IC"
expect_equal "$(awk -F '\t' '$2 == "best" { print $4 }' "$WORK/ic.tsv")" \
    "$(trials "$WORK/ic.tsv" | awk '{ print $(NF - 1) }' | sort -g | tail -1)" "the best IC is the largest"

# Everything was tried: it ends by itself.
"$train" tune --epochs 1 --output tsv layers=1,2 hidden=4,8 dropout=0 optimizer=adam learning_rate=0.001 --lookback 3 <"$WORK/rows" \
    >"$WORK/four.tsv" || fail "a small space"
expect_equal "$(trials "$WORK/four.tsv" | wc -l)" 4 "trials of a space of four"

printf 'hidden = 4..8\n# more\nlookback = 3..4 # short\n' >"$WORK/space"
"$train" tune --epochs 1 --count 2 --output tsv --space "$WORK/space" <"$WORK/rows" >"$WORK/space.tsv" || fail "--space"
expect_match "$(column parameters <"$WORK/space.tsv" | head -1)" '*hidden=[4-8] *lookback=[34]' "ranges of a file"

# The network of the preset 'none' is the search's own.
"$train" tune --preset none --epochs 1 --count 2 --output tsv layers=1 hidden=4..8 lookback=3..4 cell=lstm <"$WORK/rows" >"$WORK/none.tsv" ||
    fail "--preset none"
expect_equal "$(trials "$WORK/none.tsv" | wc -l)" 2 "trials with the preset none"

says 64 "'hiden' cannot be searched" "$train" tune hiden=4..8
says 64 "hidden reaches to 9999; it can be from 1 to 4096" "$train" tune hidden=4..9999
says 64 "layers wants whole numbers" "$train" tune layers=1..2:float
says 64 "'hidden' is no range" "$train" tune hidden
says 64 "tune makes the layers itself" "$train" tune --layers gru:4,dense:1
says 64 "--objective is loss, ic or rank_ic" "$train" tune --objective sharpe
printf 'hidden 4..8\n' >"$WORK/space"
says 65 "$WORK/space:1: 'hidden 4..8' is not NAME = RANGE" "$train" tune --space "$WORK/space"
says 64 "not 'atom'" "$train" tune optimizer=adam,atom
says 64 "'cnn' is no layer" "$train" tune cell=gru,cnn
