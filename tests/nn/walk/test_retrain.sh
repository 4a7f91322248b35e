#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `nn retrain`: with the settings of the model in production, on the same test, and into production only where it is better; `nn walk`
# with a model's name walks with its settings and keeps the table beside it.
. tests/nn/walk/common.sh

make_rows "$WORK/rows"
models=$TICKHOUSE_MODELS/nvda
retrain() { $train retrain --name nvda --output tsv "$@" <"$WORK/rows"; }

retrain --layers gru:8,dense:1 --epochs 3 --lookback 12 --features return_1,range,volatility >"$WORK/1.tsv" || fail "the first"
expect_equal "$(column candidate <"$WORK/1.tsv") $(column production <"$WORK/1.tsv") $(column promoted <"$WORK/1.tsv")" "1 0 1" "the first is promoted"
expect_equal "$(column reason <"$WORK/1.tsv")" "nothing was in production" "why"
expect_equal "$(cat "$models/production")" 1 "the alias"

# The same again is not better, and says so; its settings are those of production.
code=0
retrain >"$WORK/2.tsv" || code=$?
expect_equal "$code" 3 "the exit code of what is not better"
expect_equal "$(column promoted <"$WORK/2.tsv") $(column gain <"$WORK/2.tsv")" "0 0" "no gain"
expect_equal "$(column reason <"$WORK/2.tsv")" "loss smaller by the share 0, wanted is more than 0" "why"
expect_equal "$(cat "$models/production")" 1 "production stays"
for setting in layers lookback features epochs seed; do
    expect_equal "$(grep "\"$setting\"" "$models/2/params.json")" "$(grep "\"$setting\"" "$models/1/params.json")" "$setting is production's"
done
grep -q '"features": "return_1,range,volatility"' "$models/2/params.json" || fail "the features are not kept"

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
grep -q '"features": "gap"' "$models/$(column candidate <"$WORK/out")/params.json" || fail "the candidate learned from more than its features"

says 64 "retrain wants --name NAME" "$train" retrain
says 64 "wants a name without '@'" "$train" retrain --name nvda@3
says 64 "--by wants loss or ic" "$train" retrain --name nvda --by profit
says 64 "that cannot be compared" "$train" retrain --name nvda --horizon 5

# Production that saw the test is said to have seen it.
$train train --layers gru:8,dense:1 --lookback 12 --features return_1,range,volatility --epochs 2 --split 98/2/0 --name nvda --output tsv <"$WORK/rows" >/dev/null
set -- "$models"/*.safetensors # counted from 1
echo $# >"$models/production"
expect_code 3 "$train" retrain --name nvda --min-gain 0.9 --output tsv <"$WORK/rows"
column reason <"$WORK/out" | grep -q 'production was trained until 20..-..-.. and has seen some of the test' || fail "an unfair comparison goes unsaid"

$train walk --name nvda@1 --folds 2 --output tsv <"$WORK/rows" >"$WORK/walk.tsv" || fail "walk --name"
expect_equal "$(cat "$models/1/folds.tsv")" "$(cat "$WORK/walk.tsv")" "the table beside the model"
grep -q '</svg>' "$models/1/folds.svg" || fail "no chart beside the model"
expect_equal "$(column model <"$WORK/walk.tsv" | uniq)" "nvda@1" "the table names the model"
echo "training anew holds"
