#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `nn retrain`: with the settings of the model in production, on the same test, and into production only where it is better; `nn walk`
# with a model's name walks with its settings and keeps the table beside it.
. tests/nn/walk/common.sh

make_rows "$WORK/rows"
models=$TICKHOUSE_MODELS/nvda
retrain() { $train retrain --name nvda --output tsv "$@" <"$WORK/rows"; }

# There must be something to beat: a name that was mistyped makes no model. Without production it is the newest version.
says 66 "there is no model 'nvda' to train anew" "$train" retrain --name nvda
$train train --name nvda --output tsv --layers gru:8,dense:1 --epochs 3 --lookback 12 --features return_1,range,volatility <"$WORK/rows" >/dev/null || fail "the first"
code=0
retrain --seed 5 --min-gain 10 >"$WORK/1.tsv" || code=$?
expect_equal "$code" 3 "nothing in production, and the newest is not beaten"
expect_equal "$(column candidate <"$WORK/1.tsv") $(column production <"$WORK/1.tsv") $(column promoted <"$WORK/1.tsv")" "2 1 0" "the newest is what is to be beaten"
[ ! -e "$models/production" ] || fail "it was promoted all the same"
rm -r "$models"/2*
"$TICKHOUSE_BUILD/user_scripts/nn" promote nvda@1 >/dev/null

# The same again is not better, and says so; its settings are those of production.
code=0
retrain >"$WORK/2.tsv" || code=$?
expect_equal "$code" 3 "the exit code of what is not better"
expect_equal "$(column promoted <"$WORK/2.tsv") $(column gain <"$WORK/2.tsv")" "0 0" "no gain"
expect_equal "$(column reason <"$WORK/2.tsv")" "loss smaller by the share 0, wanted is more than 0" "why"
expect_equal "$(cat "$models/production")" 1 "production stays"
for setting in layers lookback epochs seed; do
    expect_equal "$(grep "\"$setting\"" "$models/2/params.json")" "$(grep "\"$setting\"" "$models/1/params.json")" "$setting is production's"
done
# features VERSION: those that the model file names, in their order
features() {
    tr ',{}[]' '\n' <"$models/$1.safetensors" | sed 's/\\//g' | grep -ao '"name": *"[a-z_0-9]*"' | cut -d '"' -f 4 | grep -xE 'return_1|return_5|range|gap|volume_change|volatility' | paste -sd,
}
expect_equal "$(features 2)" "return_1,range,volatility" "the features are kept"

# Whether another is better is what the row says, in the losses that it shows.
for seed in 2 3 4 5; do
    code=0
    before=$(cat "$models/production")
    retrain --seed $seed >"$WORK/seed.tsv" || code=$?
    better=$(awk "BEGIN { print ($(column candidate_loss <"$WORK/seed.tsv") < $(column production_loss <"$WORK/seed.tsv")) }")
    expect_equal "$(column promoted <"$WORK/seed.tsv")" "$better" "seed $seed is promoted where its loss is smaller"
    expect_equal "$code" "$([ "$better" = 1 ] && echo 0 || echo 3)" "the exit code with seed $seed"
    [ "$better" = 1 ] && before=$(column candidate <"$WORK/seed.tsv")
    expect_equal "$(cat "$models/production")" "$before" "what is in production after seed $seed"
done

# A gain that nobody has; and the score that one chooses
before=$(cat "$models/production")
expect_code 3 "$train" retrain --name nvda --min-gain 0.9 --seed 9 --output tsv <"$WORK/rows"
expect_code 3 "$train" retrain --name nvda --by ic --min-gain 0.9 --seed 9 --output tsv <"$WORK/rows"
cp "$WORK/out" "$WORK/before.tsv"
column reason <"$WORK/out" | grep -q '^IC larger by ' || fail "--by ic compares something else"
expect_equal "$(cat "$models/production")" "$before" "production stays"

# Production with other features and a longer window is asked about the same samples.
expect_code 3 "$train" retrain --name nvda --min-gain 0.9 --layers gru:4,dense:1 --lookback 5 --epochs 2 --features gap --output tsv <"$WORK/rows"
expect_equal "$(column production_loss <"$WORK/out")" "$(column production_loss <"$WORK/before.tsv")" "production's loss is the same"
expect_equal "$(column n <"$WORK/out")" "$(column n <"$WORK/before.tsv")" "the samples are the same"
expect_equal "$(features "$(column candidate <"$WORK/out")")" gap "the candidate learned from its features alone"

says 64 "retrain wants --name NAME" "$train" retrain
says 64 "wants a name without '@'" "$train" retrain --name nvda@3
says 64 "--by wants loss or ic" "$train" retrain --name nvda --by profit
for other in "--horizon 5" "--label return" "--target return_5"; do
    # shellcheck disable=SC2086 # words
    says 64 "that cannot be compared" "$train" retrain --name nvda $other
