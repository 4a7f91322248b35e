#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The life of a model in SQL: features, training by a query and by the command, walking forward, promotion without a restart, predictions that
# are stored, computed again and made for sessions that are not over.
. tests/lib.sh
hub_start
"$TICKHOUSE_BIN/ingest" stooq --input samples/prices --url "$HUB_URL" 2>"$WORK/ingest" || fail "$(cat "$WORK/ingest")"

refresh() {
    for view in "$@"; do
        query "SYSTEM REFRESH VIEW warehouse.$view" >/dev/null
        query "SYSTEM WAIT VIEW warehouse.$view" >/dev/null
    done
}
nn() { "$TICKHOUSE" nn "$@" --data "$HUB_DATA"; }

refresh gold_refresh ml_features_refresh
expect_equal "$(query "SELECT count() FROM warehouse.gold_ml_features")" 12336 "a row of features for each bar"

# Features of the past do not change when the future comes.
expect_equal "$(query "SELECT rows > 8000, violations FROM warehouse.ops_ml_lookahead(until = '2024-06-28')")" "1	0" "no feature looks ahead"
query "CREATE TABLE default.kept AS warehouse.gold_ml_features ENGINE = Memory" >/dev/null
query "INSERT INTO default.kept SELECT * FROM warehouse.gold_ml_features" >/dev/null
query "ALTER TABLE warehouse.gold_ml_features UPDATE rsi_14 = rsi_14 + target WHERE ticker = 'NVDA' SETTINGS mutations_sync = 1" >/dev/null
expect_match "$(query "SELECT violations FROM warehouse.ops_ml_lookahead(until = '2024-06-28')")" "11[0-9][0-9]" "a planted look-ahead is found"
query "TRUNCATE TABLE warehouse.gold_ml_features" >/dev/null
query "INSERT INTO warehouse.gold_ml_features SELECT * FROM default.kept" >/dev/null

# Trained by a query and by the command on the same rows with the same seed, it is the same model.
query "SELECT count() > 2, countIf(note LIKE 'saved as sample@1%') FROM warehouse.nn_train(options = '--name sample --lookback 10 --layers gru:8,dense:1 --epochs 2 --seed 7')" >"$WORK/by_query"
expect_equal "$(cat "$WORK/by_query")" "1	1" "training by a query"
nn train --name sample --lookback 10 --layers gru:8,dense:1 --epochs 2 --seed 7 >"$WORK/by_command"
grep -q 'saved as sample@2' "$WORK/by_command" || fail "training by the command: $(cat "$WORK/by_command")"
nn train --name sample --lookback 10 --layers gru:8,dense:1 --epochs 1 --seed 8 >/dev/null
window="SELECT groupArray([* EXCEPT (ticker, date, target)]) FROM (SELECT * FROM warehouse.gold_ml_features WHERE ticker = 'NVDA' AND date <= '2026-02-20' ORDER BY date DESC LIMIT 10)"
ask() { query "SELECT nn_predict('$1', arrayReverse(($window)))"; }
expect_equal "$(ask sample@1)" "$(ask sample@2)" "a query and the command train the same model"
[ "$(ask sample@1)" != "$(ask sample@3)" ] || fail "another seed gives another model"

# Without production a name means its newest version; what is promoted answers the next SELECT.
expect_equal "$(query "SELECT nn_version('sample')")" "sample@3" "the newest version"
nn promote sample@1 >/dev/null
expect_equal "$(ask sample)" "$(ask sample@1)" "version 1 in production"
nn promote sample@3 >/dev/null
expect_equal "$(ask sample)" "$(ask sample@3)" "version 3 in production, without a restart"
expect_equal "$(query "SELECT model, aliases FROM warehouse.models ORDER BY version")" "sample@1	[]
sample@2	[]
sample@3	['production']" "the models, as a table"
expect_equal "$(query "SELECT count(), sum(tuple(* EXCEPT (model, aliases, error)) = nn_model(model)) FROM warehouse.models")" "3	3" "the table and the function say the same"

# Predictions of sessions after the training, once each; computed again to the bit.
refresh predictions_refresh
trained_to=$(query "SELECT train_to FROM warehouse.models WHERE model = 'sample@3'")
expected=$(query "SELECT count() FROM warehouse.gold_ml_features WHERE date > '$trained_to'")
expect_equal "$(query "SELECT count(), uniqExact(ticker, date), min(date) > '$trained_to', uniqExact(model_hash) FROM warehouse.gold_predictions")" "$expected	$expected	1	1" "predictions"
refresh predictions_refresh
expect_equal "$(query "SELECT count() FROM warehouse.gold_predictions")" "$expected" "a second refresh predicts nothing twice"
for when in "NVDA 2026-02-20" "AAPL 2025-06-02" "TSLA 2026-01-05"; do
    expect_equal "$(query "SELECT identical, why FROM warehouse.reproduce_prediction(model = 'sample@3', ticker = '${when% *}', date = '${when#* }')")" "1	" "$when computed again"
done
query "INSERT INTO warehouse.gold_ml_features SELECT * REPLACE (rsi_14 + 1 AS rsi_14) FROM warehouse.gold_ml_features WHERE ticker = 'TSLA' AND date = '2026-01-05'" >/dev/null
query "ALTER TABLE warehouse.gold_ml_features DELETE WHERE ticker = 'TSLA' AND date = '2026-01-02' SETTINGS mutations_sync = 1" >/dev/null
expect_equal "$(query "SELECT identical, why FROM warehouse.reproduce_prediction(model = 'sample@3', ticker = 'TSLA', date = '2026-01-05')")" "0	the features of these sessions are others today" "changed features are told"
query "TRUNCATE TABLE warehouse.gold_ml_features" >/dev/null
query "INSERT INTO warehouse.gold_ml_features SELECT * FROM default.kept" >/dev/null

