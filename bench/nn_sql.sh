#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Predictions in SQL over a table of windows, beside fetching them into Python and onnxruntime; how long a model takes to load and to be
# swapped; the memory of 16 workers. Answers are compared before anything is timed.
# Usage: ./tickhouse bench nn_sql, or bench/nn_sql.sh ROWS ROUNDS (1000000 2)
set -eu
ROOT=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$ROOT"
. tests/lib.sh
fixtures=../shared/data/models/fixtures/torch
[ -f "$fixtures/gru64.safetensors" ] || skip "$fixtures is not there"
python=$(scripts/peers.sh nn-bench)/bin/python
TICKHOUSE_MODELS=$WORK/models
export TICKHOUSE_MODELS
"$TICKHOUSE_BIN/nn-import" "$fixtures/gru64.safetensors" --name gru64 --lookback 60 >/dev/null
"$TICKHOUSE_BIN/nn-import" "$fixtures/gru64.safetensors" --name gru64 --lookback 60 >/dev/null
hub_start "$WORK/hub"
"$python" bench/nn_sql/bench.py "$HUB_URL" "$TICKHOUSE_BUILD/user_scripts/nn" "$fixtures/gru64.legacy.onnx" "${1:-1000000}" "${2:-2}"
