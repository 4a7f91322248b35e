#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `nn train` from rows to a model with its record: the same twice, gone on from where it was killed, and what is said of bad input.
. tests/nn/walk/common.sh

make_rows "$WORK/rows"
small="--layers gru:8,dropout:0.1,dense:1 --epochs 4 --patience 0 --output tsv"

# shellcheck disable=SC2086 # words
$train train $small --name first --source samples/prices --snapshot 42 <"$WORK/rows" >"$WORK/first.tsv" || fail "train"
expect_equal "$(sed -n 1p "$WORK/first.tsv")" "fold	epoch	train_loss	validation_loss	learning_rate	seconds	note" "the columns"
expect_equal "$(column epoch <"$WORK/first.tsv" | head -4 | paste -sd' ')" "1 2 3 4" "a row an epoch"
expect_match "$(column note <"$WORK/first.tsv" | tail -1)" "saved as first@1; test of 1???: loss *" "the last row"
for file in params.json metrics.json history.tsv loss.svg; do
    [ -s "$TICKHOUSE_MODELS/first/1/$file" ] || fail "there is no $file beside the model"
done
grep -q '"snapshot": "42"' "$TICKHOUSE_MODELS/first/1/params.json" || fail "params.json lacks the snapshot"
expect_equal "$(wc -l <"$TICKHOUSE_MODELS/first/1/history.tsv")" 5 "history.tsv has a line an epoch"

# The same seed gives the same losses, with more threads too; another one does not.
losses() { cut -f 1-4 "$1" | sed '$d'; }
# shellcheck disable=SC2086
$train train $small --threads 2 <"$WORK/rows" >"$WORK/again.tsv"
expect_equal "$(losses "$WORK/again.tsv")" "$(losses "$WORK/first.tsv")" "the same seed"
# shellcheck disable=SC2086
$train train $small --seed 2 <"$WORK/rows" >"$WORK/other.tsv"
[ "$(losses "$WORK/other.tsv")" != "$(losses "$WORK/first.tsv")" ] || fail "another seed changed nothing"

# Without a validation part there is no loss of one.
# shellcheck disable=SC2086
$train train $small --split 80/0/20 --name alone <"$WORK/rows" >"$WORK/alone.tsv" || fail "train without a validation part"
expect_equal "$(column validation_loss <"$WORK/alone.tsv" | sort -u)" nan "validation_loss without a validation part"
expect_equal "$(sed 1d "$TICKHOUSE_MODELS/alone/1/history.tsv" | cut -f 3 | sort -u)" nan "validation_loss in history.tsv"
grep -q validation_loss "$TICKHOUSE_MODELS/alone/1/metrics.json" && fail "metrics.json has a validation_loss"

# Layers that a model names can be given again.
layers=gru:4:bidirectional:reset_before,dropout:0.125,lstm:3:bidirectional:last_step,dense:2:relu,dense:1:linear
$train train --layers $layers --epochs 1 --name shapes --output tsv <"$WORK/rows" >"$WORK/shapes.tsv" || fail "train with $layers"
expect_equal "$("$TICKHOUSE_BUILD/user_scripts/nn" show shapes@1 | awk '$1 == "layers" { print $2 }')" "$layers" "the layers of a model"

# What cannot be meant
says 64 "TICKHOUSE_CPU=sse9 cannot run on this CPU" env TICKHOUSE_CPU=sse9 "$train" train
says 64 "no preset 'hanoi'" "$train" train --preset hanoi
says 64 "'gur' is no layer" "$train" train --layers gur:8
says 64 "'last_step' means nothing behind gru" "$train" train --layers gru:8:last_step,dense:1
says 64 "last_step stands behind the last recurrent layer" "$train" train --layers gru:8:bidirectional:last_step,gru:4,dense:1
says 64 "gru wants units from 1 to 4096, not '0'" "$train" train --layers gru:0,dense:1
says 64 "has 2 outputs; --task regression wants 1" "$train" train --layers gru:8,dense:2
says 64 "--split wants three percentages" "$train" train --split 70/30
says 64 "adds up to 110" "$train" train --split 70/20/20
says 64 "--name wants a name without '@'" "$train" train --name first@1
says 65 "no column 'profit' to predict" "$train" train --target profit
says 65 "there is no column 'close' for a feature" "$train" train --features return_1,close
says 64 "'target' is the target and cannot be a feature" "$train" train --features return_1,target
says 64 "unknown command 'rain'" "$train" rain
says 65 "none of 12176 rows ends a window" "$train" train --lookback 4000
query_new "SELECT * FROM ($(sed '/^--/d' tests/nn/walk/rows.sql)) ORDER BY date FORMAT Native" >"$WORK/rows"
says 65 "order the input by ticker, date" "$train" train
query_new "SELECT * FROM ($(sed '/^--/d' tests/nn/walk/rows.sql)) WHERE 0 FORMAT Native" >"$WORK/rows"
says 65 "the input has no rows" "$train" train
query_new "SELECT 'A' AS ticker, today() AS date, 1. AS x, 'y' AS word, 2. AS target FORMAT Native" >"$WORK/rows"
says 65 "column 'word' is String and cannot be a feature" "$train" train
query_new "SELECT 'A' AS ticker, today() AS date, 1. AS cafe, 2. AS target FORMAT Native" | LC_ALL=C sed "s/cafe/$(printf 'caf\351')/" >"$WORK/rows"
says 65 "is no UTF-8; give it another one with AS" "$train" train
query_new "SELECT 'A' AS ticker, toDate32('1969-12-31') + number AS date, 1. AS x, 2. AS target FROM numbers(100) FORMAT Native" >"$WORK/rows"
says 65 "row 1: the date of 'A' is 1969-12-31; leave out what is before 1970-01-01" "$train" train
expect_equal "$(ls "$TICKHOUSE_MODELS/first")" "1
1.safetensors" "none of this left anything in the models folder"
echo "training holds"
