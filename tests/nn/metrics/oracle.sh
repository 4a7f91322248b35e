#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ml_ functions against scikit-learn, scipy and numpy, in SQL, over random arrays with ties, holes and large offsets.
. tests/lib.sh
need_engine
peers=$(scripts/peers.sh metrics) || skip "scikit-learn could not be installed"

"$peers/bin/python" tests/nn/metrics/oracle.py make >"$WORK/arrays.jsonl"
query_new "WITH
        arrayMap(x -> ifNull(x, nan), truth) AS t,
        arrayMap(x -> ifNull(x, nan), predicted) AS p
    SELECT ml_mse(t, p), ml_rmse(t, p), ml_mae(t, p), ml_r2(t, p), ml_direction(t, p), ml_ic(t, p), ml_rank_ic(t, p),
        ml_sharpe(returns, 252), ml_deflated_sharpe(returns, trials, variance), ml_deflated_sharpe(returns, trials, nan),
        ml_psi(expected, actual, bins),
        ml_precision(class_truth, class_predicted, 'up'), ml_recall(class_truth, class_predicted, 'up'),
        ml_f1(class_truth, class_predicted, 'up'), ml_confusion(class_truth, class_predicted)
    FROM file('$WORK/arrays.jsonl', JSONEachRow, 'truth Array(Nullable(Float64)), predicted Array(Nullable(Float64)),
        returns Array(Float64), trials UInt32, variance Float64, expected Array(Float64), actual Array(Float64), bins UInt16,
        class_truth Array(String), class_predicted Array(String)')
    SETTINGS max_threads = 1, output_format_json_named_tuples_as_objects = 0, output_format_json_quote_denormals = 0
    FORMAT JSONCompactEachRow" >"$WORK/found.jsonl"
"$peers/bin/python" tests/nn/metrics/oracle.py compare "$WORK/found.jsonl"
