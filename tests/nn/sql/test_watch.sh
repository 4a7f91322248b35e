#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Watching models: a feature that moves, one that goes missing, one that is not there, errors that grow, silence, age and a broken file are
# planted in one model, and none of them in another: model_attention names each, and nothing else.
. tests/lib.sh
hub_start
"$TICKHOUSE_BIN/planted_models" "$HUB_DATA/models"
printf 'cut' >"$HUB_DATA/models/broken/1.safetensors"
for view in gold_refresh ml_features_refresh; do query "SYSTEM STOP VIEW warehouse.$view"; done

# 8 tickers, 200 sessions of which 120 are of the training.
query "INSERT INTO warehouse.gold_stock_analytics (ticker, date, close)
    SELECT concat('T', toString(number % 8)), toDate('2026-01-01') + intDiv(number, 8), 100 + cityHash64(number, 1) % 1000 / 100 FROM numbers(1600)"
uniform() { echo "(cityHash64(ticker, date, $1) % 10000 / 10000)"; }
query "INSERT INTO warehouse.gold_ml_features (ticker, date, return_1, range, volume_z, sentiment)
    SELECT ticker, date, $(uniform 1), $(uniform 2), if(date > '2026-05-01', 0.5 + $(uniform 3) / 2, $(uniform 3)),
        if(date > '2026-05-01' AND cityHash64(ticker, date, 5) % 5 = 0, nan, $(uniform 4))
    FROM warehouse.gold_stock_analytics"

# An error that is uniform has a mean squared error of a third of its bound's square: 1e-4 here, and 9e-4 where it is thrice as large.
predict() {
    query "INSERT INTO warehouse.gold_predictions (ticker, date, horizon, value, model, model_hash, made_at)
        SELECT ticker, date, 1, truth + $2 * 0.0173205 * (2 * $(uniform 6) - 1), '$1@1', nn_hash('$1@1'), now64(6)
        FROM (SELECT ticker, date, leadInFrame(close, 1, nan) OVER (PARTITION BY ticker ORDER BY date
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) / close - 1 AS truth FROM warehouse.gold_stock_analytics)
        WHERE date > '2026-05-01' AND date <= toDate('2026-07-19') - $3"
}
predict steady 1 0
predict troubled 3 20

query "SELECT model, aliases, what, feature, reason FROM warehouse.model_attention ORDER BY model, what, feature FORMAT TSVRaw" >"$WORK/attention"
sed -i "s|$HUB_DATA/||" "$WORK/attention"
cat >"$WORK/wanted" <<'END'
broken@1	['canary']	file		its file cannot be used: models/broken/1.safetensors: it is no model of tickhouse; './tickhouse nn import' reads those of Keras, PyTorch and ONNX
troubled@1	['production']	age		it was made 100 days ago: two monthly trainings were missed
troubled@1	['production']	missing	ghost	feature ghost is not in warehouse.gold_ml_features
troubled@1	['production']	missing	sentiment	feature sentiment is missing in 17.9% of 632 rows, which have no prediction: look at its source
troubled@1	['production']	mse		its mean squared error over the last 472 predictions is 8.9 times that of its validation: retrain it, and compare
troubled@1	['production']	psi	volume_z	feature volume_z has moved: PSI 3.8 over 632 rows, and 0.25 is much: look at its source, and retrain if it is right
troubled@1	['production']	silence		its newest prediction is 20 days older than the newest features
END
diff -u "$WORK/wanted" "$WORK/attention" >&2 || fail "attention is not what was planted (- wanted, + found)"

# What was measured of both, against arithmetic that is not the views'.
expect_equal "$(query "SELECT abs(value / wanted - 1) < 1e-5, rows FROM warehouse.model_monitor_now
    CROSS JOIN (SELECT avg(pow($(uniform 6) * 2 - 1, 2)) * 0.0173205 * 0.0173205 AS wanted FROM warehouse.gold_stock_analytics
        WHERE date > '2026-05-01' AND date < '2026-07-19') AS planted
    WHERE model = 'steady@1' AND what = 'mse'")" "1	624" "the squared error that was planted"
expect_equal "$(query "SELECT count(), max(value) < 0.05, min(value) > 0 FROM warehouse.model_monitor_now WHERE what = 'psi' AND model = 'steady@1'")" \
    "2	1	1" "features that stay hardly move"
expect_equal "$(query "SELECT model, what, count() FROM warehouse.model_monitor_now GROUP BY model, what ORDER BY ALL" | tr '\n\t' '; ')" \
    "steady@1 age 1;steady@1 ic 1;steady@1 missing 2;steady@1 mse 1;steady@1 psi 2;steady@1 silence 1;troubled@1 age 1;troubled@1 ic 1;troubled@1 missing 4;troubled@1 mse 1;troubled@1 psi 4;troubled@1 silence 1;" \
    "only models that an alias names are watched"

# Few rows say little: neither an error nor a shift counts below 200.
query "ALTER TABLE warehouse.gold_ml_features DELETE WHERE ticker >= 'T2' SETTINGS mutations_sync = 1"
query "ALTER TABLE warehouse.gold_predictions DELETE WHERE ticker >= 'T2' SETTINGS mutations_sync = 1"
expect_equal "$(query "SELECT groupArray(what) FROM (SELECT what FROM warehouse.model_attention WHERE model = 'troubled@1' ORDER BY what, feature)")" \
    "['age','missing','missing','silence']" "158 rows"

query "SYSTEM REFRESH VIEW warehouse.model_monitor_refresh"
query "SYSTEM WAIT VIEW warehouse.model_monitor_refresh"
expect_equal "$(query "SELECT count() FROM warehouse.model_monitor WHERE checked_at = (SELECT max(checked_at) FROM warehouse.model_monitor)")" 20 "the hour's record"
echo "seven planted troubles are found, and no other"
