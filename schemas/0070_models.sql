-- SPDX-License-Identifier: Apache-2.0
-- Models: what they learn from, what they say, and how to compute an answer again.

-- Features of each ticker and session, all known at the close of `date`, with the label. What the dashboards of gold show in levels is here in
-- shapes that tickers have in common: returns, ratios, deviations.
CREATE TABLE IF NOT EXISTS warehouse.gold_ml_features
(
    ticker         LowCardinality(String),
    date           Date,
    return_1       Float32 DEFAULT nan COMMENT 'close / close of the bar before - 1',
    return_5       Float32 DEFAULT nan,
    return_20      Float32 DEFAULT nan,
    volatility_20  Float32 DEFAULT nan COMMENT 'standard deviation of the last 20 logarithmic returns',
    rsi_14         Float32 DEFAULT nan,
    macd_hist      Float32 DEFAULT nan COMMENT 'MACD(12,26,9) histogram / close',
    bband          Float32 DEFAULT nan COMMENT '(close - middle) / (upper - middle) of the Bollinger bands (20,2,2); 0 where they are flat',
    atr_14         Float32 DEFAULT nan COMMENT 'average true range / close',
    range          Float32 DEFAULT nan COMMENT '(high - low) / close',
    volume_z       Float32 DEFAULT nan COMMENT 'logarithm of volume against its last 20, in their standard deviations; 0 where they are flat',
    sentiment      Float32 DEFAULT nan COMMENT 'mean tone of the session''s articles, 0 without news',
    polarity       Float32 DEFAULT nan COMMENT 'positive of positive and negative articles, 0.5 without news',
    news           Float32 DEFAULT nan COMMENT 'log(1 + articles)',
    target         Float64 DEFAULT nan COMMENT 'the label: return of the next bar, NaN on the last one'
)
ENGINE = MergeTree
ORDER BY (ticker, date)
COMMENT 'What models learn from. Made anew by ml_features_refresh.';

-- The features as they were known at the close of `until`: computed from bars and news up to that session.
CREATE OR REPLACE VIEW warehouse.ml_features_until AS
SELECT
    ticker,
    toDate(bar_time) AS date,
    toFloat32(bar.1) AS return_1,
    toFloat32(bar.2) AS return_5,
    toFloat32(bar.3) AS return_20,
    toFloat32(bar.4) AS volatility_20,
    toFloat32(bar.5) AS rsi_14,
    toFloat32(bar.8 / close) AS macd_hist,
    toFloat32(if(bar.9 > bar.10, (close - bar.10) / (bar.9 - bar.10), if(isNaN(bar.9), nan, 0))) AS bband,
    toFloat32(bar.12 / close) AS atr_14,
    toFloat32((high - low) / close) AS range,
    toFloat32(if(volume_deviation > 1e-9, (log_volume - volume_mean) / volume_deviation, if(isNaN(volume_deviation), nan, 0))) AS volume_z,
    toFloat32(news_value.1) AS sentiment,
    toFloat32(news_value.2) AS polarity,
    toFloat32(log1p(news_value.3)) AS news,
    target
FROM
(
    SELECT
        ticker,
        groupArray(date) AS dates,
        groupArray(high) AS highs,
        groupArray(low) AS lows,
        groupArray(close) AS closes,
        groupArray(log1p(volume)) AS log_volumes,
        groupArray((sentiment_avg, polarity_ratio, news_volume)) AS news_values,
        ta_bars('return(1), return(5), return(20), volatility(20), rsi(14), macd(12,26,9), bbands(20,2,2), atr(14)',
            dates, groupArray(open), highs, lows, closes, groupArray(volume)) AS bars,
        ta('sma(20), stddev(20)', dates, log_volumes) AS volumes
    FROM warehouse.gold_stock_analytics
    WHERE date <= {until:Date}
    GROUP BY ticker
)
ARRAY JOIN
    bars.time AS bar_time,
    arrayZip(bars.values[1], bars.values[2], bars.values[3], bars.values[4], bars.values[5], bars.values[6], bars.values[7], bars.values[8],
        bars.values[9], bars.values[10], bars.values[11], bars.values[12]) AS bar,
    arraySort((value, day) -> day, highs, dates) AS high,
    arraySort((value, day) -> day, lows, dates) AS low,
    arraySort((value, day) -> day, closes, dates) AS close,
    arraySort((value, day) -> day, log_volumes, dates) AS log_volume,
    arraySort((value, day) -> day, news_values, dates) AS news_value,
    volumes.values[1] AS volume_mean,
    volumes.values[2] AS volume_deviation,
    arrayPushBack(arrayPopFront(bars.values[1]), nan) AS target;

