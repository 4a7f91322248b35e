#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command: versions count, an alias points, what is only looked at adds nothing, and failures have a sentence, a code and no version.
. tests/lib.sh
samples=tests/nn/import/samples
TICKHOUSE_MODELS=$WORK/models
export TICKHOUSE_MODELS
nn_import() { "$TICKHOUSE_BIN/nn-import" import "$@" >"$WORK/out" 2>"$WORK/err"; }

nn_import $samples/gru.keras --name m --features close,volume --alias production || fail "gru.keras was not imported: $(cat "$WORK/err")"
expect_match "$(cat "$WORK/out")" "Keras .keras: look-back 4, 2 features, 1 outputs (regression), 67 parameters*" "what was understood"
expect_match "$(cat "$WORK/out")" "*gru     2 -> 3  'gru_5'*dense   3 -> 1  'dense_9'*" "the layers and the names that they have in the file"
expect_match "$(cat "$WORK/out")" "*added m@1, sha256 *m@production is version 1" "what was added"
expect_equal "$(head -c 1 "$TICKHOUSE_MODELS/m/production")" 1 "the alias"

nn_import $samples/lstm.f64.safetensors --name m --lookback 4 --activation relu || fail "the state_dict was not imported: $(cat "$WORK/err")"
expect_match "$(cat "$WORK/out")" "*added m@2, *" "the second version"
nn_import "$TICKHOUSE_MODELS/m/2.safetensors" --name copy || fail "a model of ours was not imported"
cmp "$TICKHOUSE_MODELS/m/2.safetensors" "$TICKHOUSE_MODELS/copy/1.safetensors" || fail "a model of ours was changed"
nn_import $samples/gru.onnx --check || fail "--check wants a name"

expect_code 64 nn_import $samples/gru.onnx
expect_match "$(cat "$WORK/err")" "*--name NAME*" "no name"
expect_code 64 nn_import $samples/gru.safetensors --name m
expect_match "$(cat "$WORK/err")" "nn import: $samples/gru.safetensors: the file does not say how many steps*add --lookback N*" "no look-back"
expect_code 64 nn_import "$TICKHOUSE_MODELS/m/2.safetensors" --name copy --lookback 4
expect_match "$(cat "$WORK/err")" "*says everything itself*" "options for a model of ours"
expect_code 64 nn_import $samples/gru.onnx --name m --alias 1st
expect_match "$(cat "$WORK/err")" "*'1st' is no alias*" "an alias that is none"
expect_code 65 nn_import $samples/refused/nan.safetensors --name m --lookback 4
expect_match "$(cat "$WORK/err")" "*value 13 of tensor 'rnn.weight_hh_l0' is not a finite float*" "NaN"
expect_code 66 nn_import "$WORK/missing.onnx" --name m
expect_code 65 nn_import "$WORK" --name m
printf '{"mean": [1, 2], "scale": [3' >"$WORK/scaler.json"
expect_code 65 nn_import $samples/gru.onnx --name m --scaler "$WORK/scaler.json"
expect_match "$(cat "$WORK/err")" "*scaler is no JSON object*" "half a scaler"
expect_code 64 nn_import $samples/gru.keras --name m --features close,close
expect_match "$(cat "$WORK/err")" "*--features names 'close' twice*" "a name twice"
expect_code 64 nn_import $samples/gru.keras --name m --features "close,$(printf 'caf\351')"
expect_match "$(cat "$WORK/err")" "*--features: name 2, *is no UTF-8*" "a name in Latin-1"
expect_code 65 nn_import $samples/gru.keras --name m --target "$(printf 'caf\351')"
expect_match "$(cat "$WORK/err")" "*the model cannot be described: its target*UTF-8*" "a target in Latin-1"
expect_equal "$(ls "$TICKHOUSE_MODELS/m")" "1.safetensors
2.safetensors
production" "no version came of a failure"
unset TICKHOUSE_MODELS
expect_code 64 nn_import $samples/gru.onnx --name m
expect_match "$(cat "$WORK/err")" "*no models folder*" "no folder"