# A session that is not over is answered at once; what gold says of it later replaces that.
query "INSERT INTO warehouse.ml_features_live SELECT * REPLACE (date + 3 AS date) FROM (SELECT * FROM warehouse.gold_ml_features WHERE date = '2026-02-20' AND ticker IN ('NVDA', 'JPM'))" >/dev/null
expect_equal "$(query "SELECT groupArray((ticker, settled, isFinite(value))) FROM (SELECT * FROM warehouse.gold_predictions FINAL WHERE date = '2026-02-23' ORDER BY ticker)")" "[('JPM',0,1),('NVDA',0,1)]" "live rows are predicted"
query "INSERT INTO warehouse.gold_ml_features SELECT * REPLACE (date + 3 AS date, 70 AS rsi_14) FROM (SELECT * FROM warehouse.gold_ml_features WHERE date = '2026-02-20' AND ticker = 'NVDA')" >/dev/null
refresh predictions_refresh
expect_equal "$(query "SELECT groupArray((ticker, settled)) FROM (SELECT * FROM warehouse.gold_predictions FINAL WHERE date = '2026-02-23' ORDER BY ticker)")" "[('JPM',0),('NVDA',1)]" "what gold says replaces it"

# A model that does not say what it was trained on, as an imported one, is asked about every session.
cp -r tests/nn/models/foreign "$HUB_DATA/models"
nn promote foreign >/dev/null
refresh predictions_refresh
expect_equal "$(query "SELECT count() > 12000, uniqExact(ticker) FROM warehouse.gold_predictions FINAL WHERE model = 'foreign@1' AND settled")" "1	8" "an imported model"
expect_equal "$(query "SELECT count() FROM warehouse.model_attention WHERE model = 'foreign@1' AND what = 'silence'")" 0 "it has spoken"
cp -r tests/nn/models/returns "$HUB_DATA/models"
nn promote returns >/dev/null
expect_match "$(query "SELECT reason FROM warehouse.model_attention WHERE model = 'returns@1' AND what = 'silence'")" "it is in production and has said nothing*" "a model that gold cannot feed"
nn promote returns --remove >/dev/null
nn promote foreign --remove >/dev/null
query "INSERT INTO warehouse.ml_features_live (ticker, date) VALUES ('TSLA', '2026-02-23')" >/dev/null
expect_equal "$(query "SELECT count() FROM warehouse.gold_predictions WHERE ticker = 'TSLA' AND date = '2026-02-23'")" 0 "features that are not given are not 0"

# A model of classes leans to what it calls up.
nn train --name sides --task classes --lookback 5 --layers gru:4,dense:3:softmax --epochs 1 --threshold 0.01 >/dev/null
nn promote sides >/dev/null
refresh predictions_refresh
expect_equal "$(query "SELECT count() > 1000, countIf(abs(value - (outputs[indexOf(classes, 'up')] - outputs[indexOf(classes, 'down')])) > 1e-6) FROM warehouse.gold_predictions INNER JOIN (SELECT model, classes FROM warehouse.models) AS models USING model WHERE model = 'sides@1'")" "1	0" "the value of a model of classes"
nn promote sides --remove >/dev/null

# Walking forward by a query and by the command comes to the same folds.
walk="--folds 2 --lookback 5 --layers gru:4,dense:1 --epochs 1"
query "INSERT INTO warehouse.nn_folds SELECT now64(6, 'UTC'), * FROM warehouse.nn_walk(options = '$walk')" >/dev/null
# shellcheck disable=SC2086 # a list of words
nn walk $walk >"$WORK/folds.tsv"
query "SELECT * EXCEPT (walked_at, seconds) FROM warehouse.nn_folds ORDER BY fold, kind" >"$WORK/by_query"
sed 1d "$WORK/folds.tsv" | cut -f 1-26 | LC_ALL=C sort -t '	' -k 2,2n -k 3,3 >"$WORK/by_command"
[ -s "$WORK/by_query" ] || fail "the walk by a query has no rows"
# The command prints six digits.
paste "$WORK/by_query" "$WORK/by_command" | awk -F '\t' '
    function far(a, b) { return a != b && (a - b > 1e-5 * (a < 0 ? -a : a) || b - a > 1e-5 * (a < 0 ? -a : a)) }
    { for (i = 1; i <= NF / 2; i++) if (far($i, $(i + NF / 2))) { print $i, $(i + NF / 2); differs = 1 } }
    END { exit differs || NR < 10 }' || fail "the walk by a query and by the command differ"

# The views have the columns that the programs print; options that mean nothing are told.
columns() { query "SELECT arrayStringConcat(groupArray(name), '\t') FROM (SELECT name FROM system.columns WHERE database = 'warehouse' AND table = '$1' ORDER BY position) FORMAT TSVRaw"; }
expect_equal "walked_at	$(head -n 1 "$WORK/folds.tsv")" "$(columns nn_folds)" "the columns of nn_folds"
expect_match "$(query_error "SELECT * FROM warehouse.nn_walk(options = '--foldz 2')")" "*--foldz*" "an unknown option"
expect_match "$(query "SELECT note FROM warehouse.nn_tune(options = '--count 2 --epochs 1 lookback=5..6 hidden=2..4') WHERE trial = 2")" "*[a-z]*" "a search by a query"
query "SELECT promoted FROM warehouse.nn_retrain(options = '--name sample --epochs 1')" >"$WORK/promoted"
expect_match "$(cat "$WORK/promoted")" "[01]" "retraining by a query"
echo "a model lived through all of it"