CREATE OR REPLACE VIEW warehouse.ml_features_todo AS SELECT * FROM warehouse.ml_features_until(until = '2149-06-06');

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.ml_features_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.gold_refresh
TO warehouse.gold_ml_features AS SELECT * FROM warehouse.ml_features_todo;

-- No feature of a session knows what came after it: all are computed again from the bars and news up to `until` alone, and must be the same
-- to the bit.
CREATE OR REPLACE VIEW warehouse.ops_ml_lookahead AS
SELECT
    count() AS rows,
    countIf(
        arrayMap(value -> reinterpretAsUInt32(value), [now.* EXCEPT (ticker, date, target)])
            != arrayMap(value -> reinterpretAsUInt32(value), [then.* EXCEPT (ticker, date, target)])) AS violations
FROM warehouse.gold_ml_features AS now
LEFT JOIN (SELECT * FROM warehouse.ml_features_until(until = {until:Date})) AS then ON then.ticker = now.ticker AND then.date = now.date
WHERE now.date <= {until:Date};

-- The features by name and by value, since every model has an order of its own.
CREATE OR REPLACE VIEW warehouse.ml_feature_names AS
SELECT groupArray(name) AS names
FROM (SELECT name FROM system.columns WHERE database = 'warehouse' AND table = 'gold_ml_features' AND name NOT IN ('ticker', 'date', 'target') ORDER BY position);

CREATE OR REPLACE VIEW warehouse.ml_feature_values AS
SELECT ticker, date, [* EXCEPT (ticker, date, target)] AS values FROM warehouse.gold_ml_features;

-- What lies in the models folder: every version of every model, or the reason why a file is none. A model that the folder gets is here at
-- once.
CREATE OR REPLACE VIEW warehouse.models AS
SELECT
    concat(name, '@', toString(version)) AS model,
    if(aliases = '', [], splitByChar(',', aliases)) AS aliases,
    * EXCEPT aliases
FROM executable('nn models', Native,
    'name String, version UInt32, hash String, task String, layers String, parameters UInt64, lookback UInt32, horizon UInt32, features Array(Tuple(name String, offset Float64, scale Float64, edges Array(Float64), shares Array(Float64))), classes Array(String), scaler String, target String, source String, snapshot String, train_from Date32, train_to Date32, seed UInt64, rows_sha256 String, created_at DateTime64(6, ''UTC''), origin String, metrics Array(Tuple(name String, value Float64)), notes String, aliases String, error String',
    SETTINGS check_exit_code = 1);

-- What models in production said. Read it with FINAL: what was said of a session before it was over is replaced by what gold says. `value` is
-- in the units of the target; of a model of classes it is the probability of 'up' less that of 'down' (without these names, of the last class
-- less that of the first), and `outputs` has them all.
CREATE TABLE IF NOT EXISTS warehouse.gold_predictions
(
    ticker       LowCardinality(String),
    date         Date COMMENT 'the last session that the sequence knows',
    horizon      UInt32 COMMENT 'bars from there to what is predicted',
    value        Float32,
    outputs      Array(Float32),
    model        LowCardinality(String) COMMENT 'with its version: nvda@3',
    model_hash   LowCardinality(String),
    snapshot     LowCardinality(String) COMMENT 'Iceberg snapshot that the model was trained on; empty when there is none',
    feature_hash String COMMENT 'sipHash128 of the sequence',
    made_at      DateTime64(6, 'UTC'),
    settled      UInt8 COMMENT '1: from features of gold; 0: from features of a session that was not over'
)
ENGINE = ReplacingMergeTree(settled)
ORDER BY (model, ticker, date, horizon)
COMMENT 'Predictions of the models in production, for sessions after the ones they were trained on.';

