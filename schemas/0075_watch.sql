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