done
expect_equal "$(cat "$models/production")" "$before" "what cannot be compared is not promoted"

# The layers are new, and what they learn from is production's.
make_rows "$WORK/rows" "* EXCEPT target, target AS next_return, -target AS target"
$train train --name moved --target next_return --horizon 2 --max-gap 7 --lookback 6 --scaler minmax --features range,gap --costs 7 --periods 260 --leak-limit 0.21 --layers gru:4,dense:1 --epochs 1 --output tsv <"$WORK/rows" >/dev/null || fail "train"
echo 1 >"$TICKHOUSE_MODELS/moved/production"
code=0
$train retrain --name moved --layers lstm:3,dense:1 --epochs 1 --output tsv <"$WORK/rows" >"$WORK/moved.tsv" || code=$?
expect_equal "$(column production <"$WORK/moved.tsv")" 1 "retrain --layers ended with $code"
for setting in target horizon max-gap lookback scaler costs periods leak-limit; do
    expect_equal "$(grep "\"$setting\"" "$TICKHOUSE_MODELS/moved/2/params.json")" "$(grep "\"$setting\"" "$TICKHOUSE_MODELS/moved/1/params.json")" "$setting is production's with other layers"
done
grep -q '"layers": "lstm:3,dense:1"' "$TICKHOUSE_MODELS/moved/2/params.json" || fail "the layers are not those given"

# Classes beyond another threshold are other classes.
$train train --name ways --features range,gap --task classes --threshold 0.02 --lookback 6 --layers gru:4,dense:3:softmax --epochs 1 --output tsv <"$WORK/rows" >/dev/null || fail "train classes"
echo 1 >"$TICKHOUSE_MODELS/ways/production"
says 64 "was trained with --threshold 0.02, and these settings ask for 0.03: that cannot be compared" "$train" retrain --name ways --threshold 0.03

# What was put into production while another was trained was not compared with it, and stays.
echo 2 >"$TICKHOUSE_MODELS/moved/production"
mkfifo "$WORK/slow"
$train retrain --name moved --min-gain -1e9 --output tsv <"$WORK/slow" >"$WORK/moved.tsv" &
pid=$!
exec 3>"$WORK/slow"
until [ -e "$TICKHOUSE_MODELS/moved/.train.hold" ]; do # production is known by then
    is_alive "$pid" || fail "retrain ended"
    sleep 0.02
done
echo 1 >"$TICKHOUSE_MODELS/moved/production"
cat "$WORK/rows" >&3
exec 3>&-
code=0
wait "$pid" || code=$?
expect_equal "$code $(column promoted <"$WORK/moved.tsv")" "3 0" "production changed meanwhile"
expect_match "$(column reason <"$WORK/moved.tsv")" "production changed from version 2 to 1 while this was trained*" "why"
expect_equal "$(cat "$TICKHOUSE_MODELS/moved/production")" 1 "the new production stays"
make_rows "$WORK/rows"

# Production that saw the test is said to have seen it.
$train train --layers gru:8,dense:1 --lookback 12 --features return_1,range,volatility --epochs 2 --split 98/2/0 --name nvda --output tsv <"$WORK/rows" >/dev/null
set -- "$models"/*.safetensors # counted from 1
echo $# >"$models/production"
expect_code 3 "$train" retrain --name nvda --min-gain 0.9 --output tsv <"$WORK/rows"
column reason <"$WORK/out" | grep -q 'production was trained until 20..-..-.. and has seen some of the test' || fail "an unfair comparison goes unsaid"
# What only stopped its training was seen as well.
$train train --layers gru:8,dense:1 --lookback 12 --features return_1,range,volatility --epochs 1 --split 80/20/0 --name nvda --output tsv <"$WORK/rows" >/dev/null
set -- "$models"/*.safetensors
echo $# >"$models/production"
expect_code 3 "$train" retrain --name nvda --min-gain 0.9 --epochs 1 --output tsv <"$WORK/rows"
column reason <"$WORK/out" | grep -q 'and has seen some of the test' || fail "that the test stopped production's training goes unsaid"

$train walk --name nvda@1 --folds 2 --output tsv <"$WORK/rows" >"$WORK/walk.tsv" || fail "walk --name"
expect_equal "$(cat "$models/1/folds.tsv")" "$(cat "$WORK/walk.tsv")" "the table beside the model"
grep -q '</svg>' "$models/1/folds.svg" || fail "no chart beside the model"
expect_equal "$(column model <"$WORK/walk.tsv" | uniq)" "nvda@1" "the table names the model"
echo "training anew holds"