-- Features of sessions that are not over: whoever knows them inserts them here, and what models in production say of them is in
-- gold_predictions at once.
CREATE TABLE IF NOT EXISTS warehouse.ml_features_live AS warehouse.gold_ml_features
ENGINE = ReplacingMergeTree ORDER BY (ticker, date) TTL date + INTERVAL 30 DAY
COMMENT 'Features of sessions that gold does not have yet.';

-- The models in production that gold can feed: their features are columns of gold_ml_features, and a sequence is 256 sessions at most.
CREATE OR REPLACE VIEW warehouse.models_in_production AS
SELECT model, hash, task, lookback, horizon, snapshot, features.name AS names, train_to,
    if(has(classes, 'up') AND has(classes, 'down'), indexOf(classes, 'up'), length(classes)) AS rises,
    if(has(classes, 'up') AND has(classes, 'down'), indexOf(classes, 'down'), 1) AS falls
FROM warehouse.models
WHERE has(aliases, 'production') AND error = '' AND lookback <= 256 AND hasAll((SELECT names FROM warehouse.ml_feature_names), names);

-- Sessions that models in production have said nothing of yet, with the sequence that each wants. A sequence has no gap of more than ten
-- days. Small blocks: a row carries 256 sessions here.
CREATE OR REPLACE VIEW warehouse.predictions_todo AS
WITH (SELECT names FROM warehouse.ml_feature_names) AS known,
    if(length(outputs) = 1, [1 - outputs[1], outputs[1]], outputs) AS shares -- of classes; a single sigmoid is that of the second
SELECT
    ticker,
    date,
    horizon,
    if(task = 'classes', shares[rises] - shares[falls], outputs[1]) AS value,
    nn_predict(model, seq) AS outputs,
    model,
    hash AS model_hash,
    snapshot,
    lower(hex(sipHash128(seq))) AS feature_hash,
    now64(6, 'UTC') AS made_at,
    1 AS settled
FROM
(
    SELECT *, arraySlice(rows, -lookback) AS seq, arraySlice(days, -lookback) AS seq_days
    FROM
    (
        SELECT
            wanted.*,
            bars.ticker AS ticker,
            bars.date AS date,
            groupArray(arrayMap(name -> values[indexOf(known, name)], names)) OVER past AS rows,
            groupArray(toInt32(bars.date)) OVER past AS days
        FROM warehouse.ml_feature_values AS bars
        CROSS JOIN warehouse.models_in_production AS wanted
        LEFT JOIN (SELECT model AS said_model, ticker AS said_ticker, max(date) AS done FROM warehouse.gold_predictions WHERE settled GROUP BY model, ticker) AS said
            ON said_model = wanted.model AND said_ticker = bars.ticker
        WHERE toInt32(bars.date) > greatest(toInt32(train_to), toInt32(done)) - 10 * toInt32(lookback)
        WINDOW past AS (PARTITION BY wanted.model, bars.ticker ORDER BY bars.date ROWS BETWEEN 255 PRECEDING AND CURRENT ROW)
    )
    WHERE toDate32(date) > train_to
        AND (model, ticker, date) NOT IN (SELECT model, ticker, date FROM warehouse.gold_predictions WHERE settled)
)
WHERE length(seq) = lookback AND arrayMax(arrayDifference(seq_days)) <= 10 AND isFinite(value)
SETTINGS max_block_size = 2048, join_use_nulls = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.predictions_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.ml_features_refresh
APPEND TO warehouse.gold_predictions AS SELECT * FROM warehouse.predictions_todo;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.predictions_live TO warehouse.gold_predictions AS
WITH (SELECT names FROM warehouse.ml_feature_names) AS known,
    if(length(outputs) = 1, [1 - outputs[1], outputs[1]], outputs) AS shares -- of classes; a single sigmoid is that of the second
