-- SPDX-License-Identifier: Apache-2.0
-- Watching: what is unusual in prices, volumes and news, and which model needs attention.

-- How unusual each session's return, volume and sentiment are beside the 60 before it (ta_anomaly, 'robust'): no score reads a later session.
-- Volumes are scored by their logarithm. A session without news has no sentiment, so that those before it are the ones that had.
CREATE OR REPLACE VIEW warehouse.anomaly_scores AS
SELECT
    ticker,
    scored.2 AS date,
    scored.1 AS what,
    scored.3 AS value,
    scored.4 AS score
FROM
(
    SELECT
        ticker,
        arraySort(groupArray(gold.date)) AS dates,
        arraySort((value, day) -> day, groupArray(return_t), groupArray(gold.date)) AS returns,
        arraySort((value, day) -> day, groupArray(volume), groupArray(gold.date)) AS volumes,
        arraySort((value, day) -> day, groupArray(if(news_volume = 0, nan, sentiment_avg)), groupArray(gold.date)) AS sentiments,
        ta_anomaly(returns, 60, 'robust') AS return_scores,
        ta_anomaly(arrayMap(x -> log(x), volumes), 60, 'robust') AS volume_scores,
        ta_anomaly(sentiments, 60, 'robust') AS sentiment_scores
    FROM warehouse.gold_stock_analytics AS gold
    GROUP BY ticker
)
ARRAY JOIN arrayConcat(
    arrayMap((day, value, score) -> ('price', day, value, score), dates, returns, return_scores),
    arrayMap((day, value, score) -> ('volume', day, value, score), dates, volumes, volume_scores),
    arrayMap((day, value, score) -> ('sentiment', day, value, score), dates, sentiments, sentiment_scores)) AS scored
WHERE NOT isNaN(score);

-- Those beyond 3.5, which Iglewicz and Hoaglin (1993) call outliers.
CREATE OR REPLACE VIEW warehouse.anomalies AS
SELECT ticker, date, what, value, score
FROM warehouse.anomaly_scores
WHERE abs(score) > 3.5;

-- The features of the models that an alias names, as they have been since training: the newest 90 days of gold_ml_features, but none that
-- the model was trained on. psi is against the model's own bins, NaN where it does not know them or has no value to compare; missing is NaN
-- as long as there is no row, and 1 of a feature that gold does not have.
CREATE OR REPLACE VIEW warehouse.model_features_now AS
WITH
    live AS
    (
        SELECT date, feature_value.1 AS name, feature_value.2 AS value
        FROM
        (
            SELECT
                date,
                arrayZip(tupleNames(tuple(* EXCEPT (ticker, date, target))), [* EXCEPT (ticker, date, target) APPLY(toFloat64)]) AS feature_values
            FROM warehouse.gold_ml_features
            WHERE date > (SELECT max(date) FROM warehouse.gold_ml_features) - 90
        )
        ARRAY JOIN feature_values AS feature_value
    ),
    wanted AS
    (
        SELECT model, hash, toDate(train_to) AS trained_until, feature.name AS name, feature.edges AS edges, feature.shares AS shares
        FROM warehouse.models
        ARRAY JOIN features AS feature
        WHERE notEmpty(aliases) AND error = ''
    )
SELECT
    wanted.model AS model,
    wanted.hash AS model_hash,
    wanted.name AS feature,
    ml_psi_bins(any(edges), any(shares), groupArrayIf(live.value, live.date > trained_until)) AS psi,
    countIf(live.date > trained_until) AS rows,
    if(max(live.name) = '', 1, countIf(live.date > trained_until AND NOT isFinite(live.value)) / rows) AS missing
FROM wanted
LEFT JOIN live ON live.name = wanted.name
GROUP BY model, model_hash, feature
SETTINGS enable_named_columns_in_function_tuple = 1, join_use_nulls = 0;

-- What models said of sessions after their training, beside what came: the return over the model's horizon, by gold's closes.
CREATE OR REPLACE VIEW warehouse.predictions_judged AS
WITH bars AS
(
    SELECT ticker, date, close, row_number() OVER (PARTITION BY ticker ORDER BY date) AS n
    FROM warehouse.gold_stock_analytics
)
SELECT
    said.model AS model,
    said.model_hash AS model_hash,
    said.ticker AS ticker,
    said.date AS date,
    said.horizon AS horizon,
    said.value AS predicted,
    later.close / now.close - 1 AS truth,
    said.made_at AS made_at
FROM (SELECT * FROM warehouse.gold_predictions FINAL) AS said
INNER JOIN bars AS now ON now.ticker = said.ticker AND now.date = said.date
INNER JOIN bars AS later ON later.ticker = now.ticker AND later.n = now.n + said.horizon;