SELECT
    ticker,
    date,
    horizon,
    if(task = 'classes', shares[rises] - shares[falls], outputs[1]) AS value,
    nn_predict(model, seq) AS outputs,
    model,
    hash AS model_hash,
    snapshot,
    lower(hex(sipHash128(seq))) AS feature_hash,
    now64(6, 'UTC') AS made_at,
    0 AS settled
FROM
(
    SELECT
        live.ticker AS ticker,
        live.date AS date,
        wanted.*,
        arraySlice(arrayFilter(bar -> bar.1 < live.date, bars), -(toInt64(lookback) - 1)) AS before,
        arrayMap(bar -> arrayMap(name -> bar.2[indexOf(known, name)], names), arrayPushBack(before, (live.date, live.values))) AS seq,
        arrayMap(bar -> toInt32(bar.1), arrayPushBack(before, (live.date, live.values))) AS seq_days
    FROM (SELECT ticker, date, [* EXCEPT (ticker, date, target)] AS values FROM warehouse.ml_features_live) AS live
    CROSS JOIN warehouse.models_in_production AS wanted
    LEFT JOIN (SELECT ticker, arraySort(groupArray((date, values))) AS bars FROM warehouse.ml_feature_values GROUP BY ticker) AS past
        ON past.ticker = live.ticker
)
WHERE length(seq) = lookback AND arrayMax(arrayDifference(seq_days)) <= 10 AND isFinite(value);

-- A stored prediction computed again from the features and the model of today, by another way than it was made: the same to the bit, unless
-- `why` says what has changed since.
CREATE OR REPLACE VIEW warehouse.reproduce_prediction AS
SELECT
    ticker,
    date,
    model,
    stored_outputs,
    if(length(seq) = lookback, nn_predict(model, seq), []) AS outputs_now,
    arrayMap(y -> reinterpretAsUInt32(y), stored_outputs) = arrayMap(y -> reinterpretAsUInt32(y), outputs_now) AS identical,
    multiIf(
        identical, '',
        length(seq) != lookback, 'the features of these sessions are gone',
        feature_hash != lower(hex(sipHash128(seq))), 'the features of these sessions are others today',
        model_hash != hash, 'the file of this version is another one today',
        'the program computes something else') AS why
FROM
(
    WITH (SELECT names FROM warehouse.ml_feature_names) AS known
    SELECT
        stored.ticker AS ticker,
        stored.date AS date,
        stored.model AS model,
        stored.outputs AS stored_outputs,
        stored.feature_hash AS feature_hash,
        stored.model_hash AS model_hash,
        wanted.hash AS hash,
        wanted.lookback AS lookback,
        arrayMap(row -> arrayMap(name -> row[indexOf(known, name)], wanted.features.name), arraySlice(rows, -wanted.lookback)) AS seq
    FROM
    (
        SELECT * FROM warehouse.gold_predictions FINAL
        WHERE model = nn_version({model:String}) AND ticker = {ticker:String} AND date = {date:Date}
    ) AS stored
    INNER JOIN (SELECT * FROM warehouse.models WHERE error = '') AS wanted ON wanted.model = stored.model
    CROSS JOIN
    (
        SELECT arrayMap(bar -> bar.2, arraySort(groupArray((date, values)))) AS rows
        FROM
        (
            SELECT * FROM warehouse.ml_feature_values
            WHERE ticker = {ticker:String} AND date <= {date:Date} ORDER BY date DESC LIMIT 256
        )
    ) AS bars
);

-- Trains when it is read: nn_train(options = '--name nvda --preset hanoi_gru'). Rows of progress come while it runs; the last says what was
-- saved. './tickhouse nn train --help' has the options.
CREATE OR REPLACE VIEW warehouse.nn_train AS
SELECT * FROM executable('nn-train train --options-fd 3', Native,
    'fold UInt64, epoch UInt64, train_loss Float64, validation_loss Float64, learning_rate Float64, seconds Float64, note String',
    (SELECT * FROM warehouse.gold_ml_features ORDER BY ticker, date), (SELECT {options:String} AS options), SETTINGS check_exit_code = 1);

-- Walks forward when it is read: nn_walk(options = '--preset hanoi_gru --folds 4').
CREATE OR REPLACE VIEW warehouse.nn_walk AS
SELECT * FROM executable('nn-train walk --options-fd 3', Native,
    'model String, fold UInt64, kind String, train_from Date, train_to Date, test_from Date, test_to Date, train_n UInt64, n UInt64, mse Float64, mae Float64, r2 Float64, accuracy Float64, ic Float64, icir Float64, rank_ic Float64, rank_icir Float64, direction Float64, sharpe Float64, sharpe_net Float64, deflated_sharpe Float64, turnover Float64, trials Float64, epochs UInt64, train_loss Float64, validation_loss Float64, seconds Float64',
    (SELECT * FROM warehouse.gold_ml_features ORDER BY ticker, date), (SELECT {options:String} AS options), SETTINGS check_exit_code = 1);

-- Searches when it is read: nn_tune(options = '--name nvda --count 32'); trains anew and promotes what is better: nn_retrain(options = '--name nvda').
CREATE OR REPLACE VIEW warehouse.nn_tune AS
SELECT * FROM executable('nn-train tune --options-fd 3', Native,
    'trial UInt64, state String, parameters String, score Float64, best_score Float64, epochs UInt64, seconds Float64, note String',
    (SELECT * FROM warehouse.gold_ml_features ORDER BY ticker, date), (SELECT {options:String} AS options), SETTINGS check_exit_code = 1);

CREATE OR REPLACE VIEW warehouse.nn_retrain AS
SELECT * FROM executable('nn-train retrain --options-fd 3', Native,
    'model String, candidate UInt64, production UInt64, promoted UInt64, train_from Date, train_to Date, test_from Date, test_to Date, n UInt64, candidate_loss Float64, production_loss Float64, candidate_ic Float64, production_ic Float64, gain Float64, seconds Float64, reason String',
    (SELECT * FROM warehouse.gold_ml_features ORDER BY ticker, date), (SELECT {options:String} AS options));

-- The folds of walk-forwards that are worth keeping: INSERT INTO warehouse.nn_folds SELECT now64(6), * FROM warehouse.nn_walk(options = '...').
CREATE TABLE IF NOT EXISTS warehouse.nn_folds
(
    walked_at       DateTime64(6, 'UTC'),
    model           LowCardinality(String),
    fold            UInt64 COMMENT '0: all tests together',
    kind            LowCardinality(String) COMMENT 'the network, or a baseline',
    train_from      Date,
    train_to        Date,
    test_from       Date,
    test_to         Date,
    train_n         UInt64,
    n               UInt64,
    mse             Float64,
    mae             Float64,
    r2              Float64,
    accuracy        Float64,
    ic              Float64,
    icir            Float64,
    rank_ic         Float64,
    rank_icir       Float64,
    direction       Float64,
    sharpe          Float64,
    sharpe_net      Float64,
    deflated_sharpe Float64,
    turnover        Float64,
    trials          Float64,
    epochs          UInt64,
    train_loss      Float64,
    validation_loss Float64,
    seconds         Float64
)
ENGINE = MergeTree
ORDER BY (walked_at, fold, kind)
COMMENT 'What walk-forwards came to.';