-- Every model that an alias names, measured. what:
--   mse, ic     of the last 90 days of predictions that came due (rows of them), beside those of its validation
--   psi         of a feature against the training rows; 0.25 is much
--   missing     share of a feature's values that are not finite
--   age         days since it was made
--   silence     days from its newest prediction to the newest features
CREATE OR REPLACE VIEW warehouse.model_monitor_now AS
WITH
    (SELECT max(date) FROM warehouse.gold_ml_features) AS newest,
    watched AS
    (
        SELECT model, hash AS model_hash, task, created_at, mapFromArrays(metrics.name, metrics.value) AS metric
        FROM warehouse.models
        WHERE notEmpty(aliases) AND error = ''
    ),
    judged AS
    (
        SELECT model_hash, ml_mse(groupArray(truth), groupArray(toFloat64(predicted))) AS mse,
            ml_ic(groupArray(truth), groupArray(toFloat64(predicted))) AS ic, count() AS rows
        FROM warehouse.predictions_judged
        WHERE date > (SELECT max(date) FROM warehouse.predictions_judged) - 90
        GROUP BY model_hash
    ),
    errors AS
    (
        SELECT model, watched.model_hash AS model_hash, metric, mse, ic, rows
        FROM watched
        INNER JOIN judged ON judged.model_hash = watched.model_hash
        WHERE task = 'regression'
    ),
    spoken AS (SELECT model_hash, max(date) AS last FROM warehouse.gold_predictions GROUP BY model_hash)
SELECT model, model_hash, 'mse' AS what, '' AS feature, mse AS value,
    if(mapContains(metric, 'validation_mse'), metric['validation_mse'], nan) AS reference, rows
FROM errors
UNION ALL
SELECT model, model_hash, 'ic', '', ic, if(mapContains(metric, 'validation_ic'), metric['validation_ic'], nan), rows
FROM errors
UNION ALL
SELECT model, model_hash, 'psi', feature, psi, 0.25, rows FROM warehouse.model_features_now
UNION ALL
SELECT model, model_hash, 'missing', feature, missing, 0., rows FROM warehouse.model_features_now
UNION ALL
SELECT model, model_hash, 'age', '', toFloat64(dateDiff('day', created_at, now64(6, 'UTC'))), nan, 0 FROM watched
UNION ALL
SELECT model, watched.model_hash, 'silence', '', toFloat64(if(newest > last, newest - last, 0)), 0., 0
FROM watched
INNER JOIN spoken ON spoken.model_hash = watched.model_hash
SETTINGS join_use_nulls = 0;

-- The same over time.
CREATE TABLE IF NOT EXISTS warehouse.model_monitor
(
    checked_at DateTime64(6, 'UTC'),
    model      LowCardinality(String),
    model_hash LowCardinality(String),
    what       LowCardinality(String),
    feature    LowCardinality(String) COMMENT 'of psi and missing',
    value      Float64,
    reference  Float64                COMMENT 'what the value is to be compared with; NaN where there is nothing',
    rows       UInt64
)
ENGINE = MergeTree
ORDER BY (model, what, feature, checked_at)
TTL toDateTime(checked_at) + INTERVAL 2 YEAR
COMMENT 'How the models that an alias names have done, from hour to hour. Filled by model_monitor_refresh.';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.model_monitor_refresh REFRESH EVERY 1 HOUR
APPEND TO warehouse.model_monitor AS
SELECT now64(6, 'UTC') AS checked_at, model, model_hash, what, feature, value, reference, rows
FROM warehouse.model_monitor_now;

-- Which model needs attention, and why. An error or a shift counts from 200 rows on: by chance alone ten bins of n rows have a psi of about
-- 9 / n.
CREATE OR REPLACE VIEW warehouse.model_attention AS
SELECT
    found.model AS model,
    models.aliases AS aliases,
    what,
    feature,
    multiIf(
        what = 'mse' AND rows >= 200 AND value > 1.5 * reference,
            format('its mean squared error over the last {} predictions is {} times that of its validation: retrain it, and compare',
                toString(rows), toString(round(value / reference, 1))),
        what = 'psi' AND rows >= 200 AND value > 0.25,
            format('feature {} has moved: PSI {} over {} rows, and 0.25 is much: look at its source, and retrain if it is right', feature,
                toString(round(value, 2)), toString(rows)),
        what = 'missing' AND rows = 0 AND value = 1, format('feature {} is not in warehouse.gold_ml_features', feature),
        what = 'missing' AND value > 0.05,
            format('feature {} is missing in {}% of {} rows, which have no prediction: look at its source', feature,
                toString(round(100 * value, 1)), toString(rows)),
        what = 'age' AND value > 62, format('it was made {} days ago: two monthly trainings were missed', toString(value)),
        what = 'silence' AND value > 7, format('its newest prediction is {} days older than the newest features', toString(value)),
        '') AS reason
FROM warehouse.model_monitor_now AS found
INNER JOIN warehouse.models AS models ON models.model = found.model
WHERE reason != ''
UNION ALL
SELECT model, aliases, 'file', '', format('its file cannot be used: {}', error)
FROM warehouse.models
WHERE notEmpty(aliases) AND error != ''
UNION ALL
SELECT model, aliases, 'silence', '', 'it is in production and has said nothing: a sequence is at most 256 sessions, of features that gold has'
FROM warehouse.models
WHERE has(aliases, 'production') AND error = '' AND created_at < now() - INTERVAL 1 HOUR
    AND model NOT IN (SELECT model FROM warehouse.gold_predictions);
